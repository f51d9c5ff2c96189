package limiter_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

// TestDistantRedisNeverExceeds has replicas share a limit on a server with long and varying network delay: no second
// has more commits than the limit, by the clock of the one machine of this test.
func TestDistantRedisNeverExceeds(t *testing.T) {
	t.Parallel()
	const limit = 6
	for name, tc := range map[string]struct {
		replicas int
		delay    func() time.Duration
	}{
		"2, 20±20 ms":   {2, func() time.Duration { return rand.N(40 * time.Millisecond) }},
		"3, 100±100 ms": {3, func() time.Duration { return rand.N(200 * time.Millisecond) }},
		"2, one far":    {2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			ctx, stop := context.WithTimeout(t.Context(), 12*time.Second)
			defer stop()
			var mu sync.Mutex
			var at []int64
			var wg sync.WaitGroup
			for n := range tc.replicas {
				delay := tc.delay
				if delay == nil {
					delay = func() time.Duration { return time.Duration(n) * 150 * time.Millisecond }
				}
				g := distant(t, server, delay, limit)
				for range 3 { // The number of slots reserved ahead by each.
					wg.Go(func() {
						for ctx.Err() == nil {
							v, err := g.Reserve(ctx, "search")
							if err != nil {
								return
							}
							if !v.Granted {
								pause.For(ctx, min(v.Wait, 100*time.Millisecond))
								continue
							}
							pause.For(ctx, time.Until(v.Slot.NotBefore))
							before := time.Now()
							if _, ok := g.Commit(v.Slot); !ok {
								g.Cancel(v.Slot)
								continue
							}
							g.Sent(v.Slot)
							if time.Since(before) > 5*time.Millisecond {
								continue // This process was suspended: its commit time is unknown.
							}
							mu.Lock()
							at = append(at, before.UnixMicro())
							mu.Unlock()
						}
					})
				}
			}
			wg.Wait()
			if most := mostInASecond(at); most > limit {
				t.Errorf("%d commits in one second, the limit is %d", most, limit)
			}
			if len(at) < 3*limit {
				t.Errorf("%d commits in 12 s", len(at))
			}
		})
	}
}

func distant(t *testing.T, server *redistest.Server, delay func() time.Duration, limit float64) *limiter.Redis {
	t.Helper()
	distant, err := redistest.NewDelayProxy(server.Addr, delay)
	if err != nil {
		t.Fatal(err)
	}
	option := server.Option()
	option.InitAddress = []string{distant.Addr}
	g := limiter.NewRedis(limiter.Limits{AppKey: "k", App: limiter.Limit{PerSecond: limit}, Margin: 0.03}, option)
	t.Cleanup(func() {
		g.Close()
		if err := distant.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := g.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestOneStepWhereTheClockIsVague: two calls that are throttled together are one step down, also where Redis answered so
// slowly that its clock is known only within a tenth of a second.
func TestOneStepWhereTheClockIsVague(t *testing.T) {
	t.Parallel()
	var delay atomic.Int64
	delay.Store(int64(100 * time.Millisecond))
	g := distant(t, redistest.Start(t), func() time.Duration { return time.Duration(delay.Load()) }, 50)
	first, second := departed(t, g, "search"), departed(t, g, "search")
	delay.Store(0)
	for _, d := range []departure{first, second} {
		report(t, g, d.outcome(limiter.Throttled, limiter.App, 300*time.Millisecond))
	}
	if rate := rateOf(t, g); rate != 0.7 {
		t.Errorf("the rate is %v, want one step down to 0.7", rate)
	}
}

// TestClockSetBack moves the stored times ahead instead of setting the server's clock back: they are discarded, with
// the bans.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	g := limiter.NewRedis(limiter.Limits{AppKey: "k", App: limiter.Limit{PerSecond: 20}, Margin: 0.03}, server.Option())
	t.Cleanup(func() { g.Close() })
	if err := g.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	departed(t, g, "search")
	ahead := strconv.FormatInt(time.Now().Add(40*time.Second).UnixMicro(), 10)
	for _, words := range [][]string{
		{"HSET", "zhaohuo:quota:{k}:key", "next", ahead, "stepped", ahead, "ban", ahead},
		{"ZADD", "zhaohuo:quota:{k}:slots", ahead, "1000"},
		{"HSET", "zhaohuo:quota:{k}:run", "until", ahead},
	} {
		if err := server.Do(t, words...); err != nil {
			t.Fatal(err)
		}
	}
	from := time.Now()
	departed(t, g, "search")
	if waited := time.Since(from); waited > 10*time.Second {
		t.Errorf("a clock that went back by 40 s stopped calls for %v", waited)
	}
}
