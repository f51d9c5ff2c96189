package cache

import (
	"context"
	"crypto/rand"
	"errors"
	mrand "math/rand/v2"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Leaser is a [Store] that several processes share, and that grants leases for questions.
type Leaser interface {
	// Lease acquires or renews the key's lease for its owner, for the duration d, unless another owner holds it for a
	// question at least as urgent. It is one atomic step. It must return before ctx ends, or as soon as it does.
	Lease(ctx context.Context, l Lease, d time.Duration) (Grant, error)
	// Release releases the lease if the owner still holds it, in one atomic step. It must return before ctx ends, or as
	// soon as it does.
	Release(ctx context.Context, l Lease) error
}

// Lease is the right to fetch the answer of a question for all processes.
type Lease struct {
	Key Key
	// Owner identifies one call of one process.
	Owner string
	// Class is how urgent the question is: an interactive caller does not wait for a batch call.
	Class upstream.Class
}

// Grant is the result of a lease request.
type Grant uint8

// The grants.
const (
	// Refused: another owner holds it.
	Refused Grant = iota
	// Taken: the owner holds it now, and did not before.
	Taken
	// Renewed: the owner held it, and holds it for longer.
	Renewed
)

// Bounds of the polling for another process's answer. The pause is an eighth of the time waited so far, with jitter.
const (
	pollShortest = 10 * time.Millisecond
	pollLongest  = 250 * time.Millisecond
)

// A question reserves the last third of its time, but no more than this, for a call of its own process.
const reservedTimeMax = 3 * time.Second

// errLeaseLost: another process makes the call now, and this one was not sent yet.
var errLeaseLost = errors.New("a more urgent question of another process took the lease")

// accepts reports whether a stored answer is good enough for a caller; nil accepts none.
type accepts func(entry) bool

func (t accepts) match(e entry) bool { return t != nil && e != nil && t(e) }

// shared makes ask run in one of all processes that share the store; the others take the answer from there. Where there
// is no such store, or it fails, or the answer would not be stored, ask runs directly.
func (c *Cache) shared(kind Kind, key Key, accept accepts, ask fetchFunc) fetchFunc {
	if c.leases == nil || c.lives[kind].retention() <= 0 {
		return ask
	}
	return func(ctx context.Context, photo upstream.Photo) outcome {
		s := &sharedCall{cache: c, kind: kind, key: key, accept: accept, startedAt: time.Now()}
		s.ask = func(ctx context.Context) outcome { return ask(ctx, photo) }
		return s.run(ctx)
	}
}

// sharedCall is one question that equal questions of other processes may answer.
type sharedCall struct {
	cache     *Cache
	kind      Kind
	key       Key
	accept    accepts
	ask       func(ctx context.Context) outcome
	startedAt time.Time
	// waited: another process was found calling. before is what the store had then: a newer answer is that process's,
	// and was not there when the question came.
	waited bool
	before entry
}

func (s *sharedCall) run(ctx context.Context) outcome {
	for {
		l := Lease{Key: s.key, Owner: rand.Text(), Class: upstream.DemandOf(ctx).Class}
		grant, ok := s.cache.leases.acquire(ctx, l, s.cache.config.LeaseTime)
		mine := grant != Refused
		switch {
		case ctx.Err() != nil:
			return outcome{err: gone(ctx)}
		case !ok:
			return s.callDirectly(ctx)
		}
		if there := s.lookup(ctx, mine); there != nil {
			if mine {
				s.cache.leases.releaseInBackground(l)
			}
			return *there
		}
		if mine {
			out := s.callWithLease(ctx, l)
			if !errors.Is(out.err, errLeaseLost) {
				return out
			}
			continue
		}
		if left, err := s.pause(ctx, l.Class); err != nil {
			return outcome{err: err}
		} else if !left {
			return s.callDirectly(ctx)
		}
	}
}

// lookup finds an answer that was stored before or meanwhile. The lease's holder looks too: its last owner may have
// stored the answer a moment before. A holder that accepts no stored answer and never waited need not look.
func (s *sharedCall) lookup(ctx context.Context, mine bool) *outcome {
	if mine && s.accept == nil && !s.waited {
		return nil
	}
	h := s.cache.tiers.refetch(ctx, s.key)
	e := h.entryOrNil()
	switch {
	case s.waited && e != nil && (s.before == nil || e.at().After(s.before.at())):
		s.cache.config.Observer.Waited(s.kind, true)
		return &outcome{stored: h, by: ByTwin}
	case s.accept.match(e):
		return &outcome{stored: h, by: ByStore}
	}
	if !mine && !s.waited {
		s.waited, s.before = true, e
	}
	return nil
}

// callDirectly calls, whatever other processes do.
func (s *sharedCall) callDirectly(ctx context.Context) outcome {
	if s.waited {
		s.cache.config.Observer.Waited(s.kind, false)
	}
	return s.ask(ctx)
}

// pause waits before the next look, or until a caller more urgent than class joins. It is false when the rest of the
// question's time is reserved for a call of its own.
func (s *sharedCall) pause(ctx context.Context, class upstream.Class) (left bool, err error) {
	wait := min(max(time.Since(s.startedAt)/8, pollShortest), pollLongest)
	wait = wait/2 + mrand.N(wait)
	if end := upstream.DemandOf(ctx).Deadline; !end.IsZero() {
		rest := time.Until(end) - min(end.Sub(s.startedAt)/3, reservedTimeMax)
		if rest <= 0 {
			return false, nil
		}
		wait = min(wait, rest)
	}
	waiting, end := upstream.WithEscalation(ctx, class)
	defer end()
	if !pause.For(waiting, wait) && ctx.Err() != nil {
		return false, gone(ctx)
	}
	return true, nil
}

// callWithLease calls for all processes while it holds the lease. It fails with errLeaseLost when the lease was lost
// before the call was sent.
func (s *sharedCall) callWithLease(ctx context.Context, l Lease) outcome {
	if s.waited {
		s.cache.config.Observer.Waited(s.kind, false)
		s.waited, s.before = false, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	k := &leaseRenewer{cache: s.cache, lease: l, cancel: cancel, sent: make(chan struct{}), done: make(chan struct{})}
	escalated, end := upstream.WithEscalation(ctx, l.Class)
	defer end()
	if !s.cache.workers.start(func(context.Context) { k.run(escalated) }) {
		return s.ask(ctx)
	}
	defer close(k.done)
	markSent := sync.OnceFunc(func() { close(k.sent) })
	out := s.ask(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { markSent() }}))
	if out.err != nil && errors.Is(context.Cause(ctx), errLeaseLost) {
		return outcome{err: errLeaseLost}
	}
	return out
}

