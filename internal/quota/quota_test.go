package quota_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestUsesTheRate(t *testing.T) {
	for _, tc := range []struct {
		name string
		dial func(i int) time.Duration
		want float64
	}{
		{"connections there", func(int) time.Duration { return 0 }, 0.98999},
		{"connections made", func(int) time.Duration { return 80 * time.Millisecond }, 0.98999},
		// The last call is up to 0.3 s late in a run of 20 s.
		{"connections now and then", func(i int) time.Duration { return time.Duration(i%7/6) * 300 * time.Millisecond }, 0.975},
		{"connections by chance", func(int) time.Duration { return rand.N(190 * time.Millisecond) }, 0.98},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := crowd{t: t, l: newLimiter(t, fivePerSecond, quota.Options{})}
				for i := range 100 {
					c.call(t.Context(), upstream.PermitRequest{API: "search"}, "", tc.dial(i))
				}
				c.wg.Wait()
				if got := c.used(5); got < tc.want {
					t.Errorf("used %.4f of the rate, want %v", got, tc.want)
				}
				if got := c.mostInASecond(); got > 5 {
					t.Errorf("%d calls were committed in one half-open second", got)
				}
			})
		})
	}
}

func TestShares(t *testing.T) {
	interactive := func(caller string, weight float64) upstream.Demand {
		return upstream.Demand{Caller: caller, Weight: weight}
	}
	batch := upstream.Demand{Class: upstream.Batch, Caller: "batch"}
	type line struct {
		demand upstream.Demand
		calls  int
	}
	for _, tc := range []struct {
		name  string
		lines []line
		turns int
		want  map[string]int
	}{
		{"weights 1 and 3", []line{{interactive("a", 1), 40}, {interactive("b", 3), 40}}, 40, map[string]int{"a": 10, "b": 30}},
		{"classes", []line{{batch, 50}, {interactive("a", 1), 50}}, 50, map[string]int{"batch": 5, "a": 45}},
		{"ten thousand against one", []line{{interactive("a", 1), 10_000}, {interactive("b", 1), 1}}, 3, map[string]int{"a": 2, "b": 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				d := newLimiter(t, fivePerSecond, quota.Options{})
				// The first slot is available at once; it goes to a caller that is not counted.
				c := crowd{t: t, l: d}
				c.call(ctx, upstream.PermitRequest{API: "search"}, "first", 0)
				var mu sync.Mutex
				var wg sync.WaitGroup
				got, turns := map[string]int{}, 0
				for _, line := range tc.lines {
					for range line.calls {
						wg.Go(func() {
							turn, err := d.Acquire(ctx, upstream.PermitRequest{API: "search", Demand: line.demand})
							if err != nil {
								return
							}
							mu.Lock()
							defer mu.Unlock()
							if turns++; turns <= tc.turns {
								got[line.demand.Caller]++
								_ = turn.Commit(ctx)
							}
							turn.Done(nil)
						})
					}
					synctest.Wait()
				}
				time.Sleep(time.Duration(tc.turns+1) * turnTime)
				cancel()
				wg.Wait()
				c.wg.Wait()
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("permits (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestUsesAnAPIsRate: an API's own rate is used too, although its slots must fit the App Key's.
func TestUsesAnAPIsRate(t *testing.T) {
	for name, others := range map[string]int{"alone": 0, "beside others": 200} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := fivePerSecond
				limits.PerAPI = map[string]limiter.Limit{"image": {PerSecond: 2}}
				d := newLimiter(t, limits, quota.Options{})
				image, rest := crowd{t: t, l: d}, crowd{t: t, l: d}
				for range others {
					rest.call(t.Context(), upstream.PermitRequest{API: "search", Demand: upstream.Demand{Caller: "a"}}, "", 0)
				}
				for range 40 {
					image.call(t.Context(), upstream.PermitRequest{API: "image", Demand: upstream.Demand{Caller: "b"}}, "", 0)
				}
				image.wg.Wait()
				rest.wg.Wait()
				if got := image.used(2); got < 0.98 {
					t.Errorf("used %.4f of the API's rate", got)
				}
				if got := image.mostInASecond(); got > 2 {
					t.Errorf("%d calls of the API were committed in one half-open second", got)
				}
			})
		})
	}
}

