// Package limiter keeps the upstream's limits for one App Key: calls a second, calls a day, bans and used-up allowances,
// for the App Key as a whole and for single APIs.
//
// A call needs a [Slot]. Book grants the next one, or says how long to wait; Depart uses it when the request is about to be
// written, Cancel gives it back. README.md draws the states. [Local] keeps the limits of one process and [Redis] those of
// all processes on one server; [Failover] goes on without the server. Who waits, and who is next, is not known here.
package limiter

import (
	"context"
	"math"
	"time"
)

// Limit is what the upstream allows; zero is no limit.
type Limit struct {
	// PerSecond is the most calls in any half-open second. Below one it is one call in 1/PerSecond seconds; above, what
	// is behind the point cannot be used: 2.5 is two calls, since three would be too many.
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

// Limits are those of one App Key.
type Limits struct {
	// AppKey tells one key's state from another's.
	AppKey string
	App    Limit
	// PerAPI are further limits, by the API's name.
	PerAPI map[string]Limit
	// Margin is the least part of the rate that is left unused, because even spacing at the departure is not even spacing
	// at the arrival: 0.01 paces at 99 %. From 0 to 0.5. More is learned from throttles.
	Margin float64
}

// Scope is what a limit is about.
type Scope uint8

// The scopes.
const (
	// App is the App Key as a whole.
	App Scope = iota
	// API is one API of it.
	API
)

// Cause is why a gate does not let a call go yet.
type Cause uint8

// The causes.
const (
	// Open: nothing is in the way.
	Open Cause = iota
	// Paced: calls a second.
	Paced
	// Banned: the upstream throttled, and its ban lasts.
	Banned
	// Spent: the calls of the day are used up by our own count.
	DailyLimit
	// Exhausted: the upstream said that an allowance is used up.
	Exhausted
	// Settling: the gate has just begun, and what left before is not known; it waits until that cannot matter.
	Settling
)

// How far ahead slots are booked, and how long they are good. Both must be longer than a store's answer takes to come, and
// a booked slot that is not used yet may delay calls that come a second later: so neither is longer than half a second.
const (
	Ahead    = 500 * time.Millisecond
	Validity = 500 * time.Millisecond
)

// Slot is leave for one departure inside a span of time. Outside of it the slot is void: what was booked before and after
// it counts on that.
type Slot struct {
	// API is the API the slot is for.
	API string
	// Turn is when the call may get ready, by the even spacing of calls. NotBefore and NotAfter are the span in which it may
	// leave. All are on this process's clock. What left late delays the span of a later call, but not its turn: so the time
	// that connections take does not add up.
	Due, NotBefore, NotAfter time.Time
	// Alone: booked without the store that all processes share.
	Standalone bool
	// Probe: the call is to find out whether a used-up allowance is there again.
	Probe bool
	// Tight tells for each scope that the limit was in full use when the slot was booked.
	Tight [2]bool

	id int64
	// at is Turn on the gate's clock, in microseconds.
	at int64
	// day is the day the call was counted on.
	day int64
	// of is the gate that booked it: after a failover that is not the one that is asked now.
	owner Limiter
}

// Verdict is a gate's answer.
type Decision struct {
	// Granted: Slot is booked.
	Granted bool
	Slot    Slot
	// Wait is how long before asking again makes sense: for the next slot, where this one was granted.
	Wait time.Duration
	// Cause and Scope say what is waited for.
	Cause Cause
	Scope Scope
	// Every is the present spacing of the App Key's calls, EveryAPI that of the API's; 0 without a limit.
	Interval, IntervalAPI time.Duration
	// Strained: rates are stepped down or an allowance is used up, so the gate wants to hear of successes too.
	Degraded bool
	// State is what is known of the App Key.
	State State
}

// State is what a gate knows of an App Key.
type State struct {
	// Rate is the present rate as a part of the limit: 1 unless the upstream throttled.
	Rate float64
	// Ban is how long calls are banned still; Shut how long an allowance is used up still.
	Ban, Exhausted time.Duration
	// Margin is the part of the rate that is left unused at present.
	Margin float64
	// DayUsed counts today's calls, of the App Key and of the API asked about.
	DayUsed, DayUsedAPI int64
}

// Final tells a refusal that outlasts a queue: an allowance has to come back first.
func (v Decision) Final() bool {
	return !v.Granted && (v.Cause == DailyLimit || v.Cause == Exhausted)
}

// Result is what a departed call came to, as far as a gate cares.
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

// Outcome tells a gate what became of a departed call.
type Outcome struct {
	API    string
	Result Result
	// Scope is which limit the upstream spoke of.
	Scope Scope
	// After is how long the ban or the lack lasts; 0 if the upstream did not say.
	After time.Duration
	// At is what Depart returned.
	At int64
	// Slot is the one that was used.
	Slot Slot
}

// Gate keeps the limits of one App Key. It is safe for concurrent use. Errors mean that the gate cannot be asked; then nothing
// was booked.
type Limiter interface {
	// Book books the next slot for a call to api if it is less than [Ahead] away, and counts the call; or says how long to
	// wait: then nothing was booked.
	Reserve(ctx context.Context, api string) (Decision, error)
	// Depart uses a slot now and returns the time of the departure on the gate's clock, in microseconds; or false, where
	// the slot is void: then nothing may leave. It does not block.
	Commit(s Slot) (at int64, ok bool)
	// Cancel gives a slot back that was not used. It does not block.
	Cancel(s Slot)
	// Report hands in what became of a departure.
	Report(ctx context.Context, o Outcome) error
	// State tells what is known, changing nothing. The api may be empty.
	State(ctx context.Context, api string) (State, error)
	// Close releases what the gate holds. It must not be asked afterwards.
	Close() error
}

// How a gate answers to a throttle that its own pace does not explain: another program uses the App Key, or the limit is
// lower than was said. The upstream documents none of this, so the numbers are choices: down fast, since each call over the
// limit may lengthen a ban, and up slowly.
const (
	stepDown  = 0.7
	rateFloor = 0.1
	// stepUp is regained by each full second of successes at the configured rate.
	stepUp = 0.05
	// probeLease is how long a probe may take before another is sent.
	probeLease = 10 * time.Second
	// apart is how much later than the App Key's next slot an API's own may come. A later one would cost the others theirs.
	apiDelayMax = 5 * time.Millisecond
	// lag is how far the spacing of calls may be behind before it is given up, and not made up for.
	lagMax = 20 * time.Millisecond
)

// PauseDefault is how long a ban is taken to last when the upstream does not say.
const PauseDefault = time.Second

// pace is a [Limit] as a gate counts with it.
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

// guard is the window with the margin for what happens on the way: a call that arrives late before one that arrives early
// stays inside the limit. It takes three quarters of the margin; the rest is what lateness at the departure is made up from.
func (p pace) guard(margin float64) time.Duration {
	return seconds(p.window.Seconds() * (1 + 0.75*margin/(1-margin)))
}

// every is the spacing that uses the rate but for the margin, or a part of it.
func (p pace) interval(margin, rate float64) time.Duration {
	if p.calls == 0 {
		return 0
	}
	return seconds(p.window.Seconds() / float64(p.calls) / (1 - margin) / rate)
}

func (l Limits) app() pace { return paceOf(l.App) }

// api is the pace of one API. Without a limit of its own it has the App Key's, which binds only when the upstream
// throttles the one API and its rate is stepped down.
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

// zone is the upstream's: its calendar day is GMT+8.
var zone = time.FixedZone("GMT+8", 8*60*60)

// dayOf numbers the upstream's calendar days.
func dayOf(t time.Time) int64 {
	_, offset := t.In(zone).Zone()
	return (t.Unix() + int64(offset)) / 86400
}

// UntilMidnight is how long the upstream's calendar day lasts still.
func UntilMidnight(t time.Time) time.Duration {
	end := time.Unix((dayOf(t)+1)*86400, 0).Add(-8 * time.Hour)
	return end.Sub(t)
}
