package attacks_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

const (
	lameDuck     = 100 * time.Millisecond
	drainTimeout = 500 * time.Millisecond
	// connectionsMax is the default of the setting. A smaller attack runs against a smaller limit.
	connectionsMax = 1024
	// connectionMemory is the most that an idle connection may take: so many that connectionsMax of them take less than the service at rest.
	connectionMemory = 64 << 10
)

// TestAttacks runs every attack with and without required keys. Other callers must get answers, memory and processor must
// be released after the attack, and a process that is stopped during an attack must end.
func TestAttacks(t *testing.T) {
	table := &figures{}
	t.Run("attacks", func(t *testing.T) { // returns when all attacks have ended
		platform := process.Open(t)
		all := attacks()
		if *full {
			all = append(all, floods()...)
		}
		for row, attack := range all {
			for _, keyed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/keys=%v", attack.name, keyed), func(t *testing.T) {
					if !*full {
						t.Parallel() // it mostly waits, and its bounds hold beside another attack
					}
					table.add(row, withstand(t, platform, attack, keyed))
				})
			}
		}
	})
	t.Log("\n" + table.String())
}

// withstand runs one attack and returns its figures.
func withstand(t *testing.T, platform *process.Platform, attack attack, keyed bool) figure {
	t.Helper()
	form := inForm()
	settings := map[string]string{
		"ZHAOHUO_LAME_DUCK": lameDuck.String(), "ZHAOHUO_DRAIN_TIMEOUT": drainTimeout.String(),
		"ZHAOHUO_CONNECTIONS_MAX": strconv.Itoa(int(form.share * connectionsMax)),
	}
	if attack.connections > 0 {
		settings["ZHAOHUO_CONNECTIONS_MAX"] = strconv.Itoa(attack.connections)
	}
	var keys struct{ other, attacker string }
	if keyed {
		other, one := callers.Mint(callers.Entry{Name: "shop"})
		bad, two := callers.Mint(callers.Entry{Name: "stranger"})
		settings["ZHAOHUO_API_KEYS"] = one.YAML() + two.YAML()
		keys.other, keys.attacker = reveal(other), reveal(bad)
	}
	s := process.Start(t, platform.Settings(t.TempDir(), settings), 0)
	others := newProber(t, s, keys.other)
	meter := newMeter(t, s)

	watch := func(d time.Duration) waits {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		return others.probe(ctx, t, form.interval)
	}
	before := watch(form.calm)
	f := figure{attack: attack.name, keyed: keyed, calm: meter.read(t), calmP99: before.p99()}
	f.question = time.Duration(f.calm.processor * float64(f.calm.over) / float64(max(len(before), 1)))

	bad := newAttacker(s, keys.attacker, form.share)
	stop := launch(t, attack, bad)
	f.p99 = watch(form.attack).p99()
	f.during = meter.read(t)
	f.during.memory, f.connections = peak(t, s), int64(s.Metric(t, "zhaohuo_connections"))
	f.acts = stop()
	if f.acts > 0 {
		f.act = time.Duration(max(f.during.processor-f.calm.processor, 0) * float64(f.during.over) / float64(f.acts))
	}
	if *full && attack.frames && f.act > f.question {
		t.Errorf("an act of the attack costs %v of processor time, more than a question, %v", f.act, f.question)
	}
	if each := (f.during.memory - f.calm.memory) / max(f.connections, 1); *full && attack.connections > 0 && each > connectionMemory {
		t.Errorf("each of %d connections takes %d KiB", f.connections, each>>10)
	}
	if allowed := max(form.p99, time.Duration(form.p99Calm*float64(f.calmP99))); f.p99 > allowed {
		t.Errorf("other callers' p99 is %v, want at most %v; %v without the attack", f.p99, allowed, f.calmP99)
	}

	// Other callers continue to ask during the attack.
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	asking.Go(func() { others.probe(ctx, t, form.interval) })
	f.back, f.after = meter.comesBack(t, f.calm, form.back)
	cancel()
	asking.Wait()

	stop = launch(t, attack, bad)
	f.end = end(t, s, lameDuck+drainTimeout+form.end)
	stop()
	return f
}

func reveal(key secret.Text) string { return key.Reveal() }

// launch starts an attack, and returns once the attacker has done something. stop ends it and returns how much it has done.
func launch(t *testing.T, attack attack, a *attacker) (stop func() (acts int64)) {
	t.Helper()
	if *full {
		apart := launchApart(t, attack, a)
		return func() int64 { return apart().Acts }
	}
	ctx, cancel := context.WithCancel(t.Context())
	before := a.acts.Load()
	var attacking sync.WaitGroup
	attacking.Go(func() { attack.run(ctx, a) })
	stop = func() int64 {
		cancel()
		attacking.Wait()
		return a.acts.Load() - before
	}
	t.Cleanup(func() { stop() })
	process.Eventually(t, "the attack begins", func() bool { return a.acts.Load() > before })
	return stop
}

// end stops the process and returns how long that took. It fails the test when that is longer than within.
func end(t *testing.T, s *process.Service, within time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	if err := s.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Cmd.Wait() }()
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case err := <-ended:
		if err != nil {
			printed := s.Stderr.String()
			t.Errorf("the process ended badly: %v; the end of its log:\n%s", err, printed[max(0, len(printed)-2000):])
		}
	case <-late.C:
		t.Errorf("the process has not ended %v after SIGTERM", within)
		_ = s.Cmd.Process.Kill()
		if err := <-ended; err != nil {
			t.Logf("killed: %v", err)
		}
	}
	s.HTTP.CloseIdleConnections()
	return time.Since(began)
}

// figure is the result of an attack.
type figure struct {
	attack              string
	keyed               bool
	calmP99, p99        time.Duration
	calm, during, after level
	back, end           time.Duration
	// acts is what the attacker has done, and act the processor time of the service for each; question is that of a question before the
	// attack. connections is how many were open at the end.
	acts, connections int64
	act, question     time.Duration
}

// figures is a table that several tests fill concurrently.
type figures struct {
	mu   sync.Mutex
	rows map[int][]figure
}

func (f *figures) add(row int, one figure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rows == nil {
		f.rows = map[int][]figure{}
	}
	f.rows[row] = append(f.rows[row], one)
}

// String writes the table as text.
func (f *figures) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "attack\tkeys\tp99 calm\tunder attack\tMiB calm\tpeak\tafter\tprocessors calm\tunder attack\tafter\tback in\tSIGTERM ends in\tacts\tprocessor time of an act\tof a question\tconnections")
	for _, row := range slices.Sorted(maps.Keys(f.rows)) {
		for _, one := range f.rows[row] {
			fmt.Fprintf(table, "%s\t%v\t%v\t%v\t%d\t%d\t%d\t%.2f\t%.2f\t%.2f\t%v\t%v\t%d\t%v\t%v\t%d\n", one.attack, one.keyed,
				one.calmP99.Round(time.Millisecond), one.p99.Round(time.Millisecond),
				one.calm.memory>>20, one.during.memory>>20, one.after.memory>>20,
				one.calm.processor, one.during.processor, one.after.processor,
				one.back.Round(100*time.Millisecond), one.end.Round(100*time.Millisecond),
				one.acts, one.act.Round(100*time.Nanosecond), one.question.Round(time.Microsecond), one.connections)
		}
	}
	_ = table.Flush() // writing to a builder never fails
	return text.String()
}