// TestInteractiveBesideABatch measures a search's wait while a batch of ten thousand waits.
func TestInteractiveBesideABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newLimiter(t, fivePerSecond, quota.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 10_000 {
			wg.Go(func() {
				turn, err := d.Acquire(ctx, upstream.PermitRequest{API: "search", Demand: upstream.Demand{Class: upstream.Batch, Caller: "batch"}})
				if err == nil {
					_ = turn.Commit(ctx)
					turn.Done(nil)
				}
			})
		}
		synctest.Wait()
		var waits []time.Duration
		for range 200 {
			time.Sleep(rand.N(2 * time.Second))
			from := time.Now()
			turn, err := d.Acquire(ctx, upstream.PermitRequest{API: "search", Demand: upstream.Demand{Caller: "human"}})
			if err != nil {
				t.Fatal(err)
			}
			if err := turn.Commit(ctx); err != nil {
				t.Fatal(err)
			}
			turn.Done(nil)
			waits = append(waits, time.Since(from))
		}
		cancel()
		wg.Wait()
		slices.Sort(waits)
		if p99 := waits[197]; p99 > 2*turnTime {
			t.Errorf("p99 is %v, want at most two slots", p99)
		}
	})
}

// wantFault checks a fault without its text.
func wantFault(t *testing.T, err error, kind fault.Kind, subject string, least, most time.Duration) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok {
		t.Fatalf("got %v, want a fault", err)
	}
	if f.Kind != kind || f.Subject != subject {
		t.Errorf("fault is %v of %q, want %v of %q", f.Kind, f.Subject, kind, subject)
	}
	if f.RetryAfter < least || f.RetryAfter > most {
		t.Errorf("retry after %v, want %v to %v", f.RetryAfter, least, most)
	}
}

func TestRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := crowd{t: t, l: newLimiter(t, fivePerSecond, quota.Options{})}
		for range 21 { // One is granted at once, twenty wait.
			c.call(t.Context(), upstream.PermitRequest{API: "search"}, "", 0)
		}
		in := func(d time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			from := time.Now()
			turn, err := c.l.Acquire(ctx, upstream.PermitRequest{API: "search"})
			if err != nil {
				if waited := time.Since(from); waited != 0 {
					t.Errorf("refused after %v, want at once", waited)
				}
				return err
			}
			if err := turn.Commit(ctx); err != nil {
				t.Error(err)
			}
			turn.Done(nil)
			return nil
		}
		err := in(time.Second)
		wantFault(t, err, fault.QuotaWaitTooLong, "app_key/calls_per_second", 21*turnTime-time.Millisecond, 21*turnTime)
		if err := in(21*turnTime - time.Millisecond); fault.KindOf(err) != fault.QuotaWaitTooLong {
			t.Errorf("a deadline just before the slot: %v", err)
		}
		// A caller who retries after the stated delay is served in time.
		f, _ := fault.As(err)
		time.Sleep(f.RetryAfter)
		if err := in(time.Second); err != nil {
			t.Errorf("back after %v: %v", f.RetryAfter, err)
		}
		c.wg.Wait()
	})
}

func TestDeadlineBeforeTheFirstSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := crowd{t: t, l: newLimiter(t, fivePerSecond, quota.Options{})}
		c.call(t.Context(), upstream.PermitRequest{API: "search"}, "", 0)
		c.wg.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		from := time.Now()
		_, err := c.l.Acquire(ctx, upstream.PermitRequest{API: "search"})
		wantFault(t, err, fault.QuotaWaitTooLong, "app_key/calls_per_second", turnTime-time.Millisecond, turnTime)
		if waited := time.Since(from); waited != 0 {
			t.Errorf("refused after %v, want at once", waited)
		}
	})
}

