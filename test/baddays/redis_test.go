package baddays_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// TestRedisKilledMidLoad: two services share quota and answers in one Redis, which is killed under load and started again.
// Stored answers are always served. New questions are refused with UNAVAILABLE as the policy says, never as a used-up
// quota. When Redis is back, both services answer them.
func TestRedisKilledMidLoad(t *testing.T) {
	for policy, goesOn := range map[string]bool{"deny": false, "share": true} {
		t.Run(policy, func(t *testing.T) {
			p, redis := process.Open(t), redistest.Start(t)
			settings := func() map[string]string {
				return p.Settings(t.TempDir(), map[string]string{
					"ZHAOHUO_REDIS_URL": "redis://" + redis.Addr, "ZHAOHUO_REDIS_LOST": policy, "ZHAOHUO_QUOTA_REPLICAS": "2",
					"ZHAOHUO_UPSTREAM_QPS": "50",
				})
			}
			one, other := serve(t, settings()), serve(t, settings())
			one.answers(t, 0, 10)
			other.answers(t, 0, 10)

			var next, answered, refused atomic.Int64
			next.Store(10)
			stop := make(chan struct{})
			var load sync.WaitGroup
			for _, s := range []*service{one, other} {
				load.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						switch got := s.ask(t, int(next.Add(1))%1500); {
						case got.status == 200:
							answered.Add(1)
						case got.status == 503 && got.reason == "QUOTA_STORE_UNAVAILABLE":
							refused.Add(1)
						default:
							t.Errorf("%+v", got)
							return
						}
					}
				})
			}
			process.Eventually(t, "both are under load", func() bool { return answered.Load() > 30 })
			redis.Kill(t)
			one.knows(t, 0, 10)
			other.knows(t, 0, 10)
			before := answered.Load()
			process.Eventually(t, "the loss is noticed", func() bool {
				return goesOn && one.Metric(t, "zhaohuo_quota_store_lost") == 1 && answered.Load() > before+20 || !goesOn && refused.Load() > 20
			})
			redis.Restart(t)
			process.Eventually(t, "Redis is used again", func() bool {
				return one.Metric(t, "zhaohuo_quota_store_lost") == 0 && other.Metric(t, "zhaohuo_quota_store_lost") == 0
			})
			before = answered.Load()
			process.Eventually(t, "all goes on", func() bool { return answered.Load() > before+30 })
			close(stop)
			load.Wait()
			if goesOn && refused.Load() != 0 {
				t.Errorf("%d were refused, though the limit is shared out", refused.Load())
			}
			// What one service stores in the new Redis, the other one finds.
			one.knows(t, 0, 10)
			process.Eventually(t, "answers are shared again", func() bool {
				i := int(next.Add(1)) % 1500
				return one.ask(t, i).status == 200 && other.ask(t, i).calls == 0
			})
		})
	}
}
