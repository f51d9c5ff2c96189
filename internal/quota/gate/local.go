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

	mu     sync.Mutex
	app    *scope
	apis   map[string]*scope
	margin margin
	lastID int64
	// settle is until when nothing may leave, because departures before the start may count still.
	settle time.Time
}

var _ Gate = (*Local)(nil)

// NewLocal returns a gate that counts days in a ledger, which it closes.
func NewLocal(limits Limits, days *Ledger) *Local {
	l := &Local{limits: limits, days: days, app: newScope(limits.app(), true), apis: map[string]*scope{}}
	l.margin = days.marginOver(limits.Margin)
	now := time.Now()
	if last, known := days.Last(); known && l.app.calls > 0 {
		guard := l.app.guard(l.margin.at(now))
		// A last departure that lies further ahead than a slot can is one of a clock that was put back since.
		if last.After(now.Add(Ahead + Validity)) {
			last = now
		}
		l.settle = last.Add(guard)
	}
	return l
}

func (l *Local) scope(api string) *scope {
	s := l.apis[api]
	if s == nil {
		pace, own := l.limits.api(api)
		s = newScope(pace, own)
		l.apis[api] = s
	}
	return s
}

// Book implements [Gate].
func (l *Local) Book(_ context.Context, api string) (Verdict, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, one := time.Now(), l.scope(api)
	if v, closed := l.closed(now, api); closed {
		return v, nil
	}
	margin := l.margin.at(now)
	first, own := latest(l.app.turn(now, margin), l.app.open(now, margin)), latest(one.turn(now, margin), one.open(now, margin))
	if own.Sub(first) > apart {
		return l.refuse(now, api, Paced, API, own.Sub(now)), nil
	}
	at := latest(first, own)
	if ahead := at.Sub(now); ahead > Ahead {
		return l.refuse(now, api, Paced, App, ahead), nil
	}
	// What is kept for the next process is the end of the span: no departure is later.
	notAfter := at.Add(Validity)
	if full, ok := l.days.Add(now, api, notAfter, l.app.perDay, one.perDay); !ok {
		return l.refuse(now, api, Spent, full, UntilMidnight(now)), nil
	}
	l.lastID++
	slot := Slot{
		API: api, Turn: latest(l.app.turn(now, margin), one.turn(now, margin)), NotBefore: at, NotAfter: notAfter,
		Tight: [2]bool{l.app.tight(at), one.own && one.tight(at)},
		id:    l.lastID, day: dayOf(now), of: l,
	}
	for _, s := range []*scope{l.app, one} {
		s.book(slot.id, slot.Turn, notAfter, margin)
		if !s.shut.IsZero() {
			slot.Probe, s.shut = true, now.Add(probeLease)
		}
	}
	v := l.verdict(now, api)
	v.Granted, v.Slot, v.Wait = true, slot, max(l.app.turn(now, margin).Sub(now), 0)
	return v, nil
}

// Depart implements [Gate].
func (l *Local) Depart(s Slot) (int64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Before(s.NotBefore) || now.After(s.NotAfter) || now.Before(l.app.ban) || now.Before(l.scope(s.API).ban) {
		return 0, false
	}
	l.app.departed(s.id, now)
	l.scope(s.API).departed(s.id, now)
	l.days.Left(now)
	return now.UnixMicro(), true
}

// Cancel implements [Gate].
func (l *Local) Cancel(s Slot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	margin := l.margin.at(time.Now())
	l.app.cancel(s.id, s.Turn, margin)
	l.scope(s.API).cancel(s.id, s.Turn, margin)
	l.days.Remove(s.day, s.API)
}

// closed is a refusal that has nothing to do with spacing.
func (l *Local) closed(now time.Time, api string) (Verdict, bool) {
	if now.Before(l.settle) {
		return l.refuse(now, api, Settling, App, l.settle.Sub(now)), true
	}
	for i, s := range []*scope{l.app, l.scope(api)} {
		name := []string{"", api}[i]
		if l.days.full(now, name, s.perDay) {
			return l.refuse(now, api, Spent, Scope(i), UntilMidnight(now)), true
		}
		if cause, wait := s.closed(now); cause != Open {
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
		Margin:  l.margin.at(now),
		DayUsed: used, DayUsedAPI: usedAPI,
	}
}

func (l *Local) verdict(now time.Time, api string) Verdict {
	margin, s := l.margin.at(now), l.scope(api)
	return Verdict{
		Every: l.app.spacing(margin), EveryAPI: s.spacing(margin),
		Strained: l.app.strained() || s.strained(), State: l.state(now, api),
	}
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
