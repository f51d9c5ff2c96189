package cache

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// overhead is what an answer in memory weighs beside its bytes: key, bookkeeping of the cache, allocator.
const overhead = 256

// held is an answer in memory.
type held struct {
	entry entry
	// resting is until when the upstream is not asked because it just failed, renewing until when nobody else renews
	// the answer in the background; both in nanoseconds since 1970.
	resting, renewing atomic.Int64
}

func (h *held) rest(until time.Time) { h.resting.Store(until.UnixNano()) }

func (h *held) rests(now time.Time) bool { return h.resting.Load() > now.UnixNano() }

// renew books the renewal for one caller; false if another has.
func (h *held) renew(now, until time.Time) bool {
	before := h.renewing.Load()
	return before <= now.UnixNano() && h.renewing.CompareAndSwap(before, until.UnixNano())
}

// entryOrNil is the answer of a held one that may be nil.
func (h *held) entryOrNil() entry {
	if h == nil {
		return nil
	}
	return h.entry
}

// shelf is where answers are: in memory, on their way to the store, and in the store.
type shelf struct {
	memory *otter.Cache[Key, *held]
	guard  *guard
	writer *writer // nil without a store
}

func newShelf(bytes int64, g *guard, w *writer) (*shelf, error) {
	memory, err := otter.New(&otter.Options[Key, *held]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(_ Key, h *held) uint32 { return uint32(len(h.entry) + overhead) },
	})
	return &shelf{memory: memory, guard: g, writer: w}, err
}

// near is the answer in memory, also one on its way that memory had no room for.
func (s *shelf) near(key Key) *held {
	if h, ok := s.memory.GetIfPresent(key); ok {
		return h
	}
	if s.writer != nil {
		return s.writer.find(key)
	}
	return nil
}

// far is the answer in the store, and puts it in memory unless a newer one is there.
func (s *shelf) far(ctx context.Context, key Key) *held {
	e := s.guard.get(ctx, key)
	if e == nil {
		return nil
	}
	h := &held{entry: e}
	s.memory.Compute(key, func(old *held, found bool) (*held, otter.ComputeOp) {
		if found && !old.entry.at().Before(e.at()) {
			return old, otter.CancelOp
		}
		return h, otter.WriteOp
	})
	return h
}

// again is far with a read that begins now: one that is under way may miss what was stored since.
func (s *shelf) again(ctx context.Context, key Key) *held {
	s.guard.loading.Forget(string(key[:]))
	return s.far(ctx, key)
}

// keep puts an answer in memory and on its way to the store.
func (s *shelf) keep(key Key, e entry) *held {
	h := &held{entry: e}
	s.memory.Set(key, h)
	if s.writer != nil {
		s.writer.put(key, h)
	}
	return h
}
