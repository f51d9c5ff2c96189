package engine_test

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// TestSlotsAreSpread: the slots of watches that were created together are spread evenly over the interval, and stay so.
func TestSlotsAreSpread(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	const watches, parts = 4000, 10
	for _, round := range []int{1, 2, 500} {
		var counts [parts]int
		for i := range watches {
			w := watchOf(fmt.Sprintf("watch-%d", i), created, time.Hour)
			// The slots of a round are within half an interval, and a little, around the creation's time of the hour.
			begin := created.Add(time.Duration(round)*time.Hour - 30*time.Minute)
			into := engine.NextDue(w, begin.Add(-time.Millisecond)).Sub(begin)
			counts[min(int(into*parts/time.Hour), parts-1)]++
		}
		for part, n := range counts {
			if n < watches/parts*8/10 || n > watches/parts*12/10 {
				t.Errorf("round %d: of %d slots %d are in part %d of %d", round, watches, n, part, parts)
			}
		}
	}
}

// TestSlotsFollowEachOther: the next slot is always after now, and not further away than an interval and its half. Two slots
// after the first one are about an interval apart, but not exactly, and anybody computes the same ones.
func TestSlotsFollowEachOther(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 27, 10, 0, 0, 123e6, time.UTC)
	for _, interval := range []time.Duration{time.Second, time.Minute, 10 * time.Minute, 24 * time.Hour, 30 * 24 * time.Hour} {
		for i := range 50 {
			w := watchOf(fmt.Sprint(i), created, interval)
			last := created
			jittered := false
			for n := range 100 {
				next := engine.NextDue(w, last)
				gap := next.Sub(last)
				if gap <= 0 || gap > interval*3/2+interval/20 || n > 0 && (gap < interval*9/10 || gap > interval*11/10) {
					t.Fatalf("interval %v, watch %d, slot %d: %v after the one before", interval, i, n, gap)
				}
				for _, early := range []time.Duration{time.Millisecond, gap / 2, gap - time.Millisecond} {
					if same := engine.NextDue(w, next.Add(-early)); !same.Equal(next) {
						t.Fatalf("%v before %v the next slot is %v", early, next, same)
					}
				}
				jittered = jittered || n > 0 && gap != interval
				last = next
			}
			if !jittered {
				t.Errorf("interval %v, watch %d: no slot is moved", interval, i)
			}
		}
	}
	// A clock that was ahead when the watch was created does not put it off.
	w := watchOf("a", created, time.Hour)
	if next := engine.NextDue(w, created.Add(-5*time.Hour)); next.Sub(created.Add(-5*time.Hour)) > 2*time.Hour {
		t.Errorf("5 hours before its creation the watch is due %v after now", next.Sub(created.Add(-5*time.Hour)))
	}
}

func watchOf(id string, created time.Time, interval time.Duration) *store.Watch {
	return &store.Watch{ID: id, CreateTime: created, Definition: &zhaohuov1.PriceWatch{Interval: durationpb.New(interval)}}
}
