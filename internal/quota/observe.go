package quota

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Observer receives events for metrics. Its methods must be safe for concurrent use and must not block.
type Observer interface {
	// Granted: a call got its permit after waiting.
	Granted(request upstream.PermitRequest, waited time.Duration)
	// Refused: a call got no permit.
	Refused(request upstream.PermitRequest, kind fault.Kind)
	// Committed: an attempt is about to be written.
	Committed(api string)
	// CommittedStandalone: an attempt is about to be written that the shared store did not grant. Such attempts may
	// exceed the limit.
	CommittedStandalone(api string)
	// Spent: an attempt of an account is about to be written, for a request.
	Spent(account string, request upstream.PermitRequest)
	// PassedOver: a pool passes over an account for one API, or ("") for all, because of a fault of this kind; or over is
	// false, and it is used again.
	PassedOver(account, api string, kind fault.Kind, over bool)
	// Margin: the unused part of the rate changed to this. With several accounts it is the largest.
	Margin(part float64)
	// Released: a permit was not used.
	Released(api string)
	// Limited: the upstream throttled an attempt, or reported that an allowance is used up.
	Limited(api string, scope limiter.Scope, result limiter.Result)
	// StoreChanged: the shared store was lost (with the error), or is back (nil). While it is lost under the policy
	// Share, the limit may be exceeded.
	StoreChanged(lost error)
}

// Refusals are the kinds that every call can be refused with. A call that needs an account that is passed over is refused with what the
// account is passed over for.
func Refusals() []fault.Kind {
	return []fault.Kind{
		fault.QuotaWaitTooLong, fault.QuotaQueueFull, fault.QuotaStoreUnavailable, fault.QuotaDayUsedUp, fault.UpstreamQuotaExhausted,
		fault.UpstreamCallsPaused, fault.UpstreamPermissionDenied, fault.ServerDraining, fault.CallerGone,
	}
}

// NopObserver is an [Observer] that does nothing.
type NopObserver struct{}

// Granted implements [Observer].
func (NopObserver) Granted(upstream.PermitRequest, time.Duration) {}

// Refused implements [Observer].
func (NopObserver) Refused(upstream.PermitRequest, fault.Kind) {}

// Committed implements [Observer].
func (NopObserver) Committed(string) {}

// CommittedStandalone implements [Observer].
func (NopObserver) CommittedStandalone(string) {}

// Spent implements [Observer].
func (NopObserver) Spent(string, upstream.PermitRequest) {}

// PassedOver implements [Observer].
func (NopObserver) PassedOver(string, string, fault.Kind, bool) {}

// Margin implements [Observer].
func (NopObserver) Margin(float64) {}

// Released implements [Observer].
func (NopObserver) Released(string) {}

// Limited implements [Observer].
func (NopObserver) Limited(string, limiter.Scope, limiter.Result) {}

// StoreChanged implements [Observer].
func (NopObserver) StoreChanged(error) {}

// Snapshot is the state of a [Dispatcher] at one moment.
type Snapshot struct {
	// Waiting is the number of waiting calls, Callers the number of different callers among them, by class.
	Waiting, Callers map[upstream.Class]int
	// Limits are the configured ones.
	Limits limiter.Limits
	// PerSecond is the present rate, after the margin and any step-down; 0 for no limit.
	PerSecond float64
	// Margin is the unused part of the rate: the configured part and the part learned from throttles.
	Margin float64
	// BannedUntil is the end of the upstream's ban. ExhaustedUntil is when the App Key's used-up allowance can be
	// available again. Zero for none.
	BannedUntil, ExhaustedUntil time.Time
	// DayUsed is the number of attempts sent on the upstream's calendar day, DayLimit the most that may be sent on it; 0
	// for no limit. Reach is whose attempts these are.
	DayUsed, DayLimit int64
	Reach             limiter.Reach
	// Standalone: the shared store is lost.
	Standalone bool
	// Known is false when the store does not answer: then only Waiting, Callers, Limits and Standalone are set.
	Known bool
	// Accounts are the accounts, in the order of the configuration. With several of them, the fields above are sums: the
	// limits are 0 where one account has none, BannedUntil and ExhaustedUntil are set where every account is banned or out,
	// and Margin is the largest.
	Accounts []AccountSnapshot
}

