package limiter_test

import (
	"context"
	"math"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opener makes limiters that share the state of one App Key, if the backend can share.
type opener func(t testing.TB, l limiter.Limits) limiter.Limiter

// conformance holds for every limiter. Times are the backend's own: those of a bubble for the local limiter, real ones
// for Redis. So lower bounds are exact and upper bounds are open.
var conformance = []struct {
	name string
	run  func(t *testing.T, open opener)
}{
	{"slots are evenly spaced", slotsAreSpaced},
	{"a used-up day", usedUpDay},
	{"an API's own rate", ownRate},
	{"throttled", throttled},
	{"throttled again", throttledTwice},
	{"one API throttled", oneAPIThrottled},
	{"one API's allowance used up, a probe, and open again", usedUpAllowance},
	{"the App Key's allowance used up", usedUpApp},
	{"a slot in hand when a ban comes", bannedInHand},
	{"void slots", voidSlots},
	{"a slot counts at the moment its request was written", countsWhenSent},
	{"a margin is learned", marginLearned},
	{"no limits", noLimits},
}

func TestLocalConforms(t *testing.T) {
	for _, tc := range conformance {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { tc.run(t, openLocal) })
		})
	}
}

func TestRedisConforms(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	t.Run("cases", func(t *testing.T) {
		for _, tc := range conformance {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				tc.run(t, openRedis(server))
			})
		}
	})
}

func openLocal(_ testing.TB, l limiter.Limits) limiter.Limiter {
	return limiter.NewLocal(l, limiter.NewLedger())
}

var keys atomic.Int64

// openRedis gives each limiter its own App Key.
func openRedis(server *redistest.Server) opener {
	return func(t testing.TB, l limiter.Limits) limiter.Limiter {
		t.Helper()
		l.AppKey = "key {" + strconv.FormatInt(keys.Add(1), 10) + "}"
		g := limiter.NewRedis(l, server.Option())
		t.Cleanup(func() { g.Close() })
		if err := g.Join(context.Background()); err != nil {
			t.Fatal(err)
		}
		return g
	}
}

// must fails the test if a limiter does not answer.
func must(t testing.TB) func(limiter.Decision, error) limiter.Decision {
	t.Helper()
	return func(v limiter.Decision, err error) limiter.Decision {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// departure is a committed call.
type departure struct {
	limiter.Slot
	// at is the limiter's time of the commit: the earliest possible one.
	at int64
	// began and ended are the local times just before and just after the commit.
	began, ended time.Time
}

// departed reserves until a slot is granted, and commits it.
func departed(t testing.TB, g limiter.Limiter, api string) departure {
	t.Helper()
	for {
		v := must(t)(g.Reserve(t.Context(), api))
		if v.Granted {
			time.Sleep(time.Until(v.Slot.NotBefore))
			began := time.Now()
			if at, ok := g.Commit(v.Slot); ok {
				g.Sent(v.Slot)
				return departure{v.Slot, at, began, time.Now()}
			}
			g.Cancel(v.Slot)
			continue
		}
		if v.Final() {
			t.Fatalf("no departure: %+v", v)
		}
		time.Sleep(v.Wait)
	}
}

// outcome is the result of a call.
func (d departure) outcome(result limiter.Result, scope limiter.Scope, after time.Duration) limiter.Outcome {
	return limiter.Outcome{API: d.API, Result: result, Scope: scope, After: after, At: d.at, Slot: d.Slot}
}

func slotsAreSpaced(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 20}, Margin: 0.01})
	departed(t, g, "search")                  // The limiter has settled.
	const interval = 50506 * time.Microsecond // 1 s / 20 / 0.99
	var slots []time.Time
	for range 8 {
		v := must(t)(g.Reserve(t.Context(), "search"))
		if !v.Granted || v.Interval != interval {
			t.Fatalf("granted: %v, an interval of %v; want a slot every %v", v.Granted, v.Interval, interval)
		}
		slots = append(slots, v.Slot.Due)
	}
	for i := 1; i < len(slots); i++ {
		if gap := slots[i].Sub(slots[i-1]); (gap - interval).Abs() > clockError {
			t.Errorf("slot %d comes %v after the one before, want %v within %v", i, gap, interval, clockError)
		}
	}
}

// clockError is how well a process knows the clock of Redis at least: within a part of a round trip, which on a busy machine
// is some milliseconds.
const clockError = 10 * time.Millisecond

func usedUpDay(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerDay: 3}, PerAPI: map[string]limiter.Limit{"search": {PerDay: 2}}})
	departed(t, g, "search")
	departed(t, g, "search")
	wantRefusal(t, must(t)(g.Reserve(t.Context(), "search")), limiter.DailyLimit, limiter.API, 24*time.Hour)
	departed(t, g, "product")
	wantRefusal(t, must(t)(g.Reserve(t.Context(), "product")), limiter.DailyLimit, limiter.App, 24*time.Hour)
	got, err := g.State(t.Context(), "search")
	// Whose calls are counted differs between the limiters, and has tests of its own.
	if diff := cmp.Diff(limiter.State{Rate: 1, DayUsed: 3, DayUsedAPI: 2, DayLimit: 3, Reach: got.Reach}, got); diff != "" || err != nil {
		t.Errorf("state (-want +got):\n%s%v", diff, err)
	}
}

