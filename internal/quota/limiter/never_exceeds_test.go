package limiter_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

// scenario is a load of several processes on one limit.
type scenario struct {
	limit     int
	apiLimit  int
	processes int
	// pauses are how long each process waits before its next attempt, repeatedly.
	pauses []time.Duration
	// delays are how long after its beginning a slot is used.
	delays []time.Duration
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
	s.delays = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
		most := rapid.SampledFrom([]time.Duration{0, time.Millisecond, 100 * time.Millisecond, 700 * time.Millisecond}).Draw(t, "most")
		return time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, "delay"))
	}), 1, 20).Draw(t, "delays")
	return s
})

// press runs a scenario and returns the commit times by the limiter's clock: of all attempts, and of those to the API
// with its own limit.
func (s scenario) press(t testing.TB, open opener, length time.Duration) (all, one []int64) {
	t.Helper()
	g := open(t, limiter.Limits{App: limiter.Limit{PerSecond: float64(s.limit)}, PerAPI: map[string]limiter.Limit{"image": {PerSecond: float64(s.apiLimit)}}})
	var mu sync.Mutex
	var wg sync.WaitGroup
	end := time.Now().Add(length)
	for p := range s.processes {
		wg.Go(func() {
			for i := p; time.Now().Before(end); i++ {
				time.Sleep(s.pauses[i%len(s.pauses)])
				api := []string{"search", "image"}[i%2]
				v, err := g.Reserve(context.Background(), api)
				if err != nil {
					t.Error(err)
					return
				}
				if !v.Granted {
					time.Sleep(min(v.Wait, time.Until(end)))
					continue
				}
				// Some are late, and some too late.
				time.Sleep(time.Until(v.Slot.NotBefore) + s.delays[i%len(s.delays)])
				at, ok := g.Commit(v.Slot)
				if !ok {
					g.Cancel(v.Slot)
					continue
				}
				g.Sent(v.Slot)
				mu.Lock()
				all = append(all, at)
				if api == "image" {
					one = append(one, at)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all, one
}

// mostInASecond is the brute-force model: it counts from each commit on.
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
		t.Errorf("%+v: %d attempts were committed in one half-open second", s, got)
	}
	if got := mostInASecond(one); got > s.apiLimit {
		t.Errorf("%+v: %d attempts at one API were committed in one half-open second", s, got)
	}
	if len(all) == 0 && slices.Min(s.delays) < limiter.Validity/2 {
		t.Errorf("%+v: no commits in %v", s, length)
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

// TestRedisNeverExceeds runs in real time, so all scenarios run concurrently.
func TestRedisNeverExceeds(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	const length = 5 * time.Second // The first two seconds are the settling time.
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
