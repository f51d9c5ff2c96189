package cache

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// leases protects callers from a slow or failing [Leaser]: a request has a short timeout, and while leases fail no
// caller waits for them.
type leases struct {
	leaser  Leaser
	guard   *guard
	breaker circuitbreaker.CircuitBreaker[any]
	probing atomic.Bool
}

// newLeases returns nil where processes do not share the store.
func newLeases(g *guard) *leases {
	leaser, ok := g.store.(Leaser)
	if !ok {
		return nil
	}
	return &leases{leaser: leaser, guard: g, breaker: newBreaker()}
}

// acquire acquires or renews a lease. It is not ok where the store does not answer, or could not be relied on to have
// the answer later. A lease that is granted too late is released.
func (s *leases) acquire(ctx context.Context, l Lease, d time.Duration) (grant Grant, ok bool) {
	if !s.guard.reads.IsClosed() || !s.guard.writes.IsClosed() {
		return Refused, false
	}
	if !s.breaker.IsClosed() {
		s.probe(l, d)
		return Refused, false
	}
	answer, left := make(chan Grant), make(chan struct{})
	defer close(left)
	started := s.guard.workers.start(func(context.Context) {
		grant, err := s.acquireNow(l, d)
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
	limit := time.NewTimer(s.guard.timeout + graceTime)
	defer limit.Stop()
	select {
	case grant, ok = <-answer:
	case <-limit.C:
		s.guard.record(s.breaker, "lease", errSlow)
	case <-ctx.Done():
	}
	return grant, ok
}

func (s *leases) acquireNow(l Lease, d time.Duration) (Grant, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.guard.timeout)
	defer cancel()
	grant, err := s.leaser.Lease(ctx, l, d)
	s.guard.record(s.breaker, "lease", err)
	return grant, err
}

// release releases a lease. A lease that cannot be released expires by itself.
func (s *leases) release(l Lease) {
	ctx, cancel := context.WithTimeout(context.Background(), s.guard.timeout)
	defer cancel()
	s.guard.record(s.breaker, "release", s.leaser.Release(ctx, l))
}

// releaseInBackground is release without a caller waiting for it.
func (s *leases) releaseInBackground(l Lease) {
	s.guard.workers.start(func(context.Context) { s.release(l) })
}

// probe makes one background attempt to find out whether leases work again.
func (s *leases) probe(l Lease, d time.Duration) {
	if s.breaker.RemainingDelay() > 0 || !s.probing.CompareAndSwap(false, true) {
		return
	}
	started := s.guard.workers.start(func(context.Context) {
		defer s.probing.Store(false)
		if !s.breaker.TryAcquirePermit() {
			return
		}
		if grant, err := s.acquireNow(l, d); err == nil && grant == Taken {
			s.release(l)
		}
	})
	if !started {
		s.probing.Store(false)
	}
}
