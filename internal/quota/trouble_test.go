package quota_test

import (
	"context"
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

var search = upstream.PermitRequest{API: "search"}

// attempt makes one complete attempt with the outcome, and returns why it was not sent.
func attempt(ctx context.Context, d *quota.Dispatcher, request upstream.PermitRequest, outcome error) error {
	turn, err := d.Acquire(ctx, request)
	if err != nil {
		return err
	}
	if err := turn.Commit(ctx); err != nil {
		turn.Done(err)
		return err
	}
	turn.Done(outcome)
	return nil
}

func throttle(after time.Duration) error {
	return fault.New(fault.UpstreamThrottled, "too fast").WithRetryAfter(after)
}

func TestThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := crowd{t: t, l: newLimiter(t, fivePerSecond, quota.Options{})}
		turn, err := c.l.Acquire(t.Context(), search)
		if err != nil {
			t.Fatal(err)
		}
		if err := turn.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		// While it is in flight, others come to wait, with and without time for the ban.
		for range 200 {
			c.call(t.Context(), search, "", 0)
		}
		refused := make(chan error, 1)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() {
			_, err := c.l.Acquire(short, upstream.PermitRequest{API: "search", Demand: upstream.Demand{Caller: "short"}})
			refused <- err
		}()
		synctest.Wait()
		banned := time.Now()
		turn.Done(throttle(3 * time.Second))
		synctest.Wait()
		wantFault(t, <-refused, fault.QuotaWaitTooLong, "app_key/ban", 3*time.Second, 3*time.Second)
		if waited := time.Since(banned); waited != 0 {
			t.Errorf("refused after %v, want at once", waited)
		}
		if s := c.l.Snapshot(t.Context()); !s.BannedUntil.Equal(banned.Add(3*time.Second)) || s.PerSecond != 5*0.99*0.7 {
			t.Errorf("the snapshot has a ban until %v and %v calls a second", s.BannedUntil.Sub(banned), s.PerSecond)
		}
		_, err = c.l.Acquire(short, search)
		wantFault(t, err, fault.QuotaWaitTooLong, "app_key/ban", 40*time.Second, 60*time.Second)
		c.wg.Wait()
		if first := c.left[0].at.Sub(banned); first != 3*time.Second {
			t.Errorf("the first call was committed %v after the throttle, want 3 s", first)
		}
		gap := func(i int) time.Duration { return c.left[i].at.Sub(c.left[i-1].at).Round(time.Millisecond) }
		// 202 ms / 0.7 = 288.6 ms at first; 32 successes at 1 % of the limit each restore the rate.
		if diff := cmp.Diff([]time.Duration{289 * time.Millisecond, 202 * time.Millisecond}, []time.Duration{gap(1), gap(199)}); diff != "" {
			t.Errorf("spacing after the ban, and at the end (-want +got):\n%s", diff)
		}
	})
}

// TestThrottledWithAPermitInHand: a permit that was granted before a ban waits if the ban is short. Otherwise it is
// refused before anything is written.
func TestThrottledWithAPermitInHand(t *testing.T) {
	for _, tc := range []struct {
		name string
		ban  time.Duration
		kind fault.Kind
		left bool
	}{
		{"short ban", 2 * time.Second, fault.Internal, true},
		{"long ban", time.Minute, fault.UpstreamThrottled, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newLimiter(t, fivePerSecond, quota.Options{})
				first, err := d.Acquire(t.Context(), search)
				if err != nil {
					t.Fatal(err)
				}
				if err := first.Commit(t.Context()); err != nil {
					t.Fatal(err)
				}
				second, err := d.Acquire(t.Context(), search)
				if err != nil {
					t.Fatal(err)
				}
				first.Done(throttle(tc.ban))
				from := time.Now()
				err = second.Commit(t.Context())
				if (err == nil) != tc.left || err != nil && fault.KindOf(err) != tc.kind {
					t.Errorf("commit: %v", err)
				}
				if err == nil && time.Since(from) != tc.ban {
					t.Errorf("committed after %v, want the ban's %v", time.Since(from), tc.ban)
				}
				second.Done(err)
			})
		})
	}
}

func TestAllowanceUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newLimiter(t, fivePerSecond, quota.Options{})
		// It is 08:00 in GMT+8: the bubble's clock begins at midnight UTC.
		usedUp := fault.New(fault.UpstreamQuotaExhausted, "nothing left")
		turn, err := d.Acquire(t.Context(), search)
		if err != nil {
			t.Fatal(err)
		}
		if err := turn.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		waiting := make(chan error, 1)
		go func() { waiting <- attempt(t.Context(), d, search, nil) }()
		synctest.Wait()
		turn.Done(usedUp)
		wantFault(t, <-waiting, fault.UpstreamQuotaExhausted, "search/allowance", 16*time.Hour, 16*time.Hour)
		from := time.Now()
		for range 10 {
			err := attempt(t.Context(), d, search, nil)
			wantFault(t, err, fault.UpstreamQuotaExhausted, "search/allowance", 16*time.Hour-10*time.Second, 16*time.Hour)
			time.Sleep(600 * time.Millisecond) // Longer than an exhaustion is trusted without asking the limiter.
		}
		if waited := time.Since(from); waited > 6*time.Second+10*turnTime {
			t.Errorf("ten refusals took %v beside the pauses", waited-6*time.Second)
		}
		if err := attempt(t.Context(), d, upstream.PermitRequest{API: "product"}, nil); err != nil {
			t.Errorf("another API: %v", err)
		}
		time.Sleep(16 * time.Hour)
		// One probe finds it still used up. The next day it is available.
		if err := attempt(t.Context(), d, search, usedUp); err != nil {
			t.Errorf("the probe: %v", err)
		}
		wantFault(t, attempt(t.Context(), d, search, nil), fault.UpstreamQuotaExhausted, "search/allowance", 23*time.Hour, 24*time.Hour)
		time.Sleep(24 * time.Hour)
		for range 3 {
			if err := attempt(t.Context(), d, search, nil); err != nil {
				t.Errorf("the day after: %v", err)
			}
		}
	})
}

