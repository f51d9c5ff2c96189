package gate_test

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/upstream/quota/gate"
	"github.com/zhaohuo-dev/zhaohuo/upstream/quota/gate/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opener makes gates that share the state of one App Key, where the backend can share at all.
type opener func(t testing.TB, l gate.Limits) gate.Gate

// conformance is what holds for every gate. Times are the backend's own: those of a bubble for the local gate, real
// ones for Redis; so bounds are exact below and open above.
var conformance = []struct {
	name string
	run  func(t *testing.T, open opener)
}{
	{"slots are evenly spaced", slotsAreSpaced},
	{"a used-up day", usedUpDay},
	{"an API's own rate", ownRate},
	{"throttled", throttled},
	{"throttled again", throttledAgain},
	{"one API throttled", oneAPIThrottled},
	{"one API's allowance used up, a probe, and open again", usedUpAllowance},
	{"the App Key's allowance used up", usedUpApp},
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

func openLocal(_ testing.TB, l gate.Limits) gate.Gate {
	return gate.NewLocal(l, gate.NewLedger(l.AppKey))
}

var keys atomic.Int64

// openRedis gives each gate an App Key of its own.
func openRedis(server *redistest.Server) opener {
	return func(t testing.TB, l gate.Limits) gate.Gate {
		t.Helper()
		l.AppKey = "key {" + strconv.FormatInt(keys.Add(1), 10) + "}"
		g := gate.NewRedis(l, server.Option())
		t.Cleanup(func() { g.Close() })
		if err := g.Join(context.Background()); err != nil {
			t.Fatal(err)
		}
		return g
	}
}

// must fails the test where a gate cannot be asked.
func must(t testing.TB) func(gate.Verdict, error) gate.Verdict {
	t.Helper()
	return func(v gate.Verdict, err error) gate.Verdict {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// departed waits until a departure is let go.
func departed(t testing.TB, g gate.Gate, api string) gate.Verdict {
	t.Helper()
	for {
		v := must(t)(g.Depart(t.Context(), api, false))
		if v.Granted {
			return v
		}
		if v.Final() {
			t.Fatalf("no departure: %+v", v)
		}
		time.Sleep(v.Wait)
	}
}

func slotsAreSpaced(t *testing.T, open opener) {
	g := open(t, gate.Limits{App: gate.Limit{PerSecond: 20}, Margin: 0.01})
	var slots []int64
	for range 10 {
		v := must(t)(g.Reserve(t.Context()))
		if !v.Granted {
			t.Fatalf("no slot: %+v", v)
		}
		slots = append(slots, v.At+v.Wait.Microseconds())
	}
	for i := 1; i < len(slots); i++ {
		if got := slots[i] - slots[i-1]; got < 50506 || got > 50600 {
			t.Errorf("slot %d comes %d µs after the one before, want 1 s / 20 / 0.99 = 50506 µs", i, got)
		}
	}
}

func usedUpDay(t *testing.T, open opener) {
	g := open(t, gate.Limits{App: gate.Limit{PerDay: 3}, PerAPI: map[string]gate.Limit{"search": {PerDay: 2}}})
	departed(t, g, "search")
	departed(t, g, "search")
	v := must(t)(g.Depart(t.Context(), "search", false))
	wantRefusal(t, v, gate.Spent, gate.API, 24*time.Hour)
	departed(t, g, "product")
	for _, v := range []gate.Verdict{
		must(t)(g.Reserve(t.Context())), must(t)(g.Take(t.Context(), "product", false)), must(t)(g.Depart(t.Context(), "product", false)),
	} {
		wantRefusal(t, v, gate.Spent, gate.App, 24*time.Hour)
	}
	got, err := g.State(t.Context(), "search")
	if diff := cmp.Diff(gate.State{Rate: 1, DayUsed: 3, DayUsedAPI: 2}, got); diff != "" || err != nil {
		t.Errorf("state (-want +got):\n%s%v", diff, err)
	}
}

// wantRefusal checks a refusal. Its wait is over nothing, and at most what is said.
func wantRefusal(t *testing.T, v gate.Verdict, cause gate.Cause, scope gate.Scope, atMost time.Duration) {
	t.Helper()
	want := gate.Verdict{Cause: cause, Scope: scope}
	got := gate.Verdict{Granted: v.Granted, Cause: v.Cause, Scope: v.Scope}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
	if v.Wait <= 0 || v.Wait > atMost {
		t.Errorf("wait is %v, want one of at most %v", v.Wait, atMost)
	}
}

func ownRate(t *testing.T, open opener) {
	g := open(t, gate.Limits{App: gate.Limit{PerSecond: 100}, PerAPI: map[string]gate.Limit{"image": {PerSecond: 4}}})
	departed(t, g, "search") // The gate has settled.
	granted := 0
	v := must(t)(g.Take(t.Context(), "image", false))
	for ; v.Granted; v = must(t)(g.Take(t.Context(), "image", false)) {
		granted++
	}
	if granted != 2 {
		t.Errorf("%d turns at once, want one and one to catch up", granted)
	}
	wantRefusal(t, v, gate.Paced, gate.API, 250*time.Millisecond)
	if v := must(t)(g.Take(t.Context(), "image", true)); !v.Granted {
		t.Errorf("a turn that was given back was not granted: %+v", v)
	}
	if v := must(t)(g.Take(t.Context(), "search", false)); !v.Granted {
		t.Errorf("another API's turn was not granted: %+v", v)
	}
	time.Sleep(v.Wait)
	if v := must(t)(g.Take(t.Context(), "image", false)); !v.Granted {
		t.Errorf("after the wait: %+v", v)
	}
}

func throttled(t *testing.T, open opener) {
	g := open(t, gate.Limits{App: gate.Limit{PerSecond: 50}})
	first := departed(t, g, "search")
	second := departed(t, g, "search")
	const ban = 300 * time.Millisecond
	from := time.Now()
	for _, v := range []gate.Verdict{first, second} { // Both were under way: one step.
		report(t, g, gate.Outcome{API: "search", Result: gate.Throttled, After: ban, At: v.At})
	}
	wantRefusal(t, must(t)(g.Take(t.Context(), "product", false)), gate.Banned, gate.App, ban)
	wantRefusal(t, must(t)(g.Depart(t.Context(), "product", false)), gate.Banned, gate.App, ban)
	if v := must(t)(g.Reserve(t.Context())); !v.Granted || v.Wait <= 0 || v.State.Rate != 0.7 || v.Every != 28572*time.Microsecond {
		t.Errorf("slot behind the ban: %+v, want one at 70 %% of the rate, 28572 µs apart", v)
	}
	departed(t, g, "search")
	if waited := time.Since(from); waited < ban {
		t.Errorf("a call left %v after the throttle, the ban is %v", waited, ban)
	}
}

func report(t *testing.T, g gate.Gate, o gate.Outcome) {
	t.Helper()
	if err := g.Report(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func rateOf(t *testing.T, g gate.Gate) float64 {
	t.Helper()
	s, err := g.State(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return s.Rate
}

func throttledAgain(t *testing.T, open opener) {
	g := open(t, gate.Limits{App: gate.Limit{PerSecond: 10}})
	var rates []float64
	for range 8 {
		at := departed(t, g, "search").At
		report(t, g, gate.Outcome{API: "search", Result: gate.Throttled, After: time.Millisecond, At: at})
		rates = append(rates, rateOf(t, g))
	}
	want := []float64{0.7, 0.49, 0.343, 0.2401, 0.16807, 0.117649, 0.1, 0.1}
	if diff := cmp.Diff(want, rates, cmpopts.EquateApprox(0, 1e-5)); diff != "" {
		t.Errorf("rates stepped down (-want +got):\n%s", diff)
	}
	// Calls that left before the last step say nothing about the rate since.
	report(t, g, gate.Outcome{API: "search", Result: gate.Accepted, At: 1})
	rates = rates[:0]
	at := departed(t, g, "search").At
	for range 180 {
		report(t, g, gate.Outcome{API: "search", Result: gate.Accepted, At: at})
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
	g := open(t, gate.Limits{App: gate.Limit{PerSecond: 10}})
	at := departed(t, g, "search").At
	report(t, g, gate.Outcome{API: "search", Result: gate.Throttled, Scope: gate.API, After: time.Minute, At: at})
	wantRefusal(t, must(t)(g.Take(t.Context(), "search", false)), gate.Banned, gate.API, time.Minute)
	v := must(t)(g.Take(t.Context(), "product", false))
	if !v.Granted || v.State.Rate != 1 || v.State.Ban != 0 {
		t.Errorf("another API: %+v, want it untouched", v)
	}
}

func usedUpAllowance(t *testing.T, open opener) {
	g := open(t, gate.Limits{})
	at := departed(t, g, "search").At
	const shut = 200 * time.Millisecond
	report(t, g, gate.Outcome{API: "search", Result: gate.UsedUp, Scope: gate.API, After: shut, At: at})
	v := must(t)(g.Take(t.Context(), "search", false))
	wantRefusal(t, v, gate.Exhausted, gate.API, shut)
	wantRefusal(t, must(t)(g.Depart(t.Context(), "search", false)), gate.Exhausted, gate.API, shut)
	if v := must(t)(g.Take(t.Context(), "product", false)); !v.Granted {
		t.Errorf("another API: %+v, want it open", v)
	}
	time.Sleep(v.Wait)
	probe := must(t)(g.Take(t.Context(), "search", false))
	if !probe.Granted || !probe.Probe {
		t.Fatalf("after the lack: %+v, want a probe", probe)
	}
	wantRefusal(t, must(t)(g.Take(t.Context(), "search", false)), gate.Exhausted, gate.API, 10*time.Second)
	sent := must(t)(g.Depart(t.Context(), "search", true))
	if !sent.Granted {
		t.Fatalf("the probe was not let go: %+v", sent)
	}
	report(t, g, gate.Outcome{API: "search", Result: gate.Accepted, At: sent.At, Probe: true})
	if v := must(t)(g.Take(t.Context(), "search", false)); !v.Granted || v.Probe || v.Strained {
		t.Errorf("after the probe: %+v, want it open", v)
	}
}

func usedUpApp(t *testing.T, open opener) {
	g := open(t, gate.Limits{App: gate.Limit{PerSecond: 10}})
	at := departed(t, g, "search").At
	report(t, g, gate.Outcome{API: "search", Result: gate.UsedUp, Scope: gate.App, At: at})
	v := must(t)(g.Reserve(t.Context()))
	wantRefusal(t, v, gate.Exhausted, gate.App, 24*time.Hour)
	if until := gate.UntilMidnight(time.Now()); (v.Wait - until).Abs() > time.Second {
		t.Errorf("closed for %v, want until midnight in %v", v.Wait, until)
	}
	wantRefusal(t, must(t)(g.Take(t.Context(), "product", false)), gate.Exhausted, gate.App, 24*time.Hour)
}

func noLimits(t *testing.T, open opener) {
	g := open(t, gate.Limits{})
	departed(t, g, "search")
	for range 100 {
		for name, v := range map[string]gate.Verdict{
			"reserve": must(t)(g.Reserve(t.Context())), "take": must(t)(g.Take(t.Context(), "search", false)), "depart": must(t)(g.Depart(t.Context(), "search", false)),
		} {
			if !v.Granted || v.Wait != 0 {
				t.Fatalf("%s: %+v, want it granted at once", name, v)
			}
		}
	}
}

// scenario is how several processes press on one limit.
type scenario struct {
	limit     int
	apiLimit  int
	processes int
	// pauses are how long each process waits before its next attempt, over and over.
	pauses []time.Duration
}

var scenarios = rapid.Custom(func(t *rapid.T) scenario {
	s := scenario{
		limit:     rapid.IntRange(1, 30).Draw(t, "limit"),
		processes: rapid.IntRange(1, 6).Draw(t, "processes"),
	}
	s.apiLimit = rapid.IntRange(1, s.limit).Draw(t, "API limit")
	s.pauses = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
		most := rapid.SampledFrom([]time.Duration{0, time.Millisecond, 40 * time.Millisecond, 700 * time.Millisecond}).Draw(t, "most")
		return time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, "pause"))
	}), 1, 20).Draw(t, "pauses")
	return s
})

// press runs a scenario and returns when attempts left, by the gate's clock: all of them, and those of the API with a
// limit of its own.
func (s scenario) press(t testing.TB, open opener, length time.Duration) (all, one []int64) {
	t.Helper()
	g := open(t, gate.Limits{App: gate.Limit{PerSecond: float64(s.limit)}, PerAPI: map[string]gate.Limit{"image": {PerSecond: float64(s.apiLimit)}}})
	var mu sync.Mutex
	var wg sync.WaitGroup
	end := time.Now().Add(length)
	for p := range s.processes {
		wg.Go(func() {
			for i := p; time.Now().Before(end); i++ {
				time.Sleep(s.pauses[i%len(s.pauses)])
				api := []string{"search", "image"}[i%2]
				v, err := g.Depart(context.Background(), api, false)
				if err != nil {
					t.Error(err)
					return
				}
				if !v.Granted {
					time.Sleep(min(v.Wait, time.Until(end)))
					continue
				}
				mu.Lock()
				all = append(all, v.At)
				if api == "image" {
					one = append(one, v.At)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all, one
}

// mostInASecond is the brute-force model: it counts from each departure on.
func mostInASecond(at []int64) int {
	slices.Sort(at)
	most := 0
	for i, from := range at {
		n := 0
		for _, t := range at[i:] {
			if t < from+1_000_000 {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

type fataler interface {
	Errorf(format string, args ...any)
}

func (s scenario) check(t fataler, all, one []int64, length time.Duration) {
	if got := mostInASecond(all); got > s.limit {
		t.Errorf("%+v: %d attempts left in one half-open second", s, got)
	}
	if got := mostInASecond(one); got > s.apiLimit {
		t.Errorf("%+v: %d attempts at one API left in one half-open second", s, got)
	}
	if len(all) == 0 {
		t.Errorf("%+v: nothing left in %v", s, length)
	}
}

func TestLocalNeverExceeds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := scenarios.Draw(r, "scenario")
		synctest.Test(t, func(t *testing.T) {
			all, one := s.press(t, openLocal, 10*time.Second)
			s.check(r, all, one, 10*time.Second)
		})
	})
}

// TestRedisNeverExceeds presses in real time, so all scenarios press at once.
func TestRedisNeverExceeds(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	const length = 5 * time.Second // The first two settle.
	var wg sync.WaitGroup
	for seed := range 40 {
		s := scenarios.Example(int(time.Now().UnixNano()%1e9) + seed)
		wg.Go(func() {
			all, one := s.press(t, openRedis(server), length)
			s.check(t, all, one, length)
		})
	}
	wg.Wait()
}
