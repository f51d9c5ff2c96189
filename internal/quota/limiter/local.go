package limiter

import (
	"context"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
)

// Local keeps the limits of one process.
type Local struct {
	limits Limits
	days   *Ledger

	mu     sync.Mutex
	app    *limitState
	apis   map[string]*limitState
	margin margin
	lastID int64
	// settle is until when no call may be sent, because calls before the start may still count.
	settle time.Time
}

var _ Limiter = (*Local)(nil)

// NewLocal returns a limiter that counts days in a ledger. Close closes the ledger.
func NewLocal(limits Limits, days *Ledger) *Local {
	l := &Local{limits: limits, days: days, app: newLimitState(limits.app(), true), apis: map[string]*limitState{}}
	l.margin = days.marginOver(limits.Margin)
	now := time.Now()
	if last, known := days.Last(); known && l.app.calls > 0 {
		guard := l.app.guard(l.margin.at(now))
		// A last call further ahead than a slot can be is from a clock that was set back since.
		if last.After(now.Add(Ahead + Validity)) {
			last = now
		}
		l.settle = last.Add(guard)
	}
	return l
}

func (l *Local) scope(api string) *limitState {
	s := l.apis[api]
	if s == nil {
		pace, own := l.limits.api(api)
		s = newLimitState(pace, own)
		l.apis[api] = s
	}
	return s
}

// Reserve implements [Limiter].
func (l *Local) Reserve(_ context.Context, api string) (Decision, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, apiState := time.Now(), l.scope(api)
	if v, closed := l.closed(now, api); closed {
		return v, nil
	}
	margin := l.margin.at(now)
	fromApp, fromAPI := latest(l.app.due(now, margin), l.app.open(now, margin)), latest(apiState.due(now, margin), apiState.open(now, margin))
	if fromAPI.Sub(fromApp) > apiDelayMax {
		return l.refuse(now, api, Paced, API, fromAPI.Sub(now)), nil
	}
	at := latest(fromApp, fromAPI)
	if ahead := at.Sub(now); ahead > Ahead {
		return l.refuse(now, api, Paced, App, ahead), nil
	}
	// The stored time is the end of the span: no commit is later.
	notAfter := at.Add(Validity)
	if full, ok := l.days.Add(now, api, notAfter, l.app.perDay, apiState.perDay); !ok {
		return l.refuse(now, api, DailyLimit, full, UntilMidnight(now)), nil
	}
	l.lastID++
	slot := Slot{
		API: api, Due: latest(l.app.due(now, margin), apiState.due(now, margin)), NotBefore: at, NotAfter: notAfter,
		Tight: [2]bool{l.app.tight(at), apiState.own && apiState.tight(at)},
		id:    l.lastID, day: chinaday.Number(now), owner: l,
	}
	for _, s := range []*limitState{l.app, apiState} {
		s.reserve(slot.id, slot.Due, notAfter, margin)
		if !s.exhausted.IsZero() {
			slot.Probe, s.exhausted = true, now.Add(probeLease)
		}
	}
	v := l.decision(now, api)
	v.Granted, v.Slot, v.Wait = true, slot, max(l.app.due(now, margin).Sub(now), 0)
	return v, nil
}

// Commit implements [Limiter].
func (l *Local) Commit(s Slot) (int64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Before(s.NotBefore) || now.After(s.NotAfter) || now.Before(l.app.ban) || now.Before(l.scope(s.API).ban) {
		return 0, false
	}
	return now.UnixMicro(), true
}

// Sent implements [Limiter].
func (l *Local) Sent(s Slot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.app.sent(s.id, now)
	l.scope(s.API).sent(s.id, now)
	l.days.Committed(now)
}

// Cancel implements [Limiter].
func (l *Local) Cancel(s Slot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	margin := l.margin.at(time.Now())
	l.app.cancel(s.id, s.Due, margin)
	l.scope(s.API).cancel(s.id, s.Due, margin)
	l.days.Remove(s.day, s.API)
}

// closed is a refusal that does not depend on spacing.
func (l *Local) closed(now time.Time, api string) (Decision, bool) {
	if now.Before(l.settle) {
		return l.refuse(now, api, Settling, App, l.settle.Sub(now)), true
	}
	for i, s := range []*limitState{l.app, l.scope(api)} {
		name := []string{"", api}[i]
		if l.days.full(now, name, s.perDay) {
			return l.refuse(now, api, DailyLimit, Scope(i), UntilMidnight(now)), true
		}
		if cause, wait := s.closed(now); cause != Open {
			return l.refuse(now, api, cause, Scope(i), wait), true
		}
	}
	return Decision{}, false
}

// Report implements [Limiter].
func (l *Local) Report(_ context.Context, o Outcome) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, both := time.Now(), []*limitState{l.app, l.scope(o.API)}
	switch o.Result {
	case Throttled:
		if !both[o.Scope].throttled(now, o.At, o.After) {
			break
		}
		if !o.Slot.Tight[o.Scope] {
			both[o.Scope].slowDown()
			break
		}
		l.margin.grow(now)
		l.days.learned(l.margin)
	case UsedUp:
		both[o.Scope].usedUp(now, o.After)
	case Accepted:
		for _, s := range both {
			s.accepted(o.At, o.Slot.Probe)
		}
	}
	return nil
}

// State implements [Limiter].
func (l *Local) State(_ context.Context, api string) (State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state(time.Now(), api), nil
}

// Close implements [Limiter].
func (l *Local) Close() error { return l.days.Close() }

func (l *Local) state(now time.Time, api string) State {
	used, usedAPI := l.days.used(now, api)
	return State{
		Rate:      l.app.rate,
		Ban:       max(l.app.ban.Sub(now), 0),
		Exhausted: max(l.app.exhausted.Sub(now), 0),
		Margin:    l.margin.at(now),
		DayUsed:   used, DayUsedAPI: usedAPI, DayLimit: l.app.perDay, Reach: l.days.reach(),
	}
}

func (l *Local) decision(now time.Time, api string) Decision {
	margin, s := l.margin.at(now), l.scope(api)
	return Decision{
		Interval: l.app.spacing(margin), IntervalAPI: s.spacing(margin),
		Degraded: l.app.degraded() || s.degraded(), State: l.state(now, api),
	}
}

func (l *Local) refuse(now time.Time, api string, cause Cause, about Scope, wait time.Duration) Decision {
	v := l.decision(now, api)
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