func TestScopeOfARefusal(t *testing.T) {
	for _, tc := range []struct {
		scope  fault.Scope
		kind   fault.Kind
		closed map[string]bool
	}{
		{fault.ScopeUnknown, fault.UpstreamQuotaExhausted, map[string]bool{"search": true, "product": false}},
		{fault.ScopeAPI, fault.UpstreamQuotaExhausted, map[string]bool{"search": true, "product": false}},
		{fault.ScopeApp, fault.UpstreamQuotaExhausted, map[string]bool{"search": true, "product": true}},
		{fault.ScopeUnknown, fault.UpstreamThrottled, map[string]bool{"search": true, "product": true}},
		{fault.ScopeAPI, fault.UpstreamThrottled, map[string]bool{"search": true, "product": false}},
	} {
		t.Run(tc.kind.String()+" "+tc.scope.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newLimiter(t, fivePerSecond, quota.Options{})
				refusal := fault.New(tc.kind, "no").WithRetryAfter(time.Hour).WithScope(tc.scope)
				if err := attempt(t.Context(), d, search, refusal); err != nil {
					t.Fatal(err)
				}
				got := map[string]bool{}
				for api := range tc.closed {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					got[api] = attempt(ctx, d, upstream.PermitRequest{API: api}, nil) != nil
					cancel()
				}
				if diff := cmp.Diff(tc.closed, got); diff != "" {
					t.Errorf("closed (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestDayUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := limiter.Limits{App: limiter.Limit{PerSecond: 5, PerDay: 3}}
		d := newLimiter(t, limits, quota.Options{})
		var mu sync.Mutex
		got := map[fault.Kind]int{}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				err := attempt(t.Context(), d, search, nil)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got[0]++
					return
				}
				got[fault.KindOf(err)]++
			})
		}
		wg.Wait()
		if diff := cmp.Diff(map[fault.Kind]int{0: 3, fault.QuotaDayUsedUp: 7}, got); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		err := attempt(t.Context(), d, search, nil)
		wantFault(t, err, fault.QuotaDayUsedUp, "app_key/calls_per_day", 16*time.Hour-2*time.Second, 16*time.Hour)
		f, _ := fault.As(err)
		time.Sleep(f.RetryAfter - time.Millisecond)
		if err := attempt(t.Context(), d, search, nil); fault.KindOf(err) != fault.QuotaDayUsedUp {
			t.Errorf("a millisecond before midnight: %v", err)
		}
		time.Sleep(time.Millisecond)
		if err := attempt(t.Context(), d, search, nil); err != nil {
			t.Errorf("at midnight: %v", err)
		}
		if used := d.Snapshot(t.Context()).DayUsed; used != 1 {
			t.Errorf("the new day counts %d, want 1", used)
		}
	})
}

func TestNothingLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newLimiter(t, limiter.Limits{}, quota.Options{})
		from := time.Now()
		for range 1000 {
			if err := attempt(t.Context(), d, search, nil); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(from); waited != 0 {
			t.Errorf("a thousand calls took %v", waited)
		}
		// The upstream's own limits are still kept.
		if err := attempt(t.Context(), d, search, throttle(2*time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := attempt(t.Context(), d, search, nil); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(from); waited != 2*time.Second {
			t.Errorf("after a throttle of 2 s a call was committed after %v", waited)
		}
	})
}

func TestRestartKeepsTheDay(t *testing.T) {
	dir := t.TempDir()
	open := func() *quota.Dispatcher {
		d, err := quota.Open(t.Context(), quota.Config{
			Limits:  limiter.Limits{AppKey: "key", App: limiter.Limit{PerDay: 5}, PerAPI: map[string]limiter.Limit{"image": {PerDay: 1}}},
			DataDir: dir,
		})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var got []fault.Kind
	for _, api := range []string{"search", "image", "image", "search", "search", "search", "search"} {
		d := open()
		err := attempt(t.Context(), d, upstream.PermitRequest{API: api}, nil)
		kind := fault.Internal
		if err != nil {
			kind = fault.KindOf(err)
		}
		got = append(got, kind)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	const no = fault.QuotaDayUsedUp
	if diff := cmp.Diff([]fault.Kind{0, 0, no, 0, 0, 0, no}, got); diff != "" {
		t.Errorf("answers over restarts (-want +got):\n%s", diff)
	}
}
