// Package coalesce runs equal concurrent work once for all callers.
//
// Work in progress is a [Call]; each caller who waits for it has a [Waiter]. A call is in one of four states:
//
//	open       at least one caller waits: a caller with the same key joins
//	abandoned  the last caller left: its context has ended, no caller joins, and the next one begins a new call
//	stopped    the group was stopped: its context has ended, and the waiting callers get its result
//	finished   its value is set
//
// A call's context belongs to none of its callers. It has no deadline: the deadline changes as callers join and leave,
// and whoever derived a timeout from the context would keep an old one. It ends when the last caller leaves. Read what
// the callers allow from [Call.Waiting] when it is needed.
//
// Unlike singleflight, callers can leave one by one, the work can see who waits for it, and no caller joins work that
// is ending.
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

// Group makes equal work one call. W describes a waiting caller, V is the result. It is safe for concurrent use; its
// zero value is ready.
type Group[K comparable, W, V any] struct {
	// Go runs a call's work in the background; it is false where no work may be started. nil starts a goroutine.
	Go func(work func()) bool

	mu    sync.Mutex
	calls map[K]*Call[K, W, V]
}

// Work is what a call runs. It must return soon after ctx ends, and must recover from its own panics.
type Work[K comparable, W, V any] func(ctx context.Context, call *Call[K, W, V]) V

// Call is work in progress.
type Call[K comparable, W, V any] struct {
	group  *Group[K, W, V]
	key    K
	cancel context.CancelCauseFunc
	// done is closed when value is set.
	done  chan struct{}
	value V

	// The rest is guarded by group.mu.

	// waiters are the waiting callers, in order of arrival.
	waiters  []*Waiter[K, W, V]
	watchers []*func()
}

// Waiter is one caller who waits for a call.
type Waiter[K comparable, W, V any] struct {
	call  *Call[K, W, V]
	who   W
	first bool
}

// Join joins the key's call. Where there is none, begin returns the work of a new call, under the group's lock; nil
// starts none. The new call's context has the values of ctx. Join returns nil where no call was started. The caller
// must call [Waiter.Leave].
func (g *Group[K, W, V]) Join(ctx context.Context, key K, who W, begin func() Work[K, W, V]) *Waiter[K, W, V] {
	waiter, changed := g.join(ctx, key, who, begin)
	for _, notify := range changed {
		(*notify)()
	}
	return waiter
}

func (g *Group[K, W, V]) join(ctx context.Context, key K, who W, begin func() Work[K, W, V]) (*Waiter[K, W, V], []*func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.calls[key]; c != nil {
		waiter := &Waiter[K, W, V]{call: c, who: who}
		c.waiters = append(c.waiters, waiter)
		return waiter, slices.Clone(c.watchers)
	}
	work := begin()
	if work == nil {
		return nil, nil
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	c := &Call[K, W, V]{group: g, key: key, cancel: cancel, done: make(chan struct{})}
	waiter := &Waiter[K, W, V]{call: c, who: who, first: true}
	c.waiters = append(c.waiters, waiter)
	if !g.start(func() { c.run(ctx, work) }) {
		cancel(ErrStopped)
		return nil, nil
	}
	if g.calls == nil {
		g.calls = map[K]*Call[K, W, V]{}
	}
	g.calls[key] = c
	return waiter, nil
}

func (g *Group[K, W, V]) start(work func()) bool {
	if g.Go != nil {
		return g.Go(work)
	}
	go work()
	return true
}

// run runs the work and sets its value.
func (c *Call[K, W, V]) run(ctx context.Context, work Work[K, W, V]) {
	value := work(ctx, c)
	c.cancel(nil)
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	c.close()
	c.value = value
	close(c.done)
}

// close stops further callers from joining.
func (c *Call[K, W, V]) close() {
	if c.group.calls[c.key] == c {
		delete(c.group.calls, c.key)
	}
}

// Waiting returns the waiting callers, in order of arrival.
func (c *Call[K, W, V]) Waiting() []W {
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	all := make([]W, len(c.waiters))
	for i, s := range c.waiters {
		all[i] = s.who
	}
	return all
}

// Find reports whether is holds for a waiting caller. It calls is under the group's lock, so is must be quick and must
// not use this group.
func (c *Call[K, W, V]) Find(is func(W) bool) bool {
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	return slices.ContainsFunc(c.waiters, func(s *Waiter[K, W, V]) bool { return is(s.who) })
}

// Watch calls changed after a caller joined or left, or after [Waiter.Changed], until stop. A change in progress may be
// reported after that.
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

// First reports whether the call was started for this caller.
func (s *Waiter[K, W, V]) First() bool { return s.first }

// Done is closed when the call is finished.
func (s *Waiter[K, W, V]) Done() <-chan struct{} { return s.call.done }

// Value is the call's result. It is set when Done is closed.
func (s *Waiter[K, W, V]) Value() V { return s.call.value }

// Changed notifies the call's watchers that this caller's data has changed.
func (s *Waiter[K, W, V]) Changed() {
	s.call.group.mu.Lock()
	watchers := slices.Clone(s.call.watchers)
	s.call.group.mu.Unlock()
	for _, notify := range watchers {
		(*notify)()
	}
}

// Leave gives up waiting, and ends the call if no other caller waits for it. It reports whether this was the last
// caller of an unfinished call. Leaving again does nothing.
func (s *Waiter[K, W, V]) Leave() (last bool) {
	last, changed := s.leave()
	for _, notify := range changed {
		(*notify)()
	}
	return last
}

func (s *Waiter[K, W, V]) leave() (last bool, changed []*func()) {
	c := s.call
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	at := slices.Index(c.waiters, s)
	if at < 0 {
		return false, nil
	}
	c.waiters = slices.Delete(c.waiters, at, at+1)
	if len(c.waiters) > 0 {
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

// Len is the number of open calls.
func (g *Group[K, W, V]) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.calls)
}

// Stop ends every open call. The waiting callers get its result.
func (g *Group[K, W, V]) Stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.calls {
		c.cancel(ErrStopped)
	}
}
