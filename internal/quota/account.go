package quota

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/fair"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Account is one App Key of a pool.
type Account struct {
	// Name is the account in permits, metrics and messages. It is unique, and is not the App Key.
	Name string
	// Limiter keeps Limits. The dispatcher closes it.
	Limiter limiter.Limiter
	Limits  limiter.Limits
	// Serves reports whether the account may call an API; nil if it may call all.
	Serves func(api string) bool
}

// account is the state of one account. The dispatcher's mutex guards it.
type account struct {
	Account

	// degraded: the limiter is not in its normal state, so even unlimited calls must ask it.
	degraded atomic.Bool
	// margin is what the limiter last reported; nil for nothing yet.
	margin atomic.Pointer[float64]

	// slots are reserved and not granted yet, ordered by due time. reserving is the number of slots requested on top.
	slots     []limiter.Slot
	reserving int
	// reserveAt is when to request the next slot. lastDue is the due time of the latest slot; zero after a pause.
	reserveAt, lastDue time.Time
	// closedUntil is until when the limiter has no slot for any API, as it last said.
	closedUntil time.Time
	// interval is the spacing of all slots, ownInterval that of ours: other processes' slots come in between. latency
	// is how long a reservation takes.
	interval, ownInterval, latency time.Duration
	// intervalKnown reports whether the limiter has returned the interval.
	intervalKnown bool
	// storeLostSince is when the limiter stopped answering; zero while it answers.
	storeLostSince time.Time
	// banUntil is the end of the upstream's ban on all calls.
	banUntil  time.Time
	exhausted exhaustion
	apis      map[string]*apiState
	// dayUsed and dayLimit are the day's calls as the limiter last reported them; 0 is no limit.
	dayUsed, dayLimit int64
	// passed are why and until when the account is passed over, by API; "" for all APIs.
	passed map[string]*passing
	// paused is the pause of an operator.
	paused paused.Span
}

// apiState is the state of one API of an account.
type apiState struct {
	// blockedUntil is when the API gets a slot again, bannedUntil the end of the upstream's ban on it.
	blockedUntil, bannedUntil time.Time
	interval                  time.Duration
	reserving                 int
	exhausted                 exhaustion
}

func newAccount(a Account) *account {
	return &account{Account: a, apis: map[string]*apiState{}, passed: map[string]*passing{}}
}

func (a *account) serves(api string) bool { return a.Serves == nil || a.Serves(api) }

func (a *account) api(name string) *apiState {
	one := a.apis[name]
	if one == nil {
		one = &apiState{}
		a.apis[name] = one
	}
	return one
}

// unlimited reports whether a call to api need not wait: no rate is limited and the limiter is in its normal state.
func (a *account) unlimited(api string) bool {
	return a.Limits.App.PerSecond <= 0 && a.Limits.PerAPI[api].PerSecond <= 0 && !a.degraded.Load() && !a.banUntil.After(time.Now())
}

// exhaustedNow is the used-up allowance of the account or of its API that is trusted now; false for none.
func (a *account) exhaustedNow(api string, now time.Time) (exhaustion, bool) {
	for _, c := range []exhaustion{a.exhausted, a.api(api).exhausted} {
		if c.trusted(now) {
			return c, true
		}
	}
	return exhaustion{}, false
}

// banned is the end of the ban on calls to api.
func (a *account) banned(api string) time.Time { return later(a.banUntil, a.api(api).bannedUntil) }

// opens is the earliest time at which the account might send a call to api, as far as is known.
func (a *account) opens(api string, now time.Time) time.Time {
	at := later(later(now, a.closedUntil), later(a.banUntil, a.api(api).blockedUntil))
	if c, ok := a.exhaustedNow(api, now); ok {
		at = later(at, c.until)
	}
	return at
}

// ready reports whether api is not known to be blocked at this account.
func (a *account) ready(api string, now time.Time) bool {
	one := a.apis[api]
	if one == nil {
		return !a.exhausted.trusted(now)
	}
	_, exhausted := a.exhaustedNow(api, now)
	return !one.blockedUntil.After(now) && !exhausted
}

// nextDue is when the account's next slot is due, as far as is known.
func (a *account) nextDue(now time.Time) time.Time {
	if len(a.slots) > 0 {
		return later(now, a.slots[0].Due)
	}
	return a.reachable(now)
}

// reachable is when a slot that is requested as soon as possible can be due, as far as is known.
func (a *account) reachable(now time.Time) time.Time {
	if a.reserveAt.After(now) {
		return a.reserveAt.Add(a.lead())
	}
	return now
}

// lead is how long before its time a slot is requested.
func (a *account) lead() time.Duration { return min(a.latency, limiter.Ahead) }

// depth is the number of slots to hold or request. It is above one only where a reservation takes longer than the
// interval between two slots.
func (a *account) depth() int {
	switch {
	case !a.intervalKnown:
		return 1 // The limiter has not returned the interval yet.
	case a.interval <= 0:
		return reservedMax
	}
	return min(1+int(a.latency/a.interval), reservedMax)
}

// estimateWait is how long a call to api would wait behind others at this account, and the limit it would wait for.
// Other processes are assumed to be as busy as they were last.
func (a *account) estimateWait(now time.Time, api string, all, same int) (time.Duration, string) {
	wait, limit := a.nextDue(now).Sub(now)+time.Duration(all)*a.ownInterval, subject("", limiter.Paced)
	if ban := a.banUntil.Sub(now) + time.Duration(all)*a.ownInterval; a.banUntil.After(now) && ban > wait {
		wait, limit = ban, subject("", limiter.Banned)
	}
	state := a.api(api)
	if one := max(state.blockedUntil.Sub(now), 0) + time.Duration(same)*state.interval; one > wait {
		wait, limit = one, subject(api, limiter.Paced)
	}
	return wait, limit
}

