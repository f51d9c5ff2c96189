package quota_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// manyAtOnce makes many calls with the same deadline one shortly after the other, and returns how many were refused,
// and the first refusal.
func manyAtOnce(t *testing.T, d *quota.Dispatcher, calls int, within time.Duration, demand upstream.Demand, meanwhile func()) (refused int, why error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range calls {
		wg.Go(func() {
			if err := attempt(ctx, d, upstream.PermitRequest{API: "search", Demand: demand}, nil); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if refused++; why == nil {
					why = err
				}
			}
		})
		time.Sleep(2 * time.Millisecond)
	}
	meanwhile()
	wg.Wait()
	return refused, why
}

// TestNobodyIsRefusedAfterARestart: the settling time after a start must not be taken for the interval between slots.
func TestNobodyIsRefusedAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := quota.Config{Limits: limiter.Limits{AppKey: "k", App: limiter.Limit{PerSecond: 50}, Margin: 0.01}, DataDir: t.TempDir()}
		for _, calls := range []int{1, 200} {
			d, err := quota.Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if refused, why := manyAtOnce(t, d, calls, 10*time.Second, upstream.Demand{}, func() {}); refused > 0 {
				t.Errorf("%d of %d calls with a deadline of 10 s were refused at 50 calls a second: %v", refused, calls, why)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestNobodyIsRefusedByANewRedis is the same with a new server.
func TestNobodyIsRefusedByANewRedis(t *testing.T) {
	t.Parallel()
	d, _ := openShared(t, redistest.Start(t), limiter.Limits{App: limiter.Limit{PerSecond: 20}, Margin: 0.03}, limiter.FailoverOptions{})
	if refused, why := manyAtOnce(t, d, 100, 30*time.Second, upstream.Demand{}, func() {}); refused > 0 {
		t.Errorf("%d of 100 calls with a deadline of 30 s were refused at 20 calls a second: %v", refused, why)
	}
}

// TestAShortPauseOfRedisRefusesNobody: if the deadline allows the wait, both classes wait.
func TestAShortPauseOfRedisRefusesNobody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		class upstream.Class
		pause func(t *testing.T, s *redistest.Server)
	}{
		"people, frozen": {upstream.Interactive, frozen},
		"batch, frozen":  {upstream.Batch, frozen},
		"people, killed": {upstream.Interactive, func(t *testing.T, s *redistest.Server) {
			t.Helper()
			s.Kill(t)
			time.Sleep(300 * time.Millisecond)
			s.Restart(t)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			d, _ := openShared(t, server, limiter.Limits{App: limiter.Limit{PerSecond: 20}, Margin: 0.03}, limiter.FailoverOptions{})
			if err := attempt(t.Context(), d, search, nil); err != nil { // Ends the settling time.
				t.Fatal(err)
			}
			refused, why := manyAtOnce(t, d, 80, time.Minute, upstream.Demand{Class: tc.class}, func() { tc.pause(t, server) })
			if refused > 0 {
				t.Errorf("%d of 80 calls with a deadline of a minute were refused: %v", refused, why)
			}
		})
	}
}

func frozen(t *testing.T, s *redistest.Server) {
	t.Helper()
	s.Freeze(t)
	time.Sleep(300 * time.Millisecond)
	s.Thaw(t)
}
