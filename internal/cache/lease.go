package cache

import (
	"context"
	"crypto/rand"
	"errors"
	mrand "math/rand/v2"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Leaser is a [Store] that several processes share, and that knows who of them asks a question.
type Leaser interface {
	// Lease takes the key for the lease's owner for so long, or prolongs what the owner has, unless another one has it
	// for a question at least as urgent. It is one atomic step. It must return before ctx ends, or as soon as it does.
	Lease(ctx context.Context, l Lease, d time.Duration) (Grant, error)
	// Release gives back what is still the owner's, in one atomic step. It must return before ctx ends, or as soon as it
	// does.
	Release(ctx context.Context, l Lease) error
}

// Lease is the right to ask a question for all processes.
type Lease struct {
	Key Key
	// Owner is one asking of one process.
	Owner string
	// Class is how urgent the question is: a human does not wait in a batch's place.
	Class upstream.Class
}

// Grant is what became of the wish for a lease.
type Grant uint8

// The grants.
const (
	// Refused: another one has it.
	Refused Grant = iota
	// Taken: it is the owner's, and was not before.
	Taken
	// Prolonged: it was the owner's, and is for longer.
	Prolonged
)

// How the answer of another process is waited for: the store is looked at after an eighth of the time waited so far, but
// not more often nor more seldom than this, and each time somewhat sooner or later than others do.
const (
	lookSoonest = 10 * time.Millisecond
	lookLatest  = 250 * time.Millisecond
)

// A question keeps the last third of its time, but no more than this, to be asked by its own process after all.
const ownTimeMax = 3 * time.Second

// errOvertaken: another process asks the question now, and this one had not left.
var errOvertaken = errors.New("a more urgent question of another process took the lease")

// taste tells which kept answers are good enough for one who asks; nil for none of them.
type taste func(entry) bool

func (t taste) likes(e entry) bool { return t != nil && e != nil && t(e) }

// once has a question asked by one of all processes that share the store; the others take its answer from there. Where
// there is no such store, or it fails, or what it would hold is not kept, the question is simply asked.
func (c *Cache) once(kind Kind, key Key, good taste, ask asking) asking {
	if c.leases == nil || c.lives[kind].keep() <= 0 {
		return ask
	}
	return func(ctx context.Context, photo upstream.Photo) outcome {
		s := &sharing{cache: c, kind: kind, key: key, good: good, began: time.Now()}
		s.ask = func(ctx context.Context) outcome { return ask(ctx, photo) }
		return s.run(ctx)
	}
}

// sharing is one question on its way to its answer, among other processes' equal ones.
type sharing struct {
	cache *Cache
	kind  Kind
	key   Key
	good  taste
	ask   func(ctx context.Context) outcome
	began time.Time
	// waited: another process was found asking. before is what the store had then: what is newer is that one's answer,
	// and was not there when the question was put.
	waited bool
	before entry
}

func (s *sharing) run(ctx context.Context) outcome {
	for {
		l := Lease{Key: s.key, Owner: rand.Text(), Class: upstream.DemandOf(ctx).Class}
		grant, ok := s.cache.leases.take(ctx, l, s.cache.config.LeaseTime)
		mine := grant != Refused
		switch {
		case ctx.Err() != nil:
			return outcome{err: gone(ctx)}
		case !ok:
			return s.askAlone(ctx)
		}
		if there := s.look(ctx, mine); there != nil {
			if mine {
				s.cache.leases.giveBack(l)
			}
			return *there
		}
		if mine {
			out := s.askFor(ctx, l)
			if !errors.Is(out.err, errOvertaken) {
				return out
			}
			continue
		}
		if left, err := s.pause(ctx, l.Class); err != nil {
			return outcome{err: err}
		} else if !left {
			return s.askAlone(ctx)
		}
	}
}

// look finds an answer that was kept or has come meanwhile. Whoever has the lease looks too: its last owner may have
// stored the answer in the moment before. Only who takes no kept answer and found nobody asking need not.
func (s *sharing) look(ctx context.Context, mine bool) *outcome {
	if mine && s.good == nil && !s.waited {
		return nil
	}
	h := s.cache.shelf.again(ctx, s.key)
	e := h.entryOrNil()
	switch {
	case s.waited && e != nil && (s.before == nil || e.at().After(s.before.at())):
		s.cache.config.Observer.Waited(s.kind, true)
		return &outcome{held: h, by: ByTwin}
	case s.good.likes(e):
		return &outcome{held: h, by: ByStore}
	}
	if !mine && !s.waited {
		s.waited, s.before = true, e
	}
	return nil
}

// askAlone asks whatever other processes do.
func (s *sharing) askAlone(ctx context.Context) outcome {
	if s.waited {
		s.cache.config.Observer.Waited(s.kind, false)
	}
	return s.ask(ctx)
}

// pause waits before the next look, or until somebody more urgent than class waits too. It is false when what is left of
// the question's time is for asking.
func (s *sharing) pause(ctx context.Context, class upstream.Class) (left bool, err error) {
	wait := min(max(time.Since(s.began)/8, lookSoonest), lookLatest)
	wait = wait/2 + mrand.N(wait)
	if end := upstream.DemandOf(ctx).Deadline; !end.IsZero() {
		rest := time.Until(end) - min(end.Sub(s.began)/3, ownTimeMax)
		if rest <= 0 {
			return false, nil
		}
		wait = min(wait, rest)
	}
	waiting, end := upstream.WithEscalation(ctx, class)
	defer end()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true, nil
	case <-waiting.Done():
		if ctx.Err() != nil {
			return false, gone(ctx)
		}
		return true, nil
	}
}