// left is how many calls the account may still send today.
func (a *account) left() int64 {
	if a.dayLimit <= 0 {
		return math.MaxInt64
	}
	return a.dayLimit - a.dayUsed
}

// byDay orders accounts: first the one that may send the most calls today, then the one that sent the fewest.
func byDay(a, b *account) int {
	return cmp.Or(cmp.Compare(b.left(), a.left()), cmp.Compare(a.dayUsed, b.dayUsed))
}

// route is the accounts that may serve a call.
type route struct {
	api, with string
	accounts  []*account
	// optional: the call has another way if the accounts are passed over.
	optional bool
}

// route returns the route of a request with its key in the queue. It has no accounts if none may serve the request.
func (d *Dispatcher) route(request upstream.PermitRequest) (*route, string) {
	api, with, pinned, only, optional := request.API, request.With, request.Accounts, request.Account, request.Optional
	key := api
	if len(d.accounts) > 1 && (with != "" || pinned != "" || only != "") {
		key += "\n" + with + "\n" + pinned + "\n" + only
		if optional {
			key += "\n"
		}
	}
	if request.Examines {
		key += "\nexamines"
	}
	if r := d.routes[key]; r != nil {
		return r, key
	}
	r := &route{api: api, with: with, optional: optional && len(d.accounts) > 1}
	for _, a := range d.accounts {
		if (request.Examines || a.serves(api) && (with == "" || a.serves(with))) && named(pinned, a.Name) && named(only, a.Name) {
			r.accounts = append(r.accounts, a)
		}
	}
	d.routes[key] = r
	d.routesOf[api] = append(d.routesOf[api], key)
	return r, key
}

// open are the route's accounts that are neither paused nor passed over. If all others are passed over, they are all open: then the upstream
// has to decide.
func (r *route) open(now time.Time) []*account {
	if len(r.accounts) == 1 {
		return r.accounts
	}
	on := r.accounts
	if slices.ContainsFunc(on, func(a *account) bool { return a.paused.On(now) }) {
		on = slices.DeleteFunc(slices.Clone(on), func(a *account) bool { return a.paused.On(now) })
	}
	all := slices.DeleteFunc(slices.Clone(on), func(a *account) bool { return r.passes(a, now) })
	if len(all) == 0 {
		return on
	}
	return all
}

// passes reports whether the route passes over an account.
func (r *route) passes(a *account, now time.Time) bool {
	for _, api := range []string{"", r.api, r.with} {
		if p := a.passed[api]; p != nil && p.until.After(now) {
			return true
		}
	}
	return false
}

// uses reports whether a call of the route may go through an account now.
func (r *route) uses(a *account, now time.Time) bool { return slices.Contains(r.open(now), a) }

// waiting is the number of waiting calls to api that may go through an account.
func (d *Dispatcher) waiting(a *account, api string, now time.Time) int {
	n := 0
	for _, key := range d.routesOf[api] {
		if count := d.queue.LenOfAPI(key); count > 0 && d.routes[key].uses(a, now) {
			n += count
		}
	}
	return n
}

// next is the call that is next among those that may go through an account; nil for none.
func (d *Dispatcher) next(a *account, now time.Time, is func(api string) bool) *fair.Ticket[*waiter] {
	return d.queue.Next(d.filter(a, now, is))
}

func (d *Dispatcher) filter(a *account, now time.Time, is func(api string) bool) func(key string) bool {
	return func(key string) bool {
		r := d.routes[key]
		return r.uses(a, now) && is(r.api)
	}
}

// elsewhere reports whether a waiting call may go through another account than a that is able to send it.
func elsewhere(w *waiter, a *account, now time.Time, able func(b *account) bool) bool {
	return slices.ContainsFunc(w.route.open(now), func(b *account) bool { return b != a && able(b) })
}

// refuse refuses the calls that wait for an account and that no other account is able to send.
func (d *Dispatcher) refuse(a *account, is func(w *waiter) bool, able func(b *account, w *waiter) bool, err error) {
	now := time.Now()
	d.drain(func(w *waiter) bool {
		return is(w) && w.route.uses(a, now) && !elsewhere(w, a, now, func(b *account) bool { return able(b, w) })
	}, err)
}

// refuseLate refuses calls to api ("" for all) that an account can send only after their deadline.
func (d *Dispatcher) refuseLate(a *account, api string, at time.Time, err error) {
	now := time.Now()
	d.refuse(a, func(w *waiter) bool { return (api == "" || w.request.API == api) && w.tooLate(at) },
		func(b *account, w *waiter) bool { return !w.tooLate(b.opens(w.request.API, now)) }, err)
}

// exhaustedFault is the refusal of a call whose accounts have all used up an allowance; nil if one has not.
func exhaustedFault(open []*account, api string, now time.Time) error {
	var first exhaustion
	for _, a := range open {
		c, exhausted := a.exhaustedNow(api, now)
		if !exhausted {
			return nil
		}
		if first.until.IsZero() || c.until.Before(first.until) {
			first = c
		}
	}
	return first.fault(now)
}

// logOf is the log for what concerns an account. The only account needs no name.
func (d *Dispatcher) logOf(a *account) *slog.Logger {
	if len(d.accounts) == 1 {
		return d.o.Log
	}
	return d.o.Log.With("account", a.Name)
}

// notServed is the refusal of a call that no account may make.
func notServed(api string) error {
	return fault.New(fault.UpstreamPermissionDenied, "no account of the settings may call %s", api).WithSubject(api)
}

// named reports whether a list of names joined by commas has a name. An empty list has every name, and the only account, which
// has no name, is in every list.
func named(list, name string) bool {
	return list == "" || name == "" || slices.Contains(strings.Split(list, ","), name)
}