// leaseRenewer renews a lease while its call runs, and until the answer is stored: whoever finds the lease free then
// also finds the answer.
type leaseRenewer struct {
	cache  *Cache
	lease  Lease
	cancel context.CancelCauseFunc
	// sent is closed when the call was sent: from then on it serves every caller, however urgent. done is closed when
	// the call ended.
	sent, done chan struct{}
}

// run renews the lease. It raises the lease's class when the call was sent, and when a more urgent caller joins, which
// ends escalated.
func (k *leaseRenewer) run(escalated context.Context) {
	every := time.NewTicker(k.cache.config.LeaseTime / 3)
	defer every.Stop()
	sent, escalation, end := k.sent, escalated.Done(), (<-chan struct{})(k.done)
	for asking := true; ; {
		select {
		case <-end:
			if asking {
				if asking, end = false, k.cache.writer.settled(k.lease.Key); end != nil {
					continue
				}
			}
			k.cache.leases.release(k.lease)
			return
		case <-sent:
			sent = nil
			if k.lease.Class == upstream.Interactive {
				continue
			}
			k.lease.Class = upstream.Interactive
		case <-escalation:
			escalation = nil
			if !upstream.Escalated(escalated) || k.lease.Class == upstream.Interactive {
				continue
			}
			k.lease.Class = upstream.Interactive
		case <-every.C:
		}
		grant, ok := k.cache.leases.acquire(context.Background(), k.lease, k.cache.config.LeaseTime)
		switch {
		case ok && grant == Refused:
			k.onLost()
			return
		case ok && grant == Taken && k.lease.Class == upstream.Batch:
			// An interactive caller held it meanwhile, or the store has lost it. The answer may be there.
			k.onLost()
			k.cache.leases.release(k.lease)
			return
		}
	}
}

// onLost makes a call that was not sent yet look for the new holder's answer.
func (k *leaseRenewer) onLost() {
	select {
	case <-k.sent:
	default:
		k.cancel(errLeaseLost)
	}
}
