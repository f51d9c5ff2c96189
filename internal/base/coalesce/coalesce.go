// Package coalesce does equal work once for all who ask for it at the same time.
//
// Work under way is a [Call]; everybody who waits for it has a [Seat] there. A call is in one of four states:
//
//	open       at least one waits: whoever asks for the same key joins
//	abandoned  the last one left: its context has ended, nobody joins any more, and the next to ask begins a new call
//	stopped    the group was stopped: its context has ended, those who wait get what it came to
//	finished   its value is there
//
// A call's context belongs to nobody who waits. It has no deadline, because a deadline that moves with those who come
// and go cannot be told by a context: whoever derives a timeout from it would keep the deadline of that moment. It ends
// when the last one leaves. What those who wait allow is read from [Call.Waiting], at the moment it matters.
//
// The package knows nothing of what is done. Unlike singleflight it lets callers leave one by one, tells the work who
// waits for it, and never has a newcomer join work that is ending.
package coalesce

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Why a call's context ends.
var (
	ErrAbandoned = errors.New("nobody waits for the result any more")
	ErrStopped   = errors.New("the work was stopped")
)

// Group makes equal work one call. W is what is known of one who waits, V what the work comes to. It is safe for
// concurrent use; its zero value is ready.
type Group[K comparable, W, V any] struct {
	// Go runs a call's work in the background; it is false where nothing may be begun any more. nil starts a goroutine.
	Go func(work func()) bool

	mu    sync.Mutex
	calls map[K]*Call[K, W, V]
}

// Work is what a call does. It must return soon after ctx ends. A panic is its own to recover from.
type Work[K comparable, W, V any] func(ctx context.Context, call *Call[K, W, V]) V

// Call is work under way.
type Call[K comparable, W, V any] struct {
	group  *Group[K, W, V]
	key    K
	cancel context.CancelCauseFunc
	// done is closed when value is there.
	done  chan struct{}
	value V

	// The rest is guarded by group.mu.

	// seats are those who wait, in the order they came.
	seats    []*Seat[K, W, V]
	watchers []*func()
}

// Seat is one who waits for a call.
type Seat[K comparable, W, V any] struct {
	call  *Call[K, W, V]
	who   W
	first bool
}

// Join waits with those who wait for the key's call. Where there is none, begin is asked for the work of a new one, while
// nobody else can begin one; nil begins nothing. The new call's context has the values of ctx. Join returns nil where
// nothing was begun. The seat must be left.
func (g *Group[K, W, V]) Join(ctx context.Context, key K, who W, begin func() Work[K, W, V]) *Seat[K, W, V] {
	seat, changed := g.join(ctx, key, who, begin)
	for _, tell := range changed {
		(*tell)()
	}
	return seat
}

func (g *Group[K, W, V]) join(ctx context.Context, key K, who W, begin func() Work[K, W, V]) (*Seat[K, W, V], []*func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.calls[key]; c != nil {
		seat := &Seat[K, W, V]{call: c, who: who}
		c.seats = append(c.seats, seat)
		return seat, slices.Clone(c.watchers)
	}
	work := begin()
	if work == nil {
		return nil, nil
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	c := &Call[K, W, V]{group: g, key: key, cancel: cancel, done: make(chan struct{})}
	seat := &Seat[K, W, V]{call: c, who: who, first: true}
	c.seats = append(c.seats, seat)
	if !g.start(func() { c.run(ctx, work) }) {
		cancel(ErrStopped)
		return nil, nil
	}
	if g.calls == nil {
		g.calls = map[K]*Call[K, W, V]{}
	}
	g.calls[key] = c
	return seat, nil
}

func (g *Group[K, W, V]) start(work func()) bool {
	if g.Go != nil {
		return g.Go(work)
	}
	go work()
	return true
}

// run does the work and hands its value to those who wait.
func (c *Call[K, W, V]) run(ctx context.Context, work Work[K, W, V]) {
	value := work(ctx, c)
	c.cancel(nil)
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	c.close()
	c.value = value
	close(c.done)
}

// close has nobody join any more.
func (c *Call[K, W, V]) close() {
	if c.group.calls[c.key] == c {
		delete(c.group.calls, c.key)
	}
}

// Waiting are those who wait now, in the order they came.
func (c *Call[K, W, V]) Waiting() []W {
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	all := make([]W, len(c.seats))
	for i, s := range c.seats {
		all[i] = s.who
	}
	return all
}

// Find looks for one who waits and for whom is is true, in the order they came. Nobody comes or leaves meanwhile, so is
// must be quick and must not ask this group for anything.
func (c *Call[K, W, V]) Find(is func(W) bool) bool {
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	return slices.ContainsFunc(c.seats, func(s *Seat[K, W, V]) bool { return is(s.who) })
}

// Watch has changed called after somebody came or left, or after [Seat.Changed], until it is stopped. A change under way
// may be told of after that.
func (c *Call[K, W, V]) Watch(changed func()) (stop func()) {
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	mine := &changed
	c.watchers = append(c.watchers, mine)
	return func() {
		c.group.mu.Lock()
		defer c.group.mu.Unlock()
		c.watchers = slices.DeleteFunc(c.watchers, func(w *func()) bool { return w == mine })
	}
}

// First tells whether the call was begun for this seat.
func (s *Seat[K, W, V]) First() bool { return s.first }

// Done is closed when the call is finished.
func (s *Seat[K, W, V]) Done() <-chan struct{} { return s.call.done }

// Value is what the call came to. It may be asked for when Done is closed.
func (s *Seat[K, W, V]) Value() V { return s.call.value }

// Changed tells those who watch the call that what is known of the one who waits has changed.
func (s *Seat[K, W, V]) Changed() {
	s.call.group.mu.Lock()
	watchers := slices.Clone(s.call.watchers)
	s.call.group.mu.Unlock()
	for _, tell := range watchers {
		(*tell)()
	}
}

// Leave gives the seat up, and ends the call if nobody else waits for it. It tells whether the seat was the last one of a
// call that was not finished. Leaving again does nothing.
func (s *Seat[K, W, V]) Leave() (last bool) {
	last, changed := s.leave()
	for _, tell := range changed {
		(*tell)()
	}
	return last
}

func (s *Seat[K, W, V]) leave() (last bool, changed []*func()) {
	c := s.call
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	at := slices.Index(c.seats, s)
	if at < 0 {
		return false, nil
	}
	c.seats = slices.Delete(c.seats, at, at+1)
	if len(c.seats) > 0 {
		return false, slices.Clone(c.watchers)
	}
	select {
	case <-c.done:
		return false, nil
	default:
	}
	c.close()
	c.cancel(ErrAbandoned)
	return true, nil
}

// Len is how many calls are open.
func (g *Group[K, W, V]) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.calls)
}

// Stop ends every open call. Those who wait get what it came to.
func (g *Group[K, W, V]) Stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.calls {
		c.cancel(ErrStopped)
	}
}