// wantRefusal checks a refusal. Its wait is positive, and at most this long.
func wantRefusal(t *testing.T, v limiter.Decision, cause limiter.Cause, scope limiter.Scope, atMost time.Duration) {
	t.Helper()
	if v.Granted || v.Cause != cause || v.Scope != scope {
		t.Errorf("granted: %v, cause %v, scope %v; want a refusal for cause %v, scope %v", v.Granted, v.Cause, v.Scope, cause, scope)
	}
	if v.Wait <= 0 || v.Wait > atMost {
		t.Errorf("wait is %v, want at most %v", v.Wait, atMost)
	}
}

func ownRate(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 100}, PerAPI: map[string]limiter.Limit{"image": {PerSecond: 4}}})
	departed(t, g, "search") // The limiter has settled.
	first := departed(t, g, "image")
	v := must(t)(g.Reserve(t.Context(), "image"))
	wantRefusal(t, v, limiter.Paced, limiter.API, 250*time.Millisecond)
	if v := must(t)(g.Reserve(t.Context(), "search")); !v.Granted {
		t.Errorf("another API's slot was not granted: %+v", v)
	}
	second := departed(t, g, "image")
	// Two processes space their calls by the clock of Redis.
	if gap := second.ended.Sub(first.began); gap < 250*time.Millisecond-clockError {
		t.Errorf("the API's calls are %v apart, want 250 ms within %v", gap, clockError)
	}
}

func throttled(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 50}})
	first := departed(t, g, "search")
	second := departed(t, g, "search")
	const ban = time.Second
	from := time.Now()
	for _, d := range []departure{first, second} { // Both were in flight: one step.
		report(t, g, d.outcome(limiter.Throttled, limiter.App, ban))
	}
	wantRefusal(t, must(t)(g.Reserve(t.Context(), "product")), limiter.Banned, limiter.App, ban)
	if v := must(t)(g.Reserve(t.Context(), "search")); v.State.Rate != 0.7 || v.Interval != 28572*time.Microsecond || v.State.Margin != 0 {
		t.Errorf("after the ban: %+v, want 70 %% of the rate, 28572 µs apart, and nothing learned from two calls", v)
	}
	departed(t, g, "search")
	if waited := time.Since(from); waited < ban {
		t.Errorf("a call was committed %v after the throttle, the ban is %v", waited, ban)
	}
}

// bannedInHand: a slot that was reserved before a ban is void during it.
func bannedInHand(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 50}})
	first := departed(t, g, "search")
	v := must(t)(g.Reserve(t.Context(), "product"))
	report(t, g, first.outcome(limiter.Throttled, limiter.App, time.Minute))
	time.Sleep(time.Until(v.Slot.NotBefore))
	if _, ok := g.Commit(v.Slot); ok || !v.Granted {
		t.Errorf("a slot (granted: %v) was used during a ban", v.Granted)
	}
}

// voidSlots: a slot is void before and after its span.
func voidSlots(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 5}})
	departed(t, g, "search")
	v := must(t)(g.Reserve(t.Context(), "search"))
	if _, ok := g.Commit(v.Slot); ok || !v.Granted {
		t.Errorf("a slot (granted: %v) was used %v before its time", v.Granted, time.Until(v.Slot.NotBefore))
	}
	time.Sleep(time.Until(v.Slot.NotAfter) + time.Millisecond)
	if _, ok := g.Commit(v.Slot); ok {
		t.Error("a slot was used after its end")
	}
	g.Cancel(v.Slot)
	if used := dayUsed(t, g, "search"); used != [2]int64{1, 1} {
		// The store may be informed in the background.
		time.Sleep(200 * time.Millisecond)
		if used := dayUsed(t, g, "search"); used != [2]int64{1, 1} {
			t.Errorf("the day counts %v, want the one committed call", used)
		}
	}
}

// countsWhenSent: the next second begins when the request was written, not at the commit before. A process may be suspended
// between the two. A slot whose request was never reported as written counts at its end.
func countsWhenSent(t *testing.T, open opener) {
	for _, written := range []bool{true, false} {
		g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 1}})
		v := must(t)(g.Reserve(t.Context(), "search"))
		for !v.Granted { // The limiter has just started and settles.
			time.Sleep(v.Wait)
			v = must(t)(g.Reserve(t.Context(), "search"))
		}
		time.Sleep(time.Until(v.Slot.NotBefore))
		if _, ok := g.Commit(v.Slot); !ok {
			t.Fatal("the slot is void at its beginning")
		}
		time.Sleep(limiter.Validity / 2)
		earliest := v.Slot.NotAfter
		if written {
			earliest = time.Now()
			g.Sent(v.Slot)
		}
		if next := departed(t, g, "search"); next.NotBefore.Sub(earliest) < time.Second {
			t.Errorf("written: %v: the next slot begins %v after the request, want a second", written, next.NotBefore.Sub(earliest))
		}
	}
}

