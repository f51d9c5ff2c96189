package quota_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// storeObserver records changes of the store, and calls committed without it.
type storeObserver struct {
	quota.NopObserver
	store chan error
	alone *atomic.Int64
}

func (o storeObserver) StoreChanged(lost error) { o.store <- lost }

func (o storeObserver) CommittedStandalone(string) { o.alone.Add(1) }

func openShared(t testing.TB, server *redistest.Server, limits limiter.Limits, o limiter.FailoverOptions) (*quota.Dispatcher, storeObserver) {
	t.Helper()
	observer := storeObserver{store: make(chan error, 100), alone: &atomic.Int64{}}
	redis := server.Option()
	o.ProbeEvery = 100 * time.Millisecond
	d, err := quota.Open(context.Background(), quota.Config{
		Options: quota.Options{Observer: observer}, Limits: limits, Redis: &redis, Failover: o,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, observer
}

// TestStoreGone: with the policy deny no call waits for a lost store, and service resumes when it is back.
func TestStoreGone(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	d, seen := openShared(t, server, limiter.Limits{App: limiter.Limit{PerSecond: 2}}, limiter.FailoverOptions{Policy: limiter.Deny})
	if err := attempt(t.Context(), d, search, nil); err != nil {
		t.Fatal(err)
	}
	server.Kill(t)
	var wg sync.WaitGroup
	got := make(chan fault.Kind, 20)
	for range cap(got) {
		wg.Go(func() { got <- fault.KindOf(attempt(t.Context(), d, search, nil)) })
	}
	wg.Wait()
	for range cap(got) {
		if kind := <-got; kind != fault.QuotaStoreUnavailable {
			t.Errorf("store gone: %v", kind)
		}
	}
	if err := <-seen.store; err == nil {
		t.Error("reported that the store is back before it was lost")
	}
	s := d.Snapshot(t.Context())
	if diff := cmp.Diff([]bool{false, true}, []bool{s.Known, s.Standalone}); diff != "" {
		t.Errorf("the snapshot's known and standalone (-want +got):\n%s", diff)
	}
	server.Restart(t)
	if err := <-seen.store; err != nil {
		t.Errorf("reported %v, want that the store is back", err)
	}
	if err := attempt(t.Context(), d, search, nil); err != nil {
		t.Errorf("store back: %v", err)
	}
}

// TestStoreGoneShared: with the policy share calls go on, and are counted as standalone.
func TestStoreGoneShared(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	d, seen := openShared(t, server, limiter.Limits{App: limiter.Limit{PerSecond: 20}}, limiter.FailoverOptions{Policy: limiter.Share, Replicas: 2})
	if err := attempt(t.Context(), d, search, nil); err != nil {
		t.Fatal(err)
	}
	server.Kill(t)
	for range 5 {
		if err := attempt(t.Context(), d, search, nil); err != nil {
			t.Errorf("store gone: %v", err)
		}
	}
	if n := seen.alone.Load(); n != 5 {
		t.Errorf("%d standalone calls, want 5", n)
	}
}

// TestBanReachesReplicas: a ban that one replica receives applies to all.
func TestBanReachesReplicas(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	limits := limiter.Limits{App: limiter.Limit{PerSecond: 20}}
	one, _ := openShared(t, server, limits, limiter.FailoverOptions{})
	other, _ := openShared(t, server, limits, limiter.FailoverOptions{})
	if err := attempt(t.Context(), one, search, throttle(time.Minute)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err := attempt(ctx, other, search, nil)
	wantFault(t, err, fault.QuotaWaitTooLong, "app_key/ban", 50*time.Second, time.Minute+time.Second)
}

func BenchmarkAcquire(b *testing.B) {
	run := func(b *testing.B, d *quota.Dispatcher) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			if err := attempt(b.Context(), d, search, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
	const fast = 1e6 // Fast enough to measure the cost and not the wait.
	b.Run("unlimited", func(b *testing.B) { run(b, newLimiter(b, limiter.Limits{}, quota.Options{})) })
	b.Run("local", func(b *testing.B) {
		run(b, newLimiter(b, limiter.Limits{App: limiter.Limit{PerSecond: fast}}, quota.Options{}))
	})
	b.Run("local, counted in a file", func(b *testing.B) {
		d, err := quota.Open(b.Context(), quota.Config{Limits: limiter.Limits{App: limiter.Limit{PerSecond: fast}}, DataDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		defer d.Close()
		run(b, d)
	})
	b.Run("Redis", func(b *testing.B) {
		d, _ := openShared(b, redistest.Start(b), limiter.Limits{App: limiter.Limit{PerSecond: fast}}, limiter.FailoverOptions{})
		if err := attempt(b.Context(), d, search, nil); err != nil { // Ends the settling time.
			b.Fatal(err)
		}
		run(b, d)
	})
}

// BenchmarkReplicas measures how much of a shared rate three replicas use.
func BenchmarkReplicas(b *testing.B) {
	const perSecond, calls = 20, 60
	for b.Loop() {
		server := redistest.Start(b)
		c := crowd{t: b}
		var wg sync.WaitGroup
		for range 3 {
			d, _ := openShared(b, server, limiter.Limits{App: limiter.Limit{PerSecond: perSecond}, Margin: quota.MarginDefault}, limiter.FailoverOptions{})
			for range calls / 3 {
				wg.Go(func() {
					turn, err := d.Acquire(context.Background(), upstream.PermitRequest{API: "search"})
					if err != nil {
						b.Error(err)
						return
					}
					if err := turn.Commit(context.Background()); err != nil {
						b.Error(err)
					}
					turn.Sent()
					c.mu.Lock()
					c.left = append(c.left, departure{at: time.Now()})
					c.mu.Unlock()
					turn.Done(nil)
				})
			}
		}
		wg.Wait()
		b.ReportMetric(100*c.used(perSecond), "%used")
		b.ReportMetric(float64(c.mostInASecond()), "most/s")
	}
}

// TestReplicasSharePools: replicas with the same pool stay together inside the rate and the day of each account, and lose no
// call.
func TestReplicasSharePools(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	redis := server.Option()
	fast := limiter.Limits{AppKey: "a", App: limiter.Limit{PerSecond: 20}, Margin: quota.MarginDefault}
	short := limiter.Limits{AppKey: "b", App: limiter.Limit{PerSecond: 50, PerDay: 15}, Margin: quota.MarginDefault}
	p := &platform{t: t, members: []*member{{name: "a"}, {name: "b"}}}
	const calls = 60
	var wg sync.WaitGroup
	for range 2 {
		d, err := quota.Open(t.Context(), quota.Config{
			Accounts: []quota.AccountConfig{{Name: "a", Limits: fast}, {Name: "b", Limits: short}}, Redis: &redis,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		for range calls / 2 {
			wg.Go(func() {
				if err := p.call(t.Context(), d, search); err != nil {
					t.Errorf("a call was lost: %v", err)
				}
			})
		}
	}
	wg.Wait()
	a, b := p.members[0].arrivals, p.members[1].arrivals
	if len(b) > 15 || len(a)+len(b) != calls {
		t.Errorf("%d and %d calls, want %d in all and at most 15 of the second", len(a), len(b), calls)
	}
	// Slots are 1/20 s apart; a busy machine may commit some of them late.
	if took, least := a[len(a)-1].Sub(a[0]), time.Duration(len(a)-1)*time.Second/20*9/10; took < least {
		t.Errorf("%d calls took %v, which is more than 20 a second", len(a), took)
	}
}