// AccountSnapshot is the state of one account at one moment.
type AccountSnapshot struct {
	// Name is the account's name; empty for the only account.
	Name string
	// Limits are the configured ones.
	Limits limiter.Limits
	// PerSecond, Margin, BannedUntil, ExhaustedUntil, DayUsed, DayLimit, Reach, Standalone and Known are as in [Snapshot].
	PerSecond, Margin           float64
	BannedUntil, ExhaustedUntil time.Time
	DayUsed, DayLimit           int64
	Reach                       limiter.Reach
	Standalone, Known           bool
	// Passed are what the account is passed over for, ordered by API.
	Passed []Passed
	// Paused is the pause of an operator, in this process; zero for none.
	Paused paused.Span
	// APIs are those with a daily limit of their own, with their calls of today, ordered by API; none where they are not known.
	APIs []APISnapshot
	// Blocked are the APIs that this process knows to be refused by 1688 alone, or to have used up an allowance of their own, ordered
	// by API.
	Blocked []Blocked
}

// APISnapshot is the use of an API's daily limit.
type APISnapshot struct {
	API               string
	DayUsed, DayLimit int64
}

// Blocked is until when an API gets no call through an account.
type Blocked struct {
	API string
	// BannedUntil is the end of the upstream's ban on it, ExhaustedUntil when its used-up allowance can be available again. Zero for none.
	BannedUntil, ExhaustedUntil time.Time
}

// Passed is why an account is passed over.
type Passed struct {
	// API is empty for all APIs.
	API string
	// Kind is the fault that the upstream answered with.
	Kind fault.Kind
	// Since is when the fault was first seen, Until when a call examines the account.
	Since, Until time.Time
}

// Margin is the unused part of the rate as last reported to this process, of the account with the largest; false where no
// rate is limited or nothing was reported yet. It makes no request.
func (d *Dispatcher) Margin() (part float64, known bool) {
	for _, a := range d.accounts {
		if margin := a.margin.Load(); margin != nil && a.Limits.App.PerSecond > 0 {
			part, known = max(part, *margin), true
		}
	}
	return part, known
}

// setMargin stores the margin that an account's limiter reported.
func (d *Dispatcher) setMargin(a *account, part float64) {
	if old := a.margin.Swap(&part); old == nil || *old != part {
		for _, b := range d.accounts {
			if margin := b.margin.Load(); margin != nil {
				part = max(part, *margin)
			}
		}
		d.o.Observer.Margin(part)
	}
}

// Snapshot returns the present state. It asks the limiters, and takes as long as their answers.
func (d *Dispatcher) Snapshot(ctx context.Context) Snapshot {
	s := Snapshot{Waiting: map[upstream.Class]int{}, Callers: map[upstream.Class]int{}, Known: true}
	d.mu.Lock()
	for _, c := range upstream.Classes() {
		s.Waiting[c], s.Callers[c] = d.queue.LenOf(c), d.queue.Callers(c)
	}
	d.mu.Unlock()
	for _, a := range d.accounts {
		one := d.snapshot(ctx, a)
		s.Accounts = append(s.Accounts, one)
		s.Known = s.Known && one.Known
		s.Standalone = s.Standalone || one.Standalone
	}
	s.sum()
	return s
}