// askFor asks for all processes, as long as the lease is held. It fails with errOvertaken when that was lost before the
// question left.
func (s *sharing) askFor(ctx context.Context, l Lease) outcome {
	if s.waited {
		s.cache.config.Observer.Waited(s.kind, false)
		s.waited, s.before = false, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	k := &keeper{cache: s.cache, lease: l, cancel: cancel, departed: make(chan struct{}), over: make(chan struct{})}
	urged, end := upstream.WithEscalation(ctx, l.Class)
	defer end()
	if !s.cache.crew.start(func(context.Context) { k.keep(urged) }) {
		return s.ask(ctx)
	}
	defer close(k.over)
	depart := sync.OnceFunc(func() { close(k.departed) })
	out := s.ask(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { depart() }}))
	if out.err != nil && errors.Is(context.Cause(ctx), errOvertaken) {
		return outcome{err: errOvertaken}
	}
	return out
}

// keeper keeps a lease while its question is being asked, and until the answer is stored: who finds the lease free then
// finds the answer too.
type keeper struct {
	cache  *Cache
	lease  Lease
	cancel context.CancelCauseFunc
	// departed is closed when the question has left: it is good for everybody from then on, however urgent. over is
	// closed when it was answered, or failed.
	departed, over chan struct{}
}

// keep prolongs the lease. It raises its class when the question has left, and when somebody more urgent waits for it,
// which ends urged.
func (k *keeper) keep(urged context.Context) {
	every := time.NewTicker(k.cache.config.LeaseTime / 3)
	defer every.Stop()
	departed, raised, end := k.departed, urged.Done(), (<-chan struct{})(k.over)
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
		case <-departed:
			departed = nil
			if k.lease.Class == upstream.Interactive {
				continue
			}
			k.lease.Class = upstream.Interactive
		case <-raised:
			raised = nil
			if !upstream.Escalated(urged) || k.lease.Class == upstream.Interactive {
				continue
			}
			k.lease.Class = upstream.Interactive
		case <-every.C:
		}
		grant, ok := k.cache.leases.take(context.Background(), k.lease, k.cache.config.LeaseTime)
		switch {
		case ok && grant == Refused:
			k.lose()
			return
		case ok && grant == Taken && k.lease.Class == upstream.Batch:
			// A human had it meanwhile, or the store has lost it. The answer may be there.
			k.lose()
			k.cache.leases.release(k.lease)
			return
		}
	}
}

// lose has a question that has not left look for the answer of the one that took its place.
func (k *keeper) lose() {
	select {
	case <-k.departed:
	default:
		k.cancel(errOvertaken)
	}
}
