package quota

import (
	"context"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// permitWaitMax is the longest wait with an open connection. Longer waits are left to a later attempt.
const permitWaitMax = 3 * time.Second

// permit allows one attempt. It implements [upstream.Permit].
type permit struct {
	d       *Dispatcher
	account *account
	route   *route
	request upstream.PermitRequest

	mu sync.Mutex
	// slot is the slot to commit in; zero after the commit, or where nothing is limited. used is the slot of the last
	// commit.
	slot, used limiter.Slot
	// committedAt is the time of the last commit on the limiter's clock; 0 for none.
	committedAt int64
	sent, done  bool
}

func (d *Dispatcher) newPermit(request upstream.PermitRequest, r *route, a *account, s limiter.Slot) *permit {
	return &permit{d: d, account: a, route: r, request: request, slot: s}
}

// Account implements [upstream.Permit].
func (t *permit) Account() string { return t.account.Name }

// Commit implements [upstream.Permit]. A slot that has expired, because connecting took too long, is replaced by
// another.
func (t *permit) Commit(ctx context.Context) error {
	for {
		s, ok := t.takeSlot()
		if !ok {
			var err error
			if s, err = t.reserveAnother(ctx); err != nil {
				return err
			}
		}
		if !pauseUntil(ctx, s.NotBefore) {
			t.account.Limiter.Cancel(s)
			return gone(ctx)
		}
		if at, ok := t.account.Limiter.Commit(s); ok {
			t.mu.Lock()
			t.used, t.committedAt, t.sent = s, at, false
			t.mu.Unlock()
			t.d.o.Observer.Committed(t.request.API)
			t.d.o.Observer.Spent(t.account.Name, t.request)
			if s.Standalone {
				t.d.o.Observer.CommittedStandalone(t.request.API)
			}
			return nil
		}
		t.account.Limiter.Cancel(s)
	}
}

// Sent implements [upstream.Permit].
func (t *permit) Sent() {
	t.mu.Lock()
	s, first := t.used, !t.sent && t.committedAt != 0
	t.sent = true
	t.mu.Unlock()
	if first {
		t.account.Limiter.Sent(s)
	}
}

// takeSlot takes the slot in hand, if there is one.
func (t *permit) takeSlot() (limiter.Slot, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.slot
	t.slot = limiter.Slot{}
	return s, !s.NotAfter.IsZero()
}

// reserveAnother reserves a slot for a call that has its connection already, ahead of the queue.
func (t *permit) reserveAnother(ctx context.Context) (limiter.Slot, error) {
	for {
		v, err := t.account.Limiter.Reserve(ctx, t.request.API)
		switch {
		case err != nil && ctx.Err() != nil:
			return limiter.Slot{}, gone(ctx)
		case err != nil:
			return limiter.Slot{}, storeFault(err)
		case v.Granted:
			return v.Slot, nil
		}
		if err := t.d.checkWait(ctx, t.account, t.request, v); err != nil {
			return limiter.Slot{}, err
		}
		if !pauseUntil(ctx, time.Now().Add(v.Wait)) {
			return limiter.Slot{}, gone(ctx)
		}
	}
}

// checkWait returns why a permit must not wait for the limiter; nil if it may.
func (d *Dispatcher) checkWait(ctx context.Context, a *account, request upstream.PermitRequest, v limiter.Decision) error {
	now := time.Now()
	api := ""
	if v.Scope == limiter.API {
		api = request.API
	}
	if v.Final() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.dayUsedUp(now, a, request.API, v)
		return exhaustion{api: api, cause: v.Cause, until: now.Add(v.Wait), asked: now}.fault(now)
	}
	if v.Wait > permitWaitMax {
		return fault.New(fault.UpstreamThrottled, "the upstream wants no calls for a while").
			WithSubject(subject(api, v.Cause)).WithRetryAfter(v.Wait)
	}
	if end, ok := ctx.Deadline(); ok && now.Add(v.Wait).After(end) {
		return tooLong(v.Wait, subject(api, v.Cause))
	}
	return nil
}

// pauseUntil waits until a time. It reports false when ctx ended first.
func pauseUntil(ctx context.Context, end time.Time) bool {
	wait := time.Until(end)
	return wait <= 0 || pause.For(ctx, wait)
}

