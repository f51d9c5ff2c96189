package replicas_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

const (
	replicas = 3
	// perSecond is how many upstream calls a second are allowed.
	perSecond = 50
	// takenOver is within what time the work of a killed process is taken over.
	takenOver = 2 * time.Minute
	// unequal is by how much a process's share of the work may differ from an equal one.
	unequal = 0.20
)

// beside has a test of the short form run beside the other one: both wait for most of their time, and nothing that they check depends on how
// busy the machine is.
func beside(t *testing.T) {
	t.Helper()
	if !*full {
		t.Parallel()
	}
}

// extent is how much runs for how long.
type extent struct {
	watches  int
	interval time.Duration
	// before and after are how long it runs before and after the kill.
	before, after time.Duration
}

// TestReplicas kills one of three processes half way.
func TestReplicas(t *testing.T) {
	beside(t)
	of := extent{60, 2 * time.Second, 10 * time.Second, 10 * time.Second}
	if *full {
		of = extent{1000, 30 * time.Second, 3 * time.Minute, 4 * time.Minute}
	}
	w := start(t)
	w.create(t, of)
	begun := w.work(t)
	pause.For(t.Context(), of.before)
	atKill := w.work(t)
	killed := time.Now()
	w.services[replicas-1].End(t, syscall.SIGKILL)
	w.services = w.services[:replicas-1]
	w.shared(t, "before the kill", begun, atKill)
	pause.For(t.Context(), of.after)
	w.shared(t, "after the kill", atKill[:replicas-1], w.work(t))
	until := time.Now()
	for _, id := range w.ids {
		w.observed(t, id, until)
	}
	t.Logf("%v after the kill all watches are observed", time.Since(killed).Round(time.Second))
	for _, s := range w.services {
		s.End(t, syscall.SIGTERM)
	}
	w.checkTicks(t, of, killed, until)
	w.checkQuota(t)
}

// world is the processes and what they share.
type world struct {
	services []*process.Service
	sandbox  string
	store    *store.Store
	ids      []string
}

