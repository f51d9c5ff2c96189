package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
)

// cluster is the PostgreSQL of all tests.
var cluster *postgres.Cluster

func TestMain(m *testing.M) {
	code, err := postgres.Run(func(c *postgres.Cluster) int {
		cluster = c
		return m.Run()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code) //nolint:forbidigo // This is a main.
}

// onBoth runs a test on an empty store of each kind. The URL can be opened several times.
func onBoth(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "prices.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, cluster.Database(t))
	})
}

// clock goes on by a millisecond whenever it is read, so that no test depends on how long it takes.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.set(time.Now())
	return c
}

func (c *clock) now() time.Time { return time.UnixMilli(c.ms.Add(1)) }

func (c *clock) set(to time.Time) { c.ms.Store(to.UnixMilli()) }

// observer observes made-up goods. It counts.
type observer struct {
	// do, if set, observes. Otherwise each observation costs one call and finds one product whose price is its number in yuan.
	do func(ctx context.Context, w *store.Watch, due time.Time) (*zhaohuov1.PriceObservation, error)

	mu      sync.Mutex
	running map[string]int
	made    int
	twice   bool
}

// Observe implements [engine.Observer].
func (o *observer) Observe(ctx context.Context, w *store.Watch, _ []byte, due time.Time) (*zhaohuov1.PriceObservation, error) {
	o.mu.Lock()
	if o.running == nil {
		o.running = map[string]int{}
	}
	o.running[w.ID]++
	o.twice = o.twice || o.running[w.ID] > 1
	o.made++
	number := o.made
	o.mu.Unlock()
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.running[w.ID]--
	}()
	if o.do != nil {
		return o.do(ctx, w, due)
	}
	return seen(int64(number)), nil
}

// count is how many observations were begun, and whether a watch was observed twice at once.
func (o *observer) count() (made int, twice bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.made, o.twice
}

// seen is an observation of one product at a price, which cost one call.
func seen(yuan int64) *zhaohuov1.PriceObservation {
	price := &money.Money{CurrencyCode: "CNY", Units: yuan}
	return &zhaohuov1.PriceObservation{
		FetchTime: timestamppb.Now(), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, UpstreamCalls: 1, ProductCount: 1,
		Statistics: &zhaohuov1.PriceStatistics{Min: price, Q1: price, Median: price, Q3: price, Max: price},
		Products: []*zhaohuov1.ObservedPrice{{
			ProductId: "600000000001", Title: "杯子", Price: price, SupplierId: "b2b-1",
			PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY,
		}},
	}
}

// fixture is an engine on a store.
type fixture struct {
	store    *store.Store
	engine   *engine.Engine
	observer *observer
	clock    *clock
}

// open opens the store and makes an engine, which does not run yet. Both end with the test.
func open(t *testing.T, url string, o engine.Options) *fixture {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url, Migrate: engine.Migrate})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{store: s, clock: newClock()}
	if o.Observer == nil {
		o.Observer = &observer{}
	}
	f.observer, _ = o.Observer.(*observer)
	o.Store, o.Now, o.Log = s, f.clock.now, slog.New(slog.NewTextHandler(t.Output(), nil))
	if f.engine, err = engine.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.stop(t)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// start makes an engine as open does, and starts it.
func start(t *testing.T, url string, o engine.Options) *fixture {
	t.Helper()
	f := open(t, url, o)
	f.run(t)
	return f
}

func (f *fixture) run(t *testing.T) {
	t.Helper()
	if err := f.engine.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) stop(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	if err := f.engine.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// watch creates a watch with the id, which is due at once.
func (f *fixture) watch(t *testing.T, id string, interval time.Duration, change ...func(*store.Watch)) *store.Watch {
	t.Helper()
	now := f.clock.now().Truncate(time.Millisecond)
	w := &store.Watch{ID: id, CreateTime: now, NextDue: now, Definition: &zhaohuov1.PriceWatch{
		Target:   &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"600000000001"}}},
		Interval: durationpb.New(interval),
		Conditions: []*zhaohuov1.PriceCondition{
			{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL}, {Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE},
		},
	}}
	for _, each := range change {
		each(w)
	}
	if err := f.store.CreateWatch(t.Context(), w, nil, 0); err != nil {
		t.Fatal(err)
	}
	f.engine.Wake()
	return w
}

// watches creates that many watches.
func (f *fixture) watches(t *testing.T, count int, interval time.Duration) []string {
	t.Helper()
	ids := make([]string, count)
	for i := range ids {
		ids[i] = fmt.Sprintf("watch-%03d", i)
		f.watch(t, ids[i], interval)
	}
	return ids
}

// to sets the clock and has the engine look.
func (f *fixture) to(at time.Time) {
	f.clock.set(at)
	f.engine.Wake()
}

// read is the watch as it is now.
func (f *fixture) read(t *testing.T, id string) *store.Watch {
	t.Helper()
	w, err := f.store.FindWatch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// history is all observations of a watch, in the order of their due times.
func (f *fixture) history(t *testing.T, id string) []*zhaohuov1.PriceObservation {
	t.Helper()
	all, err := f.store.Observations(t.Context(), id, store.Range{}, 1000, true)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// stored waits until a watch has that many observations, and gives them.
func (f *fixture) stored(t *testing.T, id string, count int) []*zhaohuov1.PriceObservation {
	t.Helper()
	var all []*zhaohuov1.PriceObservation
	eventually(t, fmt.Sprintf("%s has %d observations", id, count), func() bool {
		all = f.history(t, id)
		return len(all) >= count
	})
	if len(all) > count {
		t.Fatalf("%s has %d observations, want %d", id, len(all), count)
	}
	return all
}

// idle waits until no job of an observation is open.
func (f *fixture) idle(t *testing.T) {
	t.Helper()
	eventually(t, "no job is open", func() bool { return f.open(t) == 0 })
}

// open counts the open jobs of observations.
func (f *fixture) open(t *testing.T) (n int) {
	t.Helper()
	err := f.store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM river_job
		WHERE kind = 'price_watch_observe' AND finalized_at IS NULL`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// events is all events that there are.
func (f *fixture) events(t *testing.T) []*zhaohuov1.PriceEvent {
	t.Helper()
	all, err := f.store.Events(t.Context(), "", "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// eventually waits until something has happened. It fails the test if it never does: no outcome depends on how long that is.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	late := time.After(2 * time.Minute)
	for !happened() {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}

// due makes a watch due now.
func (f *fixture) due(t *testing.T, id string) {
	t.Helper()
	_, err := f.store.UpdateWatch(t.Context(), "", id, func(w *store.Watch) ([]byte, bool, error) {
		w.NextDue = f.clock.now()
		return nil, false, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f.engine.Wake()
}
