package killed_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/judge"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

const (
	watches  = 20
	interval = time.Second
	// takenOver is within what time the work of a killed process is taken over.
	takenOver = 2 * time.Minute
)

// TestKilled kills the process that observes at random moments, and starts it again.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "prices.db") },
		"PostgreSQL": func(t *testing.T) string { return cluster.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kills := 3
			if *full {
				kills = 50
			}
			w := open(t, url(t))
			for range kills {
				p := w.start(t)
				pause.For(t.Context(), rand.N(2*time.Second))
				p.end(t, syscall.SIGKILL)
			}
			killed := time.Now()
			before := w.lastEvent(t)
			p := w.start(t)
			for n := range watches {
				w.observed(t, watchID(n), killed)
			}
			t.Logf("%v after the last of %d kills all watches are observed again", time.Since(killed).Round(time.Second), kills)
			w.delivered(t, before, killed)
			w.delivered(t, w.lastEvent(t), time.Now())
			p.end(t, syscall.SIGTERM)
			w.check(t)
		})
	}
}

// world is a store with watches, those who read it, and what the processes acknowledged.
type world struct {
	url   string
	store *store.Store
	// acknowledged are observations that a process answered with, by watch and due time.
	acknowledged []string
	// receiver gets the events of all watches.
	receiver *receiver
	// read are the events of a reader who goes on after the last one it has; stop ends it.
	read []*zhaohuov1.PriceEvent
	stop func()
}

func open(t *testing.T, url string) *world {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url, Migrate: engine.Migrate})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := webhook.NewSecrets(appSecret)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{url: url, store: s, receiver: startReceiver(t)}
	now := time.Now()
	for n := range watches {
		err := s.CreateWatch(t.Context(), &store.Watch{
			ID: watchID(n), CreateTime: now, NextDue: now, Definition: definition(), Webhooks: []store.Webhook{secrets.NewWebhook(w.receiver.URL)},
		}, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	reading.Go(func() {
		for pause.For(ctx, 5*time.Millisecond) {
			if err := w.readOn(t.Context()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	w.stop = func() { cancel(); reading.Wait() }
	t.Cleanup(func() {
		w.stop()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func definition() *zhaohuov1.PriceWatch {
	return &zhaohuov1.PriceWatch{
		Target:   &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"600000000001"}}},
		Interval: durationpb.New(interval),
		Conditions: []*zhaohuov1.PriceCondition{
			{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL}, {Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE},
		},
	}
}

// readOn reads the events after the last one that was read.
func (w *world) readOn(ctx context.Context) error {
	after := int64(0)
	if n := len(w.read); n > 0 {
		var err error
		if after, err = strconv.ParseInt(w.read[n-1].GetId(), 10, 64); err != nil {
			return err
		}
	}
	more, err := w.store.Events(ctx, "", "", after, 1000)
	w.read = append(w.read, more...)
	return err
}

// process is a process that observes.
type process struct {
	cmd   *exec.Cmd
	world *world
	lines chan string
}

// start starts a process, and waits until it observes.
func (w *world) start(t *testing.T) *process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program)
	cmd.Env = append(os.Environ(), storeURL+"="+w.url, receiverHost+"="+strings.TrimPrefix(w.receiver.URL, "http://"))
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd, w, make(chan string, 1<<16)}
	go lines(out, p.lines)
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill() // The test has failed already.
			_ = cmd.Wait()
		}
	})
	if line := <-p.lines; line != "ready" {
		t.Fatalf("the process does not observe: %q", line)
	}
	return p
}

// end ends a process by a signal, and keeps what it acknowledged.
func (p *process) end(t *testing.T, how syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(how); err != nil {
		t.Fatal(err)
	}
	for line := range p.lines {
		if fields := strings.Fields(line); len(fields) == 3 { // The last line may have been cut off.
			p.world.acknowledged = append(p.world.acknowledged, line)
		}
	}
	if err := p.cmd.Wait(); err != nil && how != syscall.SIGKILL {
		t.Errorf("the process did not end well: %v", err)
	}
}

// observed waits until a watch is observed again after a kill, within the time that is promised.
func (w *world) observed(t *testing.T, id string, killed time.Time) {
	t.Helper()
	for {
		after, err := w.store.Observations(t.Context(), id, store.Range{From: killed}, 1, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(after) > 0 {
			return
		}
		if time.Since(killed) > takenOver || !pause.For(t.Context(), 50*time.Millisecond) {
			t.Fatalf("%s is not observed %v after the kill", id, time.Since(killed))
		}
	}
}

// check compares what is stored with what was acknowledged and what was read.
func (w *world) check(t *testing.T) {
	t.Helper()
	w.stop()
	if err := w.readOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	stored, events := map[string]bool{}, 0
	for n := range watches {
		id := watchID(n)
		history, err := w.store.Observations(t.Context(), id, store.Range{}, 100_000, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range history {
			stored[fmt.Sprintln("stored", id, o.GetDueTime().AsTime().UnixMilli())] = true
			number := numberOf(id, o.GetDueTime().AsTime())
			if o.GetError() != nil || o.GetProducts()[0].GetPrice().GetUnits() != 10+int64(number%7) {
				t.Errorf("%s: %v", id, o)
			}
		}
		events += w.checkEvents(t, id, history)
	}
	for _, line := range w.acknowledged {
		if !stored[line+"\n"] {
			t.Errorf("lost: %s", line)
		}
	}
	if len(w.read) != events || len(w.acknowledged) == 0 || events == 0 {
		t.Errorf("%d events were read, and there are %d; %d observations were acknowledged", len(w.read), events, len(w.acknowledged))
	}
	t.Logf("%d observations, %d acknowledged, %d events", len(stored), len(w.acknowledged), events)
}

// checkEvents compares the events of a watch that the reader got with those that follow from its history, and counts them.
func (w *world) checkEvents(t *testing.T, id string, history []*zhaohuov1.PriceObservation) (count int) {
	t.Helper()
	var read []*zhaohuov1.PriceEvent
	for _, e := range w.read {
		if e.GetWatchId() == id {
			read = append(read, e)
		}
	}
	var memory []byte
	for _, o := range history {
		events, next, err := judge.Judge(definition(), memory, o)
		if err != nil {
			t.Fatal(err)
		}
		memory = next
		for _, want := range events {
			if count < len(read) {
				got := proto.CloneOf(read[count])
				got.Id, want.WatchId = "", id
				if !proto.Equal(got, want) {
					t.Errorf("%s, event %d:\n got %v\nwant %v", id, count, got, want)
					return len(read)
				}
			}
			count++
		}
	}
	if count != len(read) {
		t.Errorf("%s: %d events were read, and %d follow from the observations", id, len(read), count)
	}
	return count
}
