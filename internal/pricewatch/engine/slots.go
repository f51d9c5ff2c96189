package engine

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// jitterMax bounds how far a slot is moved at random.
const jitterMax = 15 * time.Second

// NextDue is when the watch is due next after now. The result is a whole millisecond, as the store keeps it.
func NextDue(w *store.Watch, now time.Time) time.Time {
	return scheduleOf(w.ID, w.CreateTime, store.Interval(w.Definition)).next(now)
}

// schedule is when a watch observes: in slots. The first slot is its creation. The others follow each other by the interval,
// but moved by up to half of it either way, so that watches that were created together spread over the interval. Each
// slot is also moved a little by itself, so that watches that meet once do not meet each time. All of this follows from
// the id, so every process computes the same slot.
type schedule struct {
	id       string
	created  time.Time
	interval time.Duration
}

func scheduleOf(id string, created time.Time, interval time.Duration) schedule {
	return schedule{id, created, max(interval, time.Second)}
}

// slot is the slot of that number. There are slots before the first one too, for when the clock was ahead at creation.
func (s schedule) slot(number int64) time.Time {
	if number == 0 {
		return s.created.Truncate(time.Millisecond)
	}
	at := s.created.Add(time.Duration(number)*s.interval + part(s.interval/2, s.id, 0))
	at = at.Add(part(min(s.interval/40, jitterMax), s.id, number))
	return at.Truncate(time.Millisecond)
}

// latest is the last slot that is not after t.
func (s schedule) latest(t time.Time) time.Time { return s.slot(s.number(t)) }

// next is the first slot after t.
func (s schedule) next(t time.Time) time.Time { return s.slot(s.number(t) + 1) }

// number is that of the last slot that is not after t.
func (s schedule) number(t time.Time) int64 {
	n := int64(t.Sub(s.created)/s.interval) + 2 // Slots come up to half an interval early, and a little.
	for s.slot(n).After(t) {
		n--
	}
	return n
}

// part is a part of most, from -1 to 1 times it, that follows from id and number.
func part(most time.Duration, id string, number int64) time.Duration {
	hash := fnv.New64a()
	_, _ = io.WriteString(hash, id) // A hash takes everything.
	_, _ = hash.Write(binary.BigEndian.AppendUint64(nil, uint64(number)))
	// FNV's high bits hardly differ for inputs whose last bytes differ; a multiplication mixes them.
	mixed := (hash.Sum64() ^ hash.Sum64()>>32) * 0x9e3779b97f4a7c15
	return time.Duration((float64(mixed>>11)/(1<<52) - 1) * float64(most))
}
