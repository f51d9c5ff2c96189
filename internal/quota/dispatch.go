package quota

import (
	"slices"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/fair"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
)

const (
	// reservedMax is how many slots this process holds or requests at the same time.
	reservedMax = 64
	// storeRetry is the pause between two requests to a store that does not answer, while calls wait for it.
	storeRetry = 100 * time.Millisecond
	// averageWeight is the weight of a new measurement in a moving average.
	averageWeight = 0.25
)

// dispatch runs while calls wait. It reserves slots only as early as a reservation takes, and grants each slot when it
// is due, so that the slot goes to the call that is first at that moment.
func (d *Dispatcher) dispatch() {
	for {
		d.mu.Lock()
		now := time.Now()
		order := byPreference(d.accounts)
		for _, a := range order {
			d.grantDue(now, a)
		}
		if d.closed || d.queue.Len() == 0 {
			d.running = false
			d.idle()
			d.mu.Unlock()
			return
		}
		var until time.Time
		for _, a := range order {
			until = sooner(until, d.reserveDue(now, a))
			if len(a.slots) > 0 {
				until = sooner(until, a.slots[0].Due)
			}
		}
		d.mu.Unlock()
		d.sleep(until)
	}
}

// idle cancels the slots that no call waits for.
func (d *Dispatcher) idle() {
	for _, a := range d.accounts {
		for _, s := range a.slots {
			a.Limiter.Cancel(s)
		}
		a.slots = nil
		a.lastDue = time.Time{}
	}
}

// grantDue grants an account's slots that are due, each to the first waiting call to its API.
func (d *Dispatcher) grantDue(now time.Time, a *account) {
	for len(a.slots) > 0 && !a.slots[0].Due.After(now) {
		s := a.slots[0]
		a.slots = a.slots[1:]
		t := d.next(a, now, func(api string) bool { return api == s.API })
		if t == nil || now.After(s.NotAfter) || a.banned(s.API).After(now) {
			a.Limiter.Cancel(s)
			a.reserveAt = now
			continue
		}
		d.queue.Take(t, d.filter(a, now, func(api string) bool { return a.ready(api, now) }))
		a.examine(s.API, now)
		t.Of.result <- result{permit: d.newPermit(t.Of.request, t.Of.route, a, s)}
	}
}

// reserveDue reserves at an account, in the background, as many slots as are needed now. It returns when to look again;
// zero means when the next call or slot comes.
func (d *Dispatcher) reserveDue(now time.Time, a *account) time.Time {
	for a.reserving+len(a.slots) < a.depth() {
		t := d.next(a, now, func(api string) bool { return d.unserved(a, api, now) > 0 && a.ready(api, now) })
		if t == nil {
			return d.unblocked(now, a)
		}
		if a.reserveAt.After(now) {
			return sooner(a.reserveAt, d.unblocked(now, a))
		}
		api := t.Of.request.API
		a.reserving++
		a.api(api).reserving++
		a.reserveAt = now.Add(a.interval)
		d.wg.Go(func() { d.reserve(a, api) })
	}
	return time.Time{}
}

// unserved is the number of waiting calls to api for which an account should have a slot: those without a slot that is
// reserved or requested, except slots of other accounts that are due only after one of this account could be.
func (d *Dispatcher) unserved(a *account, api string, now time.Time) int {
	n := d.waiting(a, api, now)
	reachable := a.reachable(now)
	for _, b := range d.accounts {
		n -= b.api(api).reserving
		for _, s := range b.slots {
			if s.API == api && (b == a || !s.Due.After(reachable)) {
				n--
			}
		}
	}
	return n
}

// reserve reserves one slot and wakes the dispatcher.
func (d *Dispatcher) reserve(a *account, api string) {
	from := time.Now()
	v, err := a.Limiter.Reserve(d.ctx, api)
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	a.reserving--
	a.api(api).reserving--
	a.latency = max(now.Sub(from), a.latency-a.latency/16)
	switch {
	case err != nil:
		d.storeFailed(now, a, err)
	case v.Granted:
		a.storeLostSince = time.Time{}
		d.record(now, a, api, v)
		d.onReserved(now, a, v)
	default:
		a.storeLostSince = time.Time{}
		d.record(now, a, api, v)
		d.onRefused(now, a, api, v)
	}
	signal(d.wake)
}

// onReserved keeps a slot until it is due.
func (d *Dispatcher) onReserved(now time.Time, a *account, v limiter.Decision) {
	s := v.Slot
	if d.closed {
		a.Limiter.Cancel(s)
		return
	}
	if gap := s.Due.Sub(a.lastDue); !a.lastDue.IsZero() && gap > 0 {
		// Other processes may have slots between ours. A moving average follows changes without jumping.
		a.ownInterval += time.Duration(averageWeight * float64(max(gap, a.interval)-a.ownInterval))
	}
	a.ownInterval = max(a.ownInterval, a.interval)
	a.lastDue = later(a.lastDue, s.Due)
	at, _ := slices.BinarySearchFunc(a.slots, s, func(a, b limiter.Slot) int { return a.Due.Compare(b.Due) })
	a.slots = slices.Insert(a.slots, at, s)
	a.reserveAt = now.Add(v.Wait - a.lead())
	a.closedUntil = time.Time{}
	d.refuseTooLate(now, a, s.API, s.NotBefore, limiter.Paced)
}

// refuseTooLate refuses the first waiting calls to api whose deadline is before a time, where no other account may be
// sooner. Later calls are checked when they are first.
func (d *Dispatcher) refuseTooLate(now time.Time, a *account, api string, at time.Time, cause limiter.Cause) {
	for {
		t := d.next(a, now, func(name string) bool { return name == api })
		if t == nil || !t.Of.tooLate(at) || elsewhere(t.Of, a, now, func(b *account) bool { return !t.Of.tooLate(b.opens(api, now)) }) {
			return
		}
		d.queue.Remove(t)
		t.Of.result <- result{err: tooLong(time.Until(at), subject("", cause))}
	}
}

