package quota

import (
	"slices"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/fair"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/gate"
)

const (
	// askedMax is how many slots this process has booked or asks for at the same time.
	askedMax = 64
	// storeAgain is how often a store that cannot be asked is asked again while somebody waits for it.
	storeAgain = 100 * time.Millisecond
	// newsWeight is the part that one more measurement has in an average.
	newsWeight = 0.25
)

// dispatch runs while somebody waits. It books slots no earlier than they take to be booked, so that whoever is first when
// one is there gets it, and gives each out when its time has come.
func (l *Limiter) dispatch() {
	for {
		l.mu.Lock()
		now := time.Now()
		l.giveDue(now)
		if l.closed || l.queue.Len() == 0 {
			l.running = false
			l.idle()
			l.mu.Unlock()
			return
		}
		until := l.ask(now)
		if len(l.slots) > 0 {
			until = sooner(until, l.slots[0].Turn)
		}
		l.mu.Unlock()
		l.sleep(until)
	}
}

// idle gives back what nobody waits for.
func (l *Limiter) idle() {
	for _, s := range l.slots {
		l.gate.Cancel(s)
	}
	l.slots = nil
	l.granted = time.Time{}
}

// giveDue gives the slots whose time has come, each to whoever is first of those it is for.
func (l *Limiter) giveDue(now time.Time) {
	for len(l.slots) > 0 && !l.slots[0].Turn.After(now) {
		s := l.slots[0]
		l.slots = l.slots[1:]
		t := l.queue.Next(func(api string) bool { return api == s.API })
		if t == nil || now.After(s.NotAfter) || l.banned(s.API).After(now) {
			l.gate.Cancel(s)
			l.askAt = now
			continue
		}
		l.queue.Take(t, l.ready(now))
		t.Of.result <- result{turn: l.newTurn(t.Of.ask, s)}
	}
}

// ask books as many slots as are due to be asked for, in the background, and returns when to look again; zero for not
// before somebody comes.
func (l *Limiter) ask(now time.Time) time.Time {
	for l.asking+len(l.slots) < l.depth() {
		t := l.queue.Next(func(api string) bool { return l.unserved(api) > 0 && l.ready(now)(api) })
		if t == nil {
			return l.unblocked(now)
		}
		if l.askAt.After(now) {
			return sooner(l.askAt, l.unblocked(now))
		}
		l.asking++
		l.api(t.API).asking++
		l.askAt = now.Add(l.spacing)
		l.wg.Go(func() { l.book(t.API) })
	}
	return time.Time{}
}

// depth is how many slots there should be in hand or asked for: more than one only where an answer takes longer than the
// time between two slots.
func (l *Limiter) depth() int {
	switch {
	case !l.spaced:
		return 1 // The gate has not said yet how far slots are apart.
	case l.spacing <= 0:
		return askedMax
	}
	return min(1+int(l.latency/l.spacing), askedMax)
}

// unserved is how many calls to api wait without a slot that is booked or asked for.
func (l *Limiter) unserved(api string) int {
	n := l.queue.LenOfAPI(api) - l.api(api).asking
	for _, s := range l.slots {
		if s.API == api {
			n--
		}
	}
	return n
}

// book books one slot, and wakes the dispatcher.
func (l *Limiter) book(api string) {
	from := time.Now()
	v, err := l.gate.Book(l.ctx, api)
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asking--
	l.api(api).asking--
	l.latency = max(now.Sub(from), l.latency-l.latency/16)
	switch {
	case err != nil:
		l.lost(now, err)
	case v.Granted:
		l.storeLost = time.Time{}
		l.learn(now, api, v)
		l.booked(now, v)
	default:
		l.storeLost = time.Time{}
		l.learn(now, api, v)
		l.refused(now, api, v)
	}
	signal(l.wake)
}

// booked keeps a slot until its time comes.
func (l *Limiter) booked(now time.Time, v gate.Verdict) {
	s := v.Slot
	if l.closed {
		l.gate.Cancel(s)
		return
	}
	if gap := s.Turn.Sub(l.granted); !l.granted.IsZero() && gap > 0 {
		// Other processes may have slots between ours. A part of the news is enough to follow and not to jump.
		l.every += time.Duration(newsWeight * float64(max(gap, l.spacing)-l.every))
	}
	l.every = max(l.every, l.spacing)
	l.granted = later(l.granted, s.Turn)
	at, _ := slices.BinarySearchFunc(l.slots, s, func(a, b gate.Slot) int { return a.Turn.Compare(b.Turn) })
	l.slots = slices.Insert(l.slots, at, s)
	l.askAt = now.Add(v.Wait - l.lead())
	l.tellHopeless(s.API, s.NotBefore, gate.Paced)
}

