// Package limiter keeps the upstream's limits for one App Key: calls a second, calls a day, bans and used-up
// allowances, for the App Key as a whole and for single APIs.
//
// A call needs a [Slot]. Reserve grants the next one, or returns how long to wait. Commit uses it when the request is
// about to be written, Sent records when it was written, Cancel gives the slot back. README.md draws the states. [Local] keeps the limits of one process,
// [Redis] those of all processes on one server, and [Failover] goes on without the server. The package does not order
// the waiting calls.
package limiter

import (
	"context"
	"math"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
)

// Limit is what the upstream allows; zero is no limit.
type Limit struct {
	// PerSecond is the most calls in any half-open second. A rate below one is one call in 1/PerSecond seconds. Above
	// one, the fraction is not used: 2.5 is two calls, since three would be too many.
	PerSecond float64
	// PerDay is the most calls in a calendar day of GMT+8.
	PerDay int64
}

// Usable is the rate that can be used of PerSecond; 0 for no limit.
func (l Limit) Usable() float64 {
	if l.PerSecond >= 1 {
		return math.Floor(l.PerSecond)
	}
	return max(l.PerSecond, 0)
}

// Limits are the limits of one App Key.
type Limits struct {
	// AppKey separates the state of one key from another's.
	AppKey string
	App    Limit
	// PerAPI are further limits, by the API's name.
	PerAPI map[string]Limit
	// Margin is the least unused part of the rate. It is needed because calls that are sent at even intervals do not
	// arrive at even intervals: 0.01 paces at 99 %. From 0 to 0.5. More is learned from throttles.
	Margin float64
}

// Scope is what a limit applies to.
type Scope uint8

// The scopes.
const (
	// App is the App Key as a whole.
	App Scope = iota
	// API is one API of it.
	API
)

// Cause is why a limiter does not let a call go yet.
type Cause uint8

// The causes.
const (
	// Open: there is no reason to wait.
	Open Cause = iota
	// Paced: the limit of calls a second.
	Paced
	// Banned: the upstream throttled, and its ban lasts.
	Banned
	// DailyLimit: our own count has reached the limit of calls a day.
	DailyLimit
	// Exhausted: the upstream reported that an allowance is used up.
	Exhausted
	// Settling: the limiter has just started, and earlier calls are unknown. It waits until they cannot count any more.
	Settling
)

// Ahead is how far ahead slots are reserved, Validity how long they are valid. Both must be longer than a store takes
// to answer. A reserved but unused slot may delay calls a second later, so neither is longer than half a second.
const (
	Ahead    = 500 * time.Millisecond
	Validity = 500 * time.Millisecond
)

// Slot allows one call inside a span of time. Outside of the span it is void: the slots before and after it depend on
// that.
type Slot struct {
	// API is the API the slot is for.
	API string
	// Due is when the call may get ready, by the even spacing of calls. NotBefore and NotAfter are the span in which it
	// may be sent. All are on this process's clock. A late call delays the span of a later call, but not its due time:
	// so connect times do not add up.
	Due, NotBefore, NotAfter time.Time
	// Standalone: reserved without the store that all processes share.
	Standalone bool
	// Probe: the call finds out whether a used-up allowance is available again.
	Probe bool
	// Tight reports, for each scope, that the limit was in full use when the slot was reserved.
	Tight [2]bool

	id int64
	// at is Due on the limiter's clock, in microseconds.
	at int64
	// day is the day the call was counted on.
	day int64
	// owner is the limiter that reserved it: after a failover not the one in use.
	owner Limiter
}

// Decision is a limiter's answer.
type Decision struct {
	// Granted: Slot is reserved.
	Granted bool
	Slot    Slot
	// Wait is how long before the next request makes sense: for the next slot, where this one was granted.
	Wait time.Duration
	// Cause and Scope are the reason for a wait.
	Cause Cause
	Scope Scope
	// Interval is the present spacing of the App Key's calls, IntervalAPI that of the API's calls; 0 without a limit.
	Interval, IntervalAPI time.Duration
	// Degraded: rates are stepped down or an allowance is used up, so the limiter needs reports of successes too.
	Degraded bool
	// State is the state of the App Key.
	State State
}

// State is a limiter's state of an App Key.
type State struct {
	// Rate is the present rate as a part of the limit: 1 unless the upstream throttled.
	Rate float64
	// Ban is the time left of a ban, Exhausted the time left until a used-up allowance is available again.
	Ban, Exhausted time.Duration
	// Margin is the present unused part of the rate.
	Margin float64
	// DayUsed and DayUsedAPI count today's calls, of the App Key and of the requested API.
	DayUsed, DayUsedAPI int64
	// DayLimit is the most calls of the App Key a day that this limiter lets go; 0 for no limit.
	DayLimit int64
	// Reach is whose calls DayUsed counts.
	Reach Reach
}

// Reach is whose calls a count of the day has.
type Reach uint8

