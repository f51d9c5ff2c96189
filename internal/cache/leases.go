package cache

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// leases are the guard of a [Leaser]: taking a lease has little time, and where leases fail nobody waits for them.
type leases struct {
	leaser  Leaser
	guard   *guard
	breaker circuitbreaker.CircuitBreaker[any]
	probing atomic.Bool
}

// newLeases are nil where the store is one process's own.
func newLeases(g *guard) *leases {
	leaser, ok := g.store.(Leaser)
	if !ok {
		return nil
	}
	return &leases{leaser: leaser, guard: g, breaker: newBreaker()}
}

// take takes a lease or prolongs it. It is not ok where the store cannot tell, or could not be relied on to have the
// answer later. A lease that is given after its time is given back.
func (s *leases) take(ctx context.Context, l Lease, d time.Duration) (grant Grant, ok bool) {
	if !s.guard.reads.IsClosed() || !s.guard.writes.IsClosed() {
		return Refused, false
	}
	if !s.breaker.IsClosed() {
		s.probe(l, d)
		return Refused, false
	}
	answer, left := make(chan Grant), make(chan struct{})
	defer close(left)
	started := s.guard.crew.start(func(context.Context) {
		grant, err := s.takeNow(l, d)
		if err != nil {
			close(answer)
			return
		}
		select {
		case answer <- grant:
		case <-left:
			if grant == Taken {
				s.release(l)
			}
		}
	})
	if !started {
		return Refused, false
	}
	limit := time.NewTimer(s.guard.timeout + slack)
	defer limit.Stop()
	select {
	case grant, ok = <-answer:
	case <-limit.C:
		s.guard.record(s.breaker, "lease", errSlow)
	case <-ctx.Done():
	}
	return grant, ok
}

func (s *leases) takeNow(l Lease, d time.Duration) (Grant, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.guard.timeout)
	defer cancel()
	grant, err := s.leaser.Lease(ctx, l, d)
	s.guard.record(s.breaker, "lease", err)
	return grant, err
}

// release gives a lease back. One that cannot be given back ends by itself.
func (s *leases) release(l Lease) {
	ctx, cancel := context.WithTimeout(context.Background(), s.guard.timeout)
	defer cancel()
	s.guard.record(s.breaker, "release", s.leaser.Release(ctx, l))
}

// giveBack is release with nobody waiting for it.
func (s *leases) giveBack(l Lease) {
	s.guard.crew.start(func(context.Context) { s.release(l) })
}

// probe has one try whether leases can be had again, with nobody waiting for it.
func (s *leases) probe(l Lease, d time.Duration) {
	if s.breaker.RemainingDelay() > 0 || !s.probing.CompareAndSwap(false, true) {
		return
	}
	started := s.guard.crew.start(func(context.Context) {
		defer s.probing.Store(false)
		if !s.breaker.TryAcquirePermit() {
			return
		}
		if grant, err := s.takeNow(l, d); err == nil && grant == Taken {
			s.release(l)
		}
	})
	if !started {
		s.probing.Store(false)
	}
}
