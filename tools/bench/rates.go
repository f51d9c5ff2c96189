package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

const (
	// learning is how long a cell may learn before it is measured; measuring is how long the measurement takes.
	learning  = time.Minute
	measuring = time.Minute
	// crowdSeconds is the size of the final burst: as many calls as the limit allows in so many seconds.
	crowdSeconds = 10
)

// cell is one measurement of how well a rate is used and kept.
type cell struct {
	behavior
	processes int
	// awayMin and awayMax bound the delay to Redis in each direction, in milliseconds; both are 0 for no delay.
	awayMin, awayMax int
	// usedMin is the promised share of the rate; 0 for none. throttledMax is the promised largest number of throttled
	// calls; -1 for none.
	usedMin      float64
	throttledMax int
}

// rates lists all cells, each a group of its own: `go run ./tools/bench rate-5-late-1` runs one.
func rates() []measure {
	var all []measure
	add := func(name string, c cell) {
		all = append(all, measure{name, func(ctx context.Context, r *report) error { return c.measure(ctx, r) }})
	}
	for _, limit := range []int{5, 50, 200} {
		for _, way := range []struct {
			name string
			behavior
		}{
			{"plain", behavior{}},
			{"slow", behavior{AnswerMinMS: 100, AnswerMaxMS: 500}},
			{"late", behavior{LateMS: 30}},
			{"late-slow", behavior{LateMS: 30, AnswerMinMS: 100, AnswerMaxMS: 500}},
		} {
			for _, processes := range []int{1, 3} {
				c := cell{behavior: way.behavior, processes: processes, usedMin: 0.95, throttledMax: 1}
				c.Limit = limit
				if limit == 200 || way.LateMS > 0 {
					c.usedMin = 0.92
				}
				add(fmt.Sprintf("rate-%d-%s-%d", limit, way.name, processes), c)
			}
		}
	}
	for _, processes := range []int{2, 3} {
		for _, away := range []struct {
			name     string
			min, max int
			used     float64
		}{{"20ms", 0, 40, 0.9}, {"100ms", 0, 200, 0.9}, {"1500ms", 1500, 1500, 0}} {
			add(fmt.Sprintf("far-%s-%d", away.name, processes), cell{
				behavior: behavior{Limit: 6}, processes: processes, awayMin: away.min, awayMax: away.max, usedMin: away.used, throttledMax: 0,
			})
		}
	}
	return all
}

// measure keeps the services under load while they learn, then counts for a while, and sends a burst at the end.
func (c cell) measure(ctx context.Context, r *report) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	upstream, err := startCounter(ctx, c.behavior)
	if err != nil {
		return err
	}
	defer upstream.kill()
	clients, end, err := c.services(ctx, upstream.said)
	defer end()
	if err != nil {
		return err
	}
	// A hard limit is counted from the first call on. What is learned is measured after the learning.
	load, unload := context.WithCancel(ctx)
	wg := c.press(load, clients)
	limited := c.awayMax > 0
	if !limited {
		pause.For(ctx, learning)
	}
	if err := upstream.begin(ctx); err != nil {
		unload()
		return err
	}
	pause.For(ctx, measuring)
	came, err := upstream.read(ctx)
	unload()
	wg.Wait()
	if err != nil {
		return err
	}
	c.judge(r, came)
	if limited {
		return nil
	}
	return c.crowd(ctx, r, clients)
}

