// Package gate keeps the upstream's limits for one App Key: calls a second, calls a day, bans and used-up allowances,
// for the App Key as a whole and for single APIs.
//
// A [Gate] is asked three times for each attempt: Reserve books the App Key's next slot, Take claims the API's turn
// when the slot has come, and Depart, when the request is about to be written, is the exact guard: in any half-open second
// at most N attempts leave. [Local] keeps the limits of one process and [Redis] those of all processes on
// one server; [Failover] goes on without the server. Who waits, and who is next, is not known here.
package gate

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
	// Margin is the part of the rate that is left unused, because even spacing at the departure is not even spacing
	// at the arrival: 0.01 paces at 99 %. From 0 to 0.5.
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
	Spent
	// Exhausted: the upstream said that an allowance is used up.
	Exhausted
	// Settling: the gate has just begun, and what left before is not known; it waits until that cannot matter.
	Settling
)

// Verdict is a gate's answer.
type Verdict struct {
	// Granted: the slot is booked, the API's turn is claimed, or the departure is counted.
	Granted bool
	// Wait is how long until the booked slot, or else how long before asking again makes sense.
	Wait time.Duration
	// Cause and Scope say what is waited for.
	Cause Cause
	Scope Scope
	// Probe marks a Take whose call is to find out whether a used-up allowance is there again.
	Probe bool
	// Every is the present spacing of the App Key's calls, EveryAPI that of the API's; 0 without a limit.
	Every, EveryAPI time.Duration
	// Strained: rates are stepped down or an allowance is used up, so the gate wants to hear of successes too.
	Strained bool
	// Alone: decided without the store that all processes share.
	Alone bool
	// At is the gate's clock in microseconds. [Outcome] hands it back.
	At int64
	// State is what is known of the App Key.
	State State
}

// State is what a gate knows of an App Key.
type State struct {
	// Rate is the present rate as a part of the limit: 1 unless the upstream throttled.
	Rate float64
	// Ban is how long calls are banned still; Shut how long an allowance is used up still.
	Ban, Shut time.Duration
	// DayUsed counts today's departures, of the App Key and of the API asked about.
	DayUsed, DayUsedAPI int64
}

// Final tells a refusal that outlasts a queue: an allowance has to come back first.
func (v Verdict) Final() bool {
	return !v.Granted && (v.Cause == Spent || v.Cause == Exhausted)
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
	// At is Verdict.At of the departure.
	At int64
	// Probe is Verdict.Probe of the Take.
	Probe bool
}

// Gate keeps the limits of one App Key. It is safe for concurrent use. Errors mean that the gate cannot be asked; then nothing
// was let go.
type Gate interface {
	// Reserve books the App Key's next slot.
	Reserve(ctx context.Context) (Verdict, error)
	// Take claims the turn of api, when a slot has come, or says how long it is not to be had: then nothing was claimed.
	// With paid the turn was claimed before and given back.
	Take(ctx context.Context, api string, paid bool) (Verdict, error)
	// Depart counts a departure now, or says how long there must be none: then nothing was counted.
	Depart(ctx context.Context, api string, probe bool) (Verdict, error)
	// Report hands in what became of a departure.
	Report(ctx context.Context, o Outcome) error
	// State tells what is known, changing nothing. The api may be empty.
	State(ctx context.Context, api string) (State, error)
	// Close releases what the gate holds. It must not be asked afterwards.
	Close() error
}

// How a gate answers to throttling. The upstream documents none of this, so the numbers are choices: down fast, since
// each call over the limit may lengthen a ban, and up slowly.
const (
	stepDown  = 0.7
	rateFloor = 0.1
	// stepUp is regained by each full second of successes at the configured rate.
	stepUp = 0.05
	// probeLease is how long a probe may take before another is sent.
	probeLease = 10 * time.Second
)

// PauseDefault is how long a ban is taken to last when the upstream does not say.
const PauseDefault = time.Second

// pace is a [Limit] as a gate counts with it.
type pace struct {
	// calls may leave in any half-open window; 0 is no limit.
	calls  int
	window time.Duration
	// every is the spacing that uses the rate but for the margin.
	every  time.Duration
	perDay int64
}

// paceOf also widens the window by half of the margin: a call that arrives late behind one that arrived early stays
// inside the limit then, and the other half is what lateness at the departure is made up from.
func paceOf(l Limit, margin float64) pace {
	p := pace{perDay: l.PerDay}
	if l.PerSecond <= 0 {
		return p
	}
	p.calls, p.window = int(math.Floor(l.PerSecond)), time.Second
	if p.calls == 0 {
		p.calls, p.window = 1, seconds(1/l.PerSecond)
	}
	p.every = seconds(p.window.Seconds() / float64(p.calls) / (1 - margin))
	p.window = seconds(p.window.Seconds() * (1 + margin/2))
	return p
}

// at is the spacing when the rate is stepped down to a part.
func (p pace) at(rate float64) time.Duration {
	return seconds(p.every.Seconds() / rate)
}

func (l Limits) app() pace { return paceOf(l.App, l.Margin) }

// api is the pace of one API. Without a limit of its own it has the App Key's, which binds only when the upstream
// throttles the one API and its rate is stepped down.
func (l Limits) api(name string) (p pace, own bool) {
	limit, own := l.PerAPI[name]
	if !own || limit.PerSecond <= 0 {
		p = paceOf(l.App, l.Margin)
		p.perDay = limit.PerDay
		return p, false
	}
	return paceOf(limit, l.Margin), true
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
