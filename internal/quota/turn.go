package quota

import (
	"context"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/gate"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// patience is the longest wait with a connection in hand. A longer one is for a later attempt.
const patience = 3 * time.Second

// turn is leave for one attempt.
type turn struct {
	l   *Limiter
	ask upstream.Ask

	mu sync.Mutex
	// slot is what it may depart in; none after it has, or where nothing is limited. used is the last one it departed in.
	slot, used gate.Slot
	// departed is the gate's time of the last departure; 0 for none.
	departed int64
	done     bool
}

func (l *Limiter) newTurn(ask upstream.Ask, s gate.Slot) *turn {
	return &turn{l: l, ask: ask, slot: s}
}

// Depart implements [upstream.Turn]. A slot that is over by now, because the connection took so long, is exchanged for another.
func (t *turn) Depart(ctx context.Context) error {
	for {
		s, ok := t.takeSlot()
		if !ok {
			var err error
			if s, err = t.exchange(ctx); err != nil {
				return err
			}
		}
		if !pauseUntil(ctx, s.NotBefore) {
			t.l.gate.Cancel(s)
			return gone(ctx)
		}
		if at, ok := t.l.gate.Depart(s); ok {
			t.mu.Lock()
			t.used, t.departed = s, at
			t.mu.Unlock()
			t.l.o.Observer.Departed(t.ask.API)
			if s.Alone {
				t.l.o.Observer.DepartedAlone(t.ask.API)
			}
			return nil
		}
		t.l.gate.Cancel(s)
	}
}

// takeSlot takes the slot in hand, if there is one.
func (t *turn) takeSlot() (gate.Slot, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.slot
	t.slot = gate.Slot{}
	return s, !s.NotAfter.IsZero()
}

// exchange books a slot for a call that has its connection already, ahead of those who wait.
func (t *turn) exchange(ctx context.Context) (gate.Slot, error) {
	for {
		v, err := t.l.gate.Book(ctx, t.ask.API)
		switch {
		case err != nil && ctx.Err() != nil:
			return gate.Slot{}, gone(ctx)
		case err != nil:
			return gate.Slot{}, storeFault(err)
		case v.Granted:
			return v.Slot, nil
		}
		if err := t.l.late(ctx, t.ask, v); err != nil {
			return gate.Slot{}, err
		}
		if !pauseUntil(ctx, time.Now().Add(v.Wait)) {
			return gate.Slot{}, gone(ctx)
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
		l.spent(now, ask.API, v)
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

// pauseUntil waits until a time, and tells whether ctx let it.
func pauseUntil(ctx context.Context, end time.Time) bool {
	wait := time.Until(end)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
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
	t.mu.Lock()
	unused, o, again := t.slot, gate.Outcome{API: t.ask.API, At: t.departed, Slot: t.used}, t.done
	t.slot, t.done = gate.Slot{}, true
	t.mu.Unlock()
	if again {
		return
	}
	if !unused.NotAfter.IsZero() {
		t.l.giveBack(t.ask.API, unused)
	}
	f, _ := fault.As(outcome)
	switch {
	case o.At == 0:
		return
	case accepted(outcome):
		if !t.l.strained.Load() && !o.Slot.Probe {
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
		one := l.api(api)
		one.blocked, one.banned = later(one.blocked, end), later(one.banned, end)
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

// giveBack gives back a slot that was not used, so that the next one who waits can have it.
func (l *Limiter) giveBack(api string, s gate.Slot) {
	l.o.Observer.GivenBack(api)
	l.gate.Cancel(s)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.askAt = time.Time{}
	l.api(api).blocked = l.api(api).banned
	signal(l.wake)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
