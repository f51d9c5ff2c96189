package gate

import (
	"context"
	"sync"
	"time"
)

// Local keeps the limits of one process.
type Local struct {
	limits Limits
	days   *Ledger

	mu   sync.Mutex
	app  *scope
	apis map[string]*scope
	// settle is until when nothing may leave, because departures before the start may count still.
	settle time.Time
}

var _ Gate = (*Local)(nil)

// NewLocal returns a gate that counts days in a ledger, which it closes.
func NewLocal(limits Limits, days *Ledger) *Local {
	l := &Local{limits: limits, days: days, app: newScope(limits.app(), true, 1), apis: map[string]*scope{}}
	now := time.Now()
	if since := now.Sub(days.Last()); since >= 0 && since < l.app.window {
		l.settle = now.Add(l.app.window - since)
	}
	return l
}

// scope is the state of an API. An API may lag one turn behind its pace and catch up, because its turns have to meet
// slots of the App Key; hence the burst of two.
func (l *Local) scope(api string) *scope {
	s := l.apis[api]
	if s == nil {
		pace, own := l.limits.api(api)
		s = newScope(pace, own, 2)
		l.apis[api] = s
	}
	return s
}

// Reserve implements [Gate].
func (l *Local) Reserve(context.Context) (Verdict, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.days.full(now, "", l.app.perDay) {
		return l.refuse(now, "", Spent, App, UntilMidnight(now)), nil
	}
	if now.Before(l.app.shut) {
		return l.refuse(now, "", Exhausted, App, l.app.shut.Sub(now)), nil
	}
	slot := latest(now, l.app.ban, l.settle)
	if l.app.limiter != nil {
		slot = slot.Add(l.app.limiter.ReserveN(slot, 1).DelayFrom(slot))
	}
	v := l.verdict(now, "")
	v.Granted, v.Wait = true, slot.Sub(now)
	return v, nil
}

// Take implements [Gate].
func (l *Local) Take(_ context.Context, api string, paid bool) (Verdict, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, s := time.Now(), l.scope(api)
	if v, closed := l.closed(now, api, false); closed {
		return v, nil
	}
	if wait := l.turn(s, now, paid); wait > 0 {
		return l.refuse(now, api, Paced, API, wait), nil
	}
	v := l.verdict(now, api)
	v.Granted = true
	for _, s := range []*scope{l.app, s} {
		if !s.shut.IsZero() {
			v.Probe, s.shut = true, now.Add(probeLease)
		}
	}
	return v, nil
}

// turn claims the API's own turn, or says how long there is none.
func (l *Local) turn(s *scope, now time.Time, paid bool) time.Duration {
	if wait := s.ring.wait(now, s.window); wait > 0 {
		return wait
	}
	if !s.paced() || paid {
		return 0
	}
	turn := s.limiter.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait > 0 {
		turn.CancelAt(now)
	}
	return wait
}

// Depart implements [Gate].
func (l *Local) Depart(_ context.Context, api string, probe bool) (Verdict, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, s := time.Now(), l.scope(api)
	if v, closed := l.closed(now, api, probe); closed {
		return v, nil
	}
	if wait := l.app.ring.wait(now, l.app.window); wait > 0 {
		return l.refuse(now, api, Paced, App, wait), nil
	}
	if wait := s.ring.wait(now, s.window); wait > 0 {
		return l.refuse(now, api, Paced, API, wait), nil
	}
	if full, ok := l.days.add(now, api, l.app.perDay, s.perDay); !ok {
		return l.refuse(now, api, Spent, full, UntilMidnight(now)), nil
	}
	// Counting may have waited for a disk; what is guarded is when the request leaves.
	now = time.Now()
	l.app.ring.push(now)
	s.ring.push(now)
	v := l.verdict(now, api)
	v.Granted = true
	return v, nil
}

// closed is a refusal that has nothing to do with spacing.
func (l *Local) closed(now time.Time, api string, probe bool) (Verdict, bool) {
	if now.Before(l.settle) {
		return l.refuse(now, api, Settling, App, l.settle.Sub(now)), true
	}
	for i, s := range []*scope{l.app, l.scope(api)} {
		name := []string{"", api}[i]
		if l.days.full(now, name, s.perDay) {
			return l.refuse(now, api, Spent, Scope(i), UntilMidnight(now)), true
		}
		if cause, wait := s.closed(now, probe); cause != Open {
			return l.refuse(now, api, cause, Scope(i), wait), true
		}
	}
	return Verdict{}, false
}

// Report implements [Gate].
func (l *Local) Report(_ context.Context, o Outcome) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, both := time.Now(), []*scope{l.app, l.scope(o.API)}
	switch o.Result {
	case Throttled:
		both[o.Scope].throttled(now, o.At, o.After)
	case UsedUp:
		both[o.Scope].usedUp(now, o.After)
	case Accepted:
		for _, s := range both {
			s.accepted(now, o.At, o.Probe)
		}
	}
	return nil
}

// State implements [Gate].
func (l *Local) State(_ context.Context, api string) (State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state(time.Now(), api), nil
}

// Close implements [Gate].
func (l *Local) Close() error { return l.days.Close() }

func (l *Local) state(now time.Time, api string) State {
	used, usedAPI := l.days.used(now, api)
	return State{
		Rate:    l.app.rate,
		Ban:     max(l.app.ban.Sub(now), 0),
		Shut:    max(l.app.shut.Sub(now), 0),
		DayUsed: used, DayUsedAPI: usedAPI,
	}
}

func (l *Local) verdict(now time.Time, api string) Verdict {
	v := Verdict{Every: l.app.spacing(), At: now.UnixMicro(), Strained: l.app.strained(), State: l.state(now, api)}
	if api != "" {
		s := l.scope(api)
		v.EveryAPI = s.spacing()
		v.Strained = v.Strained || s.strained()
	}
	return v
}

func (l *Local) refuse(now time.Time, api string, cause Cause, about Scope, wait time.Duration) Verdict {
	v := l.verdict(now, api)
	v.Wait, v.Cause, v.Scope = wait, cause, about
	return v
}

func latest(t time.Time, others ...time.Time) time.Time {
	for _, o := range others {
		if o.After(t) {
			t = o
		}
	}
	return t
}
