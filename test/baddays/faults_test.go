package baddays_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

var full = flag.Bool("full", false, "have each fault last as long as what is promised, and hold the service to that; the machine must be idle")

const (
	// callTimeoutShort is the deadline of each question in the short form, which may run on a busy machine.
	callTimeoutShort = 30 * time.Second
	// callTimeout is the deadline of each question, and late how much longer an answer may take.
	callTimeout = 4 * time.Second
	late        = time.Second
	// healedWithin is the promised time from the end of a fault to right answers.
	healedWithin = 5 * time.Second
)

// breakage is one way in which a link fails.
type breakage struct {
	name string
	// begin begins it, and returns how to end it.
	begin func(t *testing.T, w *rig) (end func())
	// short: the short form has it, too.
	short bool
}

// toxic is a fault of the proxy on a link.
func toxic(of func(*rig) *link, kind string, attributes map[string]any, streams ...string) func(*testing.T, *rig) func() {
	return func(t *testing.T, w *rig) func() {
		t.Helper()
		of(w).spoil(t, kind, attributes, streams...)
		return func() { of(w).heal(t) }
	}
}

// refused closes a link; flapping closes and opens it all the time.
func refused(of func(*rig) *link) func(*testing.T, *rig) func() {
	return func(t *testing.T, w *rig) func() {
		t.Helper()
		if err := of(w).enable(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := of(w).enable(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func flapping(of func(*rig) *link) func(*testing.T, *rig) func() {
	return func(t *testing.T, w *rig) func() {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		var swinging sync.WaitGroup
		swinging.Go(func() {
			for open := false; pause.For(ctx, 300*time.Millisecond); open = !open {
				_ = of(w).enable(ctx, open) // It may be cancelled.
			}
		})
		return func() {
			cancel()
			swinging.Wait()
			if err := of(w).enable(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// breakages are all of them, in the order of the table.
func breakages() []breakage {
	var all []breakage
	both := []string{"upstream", "downstream"}
	for _, one := range []struct {
		name string
		of   func(*rig) *link
	}{
		{"1688", func(w *rig) *link { return w.upstream }},
		{"Redis", func(w *rig) *link { return w.redis }},
		{"PostgreSQL", func(w *rig) *link { return w.postgres }},
	} {
		all = append(
			all,
			breakage{one.name + ": latency 300 ms", toxic(one.of, "latency", map[string]any{"latency": 150}, both...), false},
			breakage{one.name + ": jitter 0-800 ms", toxic(one.of, "latency", map[string]any{"latency": 200, "jitter": 200}, both...), false},
			breakage{one.name + ": 20 KB/s", toxic(one.of, "bandwidth", map[string]any{"rate": 20}, both...), false},
			breakage{one.name + ": half-open (silence)", toxic(one.of, "timeout", map[string]any{"timeout": 0}, both...), false},
			breakage{one.name + ": cut off after 100 ms", toxic(one.of, "timeout", map[string]any{"timeout": 100}, both...), false},
			breakage{one.name + ": reset", toxic(one.of, "reset_peer", map[string]any{"timeout": 0}, both...), one.name != "Redis"},
			breakage{one.name + ": slow close", toxic(one.of, "slow_close", map[string]any{"delay": 1000}, both...), false},
			breakage{one.name + ": refused", refused(one.of), false},
			breakage{one.name + ": flapping", flapping(one.of), false},
		)
	}
	for _, kind := range []string{expired, otherName, untrusted} {
		all = append(all, breakage{"1688: certificate " + kind, func(t *testing.T, w *rig) func() {
			t.Helper()
			w.present(kind)
			return func() { w.present(valid) }
		}, kind == expired})
	}
	return append(all, breakage{"1688: killed", func(t *testing.T, w *rig) func() {
		t.Helper()
		w.sandbox.Kill(t)
		return func() { w.sandbox.Restart(t) }
	}, true})
}

// kindOfQuestion is one that is asked all the time.
type kindOfQuestion struct {
	name string
	ask  func(t *testing.T) answer
	want string
	// always: it needs nothing that breaks.
	always bool
}

// errorsAllowed are the reasons that a question may be refused with: what fails, or the wait for it.
func errorsAllowed() []string {
	return []string{
		"UPSTREAM_UNAVAILABLE", "UPSTREAM_TIMEOUT", "UPSTREAM_CERTIFICATE_INVALID", "QUOTA_STORE_UNAVAILABLE", "QUOTA_WAIT_TOO_LONG",
		"PRICE_STORE_UNAVAILABLE", "DEADLINE_EXCEEDED",
	}
}

// tally is what became of one kind of question.
type tally struct {
	right   int
	refused map[string]int
	slowest time.Duration
}

func (y *tally) String() string {
	text := fmt.Sprintf("%d right, slowest %v", y.right, y.slowest.Round(time.Millisecond))
	for _, reason := range slices.Sorted(maps.Keys(y.refused)) {
		text += fmt.Sprintf(", %d %s", y.refused[reason], reason)
	}
	return text
}

// TestFaults breaks each link of the service in each way, one after the other, while callers ask: no answer is wrong, what fails is
// refused with its reason and in time, and what is stored is always served. When a fault ends, all is well soon, and nothing is left of it.
func TestFaults(t *testing.T) {
	w := newRig(t)
	lasts, within := 500*time.Millisecond, process.Timeout
	if *full {
		lasts, within = 15*time.Second, healedWithin
	}
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "fault\tstored answers\tnew questions\tprice watches\tright answers after\tgoroutines\tMiB")
	w.settled(t)
	calm := w.Metric(t, "go_goroutines")
	var first, last float64 // MiB after the first and after the last fault
	for _, b := range breakages() {
		if !*full && !b.short {
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), lasts)
		end := b.begin(t, w)
		tallies := w.askDuring(ctx, t, b.name)
		cancel()
		end()
		healed := time.Now()
		for _, kind := range w.questions() {
			process.Eventually(t, b.name+" is over", func() bool {
				got := kind.ask(t)
				return got.status == http.StatusOK && got.first == kind.want
			})
		}
		took := time.Since(healed)
		if took > within {
			t.Errorf("%s: right answers only %v after it", b.name, took)
		}
		last = w.Metric(t, "process_resident_memory_bytes") / (1 << 20)
		if first == 0 {
			first = last
		}
		fmt.Fprintf(rows, "%s\t%v\t%v\t%v\t%v\t%.0f\t%.0f\n", b.name, tallies[0], tallies[1], tallies[2], took.Round(10*time.Millisecond),
			w.Metric(t, "go_goroutines"), last)
	}
	_ = rows.Flush() // writing to a builder never fails
	t.Log("\n" + table.String())
	// Connections that a fault broke may be noticed late, but all of them are.
	if *full && last > memoryShare*first+memorySlack {
		t.Errorf("%.0f MiB after the last fault, %.0f after the first", last, first)
	}
	process.Eventually(t, "no goroutine is left", func() bool { return w.Metric(t, "go_goroutines") <= calm+goroutinesMore })
	w.End(t, syscall.SIGTERM)
	if strings.Contains(w.Stderr.String(), "panic") {
		t.Error("the service has panicked")
	}
}

const (
	// goroutinesMore is how many goroutines more than before an idle service may have: for connections that it keeps.
	goroutinesMore = 20
	// memoryShare and memorySlack (MiB) are what a service may hold after all faults, against after the first one: as after an attack.
	memoryShare = 1.25
	memorySlack = 32
)

// TestUnknownHost: a host name that does not exist is the operator's mistake, and found out at once.
func TestUnknownHost(t *testing.T) {
	s := serve(t, process.Open(t).Settings(t.TempDir(), map[string]string{"ZHAOHUO_UPSTREAM_URL": "http://upstream.invalid"}))
	for range 3 {
		began := time.Now()
		got := s.ask(t, 1)
		if got.status < 500 || got.reason != "UPSTREAM_HOST_UNKNOWN" && got.reason != "UPSTREAM_UNAVAILABLE" {
			t.Errorf("%+v after %v", got, time.Since(began))
		}
	}
}
