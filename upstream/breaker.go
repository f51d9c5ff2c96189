package upstream

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	// breakerSpan is how long the failures in a row must last before the breaker opens. One broken connection fails all calls on it
	// at the same moment; their repetitions go over a new one.
	breakerSpan = 500 * time.Millisecond
	// openFirst and openMost are how long the breaker stays open before a call may find out whether the upstream answers. Each call
	// that finds out that it does not doubles the time.
	openFirst = time.Second
	openMost  = 4 * time.Second
	// probeMax is how long the call that finds out keeps others from doing so. An upstream that is back after that time is found by
	// the next call, while the first one still waits for an answer to a packet that was lost.
	probeMax = 3 * time.Second
	// unansweredLeast is how long an attempt must have waited to count as a failure when its callers leave. A shorter one shows nothing.
	unansweredLeast = time.Second
	// retriesMost is how many repetitions may be made without any success. retriesEarned is how many more each success allows.
	retriesMost   = 20.0
	retriesEarned = 0.2
)

// BreakerState is whether calls are sent.
type BreakerState uint8

// The states. Metrics have their numbers.
const (
	// BreakerClosed: all calls are sent.
	BreakerClosed BreakerState = iota
	// BreakerProbing: one call finds out whether the upstream answers. No other is sent.
	BreakerProbing
	// BreakerOpen: no call is sent.
	BreakerOpen
)

// BreakerStatus is what a breaker does and did.
type BreakerStatus struct {
	State BreakerState
	// Opened counts how often it opened, Refused the calls that were not sent because it was open, and Withheld the repetitions that
	// were not made because too many were made before.
	Opened, Refused, Withheld int64
}

// verdict is what an attempt showed of the upstream as a server.
type verdict uint8

const (
	// nothing: the attempt was not sent, or was given up early.
	nothing verdict = iota
	// alive: there was an answer. A refusal is one.
	alive
	// dead: there was no answer, or one that is not of the platform behind the server.
	dead
)

// breaker keeps calls from an upstream that does not answer: it opens after a number of failures in a row, refuses calls for a
// while, then lets one through to find out. It also bounds repetitions to a part of the successes. A nil breaker does nothing.
type breaker struct {
	// failures is how many failures in a row open it.
	failures int
	log      *slog.Logger
	now      func() time.Time

	mu     sync.Mutex
	status BreakerStatus
	// run counts the failures in a row, the first of which ended at since.
	run   int
	since time.Time
	// until is the end of the present open time, which lasts openFor.
	until   time.Time
	openFor time.Duration
	// probe is the call that finds out; it keeps others from doing so until probeUntil. Nil for none.
	probe      *pass
	probeUntil time.Time
	// queued are the calls that wait for a permit, with how to end their wait.
	queued map[*pass]context.CancelCauseFunc
	// retries is how many repetitions may be made.
	retries float64
}

// newBreaker makes a breaker that opens after that many failures in a row; nil for 0.
func newBreaker(failures int, log *slog.Logger) *breaker {
	if failures <= 0 {
		return nil
	}
	return &breaker{failures: failures, log: log, now: time.Now, queued: map[*pass]context.CancelCauseFunc{}, retries: retriesMost}
}

// pass is one attempt's way through the breaker.
type pass struct{ b *breaker }

// errOpened ends the wait for a permit when the breaker opens, and is the cause of each refusal.
var errOpened = errors.New("the upstream does not answer")

