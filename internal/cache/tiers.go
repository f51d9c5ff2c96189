package cache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// overhead is the size of an answer in memory beside its bytes: key, cache bookkeeping, allocator.
const overhead = 256

// stored is an answer in memory.
type stored struct {
	entry entry
	// retryAt is until when the upstream is not called after a failure. renewingUntil is until when no other caller
	// renews the answer in the background. Both are nanoseconds since 1970.
	retryAt, renewingUntil atomic.Int64
	// seen says when the answer was last found to be no older than the store's: see [changes].
	seen atomic.Uint64
	// written counts the writes to the store that were begun and not yet reported.
	written atomic.Int64
	// sound is true if the entry is known to decode: this process has encoded it or decoded it once, or it has its sum.
	sound atomic.Bool
	// pinned: it is never dropped from memory for want of room. It has no weight there.
	pinned bool
	// repeated is made when the first caller is answered with the encoded answer.
	repeated atomic.Pointer[repeated]
}

// size is the memory that the answer takes, and counts for.
func (h *stored) size() int {
	if h.pinned {
		return 0
	}
	size := len(h.entry) + overhead
	if kept := h.repeated.Load(); kept != nil {
		size += len(kept.head) + kept.forms.Size()
	}
	return size
}

func (h *stored) backOff(until time.Time) { h.retryAt.Store(until.UnixNano()) }

func (h *stored) backsOff(now time.Time) bool { return h.retryAt.Load() > now.UnixNano() }

// renew reserves the renewal for one caller; false if another has it.
func (h *stored) renew(now, until time.Time) bool {
	before := h.renewingUntil.Load()
	return before <= now.UnixNano() && h.renewingUntil.CompareAndSwap(before, until.UnixNano())
}

// entryOrNil is the entry of an answer that may be nil.
func (h *stored) entryOrNil() entry {
	if h == nil {
		return nil
	}
	return h.entry
}

// tiers are the places of answers: memory, the queue to the store, and the store.
type tiers struct {
	memory  *otter.Cache[Key, *stored]
	guard   *guard
	writer  *writer // nil without a store
	changes *changes

	pinning sync.Mutex
	// pinned are until when what is pinned is of use.
	pinned map[Key]time.Time
}

func newTiers(bytes int64, g *guard, w *writer) (*tiers, error) {
	memory, err := otter.New(&otter.Options[Key, *stored]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(_ Key, h *stored) uint32 { return uint32(h.size()) },
	})
	s := &tiers{memory: memory, guard: g, writer: w, pinned: map[Key]time.Time{}}
	s.changes = newChanges(s.reported)
	return s, err
}

// inProcess is the answer in memory or in the queue to the store.
func (s *tiers) inProcess(key Key) *stored {
	if h, ok := s.memory.GetIfPresent(key); ok {
		return h
	}
	if s.writer != nil {
		return s.writer.find(key)
	}
	return nil
}

// reported is inProcess for an answer that nobody has asked for.
func (s *tiers) reported(key Key) *stored {
	if e, ok := s.memory.GetEntryQuietly(key); ok {
		return e.Value
	}
	if s.writer != nil {
		return s.writer.find(key)
	}
	return nil
}

// fromStore is the answer in the store, or a newer one in memory. See compare.
func (s *tiers) fromStore(ctx context.Context, key Key) *stored {
	h, _ := s.compare(ctx, key)
	return h
}

// compare reads the store. It puts the answer there in memory, and returns it, unless a newer one is there. If the store has none, and
// has removed the one in memory, that one is removed from memory.
func (s *tiers) compare(ctx context.Context, key Key) (h *stored, removed bool) {
	r := s.guard.readMarked(ctx, key, s.changes.mark)
	if !r.answered {
		return nil, false
	}
	e, ok := entryOf(r.value)
	if !ok {
		return nil, s.absent(key, r.mark)
	}
	return s.newest(key, e, r.mark), false
}

// newest puts an entry that was read from the store after the mark in memory, unless a newer one is there, and returns the newer one.
func (s *tiers) newest(key Key, e entry, m mark) *stored {
	h := &stored{entry: e}
	h.sound.Store(e.summed())
	s.memory.Compute(key, func(old *stored, found bool) (*stored, otter.ComputeOp) {
		if found && !old.entry.at().Before(e.at()) {
			h = old
			return old, otter.CancelOp
		}
		return h, otter.WriteOp
	})
	s.changes.confirm(h, m)
	return h
}

// absent is called when the store has no answer under the key. It reports whether it removed the one in memory.
func (s *tiers) absent(key Key, m mark) (removed bool) {
	h := s.reported(key)
	if h == nil {
		return false
	}
	if !s.changes.removed(h) || s.writer != nil && s.writer.find(key) != nil { // What waits to be written is not there yet.
		s.changes.confirm(h, m)
		return false
	}
	s.memory.ComputeIfPresent(key, func(old *stored) (*stored, otter.ComputeOp) {
		if old != h {
			return old, otter.CancelOp
		}
		removed = true
		return nil, otter.InvalidateOp
	})
	return removed
}

// reweigh counts what an answer takes by now, if it is still in memory.
func (s *tiers) reweigh(key Key, h *stored) {
	s.memory.ComputeIfPresent(key, func(old *stored) (*stored, otter.ComputeOp) {
		if old != h {
			return old, otter.CancelOp
		}
		return h, otter.WriteOp
	})
}

// refetch is fromStore with a read that begins now: a read in progress may miss what was stored since.
func (s *tiers) refetch(ctx context.Context, key Key) *stored {
	s.guard.loading.Forget(string(key[:]))
	return s.fromStore(ctx, key)
}

// put puts an answer in memory and into the queue to the store.
func (s *tiers) put(key Key, e entry) *stored {
	h := &stored{entry: e}
	h.sound.Store(true) // This process has just encoded it.
	s.changes.confirm(h, s.changes.mark())
	s.memory.Set(key, h)
	if s.writer != nil {
		s.writer.put(key, h)
	}
	return h
}

// mark puts in memory, and into the queue to the store, that something was forgotten. Without the mark an answer is used that must not
// be, so it can be pinned: without a store nothing else has it. The write is nil if there is none.
func (s *tiers) mark(key Key, e entry, pinned bool) *write {
	h := &stored{entry: e, pinned: pinned}
	s.changes.confirm(h, s.changes.mark())
	s.memory.Set(key, h)
	if pinned {
		s.pinning.Lock()
		s.pinned[key] = e.until()
		s.pinning.Unlock()
	}
	if s.writer == nil {
		return nil
	}
	return s.writer.put(key, h)
}

// unpin drops what is pinned and of no use any more.
func (s *tiers) unpin(now time.Time) {
	s.pinning.Lock()
	defer s.pinning.Unlock()
	for key, until := range s.pinned {
		if now.After(until) {
			delete(s.pinned, key)
			s.memory.Invalidate(key)
		}
	}
}
