package quota

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/quota/gate"
)

// patience is the longest wait with a connection in hand. A longer one is for a later attempt.
const patience = 3 * time.Second

// turn is leave for one attempt.
type turn struct {
	l   *Limiter
	ask upstream.Ask
	// until is how long the slot is worth giving back.
	until time.Time
	probe bool

	// departed is the gate's time of the last departure; 0 for none.
	departed atomic.Int64
	strained atomic.Bool
	done     atomic.Bool
}

func (l *Limiter) newTurn(ask upstream.Ask, until time.Time, probe bool) *turn {
	return &turn{l: l, ask: ask, until: until, probe: probe}
}

// Depart implements [upstream.Turn].
func (t *turn) Depart(ctx context.Context) error {
	for {
		v, err := t.l.gate.Depart(ctx, t.ask.API, t.probe)
		switch {
		case err != nil && ctx.Err() != nil:
			return gone(ctx)
		case err != nil:
			return storeFault(err)
		case v.Granted:
			t.departed.Store(v.At)
			t.strained.Store(v.Strained)
			t.l.o.Observer.Departed(t.ask.API)
			if v.Alone {
				t.l.o.Observer.DepartedAlone(t.ask.API)
			}
			return nil
		}
		if err := t.l.late(ctx, t.ask, v); err != nil {
			return err
		}
		if !pause(ctx, v.Wait) {
			return gone(ctx)
		}
	}
}

// late is why a turn must not wait for the gate to let it go; nil if it may.
func (l *Limiter) late(ctx context.Context, ask upstream.Ask, v gate.Verdict) error {
	now := time.Now()
	api := ""
	if v.Scope == gate.API {
		api = ask.API
	}
	if v.Final() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.close(now, api, v)
		return closure{api: api, cause: v.Cause, until: now.Add(v.Wait), asked: now}.fault(now)
	}
	if v.Wait > patience {
		return fault.New(fault.UpstreamThrottled, "the upstream wants no calls for a while").
			WithSubject(subject(api, v.Cause)).WithRetryAfter(v.Wait)
	}
	if end, ok := ctx.Deadline(); ok && now.Add(v.Wait).After(end) {
		return tooLong(v.Wait, subject(api, v.Cause))
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Done implements [upstream.Turn].
func (t *turn) Done(outcome error) {
	if t.done.Swap(true) {
		return
	}
	at := t.departed.Load()
	if at == 0 {
		t.l.giveBack(t)
		return
	}
	o := gate.Outcome{API: t.ask.API, At: at, Probe: t.probe}
	f, _ := fault.As(outcome)
	switch {
	case accepted(outcome):
		if !t.strained.Load() && !t.probe {
			return // The gate has nothing to learn from it.
		}
	case f != nil && f.Kind == fault.UpstreamThrottled:
		// Where the scope is unknown, slowing down too much harms less.
		o.Result, o.Scope, o.After = gate.Throttled, scopeOf(f, gate.App), f.RetryAfter
	case f != nil && f.Kind == fault.UpstreamQuotaExhausted:
		// Where the scope is unknown, it is the API: packages are sold by API.
		o.Result, o.Scope, o.After = gate.UsedUp, scopeOf(f, gate.API), f.RetryAfter
	default:
		return
	}
	t.l.report(o)
}

// scopeOf is what a refusal is about, as its dialect says, or else as is assumed.
func scopeOf(f *fault.Fault, assumed gate.Scope) gate.Scope {
	switch f.Scope {
	case fault.ScopeApp:
		return gate.App
	case fault.ScopeAPI:
		return gate.API
	default:
		return assumed
	}
}

// accepted tells an attempt that the upstream did serve: also one it refused for what it asks.
func accepted(outcome error) bool {
	if outcome == nil {
		return true
	}
	kind := fault.KindOf(outcome)
	return kind == fault.ProductNotFound || kind == fault.UpstreamArgumentRefused
}

// report tells the gate, and those who wait, what an attempt came to.
func (l *Limiter) report(o gate.Outcome) {
	if o.Result != gate.Accepted {
		l.strained.Store(true)
		l.o.Observer.Limited(o.API, o.Scope, o.Result)
	}
	// A gate that cannot be asked finds out by the next attempt.
	err := l.gate.Report(l.ctx, o)
	switch o.Result {
	case gate.Throttled:
		l.throttled(o)
	case gate.UsedUp:
		l.usedUp(o, err)
	}
}

// throttled refuses those who cannot wait a ban out.
func (l *Limiter) throttled(o gate.Outcome) {
	after := o.After
	if after <= 0 {
		after = gate.PauseDefault
	}
	end := time.Now().Add(after)
	api := ""
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.Scope == gate.App {
		l.ban = later(l.ban, end)
	} else {
		api = o.API
		l.api(api).blocked = later(l.api(api).blocked, end)
	}
	l.refuse(func(w *waiter) bool {
		return (api == "" || w.ask.API == api) && w.hopeless(end)
	}, tooLong(after, subject(api, gate.Banned)))
	l.o.Log.Warn("the upstream throttles; slowing down", "api", o.API, "limit", subject(api, gate.Banned), "wait", after)
}

// usedUp refuses everybody who waits for a used-up allowance.
func (l *Limiter) usedUp(o gate.Outcome, err error) {
	after := o.After
	if after <= 0 {
		after = gate.UntilMidnight(time.Now())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.close(time.Now(), o.API, gate.Verdict{Cause: gate.Exhausted, Scope: o.Scope, Wait: after})
	l.o.Log.Error("an allowance at the upstream is used up; no calls until it can be there again",
		"api", o.API, "app", o.Scope == gate.App, "wait", after, "told", err == nil)
}

// giveBack hands a slot that was not used to the next one who waits.
func (l *Limiter) giveBack(t *turn) {
	l.o.Observer.GivenBack(t.ask.API)
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spare = later(l.spare, t.until)
	if api := l.api(t.ask.API); api.every > 0 {
		api.spare, api.blocked = now.Add(max(api.every, time.Second)), time.Time{}
	}
	signal(l.returned)
	signal(l.wake)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