func start(t *testing.T) *world {
	t.Helper()
	redis, database := redistest.Start(t), cluster.Database(t)
	w := &world{sandbox: process.StartSandbox(t, perSecond)}
	for range replicas {
		w.services = append(w.services, process.Start(t, map[string]string{
			"ZHAOHUO_APP_KEY": process.SandboxKey, "ZHAOHUO_APP_SECRET": process.SandboxSecret, "ZHAOHUO_DIALECT": "aop",
			"ZHAOHUO_UPSTREAM_URL": w.sandbox, "ZHAOHUO_UPSTREAM_QPS": strconv.Itoa(perSecond), "ZHAOHUO_REDIS_URL": "redis://" + redis.Addr,
			"ZHAOHUO_STORE": database, "ZHAOHUO_DATA_DIR": t.TempDir(), "ZHAOHUO_WATCH_INTERVAL_MIN": "1s",
			// All processes, both stores and the sandbox share the test's machine, so that calls arrive tens of milliseconds late.
			"ZHAOHUO_QUOTA_MARGIN": "0.05",
		}, 0))
	}
	var err error
	if w.store, err = store.Open(t.Context(), store.Options{URL: database, Migrate: engine.Migrate}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// create creates the watches, each of another product, by all processes.
func (w *world) create(t *testing.T, of extent) {
	t.Helper()
	goods, err := catalog.New(catalog.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	defer goods.Close()
	var clients []zhaohuov1.PriceWatchServiceClient
	for _, s := range w.services {
		conn, err := grpc.NewClient(s.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		clients = append(clients, zhaohuov1.NewPriceWatchServiceClient(conn))
	}
	for i, offer := range goods.Published()[:of.watches] {
		made, err := clients[i%replicas].CreatePriceWatch(t.Context(), &zhaohuov1.CreatePriceWatchRequest{PriceWatch: &zhaohuov1.PriceWatch{
			Target:   &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{strconv.FormatInt(offer.ID, 10)}}},
			Interval: durationpb.New(of.interval),
		}})
		if err != nil {
			t.Fatal(err)
		}
		w.ids = append(w.ids, made.GetPriceWatch().GetId())
	}
}

// work is how many observations each process has made.
func (w *world) work(t *testing.T) []float64 {
	t.Helper()
	made := make([]float64, len(w.services))
	for i, s := range w.services {
		made[i] = s.Metric(t, "zhaohuo_price_observation_seconds_count")
	}
	return made
}

// shared checks that the processes shared the work.
func (w *world) shared(t *testing.T, when string, from, to []float64) {
	t.Helper()
	sum := 0.0
	for i := range from {
		sum += to[i] - from[i]
	}
	equal := sum / float64(len(from))
	for i := range from {
		part := (to[i] - from[i]) / equal
		t.Logf("%s, process %d made %.0f observations, %.2f of an equal share", when, i, to[i]-from[i], part)
		if *full && (part < 1-unequal || part > 1+unequal) {
			t.Errorf("%s, process %d made %.2f of an equal share", when, i, part)
		}
	}
}

// observed waits until a watch has an observation that was due after a time: then all before it are stored or never will be.
func (w *world) observed(t *testing.T, id string, after time.Time) {
	t.Helper()
	for {
		found, err := w.store.Observations(t.Context(), id, store.Range{From: after}, 1, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			return
		}
		if time.Since(after) > takenOver+time.Minute || !pause.For(t.Context(), 50*time.Millisecond) {
			t.Fatalf("%s is not observed %v after %v", id, time.Since(after), after)
		}
	}
}

// checkTicks compares the observations of each watch with its schedule. The table's key has it that none is stored twice.
func (w *world) checkTicks(t *testing.T, of extent, killed, until time.Time) {
	t.Helper()
	ticks, missed, failed := 0, 0, 0
	for _, id := range w.ids {
		watch, err := w.store.FindWatch(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		history, err := w.store.Observations(t.Context(), id, store.Range{}, 100_000, false)
		if err != nil {
			t.Fatal(err)
		}
		slot, last, observed := watch.CreateTime, watch.CreateTime, watch.CreateTime
		for _, o := range history {
			due := o.GetDueTime().AsTime()
			for ; slot.Before(due); slot = engine.NextDue(watch, slot) {
				missed++
				if slot.Equal(watch.CreateTime) && due.Sub(slot) < 2*time.Second {
					continue // The next slot passed before the new watch was scheduled, so one observation is for both ticks.
				}
				if slot.Before(observed) {
					continue // The observation before waited for its turn until after this tick, so it is for both.
				}
				// The killed process may have had the job that this tick would have been observed by, until it was taken over.
				if *full && (slot.Before(killed.Add(-of.interval)) || slot.After(killed.Add(takenOver+of.interval))) {
					t.Errorf("%s: the tick of %v was missed; the kill was at %v", id, slot, killed)
				}
			}
			if !slot.Equal(due) {
				t.Errorf("%s: an observation was due at %v, which is no slot; the next one is %v", id, due, slot)
			}
			if gap := due.Sub(last); gap > takenOver+of.interval {
				t.Errorf("%s: nothing was due for %v before %v", id, gap, due)
			}
			if o.GetError() != nil {
				failed++
				t.Logf("%s: %v", id, o.GetError())
			}
			ticks++
			slot, last, observed = engine.NextDue(watch, due), due, o.GetFetchTime().AsTime()
			if !due.Before(until) {
				break // Later ones may not have been observed when the processes ended.
			}
		}
	}
	t.Logf("%d ticks were observed and %d missed; %d observations failed", ticks, missed, failed)
	if ticks < of.watches || *full && failed > 0 {
		t.Errorf("of %d watches %d ticks were observed, and %d observations failed", of.watches, ticks, failed)
	}
}

// calls is what arrived at a sandbox.
type calls struct {
	Arrivals, Throttled       int64
	FirstArrival, LastArrival time.Time
	BusiestSecond             map[string]int
}

// callsAt asks a sandbox what arrived.
func callsAt(t *testing.T, address string) (came calls) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+sandbox.StatsPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&came); err != nil {
		t.Fatal(err)
	}
	return came
}

// checkQuota compares what arrived with what is allowed.
func (w *world) checkQuota(t *testing.T) {
	t.Helper()
	came := callsAt(t, w.sandbox)
	span := came.LastArrival.Sub(came.FirstArrival)
	t.Logf("%d calls came in %v, %v at most in a second, and %d of them too early", came.Arrivals, span.Round(time.Second),
		came.BusiestSecond[process.SandboxKey], came.Throttled)
	if most := perSecond * (span.Seconds() + 1); came.Arrivals == 0 || float64(came.Arrivals) > most {
		t.Errorf("%d calls came in %v; %.0f are allowed", came.Arrivals, span, most)
	}
	if *full && came.Throttled > 0 {
		t.Errorf("%d calls came too early", came.Throttled)
	}
}
