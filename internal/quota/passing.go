package quota

import (
	"slices"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// How long an account is passed over before one call examines it: at first, and at most. Each refusal doubles the time.
const (
	passFirst = time.Minute
	passMost  = 15 * time.Minute
	// examinationMax is how long the examining call may take before another one examines.
	examinationMax = 30 * time.Second
)

// passing is why an account is passed over.
type passing struct {
	kind  fault.Kind
	since time.Time
	// until is when the next call examines the account. wait is the time from the last refusal to then.
	until time.Time
	wait  time.Duration
	// tried is when a call was last refused, or last set out to examine the account.
	tried time.Time
}

// PassOver implements [upstream.Permit]. Faults of the account as a whole concern all its APIs; a missing permission
// concerns one. A used-up allowance and a throttle are in the limiter's hands: they pass over nothing, and the limiter
// says when the account has a slot again.
func (t *permit) PassOver(why error) bool {
	kind, api := fault.KindOf(why), ""
	switch kind {
	case fault.UpstreamCredentialsInvalid, fault.UpstreamTokenInvalid, fault.UpstreamIPNotAllowed:
	case fault.UpstreamPermissionDenied:
		api = t.request.API
	case fault.UpstreamQuotaExhausted, fault.QuotaDayUsedUp, fault.UpstreamThrottled:
		kind = 0
	default:
		return false
	}
	d, now := t.d, time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.accounts) == 1 {
		return false
	}
	if kind != 0 {
		d.pass(t.account, api, kind, now)
	}
	able := slices.DeleteFunc(slices.Clone(t.route.accounts), func(b *account) bool {
		_, exhausted := b.exhaustedNow(t.request.API, now)
		// A throttled call gains nothing from an account that is throttled too. Another one waits for it: its own account never serves it.
		banned := kind == 0 && b.banned(t.request.API).After(now)
		return b == t.account || exhausted || b.paused.On(now) || banned
	})
	if slices.ContainsFunc(able, func(b *account) bool { return !t.route.passes(b, now) }) {
		return true
	}
	// Rather than lose the call, it examines an account that was not examined for a while.
	return slices.ContainsFunc(able, func(b *account) bool { return t.route.release(b, now) })
}

// release has an account examined now, if that is due early enough after the last try.
func (r *route) release(a *account, now time.Time) bool {
	var all []*passing
	for _, api := range []string{"", r.api, r.with} {
		if p := a.passed[api]; p != nil {
			all = append(all, p)
		}
	}
	if slices.ContainsFunc(all, func(p *passing) bool { return now.Sub(p.tried) < examinationMax }) {
		return false
	}
	for _, p := range all {
		p.until = now
	}
	return true
}

// pass passes over an account, for one API or ("") for all.
func (d *Dispatcher) pass(a *account, api string, kind fault.Kind, now time.Time) {
	p := a.passed[api]
	if p == nil {
		p = &passing{since: now, wait: passFirst / 2}
		a.passed[api] = p
	}
	if p.kind != kind {
		p.kind = kind
		d.o.Log.Error("an account is passed over; see zhaohuo doctor", "account", a.Name, "api", api, "kind", kind.String(), "examined_in", passFirst)
	}
	if renewed := p.until.Sub(now); renewed <= examinationMax { // Not by a call that left before the last refusal.
		p.wait = min(2*p.wait, passMost)
	}
	p.until, p.tried = now.Add(p.wait), now
	d.o.Observer.PassedOver(a.Name, api, kind, true)
	signal(d.wake)
}

// examine keeps the calls after this one away from an account that this one examines.
func (a *account) examine(api string, now time.Time) {
	for _, key := range []string{"", api} {
		if p := a.passed[key]; p != nil && !p.until.After(now) {
			p.until, p.tried = now.Add(examinationMax), now
		}
	}
}

// serve ends the passing over of an account that the upstream served.
func (d *Dispatcher) serve(a *account, api string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range []string{"", api} {
		if p := a.passed[key]; p != nil {
			delete(a.passed, key)
			d.o.Log.Info("an account is used again", "account", a.Name, "api", key, "kind", p.kind.String())
			d.o.Observer.PassedOver(a.Name, key, p.kind, false)
			signal(d.wake)
		}
	}
}

// passedOver is the refusal of a call that has another way than its account; nil if the account is not passed over.
func (r *route) passedOver(now time.Time) error {
	if !r.optional || len(r.accounts) == 0 {
		return nil
	}
	for _, a := range r.accounts {
		if !r.passes(a, now) {
			return nil
		}
	}
	a := r.accounts[0]
	for _, api := range []string{"", r.api, r.with} {
		if p := a.passed[api]; p != nil {
			return fault.New(p.kind, "the account %s is passed over", a.Name).WithSubject(r.api)
		}
	}
	return nil
}

var _ upstream.Permit = (*permit)(nil)
