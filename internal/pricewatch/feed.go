package pricewatch

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// feedEvents is how many of the last events a feed keeps at least.
const feedEvents = 1000

// feed reads new events from the store once for all streams of this process. It keeps the last ones: a stream that keeps up reads
// them here. One that does not keep up reads the store from where it is, and delays nobody.
type feed struct {
	// readers is guarded by the Service. Without readers the feed stops.
	readers int
	stop    context.CancelFunc
	stopped chan struct{}

	mu sync.Mutex
	// recent are all events with ids above from and up to to, in their order.
	recent   []store.OwnedEvent
	from, to int64
	// err is why the feed reads no more.
	err error
	// more is closed when there are more events, or the feed ends with err.
	more chan struct{}
}

// batch is what a reader gets at a time.
type batch struct {
	events []*zhaohuov1.PriceEvent
	// upTo is the id up to which the reader has all of its events after this batch.
	upTo int64
	// more is closed when there is more to read. Nil: there may be more already.
	more <-chan struct{}
}

// join is the feed of this process, which begins after the event last if it does not run. The reader calls leave in the end.
func (s *Service) join(ctx context.Context, last int64) (f *feed, leave func()) {
	s.feedMu.Lock()
	defer s.feedMu.Unlock()
	if s.feed == nil {
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // It serves all readers, not only the first one.
		f := &feed{stop: stop, stopped: make(chan struct{}), from: last, to: last, more: make(chan struct{})}
		s.feed = f
		go func() {
			defer close(f.stopped)
			s.readEvents(ctx, f)
		}()
	}
	f = s.feed
	f.readers++
	return f, func() { s.leave(f) }
}

func (s *Service) leave(f *feed) {
	s.feedMu.Lock()
	f.readers--
	last := f.readers == 0
	if last && s.feed == f {
		s.feed = nil
	}
	s.feedMu.Unlock()
	if last {
		f.stop()
		<-f.stopped
	}
}

// readEvents reads events into the feed until ctx ends or the store fails: when this process stores some, and each second for
// those of other processes.
func (s *Service) readEvents(ctx context.Context, f *feed) {
	every := time.NewTicker(s.poll)
	defer every.Stop()
	for {
		stored := s.Engine.NewEvents() // Before the store is read: what is stored meanwhile closes it.
		found, err := s.Store.EventsOfAll(ctx, f.to, feedEvents)
		if err != nil {
			s.feedMu.Lock()
			if s.feed == f {
				s.feed = nil // The next reader starts another one.
			}
			s.feedMu.Unlock()
		}
		f.add(found, err)
		switch {
		case err != nil:
			return
		case len(found) == feedEvents:
			continue
		}
		select {
		case <-stored:
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

// add adds events, or the error that ends the feed.
func (f *feed) add(found []store.OwnedEvent, err error) {
	if len(found) == 0 && err == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.recent, f.err = append(f.recent, found...), err
	if len(found) > 0 {
		f.to = found[len(found)-1].ID
	}
	if old := len(f.recent) - feedEvents; old >= feedEvents {
		f.from = f.recent[old-1].ID
		f.recent = slices.Clone(f.recent[old:])
	}
	close(f.more)
	f.more = make(chan struct{})
}

// take returns up to that many events of a reader after an id. kept is false if the feed does not keep all of them any more: then
// the batch has no events, and the reader has to read the store.
func (f *feed) take(owner, watchID string, after int64, limit int) (b batch, kept bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b = batch{upTo: max(after, f.to), more: f.more}
	if f.err != nil || after < f.from {
		return b, false, f.err
	}
	first, _ := slices.BinarySearchFunc(f.recent, after+1, func(e store.OwnedEvent, id int64) int { return cmp.Compare(e.ID, id) })
	for _, e := range f.recent[first:] {
		if e.Owner != owner || watchID != "" && e.Event.GetWatchId() != watchID {
			continue
		}
		b.events = append(b.events, e.Event)
		if len(b.events) == limit {
			b.upTo, b.more = e.ID, nil
			break
		}
	}
	return b, true, nil
}

// next is what a reader gets next: from the feed or, if it is far behind, from the store.
func (s *Service) next(ctx context.Context, f *feed, owner, watchID string, after int64) (batch, error) {
	b, kept, err := f.take(owner, watchID, after, eventsAtOnce)
	if kept || err != nil {
		return b, err
	}
	// All that the feed had seen before is in what the store has now.
	b.events, err = s.Store.Events(ctx, owner, watchID, after, eventsAtOnce)
	if err != nil || len(b.events) == 0 {
		return b, err
	}
	last, err := eventID(b.events[len(b.events)-1].GetId())
	if len(b.events) == eventsAtOnce {
		b.upTo, b.more = last, nil
	}
	b.upTo = max(b.upTo, last)
	return b, err
}