// TestPlaceGivenBack: a caller who leaves, waiting or with a permit, costs the others nothing.
func TestPlaceGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := crowd{t: t, l: newLimiter(t, fivePerSecond, quota.Options{})}
		c.call(t.Context(), upstream.PermitRequest{API: "search"}, "first", 0)
		leaver, leave := context.WithCancel(t.Context())
		c.wg.Go(func() {
			_, err := c.l.Acquire(leaver, upstream.PermitRequest{API: "search"})
			if fault.KindOf(err) != fault.CallerGone {
				t.Errorf("the caller who left got %v", err)
			}
		})
		synctest.Wait()
		c.wg.Go(func() {
			turn, err := c.l.Acquire(t.Context(), upstream.PermitRequest{API: "search"})
			if err != nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Millisecond)
			turn.Done(fault.New(fault.UpstreamUnavailable, "no connection")) // It was never committed.
		})
		synctest.Wait()
		c.call(t.Context(), upstream.PermitRequest{API: "search"}, "second", 0)
		c.call(t.Context(), upstream.PermitRequest{API: "search"}, "third", 0)
		leave()
		c.wg.Wait()
		got := []time.Duration{}
		for _, d := range c.left {
			got = append(got, d.at.Sub(start).Round(100*time.Microsecond))
		}
		want := []time.Duration{0, 203 * time.Millisecond, 404 * time.Millisecond}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("commits of %v (-want +got):\n%s", c.names(), diff)
		}
		if used := c.l.Snapshot(t.Context()).DayUsed; used != 3 {
			t.Errorf("%d calls counted, want 3", used)
		}
	})
}

func TestQueueFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := crowd{t: t, l: newLimiter(t, fivePerSecond, quota.Options{QueueMax: 10})}
		heavy := upstream.PermitRequest{API: "search", Demand: upstream.Demand{Caller: "heavy"}}
		for range 6 { // One is granted at once.
			c.call(t.Context(), heavy, "", 0)
		}
		_, err := c.l.Acquire(t.Context(), heavy)
		wantFault(t, err, fault.QuotaQueueFull, "app_key/queue", turnTime, turnTime)
		// There is still room for other callers.
		c.call(t.Context(), upstream.PermitRequest{API: "search", Demand: upstream.Demand{Caller: "light"}}, "light", 0)
		s := c.l.Snapshot(t.Context())
		want := map[upstream.Class]int{upstream.Interactive: 6, upstream.Batch: 0}
		if diff := cmp.Diff(want, s.Waiting); diff != "" {
			t.Errorf("waiting (-want +got):\n%s", diff)
		}
		c.wg.Wait()
		if diff := cmp.Diff(map[string]int{"": 2, "light": 1}, c.counts(3)); diff != "" {
			t.Errorf("first permits (-want +got):\n%s", diff)
		}
	})
}

// TestPassedOver: calls to an API without a slot do not delay others.
func TestPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := fivePerSecond
		limits.PerAPI = map[string]limiter.Limit{"image": {PerSecond: 1}}
		c := crowd{t: t, l: newLimiter(t, limits, quota.Options{})}
		for range 3 {
			c.call(t.Context(), upstream.PermitRequest{API: "image"}, "image", 0)
		}
		for range 5 {
			c.call(t.Context(), upstream.PermitRequest{API: "search"}, "search", 0)
		}
		c.wg.Wait()
		want := []string{"image", "search", "search", "search", "search", "image", "search", "image"}
		if diff := cmp.Diff(want, c.names()); diff != "" {
			t.Errorf("commits (-want +got):\n%s", diff)
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := quota.New(limiter.NewLocal(fivePerSecond, limiter.NewLedger()), fivePerSecond, quota.Options{})
		errs := make(chan error, 5)
		for range cap(errs) {
			go func() {
				_, err := d.Acquire(t.Context(), upstream.PermitRequest{API: "search"})
				errs <- err
			}()
			synctest.Wait()
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		var got []string
		for range cap(errs) {
			got = append(got, fmt.Sprint(fault.KindOf(<-errs)))
		}
		_, err := d.Acquire(t.Context(), upstream.PermitRequest{API: "search"})
		got = append(got, fmt.Sprint(fault.KindOf(err)))
		want := []string{"INTERNAL", "SERVER_DRAINING", "SERVER_DRAINING", "SERVER_DRAINING", "SERVER_DRAINING", "SERVER_DRAINING"}
		if diff := cmp.Diff(want, got); diff != "" { // The first had its permit: no fault reads as INTERNAL.
			t.Errorf("answers (-want +got):\n%s", diff)
		}
	})
}