// The reaches, from the narrowest.
const (
	// OneProcess: those of this process since it started. Without the store of a [Failover]: also those that the store
	// had counted.
	OneProcess Reach = iota
	// OneFile: those of all processes that use the same ledger, also of processes that have ended.
	OneFile
	// OneStore: those of all processes that use the same Redis server.
	OneStore
)

// Final reports a refusal that a queue cannot wait out: an allowance has to be renewed first.
func (v Decision) Final() bool {
	return !v.Granted && (v.Cause == DailyLimit || v.Cause == Exhausted)
}

// Result is the result of a call, as far as a limiter needs it.
type Result uint8

// The results.
const (
	// Accepted: the upstream served the call, or refused it for what it asks.
	Accepted Result = iota
	// Throttled: calls come too fast.
	Throttled
	// UsedUp: an allowance is used up.
	UsedUp
)

// Outcome reports the result of a call to a limiter.
type Outcome struct {
	API    string
	Result Result
	// Scope is the limit that the upstream named.
	Scope Scope
	// After is how long the ban or the exhaustion lasts; 0 if the upstream did not say.
	After time.Duration
	// At is what Commit returned.
	At int64
	// Slot is the slot that was used.
	Slot Slot
}

// Limiter keeps the limits of one App Key. It is safe for concurrent use. An error means that the limiter does not
// answer; then it reserved nothing.
type Limiter interface {
	// Reserve reserves the next slot for a call to api if it is less than [Ahead] away, and counts the call. Otherwise
	// it returns how long to wait and reserves nothing.
	Reserve(ctx context.Context, api string) (Decision, error)
	// Commit uses a slot now and returns the commit time on the limiter's clock, in microseconds; where that clock is known
	// only within an error, the earliest possible one. It returns false where the slot is void: then the call must not be
	// sent. It does not block.
	Commit(s Slot) (at int64, ok bool)
	// Sent records that the request of a committed slot was written before now. Until then, and always where it is not
	// called, the slot counts as used at the end of its span. It does not block.
	Sent(s Slot)
	// Cancel gives back a slot that was not used. It does not block.
	Cancel(s Slot)
	// Report records the outcome of a call.
	Report(ctx context.Context, o Outcome) error
	// State returns the state without changing it. The api may be empty.
	State(ctx context.Context, api string) (State, error)
	// Close releases the limiter's resources. It must not be used afterwards.
	Close() error
}

// How a limiter reacts to a throttle that its own pace does not explain: another program uses the App Key, or the limit
// is lower than configured. The upstream documents none of this, so the numbers are choices: down fast, since each call
// over the limit may lengthen a ban, and up slowly.
const (
	stepDown  = 0.7
	rateFloor = 0.1
	// stepUp is regained by each full second of successes at the configured rate.
	stepUp = 0.05
	// probeLease is how long a probe may take before another is sent.
	probeLease = 10 * time.Second
	// apiDelayMax is how much later than the App Key's next slot an API's own slot may be. A later one would cost other
	// APIs their slots.
	apiDelayMax = 5 * time.Millisecond
	// lagMax is how far the spacing of calls may lag. More than that is not made up for.
	lagMax = 20 * time.Millisecond
)

// PauseDefault is the length of a ban where the upstream does not state it.
const PauseDefault = time.Second

// pace is a [Limit] in the form that a limiter computes with.
type pace struct {
	// calls may leave in any half-open window; 0 is no limit.
	calls  int
	window time.Duration
	perDay int64
}

func paceOf(l Limit) pace {
	p := pace{perDay: l.PerDay}
	switch {
	case l.PerSecond <= 0:
	case l.PerSecond < 1:
		p.calls, p.window = 1, seconds(1/l.PerSecond)
	default:
		p.calls, p.window = int(math.Floor(l.PerSecond)), time.Second
	}
	return p
}

// guard is the window with a margin for network delay: a late call followed by an early one stays inside the limit. It
// takes three quarters of the margin; the rest makes up for late commits.
func (p pace) guard(margin float64) time.Duration {
	return seconds(p.window.Seconds() * (1 + 0.75*margin/(1-margin)))
}

// interval is the spacing that uses the rate without the margin, or a part of that rate.
func (p pace) interval(margin, rate float64) time.Duration {
	if p.calls == 0 {
		return 0
	}
	return seconds(p.window.Seconds() / float64(p.calls) / (1 - margin) / rate)
}

func (l Limits) app() pace { return paceOf(l.App) }

// api is the pace of one API. Without a limit of its own it has the App Key's, which applies only while the upstream
// throttles this API and its rate is stepped down.
func (l Limits) api(name string) (p pace, own bool) {
	limit, own := l.PerAPI[name]
	if !own || limit.PerSecond <= 0 {
		p = paceOf(l.App)
		p.perDay = limit.PerDay
		return p, false
	}
	return paceOf(limit), true
}

// seconds rounds up to a microsecond, the unit of the Redis clock: rounding down would be early.
func seconds(s float64) time.Duration {
	return time.Duration(math.Ceil(s*1e6-1e-6)) * time.Microsecond
}

// UntilMidnight is the time left of the upstream's calendar day.
func UntilMidnight(t time.Time) time.Duration { return chinaday.Next(t).Sub(t) }
