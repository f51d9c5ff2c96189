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
		d.grantDue(now)
		if d.closed || d.queue.Len() == 0 {
			d.running = false
			d.idle()
			d.mu.Unlock()
			return
		}
		until := d.reserveDue(now)
		if len(d.slots) > 0 {
			until = sooner(until, d.slots[0].Due)
		}
		d.mu.Unlock()
		d.sleep(until)
	}
}

// idle cancels the slots that no call waits for.
func (d *Dispatcher) idle() {
	for _, s := range d.slots {
		d.limiter.Cancel(s)
	}
	d.slots = nil
	d.lastDue = time.Time{}
}

// grantDue grants the slots that are due, each to the first waiting call to its API.
func (d *Dispatcher) grantDue(now time.Time) {
	for len(d.slots) > 0 && !d.slots[0].Due.After(now) {
		s := d.slots[0]
		d.slots = d.slots[1:]
		t := d.queue.Next(func(api string) bool { return api == s.API })
		if t == nil || now.After(s.NotAfter) || d.banned(s.API).After(now) {
			d.limiter.Cancel(s)
			d.reserveAt = now
			continue
		}
		d.queue.Take(t, d.ready(now))
		t.Of.result <- result{permit: d.newPermit(t.Of.request, s)}
	}
}

// reserveDue reserves, in the background, as many slots as are needed now. It returns when to look again; zero means
// when the next call comes.
func (d *Dispatcher) reserveDue(now time.Time) time.Time {
	for d.reserving+len(d.slots) < d.depth() {
		t := d.queue.Next(func(api string) bool { return d.unserved(api) > 0 && d.ready(now)(api) })
		if t == nil {
			return d.unblocked(now)
		}
		if d.reserveAt.After(now) {
			return sooner(d.reserveAt, d.unblocked(now))
		}
		d.reserving++
		d.api(t.API).reserving++
		d.reserveAt = now.Add(d.interval)
		d.wg.Go(func() { d.reserve(t.API) })
	}
	return time.Time{}
}

// depth is the number of slots to hold or request. It is above one only where a reservation takes longer than the
// interval between two slots.
func (d *Dispatcher) depth() int {
	switch {
	case !d.intervalKnown:
		return 1 // The limiter has not returned the interval yet.
	case d.interval <= 0:
		return reservedMax
	}
	return min(1+int(d.latency/d.interval), reservedMax)
}

// unserved is the number of waiting calls to api without a slot that is reserved or requested.
func (d *Dispatcher) unserved(api string) int {
	n := d.queue.LenOfAPI(api) - d.api(api).reserving
	for _, s := range d.slots {
		if s.API == api {
			n--
		}
	}
	return n
}

// reserve reserves one slot and wakes the dispatcher.
func (d *Dispatcher) reserve(api string) {
	from := time.Now()
	v, err := d.limiter.Reserve(d.ctx, api)
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reserving--
	d.api(api).reserving--
	d.latency = max(now.Sub(from), d.latency-d.latency/16)
	switch {
	case err != nil:
		d.storeFailed(now, err)
	case v.Granted:
		d.storeLostSince = time.Time{}
		d.record(now, api, v)
		d.onReserved(now, v)
	default:
		d.storeLostSince = time.Time{}
		d.record(now, api, v)
		d.onRefused(now, api, v)
	}
	signal(d.wake)
}

// onReserved keeps a slot until it is due.
func (d *Dispatcher) onReserved(now time.Time, v limiter.Decision) {
	s := v.Slot
	if d.closed {
		d.limiter.Cancel(s)
		return
	}
	if gap := s.Due.Sub(d.lastDue); !d.lastDue.IsZero() && gap > 0 {
		// Other processes may have slots between ours. A moving average follows changes without jumping.
		d.ownInterval += time.Duration(averageWeight * float64(max(gap, d.interval)-d.ownInterval))
	}
	d.ownInterval = max(d.ownInterval, d.interval)
	d.lastDue = later(d.lastDue, s.Due)
	at, _ := slices.BinarySearchFunc(d.slots, s, func(a, b limiter.Slot) int { return a.Due.Compare(b.Due) })
	d.slots = slices.Insert(d.slots, at, s)
	d.reserveAt = now.Add(v.Wait - d.lead())
	d.refuseTooLate(s.API, s.NotBefore, limiter.Paced)
}

// lead is how long before its time a slot is requested.
func (d *Dispatcher) lead() time.Duration { return min(d.latency, limiter.Ahead) }

// refuseTooLate refuses the first waiting calls to api whose deadline is before a time. Later calls are checked when
// they are first.
func (d *Dispatcher) refuseTooLate(api string, at time.Time, cause limiter.Cause) {
	for {
		t := d.queue.Next(func(name string) bool { return name == api })
		if t == nil || !t.Of.tooLate(at) {
			return
		}
		d.queue.Remove(t)
		t.Of.result <- result{err: tooLong(time.Until(at), subject("", cause))}
	}
}