// enter lets an attempt through, or returns why not. The returned context is for the wait for a permit: it ends with ctx and when
// the breaker opens. [pass.done] must be called.
func (b *breaker) enter(ctx context.Context) (*pass, context.Context, error) {
	if b == nil {
		return nil, ctx, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &pass{b}
	if b.status.State != BreakerClosed {
		if wait := b.wait(); wait > 0 {
			return nil, ctx, b.refuse(wait)
		}
		b.status.State, b.probe, b.probeUntil = BreakerProbing, p, b.now().Add(probeMax)
		return p, ctx, nil
	}
	waiting, cancel := context.WithCancelCause(ctx)
	b.queued[p] = cancel
	return p, waiting, nil
}

// wait is how long no call is let through; 0 if one may find out now. The breaker is not closed.
func (b *breaker) wait() time.Duration {
	switch {
	case b.status.State == BreakerOpen:
		return max(b.until.Sub(b.now()), 0)
	case b.probe == nil:
		return 0
	}
	return max(b.probeUntil.Sub(b.now()), 0)
}

// refuse is the fault of a call that is not sent.
func (b *breaker) refuse(wait time.Duration) error {
	b.status.Refused++
	return fault.New(fault.UpstreamUnavailable, "the upstream does not answer; nothing was sent").WithRetryAfter(wait).WithCause(errOpened)
}

// checkIn is called after the wait for a permit, with its error. It returns why the attempt must not be sent, if it must not.
func (p *pass) checkIn(waiting context.Context, err error) error {
	if p == nil {
		return nil
	}
	b := p.b
	b.mu.Lock()
	defer b.mu.Unlock()
	opened := errors.Is(context.Cause(waiting), errOpened)
	b.leaveQueue(p)
	switch {
	case err != nil && b.probe == p: // It found out nothing.
		b.probe = nil
		return nil
	case err != nil && !opened, err == nil && b.status.State == BreakerClosed:
		return nil
	case err == nil && b.probe == p:
		b.probeUntil = b.now().Add(probeMax)
		return nil
	}
	return b.refuse(max(b.wait(), openFirst))
}

// leaveQueue ends what [breaker.enter] began for the wait.
func (b *breaker) leaveQueue(p *pass) {
	if cancel := b.queued[p]; cancel != nil {
		delete(b.queued, p)
		cancel(nil)
	}
}

// done ends the attempt with what it showed.
func (p *pass) done(v verdict) {
	if p == nil {
		return
	}
	b := p.b
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaveQueue(p)
	switch {
	case v == alive:
		b.close()
	case v == dead && b.status.State == BreakerClosed:
		if b.run++; b.run == 1 {
			b.since = b.now()
		}
		if b.run >= b.failures && b.now().Sub(b.since) >= breakerSpan {
			b.log.Warn("the upstream does not answer: calls are refused, but for one from time to time", "failures", b.run)
			b.status.Opened++
			b.open(openFirst)
		}
	case b.probe != p: // It left before the breaker opened, or another call finds out by now.
	case v == dead:
		b.open(min(2*b.openFor, openMost))
	default:
		b.probe = nil
	}
}

// answered is called when the upstream was seen to answer.
func (b *breaker) answered() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.close()
}

// close lets all calls through.
func (b *breaker) close() {
	if b.status.State != BreakerClosed {
		b.log.Info("the upstream answers: calls are sent")
	}
	b.status.State, b.run, b.probe = BreakerClosed, 0, nil
	b.retries = min(b.retries+retriesEarned, retriesMost)
}

// open refuses calls for d, also those that wait for a permit.
func (b *breaker) open(d time.Duration) {
	b.status.State, b.probe, b.openFor, b.until = BreakerOpen, nil, d, b.now().Add(d)
	for p, cancel := range b.queued {
		delete(b.queued, p)
		cancel(errOpened)
	}
}

// mayRepeat reports whether an attempt that the upstream did not answer may be repeated, and counts the repetition. Only a batch
// waits while the breaker is open.
func (b *breaker) mayRepeat(class Class) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.status.State != BreakerClosed && class == Interactive {
		return false
	}
	if b.retries < 1 {
		b.status.Withheld++
		return false
	}
	b.retries--
	return true
}

// BreakerStatus is the present state of what keeps calls from an upstream that does not answer.
func (c *Client) BreakerStatus() BreakerStatus {
	if c.breaker == nil {
		return BreakerStatus{}
	}
	c.breaker.mu.Lock()
	defer c.breaker.mu.Unlock()
	return c.breaker.status
}

// verdictOf is what a failed or successful attempt showed. responded: the upstream sent an answer, whatever it says. A code in it is
// the platform's own.
func verdictOf(err error, responded bool) verdict {
	if err == nil {
		return alive
	}
	f, ok := fault.As(err)
	switch {
	case ok && (f.Kind == fault.UpstreamUnavailable || f.Kind == fault.UpstreamTimeout) && f.Meta[fault.MetaUpstreamCode] == "":
		return dead
	case responded:
		return alive
	}
	return nothing // A name or a certificate that is wrong is found out quickly, and must be read by the operator.
}