// marginLearned: a throttle that full pace explains widens the margin and does not change the rate.
func marginLearned(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 10}, Margin: 0.01})
	var margins []float64
	for range 2 {
		var last departure
		for range 12 {
			last = departed(t, g, "search")
		}
		for range 2 { // Two that were in flight together count once.
			report(t, g, last.outcome(limiter.Throttled, limiter.App, time.Millisecond))
		}
		s, err := g.State(t.Context(), "")
		if err != nil || s.Rate != 1 {
			t.Fatalf("state %+v, %v; want the full rate", s, err)
		}
		margins = append(margins, s.Margin)
	}
	if diff := cmp.Diff([]float64{0.02, 0.03}, margins, cmpopts.EquateApprox(0, 1e-4)); diff != "" {
		t.Errorf("margins learned (-want +got):\n%s", diff)
	}
}

func report(t *testing.T, g limiter.Limiter, o limiter.Outcome) {
	t.Helper()
	if err := g.Report(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func rateOf(t *testing.T, g limiter.Limiter) float64 {
	t.Helper()
	s, err := g.State(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return s.Rate
}

func throttledTwice(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 10}})
	var rates []float64
	for range 8 {
		report(t, g, departed(t, g, "search").outcome(limiter.Throttled, limiter.App, time.Millisecond))
		rates = append(rates, rateOf(t, g))
	}
	want := []float64{0.7, 0.49, 0.343, 0.2401, 0.16807, 0.117649, 0.1, 0.1}
	if diff := cmp.Diff(want, rates, cmpopts.EquateApprox(0, 1e-5)); diff != "" {
		t.Errorf("rates stepped down (-want +got):\n%s", diff)
	}
	// Calls committed before the last step say nothing about the rate since.
	report(t, g, limiter.Outcome{API: "search", Result: limiter.Accepted, At: 1})
	rates = rates[:0]
	last := departed(t, g, "search")
	for range 180 {
		report(t, g, last.outcome(limiter.Accepted, limiter.App, 0))
		rates = append(rates, rateOf(t, g))
	}
	// A twentieth of the limit for each second's worth of calls.
	for n, want := range map[int]float64{0: 0.105, 9: 0.15, 99: 0.6, 178: 0.995, 179: 1} {
		if math.Abs(rates[n]-want) > 1e-4 {
			t.Errorf("rate after %d successes is %v, want %v", n+1, rates[n], want)
		}
	}
}

func oneAPIThrottled(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 10}})
	report(t, g, departed(t, g, "search").outcome(limiter.Throttled, limiter.API, time.Minute))
	wantRefusal(t, must(t)(g.Reserve(t.Context(), "search")), limiter.Banned, limiter.API, time.Minute)
	v := must(t)(g.Reserve(t.Context(), "product"))
	if !v.Granted || v.State.Rate != 1 || v.State.Ban != 0 {
		t.Errorf("another API: %+v, want it untouched", v)
	}
}

func usedUpAllowance(t *testing.T, open opener) {
	g := open(t, limiter.Limits{})
	const shut = 200 * time.Millisecond
	report(t, g, departed(t, g, "search").outcome(limiter.UsedUp, limiter.API, shut))
	v := must(t)(g.Reserve(t.Context(), "search"))
	wantRefusal(t, v, limiter.Exhausted, limiter.API, shut)
	if v := must(t)(g.Reserve(t.Context(), "product")); !v.Granted {
		t.Errorf("another API: %+v, want it open", v)
	}
	time.Sleep(v.Wait)
	probe := departed(t, g, "search")
	if !probe.Probe {
		t.Fatalf("after the exhaustion: %+v, want a probe", probe)
	}
	wantRefusal(t, must(t)(g.Reserve(t.Context(), "search")), limiter.Exhausted, limiter.API, 10*time.Second)
	report(t, g, probe.outcome(limiter.Accepted, limiter.App, 0))
	if v := must(t)(g.Reserve(t.Context(), "search")); !v.Granted || v.Slot.Probe || v.Degraded {
		t.Errorf("after the probe: %+v, want it open", v)
	}
}

func usedUpApp(t *testing.T, open opener) {
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: 10}})
	report(t, g, departed(t, g, "search").outcome(limiter.UsedUp, limiter.App, 0))
	v := must(t)(g.Reserve(t.Context(), "product"))
	wantRefusal(t, v, limiter.Exhausted, limiter.App, 24*time.Hour)
	if until := limiter.UntilMidnight(time.Now()); (v.Wait - until).Abs() > time.Second {
		t.Errorf("closed for %v, want until midnight in %v", v.Wait, until)
	}
}

func noLimits(t *testing.T, open opener) {
	g := open(t, limiter.Limits{})
	departed(t, g, "search")
	for range 100 {
		if v := must(t)(g.Reserve(t.Context(), "search")); !v.Granted || v.Wait != 0 {
			t.Fatalf("%+v, want it granted at once", v)
		}
	}
}