// onRefused handles a refused reservation: it refuses the calls whose deadline is before the next try.
func (d *Dispatcher) onRefused(now time.Time, api string, v limiter.Decision) {
	repeated := now.Add(v.Wait)
	about := ""
	switch {
	case v.Final():
		d.dayUsedUp(now, api, v)
		return
	case v.Scope == limiter.API:
		about = api
		d.api(api).blockedUntil, d.reserveAt = repeated, now
	default:
		d.reserveAt = repeated
	}
	if v.Cause != limiter.Paced {
		d.lastDue = time.Time{} // A pause does not show how fast slots come.
	} else if v.Scope == limiter.App {
		d.reserveAt = repeated.Add(-d.lead())
	}
	d.refuse(func(w *waiter) bool { return (about == "" || w.request.API == about) && w.tooLate(repeated) }, tooLong(v.Wait, subject(about, v.Cause)))
}

// dayUsedUp handles a used-up allowance. The slots in hand were counted before it was used up, so their calls still go.
// The other calls are refused when these slots are gone and the limiter still refuses.
func (d *Dispatcher) dayUsedUp(now time.Time, api string, v limiter.Decision) {
	of := func(name string) bool { return v.Scope == limiter.App || name == api }
	reserving, repeated := d.reserving, time.Time{}
	if v.Scope == limiter.API {
		reserving = d.api(api).reserving
	}
	if reserving > 0 {
		repeated = now.Add(d.lead() + time.Millisecond)
	}
	for _, s := range d.slots {
		if of(s.API) {
			repeated = later(repeated, s.Due)
		}
	}
	switch {
	case repeated.IsZero():
		d.markExhausted(now, api, v)
	case v.Scope == limiter.API:
		d.api(api).blockedUntil, d.reserveAt = repeated, now
	default:
		d.reserveAt = repeated
	}
}

// storeFailed handles a store that does not answer. Calls keep their place while the outage is short; after StoreWait
// they are refused.
func (d *Dispatcher) storeFailed(now time.Time, err error) {
	if d.ctx.Err() != nil {
		d.refuse(func(*waiter) bool { return true }, draining())
		return
	}
	if d.storeLostSince.IsZero() {
		d.storeLostSince = now
	}
	d.lastDue = time.Time{}
	d.reserveAt = now.Add(storeRetry)
	if now.Sub(d.storeLostSince) >= d.o.StoreWait {
		d.refuse(func(*waiter) bool { return true }, storeFault(err))
		d.reserveAt = now
	}
}

// record stores what a decision reports beside its result.
func (d *Dispatcher) record(now time.Time, api string, v limiter.Decision) {
	d.interval, d.intervalKnown = v.Interval, true
	d.api(api).interval = v.IntervalAPI
	if v.State.Ban > 0 {
		d.banUntil = now.Add(v.State.Ban)
	}
	d.degraded.Store(v.Degraded || v.State.Ban > 0)
	d.setMargin(v.State.Margin)
}

// markExhausted stores a used-up allowance and refuses the calls that wait for it.
func (d *Dispatcher) markExhausted(now time.Time, api string, v limiter.Decision) {
	if v.Scope == limiter.App {
		api = ""
	}
	c := exhaustion{api: api, cause: v.Cause, until: now.Add(v.Wait), asked: now}
	if api == "" {
		d.exhausted = c
	} else {
		d.api(api).exhausted = c
	}
	d.refuse(func(w *waiter) bool { return api == "" || w.request.API == api }, c.fault(now))
}

// ready returns a filter for the APIs that are not known to be blocked.
func (d *Dispatcher) ready(now time.Time) func(api string) bool {
	return func(api string) bool {
		a := d.apis[api]
		return a == nil || !a.blockedUntil.After(now)
	}
}

// unblocked is when the first blocked API with waiting calls gets a slot again; zero for none.
func (d *Dispatcher) unblocked(now time.Time) time.Time {
	var first time.Time
	for name, a := range d.apis {
		if a.blockedUntil.After(now) && d.queue.LenOfAPI(name) > 0 {
			first = sooner(first, a.blockedUntil)
		}
	}
	return first
}

// banned is the end of the ban on calls to api.
func (d *Dispatcher) banned(api string) time.Time { return later(d.banUntil, d.api(api).bannedUntil) }

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

func (d *Dispatcher) refuse(is func(*waiter) bool, err error) {
	for _, t := range d.queue.Drain(func(t *fair.Ticket[*waiter]) bool { return is(t.Of) }) {
		t.Of.result <- result{err: err}
	}
}