func (c cell) judge(r *report, came tally) {
	used := float64(came.Admitted) / came.Seconds / float64(c.Limit)
	what := fmt.Sprintf("%d calls/s, arrivals up to %d ms late, answers of %d to %d ms, processes: %d",
		c.Limit, c.LateMS, c.AnswerMinMS, c.AnswerMaxMS, c.processes)
	if c.awayMax > 0 {
		what += fmt.Sprintf(", Redis %d to %d ms away", c.awayMin, c.awayMax)
	}
	r.figure(what, "%d calls", came.Admitted)
	r.promise("  throttled", came.Throttled <= c.throttledMax, strconv.Itoa(c.throttledMax)+" at most", "%d", came.Throttled)
	for _, one := range came.Early {
		r.figure("    one too early, at", "%s", one)
	}
	if c.throttledMax == 0 {
		r.promise("  most arrivals in a second", came.Busiest <= c.Limit, strconv.Itoa(c.Limit)+" at most", "%d", came.Busiest)
	} else {
		r.figure("  most arrivals in a second", "%d", came.Busiest)
	}
	if c.usedMin > 0 {
		r.promise("  share of the rate used", used >= c.usedMin, fmt.Sprintf("%.0f %%", 100*c.usedMin), "%.1f %%", 100*used)
	} else {
		r.figure("  share of the rate used", "%.1f %%", 100*used)
	}
}

// services starts the processes of the cell. It returns their clients and a function that ends everything.
func (c cell) services(ctx context.Context, upstream string) (clients []zhaohuov1.SearchServiceClient, end func(), err error) {
	var endings []func()
	end = func() {
		for _, one := range endings {
			one()
		}
	}
	settings := map[string]string{
		"ZHAOHUO_UPSTREAM_QPS": strconv.Itoa(c.Limit), "ZHAOHUO_DEFAULT_TIMEOUT": "10m", "ZHAOHUO_NO_CACHE": "true",
	}
	if c.processes > 1 {
		redis, err := startRedis(ctx)
		if err != nil {
			return nil, end, err
		}
		endings = append(endings, redis.stop)
		settings["ZHAOHUO_REDIS_URL"] = redis.url
		if c.awayMax > 0 {
			remote, err := redistest.NewDelayProxy(redis.socket, func() time.Duration { return between(c.awayMin, c.awayMax) })
			if err != nil {
				return nil, end, err
			}
			endings = append(endings, func() { _ = remote.Close() })
			settings["ZHAOHUO_REDIS_URL"] = "redis://" + remote.Addr + "/0"
		}
	}
	for range c.processes {
		settings["ZHAOHUO_DATA_DIR"] = scratch()
		service, err := startChild(ctx, against(upstream, settings), serviceRole)
		if err != nil {
			return nil, end, err
		}
		endings = append(endings, service.kill)
		conn, err := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, end, err
		}
		endings = append(endings, func() { _ = conn.Close() })
		clients = append(clients, zhaohuov1.NewSearchServiceClient(conn))
	}
	return clients, end, nil
}

// press keeps as many calls waiting or in flight as the limit allows in two seconds.
func (c cell) press(ctx context.Context, clients []zhaohuov1.SearchServiceClient) *sync.WaitGroup {
	var wg sync.WaitGroup
	for i := range max(2*c.Limit, 4*len(clients)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := clients[i%len(clients)].KeywordSearch(ctx, newQuestion()); err != nil {
					pause.For(ctx, 100*time.Millisecond)
				}
			}
		})
	}
	return &wg
}

// newQuestion makes a question that was never asked before.
func newQuestion() *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{Keyword: fmt.Sprintf("耳机 %x", rand.Uint64())}
}

// crowd sends many calls at once and compares the longest wait with the time that the limit needs for so many.
func (c cell) crowd(ctx context.Context, r *report, clients []zhaohuov1.SearchServiceClient) error {
	calls := crowdSeconds * c.Limit
	var wg sync.WaitGroup
	var failed atomic.Int64
	from := time.Now()
	for i := range calls {
		wg.Go(func() {
			if _, err := clients[i%len(clients)].KeywordSearch(ctx, newQuestion()); err != nil {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	longest := time.Since(from)
	fair := crowdSeconds*time.Second + time.Duration(c.LateMS+c.AnswerMaxMS)*time.Millisecond
	r.promise(fmt.Sprintf("  %d at once: failed", calls), failed.Load() == 0, "0", "%d", failed.Load())
	r.promise("  the longest wait against the fair turn", longest <= fair*12/10, fmt.Sprintf("1.2 x %.1f s", fair.Seconds()), "%.1f s", longest.Seconds())
	return ctx.Err()
}