// sum fills in what concerns all accounts.
func (s *Snapshot) sum() {
	for i, a := range s.Accounts {
		if i == 0 {
			s.Limits, s.PerSecond, s.Margin, s.DayUsed, s.DayLimit, s.Reach = a.Limits, a.PerSecond, a.Margin, a.DayUsed, a.DayLimit, a.Reach
			s.BannedUntil, s.ExhaustedUntil = a.BannedUntil, a.ExhaustedUntil
			continue
		}
		s.Limits.App.PerSecond = bounded(s.Limits.App.PerSecond, a.Limits.App.PerSecond)
		s.Limits.App.PerDay = bounded(s.Limits.App.PerDay, a.Limits.App.PerDay)
		s.PerSecond, s.DayLimit = bounded(s.PerSecond, a.PerSecond), bounded(s.DayLimit, a.DayLimit)
		s.DayUsed += a.DayUsed
		s.Margin, s.Reach = max(s.Margin, a.Margin), min(s.Reach, a.Reach)
		s.BannedUntil, s.ExhaustedUntil = first(s.BannedUntil, a.BannedUntil), first(s.ExhaustedUntil, a.ExhaustedUntil)
	}
	if !s.Known {
		*s = Snapshot{Waiting: s.Waiting, Callers: s.Callers, Limits: s.Limits, Standalone: s.Standalone, Accounts: s.Accounts}
	}
}

// bounded is the sum of two limits, where 0 is no limit.
func bounded[N int64 | float64](a, b N) N {
	if a <= 0 || b <= 0 {
		return 0
	}
	return a + b
}

// first is the earlier of two ends, where zero has ended already.
func first(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// snapshot asks one account's limiter.
func (d *Dispatcher) snapshot(ctx context.Context, a *account) AccountSnapshot {
	s := AccountSnapshot{Name: a.Name, Limits: a.Limits}
	d.mu.Lock()
	for api, p := range a.passed {
		s.Passed = append(s.Passed, Passed{API: api, Kind: p.kind, Since: p.since, Until: p.until})
	}
	now := time.Now()
	if a.paused.On(now) {
		s.Paused = a.paused
	}
	s.Blocked = a.blocked(now)
	d.mu.Unlock()
	slices.SortFunc(s.Passed, func(a, b Passed) int { return cmp.Compare(a.API, b.API) })
	if f, ok := a.Limiter.(*limiter.Failover); ok {
		s.Standalone = f.Standalone()
	}
	state, err := a.Limiter.State(ctx, "")
	if err != nil {
		return s
	}
	d.setMargin(a, state.Margin)
	now = time.Now()
	s.Known, s.DayUsed, s.DayLimit, s.Reach = true, state.DayUsed, state.DayLimit, state.Reach
	s.Margin = state.Margin
	s.PerSecond = a.Limits.App.Usable() * (1 - state.Margin) * state.Rate
	if state.Ban > 0 {
		s.BannedUntil = now.Add(state.Ban)
	}
	if state.Exhausted > 0 {
		s.ExhaustedUntil = now.Add(state.Exhausted)
	}
	s.APIs = a.apisOfToday(ctx)
	return s
}

// blocked are the APIs that get no call now. The dispatcher's mutex is held.
func (a *account) blocked(now time.Time) []Blocked {
	var all []Blocked
	for _, api := range slices.Sorted(maps.Keys(a.apis)) {
		one, b := a.apis[api], Blocked{API: api}
		if one.bannedUntil.After(now) {
			b.BannedUntil = one.bannedUntil
		}
		if one.exhausted.until.After(now) {
			b.ExhaustedUntil = one.exhausted.until
		}
		if b != (Blocked{API: api}) {
			all = append(all, b)
		}
	}
	return all
}

// apisOfToday asks the limiter for the APIs that have a daily limit.
func (a *account) apisOfToday(ctx context.Context) []APISnapshot {
	var all []APISnapshot
	for _, api := range slices.Sorted(maps.Keys(a.Limits.PerAPI)) {
		limit := a.Limits.PerAPI[api].PerDay
		if limit <= 0 {
			continue
		}
		state, err := a.Limiter.State(ctx, api)
		if err != nil {
			return nil
		}
		all = append(all, APISnapshot{API: api, DayUsed: state.DayUsedAPI, DayLimit: limit})
	}
	return all
}
