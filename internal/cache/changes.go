package cache

import (
	"context"
	"sync"
	"sync/atomic"
)

// changes knows which answers in memory may be older than the store's, by what the store reports. Such an answer is compared with the
// store's before it is used, and used as before where the store does not answer: no call is made because Redis is away.
//
// Reports are counted in epochs. A new epoch begins when reports begin, since some may have been missed, and when the store was emptied.
// An answer is confirmed while its [stored.seen] is the present epoch.
type changes struct {
	// find returns the answer in this process; nil for none.
	find func(Key) *stored

	beginning sync.Mutex // held while an epoch begins
	epoch     atomic.Uint64
	// emptied is the epoch that began when the store was emptied last.
	emptied atomic.Uint64
	// reports counts the reports of single answers.
	reports atomic.Uint64
	// reporting: the store reports to all who share it. Also while it cannot: what they miss then, they look up afterwards.
	reporting atomic.Bool
}

// Values of [stored.seen] beside epochs.
const (
	// seenChanged is added to the epoch in which a change was reported.
	seenChanged uint64 = 1 << 62
	// seenUnsure is added to the epoch: something was reported while the answer was compared.
	seenUnsure uint64 = 1 << 63
	firstEpoch uint64 = 1
)

// mark is a moment in the reports.
type mark struct{ epoch, reports uint64 }

func newChanges(find func(Key) *stored) *changes {
	c := &changes{find: find}
	c.epoch.Store(firstEpoch)
	return c
}

// watch has the store's changes reported, if it reports any.
func (c *changes) watch(store Store, w *workers, observer Observer) {
	if reporter, ok := store.(Reporter); ok {
		w.start(func(ctx context.Context) {
			reporter.Report(ctx, reported{c, observer})
			c.reporting.Store(false)
		})
	}
}

// reported are changes whose interruptions are observed.
type reported struct {
	*changes
	observer Observer
}

var _ Changes = reported{}

// Ended implements [Changes].
func (r reported) Ended(err error) { r.observer.StoreFailed("report", err) }

// Changed implements [Changes].
func (c *changes) Changed(key Key) {
	// The count goes first: see confirm.
	c.reports.Add(1)
	h := c.find(key)
	switch {
	case h == nil:
	case h.written.Add(-1) < 0:
		h.written.Store(0)
		h.seen.Store(c.epoch.Load() | seenChanged)
	default: // It is most likely this process's own write. One of another process may have been reported together with it.
		h.seen.Or(seenUnsure)
	}
}

// Emptied implements [Changes].
func (c *changes) Emptied() {
	c.beginning.Lock()
	defer c.beginning.Unlock()
	// This goes first: nothing is compared in the new epoch that does not know it.
	c.emptied.Store(c.epoch.Load() + 1)
	c.epoch.Add(1)
}

// Begun implements [Changes].
func (c *changes) Begun() {
	c.beginning.Lock()
	defer c.beginning.Unlock()
	c.epoch.Add(1)
	c.reporting.Store(true)
}

// mark is the present moment. It is taken before the store is read.
func (c *changes) mark() mark { return mark{c.epoch.Load(), c.reports.Load()} }

// confirmed reports whether the store has nothing newer, as far as it reports.
func (c *changes) confirmed(h *stored) bool { return h.seen.Load() == c.epoch.Load() }

// confirm records that an answer in memory was compared with what was read from the store after the mark. A change that was reported
// meanwhile may be newer than what was read. Which answer it was about is not known, so this one is compared once more.
func (c *changes) confirm(h *stored, m mark) {
	h.seen.Store(m.epoch)
	if c.reports.Load() != m.reports {
		h.seen.CompareAndSwap(m.epoch, m.epoch|seenUnsure)
	}
}

// removed reports whether an answer that the store does not have was removed there: one that it reported, or all. A store that was
// started empty has removed nothing.
func (c *changes) removed(h *stored) bool {
	seen := h.seen.Load()
	epoch := seen &^ (seenChanged | seenUnsure)
	// A change that was reported in an epoch before says nothing about why the answer is not there now.
	return seen&seenChanged != 0 && epoch == c.epoch.Load() || epoch < c.emptied.Load()
}