// lead is how long before a slot it is asked for.
func (l *Limiter) lead() time.Duration { return min(l.latency, gate.Ahead) }

// tellHopeless refuses whoever would be first at a time and cannot wait for it. Those behind are looked at when they are
// first.
func (l *Limiter) tellHopeless(api string, at time.Time, cause gate.Cause) {
	for {
		t := l.queue.Next(func(name string) bool { return name == api })
		if t == nil || !t.Of.hopeless(at) {
			return
		}
		l.queue.Remove(t)
		t.Of.result <- result{err: tooLong(time.Until(at), subject("", cause))}
	}
}

// refused deals with a refusal: whoever cannot wait until it makes sense to ask again is told so.
func (l *Limiter) refused(now time.Time, api string, v gate.Verdict) {
	again := now.Add(v.Wait)
	about := ""
	switch {
	case v.Final():
		l.spent(now, api, v)
		return
	case v.Scope == gate.API:
		about = api
		l.api(api).blocked, l.askAt = again, now
	default:
		l.askAt = again
	}
	if v.Cause != gate.Paced {
		l.granted = time.Time{} // A pause says nothing about how fast turns come.
	} else if v.Scope == gate.App {
		l.askAt = again.Add(-l.lead())
	}
	l.refuse(func(w *waiter) bool { return (about == "" || w.ask.API == about) && w.hopeless(again) }, tooLong(v.Wait, subject(about, v.Cause)))
}

// spent deals with a used-up allowance. The slots in hand were counted before it was, so those they are for still go: the
// others are refused when these slots are out and the gate still says so.
func (l *Limiter) spent(now time.Time, api string, v gate.Verdict) {
	of := func(name string) bool { return v.Scope == gate.App || name == api }
	asking, again := l.asking, time.Time{}
	if v.Scope == gate.API {
		asking = l.api(api).asking
	}
	if asking > 0 {
		again = now.Add(l.lead() + time.Millisecond)
	}
	for _, s := range l.slots {
		if of(s.API) {
			again = later(again, s.Turn)
		}
	}
	switch {
	case again.IsZero():
		l.close(now, api, v)
	case v.Scope == gate.API:
		l.api(api).blocked, l.askAt = again, now
	default:
		l.askAt = again
	}
}

// lost deals with a store that cannot be asked. One that is back soon costs nobody his turn; for one that stays away nobody
// waits.
func (l *Limiter) lost(now time.Time, err error) {
	if l.ctx.Err() != nil {
		l.refuse(func(*waiter) bool { return true }, draining())
		return
	}
	if l.storeLost.IsZero() {
		l.storeLost = now
	}
	l.granted = time.Time{}
	l.askAt = now.Add(storeAgain)
	if now.Sub(l.storeLost) >= l.o.StoreWait {
		l.refuse(func(*waiter) bool { return true }, storeFault(err))
		l.askAt = now
	}
}

// learn keeps what a verdict says beside its answer.
func (l *Limiter) learn(now time.Time, api string, v gate.Verdict) {
	l.spacing, l.spaced = v.Every, true
	l.api(api).every = v.EveryAPI
	if v.State.Ban > 0 {
		l.ban = now.Add(v.State.Ban)
	}
	l.strained.Store(v.Strained || v.State.Ban > 0)
	l.toldMargin(v.State.Margin)
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
		if a.blocked.After(now) && l.queue.LenOfAPI(name) > 0 {
			first = sooner(first, a.blocked)
		}
	}
	return first
}

// banned is until when calls to api are banned.
func (l *Limiter) banned(api string) time.Time { return later(l.ban, l.api(api).banned) }

// sleep waits until a time, or until it is woken; without a time until it is woken.
func (l *Limiter) sleep(until time.Time) {
	var over <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-l.wake:
	case <-over:
	case <-l.ctx.Done():
	}
}

// sooner is the first of two times, of which zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (w *waiter) hopeless(turn time.Time) bool {
	return !w.deadline.IsZero() && turn.After(w.deadline)
}

func (l *Limiter) refuse(is func(*waiter) bool, err error) {
	for _, t := range l.queue.Drain(func(t *fair.Ticket[*waiter]) bool { return is(t.Of) }) {
		t.Of.result <- result{err: err}
	}
}