// Done implements [upstream.Permit].
func (t *permit) Done(outcome error) {
	t.mu.Lock()
	unused, o, repeated := t.slot, limiter.Outcome{API: t.request.API, At: t.committedAt, Slot: t.used}, t.done
	t.slot, t.done = limiter.Slot{}, true
	t.mu.Unlock()
	if repeated {
		return
	}
	if !unused.NotAfter.IsZero() {
		t.d.release(t.account, t.request.API, unused)
	}
	if outcome == nil {
		t.Sent() // An answer proves it.
	}
	f, _ := fault.As(outcome)
	switch {
	case o.At == 0:
		return
	case accepted(outcome):
		if len(t.d.accounts) > 1 {
			t.d.serve(t.account, t.request.API)
		}
		if !t.account.degraded.Load() && !o.Slot.Probe {
			return // The limiter learns nothing from it.
		}
	case f != nil && f.Kind == fault.UpstreamThrottled:
		// Where the scope is unknown, slowing down too much does less harm.
		o.Result, o.Scope, o.After = limiter.Throttled, scopeOf(f, limiter.App), f.RetryAfter
	case f != nil && f.Kind == fault.UpstreamQuotaExhausted:
		// Where the scope is unknown, it is taken to be the API: allowances are sold by API.
		o.Result, o.Scope, o.After = limiter.UsedUp, scopeOf(f, limiter.API), f.RetryAfter
	default:
		return
	}
	t.d.report(t.account, o)
}

// scopeOf is the scope of a refusal as its dialect reports it, or else the assumed one.
func scopeOf(f *fault.Fault, assumed limiter.Scope) limiter.Scope {
	switch f.Scope {
	case fault.ScopeApp:
		return limiter.App
	case fault.ScopeAPI:
		return limiter.API
	default:
		return assumed
	}
}

// accepted reports whether the upstream served an attempt. A refusal for what the request asks counts as served.
func accepted(outcome error) bool {
	if outcome == nil {
		return true
	}
	kind := fault.KindOf(outcome)
	return kind == fault.ProductNotFound || kind == fault.CategoryNotFound || kind == fault.UpstreamArgumentRefused
}

// report passes an attempt's outcome to the limiter, and refuses waiting calls as needed.
func (d *Dispatcher) report(a *account, o limiter.Outcome) {
	if o.Result != limiter.Accepted {
		a.degraded.Store(true)
		d.o.Observer.Limited(o.API, o.Scope, o.Result)
	}
	// A limiter that does not answer learns it from the next attempt.
	err := a.Limiter.Report(d.ctx, o)
	switch o.Result {
	case limiter.Throttled:
		d.throttled(a, o)
	case limiter.UsedUp:
		d.usedUp(a, o, err)
	}
}

// throttled refuses the calls whose deadline is before the end of the ban.
func (d *Dispatcher) throttled(a *account, o limiter.Outcome) {
	after := o.After
	if after <= 0 {
		after = limiter.PauseDefault
	}
	end := time.Now().Add(after)
	api := ""
	d.mu.Lock()
	defer d.mu.Unlock()
	if o.Scope == limiter.App {
		a.banUntil = later(a.banUntil, end)
	} else {
		api = o.API
		one := a.api(api)
		one.blockedUntil, one.bannedUntil = later(one.blockedUntil, end), later(one.bannedUntil, end)
	}
	d.refuseLate(a, api, end, tooLong(after, subject(api, limiter.Banned)))
	d.logOf(a).Warn("the upstream throttles; slowing down", "api", o.API, "limit", subject(api, limiter.Banned), "wait", after)
}

// usedUp refuses all calls that wait for a used-up allowance.
func (d *Dispatcher) usedUp(a *account, o limiter.Outcome, err error) {
	after := o.After
	if after <= 0 {
		after = limiter.UntilMidnight(time.Now())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.markExhausted(time.Now(), a, o.API, limiter.Decision{Cause: limiter.Exhausted, Scope: o.Scope, Wait: after})
	d.logOf(a).Error("an allowance at the upstream is used up; no calls until it can be there again",
		"api", o.API, "app", o.Scope == limiter.App, "wait", after, "recorded", err == nil)
}

// release cancels an unused slot, so that the next waiting call can have it.
func (d *Dispatcher) release(a *account, api string, s limiter.Slot) {
	d.o.Observer.Released(api)
	a.Limiter.Cancel(s)
	d.mu.Lock()
	defer d.mu.Unlock()
	a.reserveAt = time.Time{}
	a.api(api).blockedUntil = a.api(api).bannedUntil
	signal(d.wake)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