// onRefused handles a refused reservation: it refuses the calls whose deadline is before the next try.
func (d *Dispatcher) onRefused(now time.Time, a *account, api string, v limiter.Decision) {
	repeated := now.Add(v.Wait)
	about := ""
	switch {
	case v.Final():
		d.dayUsedUp(now, a, api, v)
		return
	case v.Scope == limiter.API:
		about = api
		a.api(api).blockedUntil, a.reserveAt = repeated, now
	default:
		a.reserveAt, a.closedUntil = repeated, repeated
	}
	if v.Cause != limiter.Paced {
		a.lastDue = time.Time{} // A pause does not show how fast slots come.
	} else if v.Scope == limiter.App {
		a.reserveAt = repeated.Add(-a.lead())
	}
	d.refuseLate(a, about, repeated, tooLong(v.Wait, subject(about, v.Cause)))
}

// dayUsedUp handles a used-up allowance. The slots in hand were counted before it was used up, so their calls still go.
// The other calls are refused when these slots are gone and the limiter still refuses.
func (d *Dispatcher) dayUsedUp(now time.Time, a *account, api string, v limiter.Decision) {
	of := func(name string) bool { return v.Scope == limiter.App || name == api }
	reserving, repeated := a.reserving, time.Time{}
	if v.Scope == limiter.API {
		reserving = a.api(api).reserving
	}
	if reserving > 0 {
		repeated = now.Add(a.lead() + time.Millisecond)
	}
	for _, s := range a.slots {
		if of(s.API) {
			repeated = later(repeated, s.Due)
		}
	}
	switch {
	case repeated.IsZero():
		d.markExhausted(now, a, api, v)
	case v.Scope == limiter.API:
		a.api(api).blockedUntil, a.reserveAt = repeated, now
	default:
		a.reserveAt = repeated
	}
}

// storeFailed handles a store that does not answer. Calls keep their place while the outage is short; after StoreWait
// they are refused.
func (d *Dispatcher) storeFailed(now time.Time, a *account, err error) {
	if d.ctx.Err() != nil {
		d.drain(func(*waiter) bool { return true }, draining())
		return
	}
	if a.storeLostSince.IsZero() {
		a.storeLostSince = now
	}
	a.lastDue = time.Time{}
	a.reserveAt = now.Add(storeRetry)
	if now.Sub(a.storeLostSince) >= d.o.StoreWait {
		d.refuse(a, func(*waiter) bool { return true }, func(b *account, _ *waiter) bool { return b.storeLostSince.IsZero() }, storeFault(err))
		if d.queue.Len() == 0 {
			a.reserveAt = now
		}
	}
}

// record stores what a decision reports beside its result.
func (d *Dispatcher) record(now time.Time, a *account, api string, v limiter.Decision) {
	a.interval, a.intervalKnown = v.Interval, true
	a.api(api).interval = v.IntervalAPI
	if v.State.Ban > 0 {
		a.banUntil = now.Add(v.State.Ban)
	}
	a.dayUsed, a.dayLimit = v.State.DayUsed, v.State.DayLimit
	a.degraded.Store(v.Degraded || v.State.Ban > 0)
	d.setMargin(a, v.State.Margin)
}

// markExhausted stores a used-up allowance and refuses the calls that wait for it.
func (d *Dispatcher) markExhausted(now time.Time, a *account, api string, v limiter.Decision) {
	if v.Scope == limiter.App {
		api = ""
	}
	c := exhaustion{api: api, cause: v.Cause, until: now.Add(v.Wait), asked: now}
	known := &a.exhausted
	if api != "" {
		known = &a.api(api).exhausted
	}
	if fresh := !known.until.After(now); fresh && len(d.accounts) > 1 {
		d.o.Log.Warn("an account has used up an allowance and is passed over until it can be there again", "account", a.Name, "api", api, "wait", v.Wait)
	}
	*known = c
	d.refuse(a, func(w *waiter) bool { return api == "" || w.request.API == api }, func(b *account, w *waiter) bool {
		_, exhausted := b.exhaustedNow(w.request.API, now)
		return !exhausted
	}, c.fault(now))
}

// unblocked is when an account first has a slot for waiting calls again that it has none for now; zero for none.
func (d *Dispatcher) unblocked(now time.Time, a *account) time.Time {
	var first time.Time
	for name, one := range a.apis {
		at := one.blockedUntil
		if c, exhausted := a.exhaustedNow(name, now); exhausted {
			at = later(at, c.asked.Add(recheck))
		}
		if at.After(now) && d.waiting(a, name, now) > 0 {
			first = sooner(first, at)
		}
	}
	for _, p := range a.passed {
		if p.until.After(now) {
			first = sooner(first, p.until)
		}
	}
	return first
}

// sleep waits until a time or a wake-up. A zero time waits for a wake-up only.
func (d *Dispatcher) sleep(until time.Time) {
	var over <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-d.wake:
	case <-over:
	case <-d.ctx.Done():
	}
}

// sooner is the earlier of two times. A zero time counts as none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (w *waiter) tooLate(turn time.Time) bool {
	return !w.deadline.IsZero() && turn.After(w.deadline)
}

// drain refuses waiting calls.
func (d *Dispatcher) drain(is func(*waiter) bool, err error) {
	for _, t := range d.queue.Drain(func(t *fair.Ticket[*waiter]) bool { return is(t.Of) }) {
		t.Of.result <- result{err: err}
	}
}
