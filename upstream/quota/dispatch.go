package quota

import (
	"time"

	"github.com/zhaohuo-dev/zhaohuo/upstream/quota/gate"
)

// dispatch runs while somebody waits: it books the next slot, waits for it, and gives it to whoever is first then. With one
// slot booked at a time, a caller who comes late but goes first never waits behind slots that others hold.
func (l *Limiter) dispatch() {
	for l.book() {
		for l.sleep(l.slot, l.returned) {
			if until, ok := l.takeSpare(); ok {
				l.give(until)
			}
		}
		if l.ctx.Err() == nil {
			l.give(l.slot.Add(l.every))
		}
	}
}

// book books the next slot for those who wait. It returns false when nobody does.
func (l *Limiter) book() bool {
	for {
		l.mu.Lock()
		if l.closed || l.queue.Len() == 0 {
			l.running = false
			l.mu.Unlock()
			return false
		}
		now := time.Now()
		next := l.queue.Next(l.ready(now))
		until := l.unblocked(now)
		l.mu.Unlock()
		if next == nil {
			l.sleep(until, l.wake)
			continue
		}
		if until, ok := l.takeSpare(); ok {
			l.give(until)
			continue
		}
		v, err := l.gate.Reserve(l.ctx)
		l.mu.Lock()
		booked := l.booked(time.Now(), v, err)
		l.mu.Unlock()
		if booked {
			return true
		}
	}
}

// booked notes a slot, or refuses those for whom there is none.
func (l *Limiter) booked(now time.Time, v gate.Verdict, err error) bool {
	if err != nil {
		l.refuseAll(err)
		return false
	}
	l.learn(now, "", v)
	if !v.Granted {
		l.close(now, "", v)
		return false
	}
	if v.State.Ban == 0 && v.Every > 0 {
		// Other processes may have slots before ours. A quarter of the news is enough to follow and not to jump.
		l.every += (max(v.Wait, v.Every) - l.every) / 4
	}
	l.every = max(l.every, v.Every)
	l.slot = now.Add(v.Wait)
	// Whoever is first but cannot wait for it is told so now. Those behind are looked at when they are first.
	for {
		t := l.queue.Next(l.ready(now))
		if t == nil || t.Of.deadline.IsZero() || !l.slot.After(t.Of.deadline) {
			return true
		}
		l.queue.Remove(t)
		cause := gate.Paced
		if v.State.Ban > 0 {
			cause = gate.Banned
		}
		t.Of.result <- result{err: tooLong(v.Wait, subject("", cause))}
	}
}

// give gives a slot whose time has come to whoever is first now. It is good until it would have come again; after
// that the next one is as near.
func (l *Limiter) give(until time.Time) {
	for l.ctx.Err() == nil {
		now := time.Now()
		l.mu.Lock()
		ready := l.ready(now)
		next := l.queue.Next(ready)
		if next == nil {
			free := l.unblocked(now)
			if l.queue.Len() == 0 {
				l.spare = until
			}
			l.mu.Unlock()
			if free.IsZero() || free.After(until) {
				return
			}
			l.sleep(free, l.wake)
			continue
		}
		api, paid := next.API, l.api(next.API).spare.After(now)
		l.api(api).spare = time.Time{}
		l.mu.Unlock()
		v, err := l.gate.Take(l.ctx, api, paid)
		l.mu.Lock()
		done := l.taken(api, v, err, until)
		l.mu.Unlock()
		if done {
			return
		}
	}
}

// taken deals with the answer to the claim of an API's turn. It returns true when the slot is gone.
func (l *Limiter) taken(api string, v gate.Verdict, err error, until time.Time) bool {
	now := time.Now()
	if err != nil {
		l.refuseAll(err)
		return true
	}
	l.learn(now, api, v)
	switch {
	case v.Final():
		l.close(now, api, v)
		return false
	case !v.Granted && v.Scope == gate.App:
		// A ban, or a store that starts anew. The next slot is booked behind it.
		l.refuse(func(w *waiter) bool { return w.hopeless(now.Add(v.Wait)) }, tooLong(v.Wait, subject("", v.Cause)))
		return true
	case !v.Granted:
		l.api(api).blocked = now.Add(v.Wait)
		return false
	}
	// Between the question and the answer somebody may have left, or come.
	t := l.queue.Next(func(name string) bool { return name == api })
	if t == nil {
		l.api(api).spare = now.Add(max(v.EveryAPI, time.Second))
		return false
	}
	l.queue.Take(t, l.ready(now))
	t.Of.result <- result{turn: l.newTurn(t.Of.ask, until, v.Probe)}
	return true
}

// learn keeps what a verdict says beside its answer.
func (l *Limiter) learn(now time.Time, api string, v gate.Verdict) {
	if api != "" {
		l.api(api).every = v.EveryAPI
	}
	if v.State.Ban > 0 {
		l.ban = now.Add(v.State.Ban)
	}
	l.strained.Store(v.Strained || v.State.Ban > 0)
}

// close remembers a used-up allowance and refuses those who wait for it.
func (l *Limiter) close(now time.Time, api string, v gate.Verdict) {
	if v.Scope == gate.App {
		api = ""
	}
	c := closure{api: api, cause: v.Cause, until: now.Add(v.Wait), asked: now}
	if api == "" {
		l.shut = c
	} else {
		l.api(api).shut = c
	}
	l.refuse(func(w *waiter) bool { return api == "" || w.ask.API == api }, c.fault(now))
}

func (l *Limiter) refuseAll(err error) {
	if l.ctx.Err() != nil {
		err = draining()
	}
	l.refuse(func(*waiter) bool { return true }, storeFault(err))
}

// ready tells which APIs are not known to be without a turn.
func (l *Limiter) ready(now time.Time) func(api string) bool {
	return func(api string) bool {
		a := l.apis[api]
		return a == nil || !a.blocked.After(now)
	}
}

// unblocked is when the first blocked API with somebody waiting has a turn again; zero for none.
func (l *Limiter) unblocked(now time.Time) time.Time {
	var first time.Time
	for name, a := range l.apis {
		if a.blocked.After(now) && (first.IsZero() || a.blocked.Before(first)) && l.queue.Next(func(api string) bool { return api == name }) != nil {
			first = a.blocked
		}
	}
	return first
}

// takeSpare takes the slot that was given back, if it is still good, with its end.
func (l *Limiter) takeSpare() (until time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, l.spare = l.spare, time.Time{}
	return until, until.After(time.Now())
}

// sleep waits until a time, or shorter if woken: then it returns true.
func (l *Limiter) sleep(until time.Time, woken <-chan struct{}) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-woken:
		return true
	case <-timer.C:
	case <-l.ctx.Done():
	}
	return false
}

func (w *waiter) hopeless(turn time.Time) bool {
	return !w.deadline.IsZero() && turn.After(w.deadline)
}
