package quota_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// turnTime is the spacing at five calls a second with the default margin.
const turnTime = 202021 * time.Microsecond

var fivePerSecond = limiter.Limits{App: limiter.Limit{PerSecond: 5}, Margin: quota.MarginDefault}

// newLimiter returns a dispatcher for this process only, closed with the test.
func newLimiter(t testing.TB, limits limiter.Limits, o quota.Options) *quota.Dispatcher {
	t.Helper()
	d := quota.New(limiter.NewLocal(limits, limiter.NewLedger()), limits, o)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// crowd is many calls, and their commit times.
type crowd struct {
	t  testing.TB
	l  *quota.Dispatcher
	wg sync.WaitGroup

	mu   sync.Mutex
	left []departure
}

type departure struct {
	at   time.Time
	name string
}

// call makes one call in the background. dial is the time between its permit and its commit.
func (c *crowd) call(ctx context.Context, request upstream.PermitRequest, name string, dial time.Duration) {
	c.wg.Go(func() {
		turn, err := c.l.Acquire(ctx, request)
		if err != nil {
			c.t.Errorf("%s: %v", name, err)
			return
		}
		time.Sleep(dial)
		err = turn.Commit(ctx)
		c.mu.Lock()
		c.left = append(c.left, departure{time.Now(), name})
		c.mu.Unlock()
		if err != nil {
			c.t.Errorf("%s: %v", name, err)
		}
		turn.Done(err)
	})
	synctest.Wait()
}

func (c *crowd) names() []string {
	var all []string
	for _, d := range c.left {
		all = append(all, d.name)
	}
	return all
}

// counts counts the callers of the first n permits.
func (c *crowd) counts(n int) map[string]int {
	got := map[string]int{}
	for _, d := range c.left[:n] {
		got[d.name]++
	}
	return got
}

// used is the used share of the rate, from the first commit to the last.
func (c *crowd) used(perSecond float64) float64 {
	first, last := c.left[0].at, c.left[len(c.left)-1].at
	return float64(len(c.left)-1) / last.Sub(first).Seconds() / perSecond
}

func (c *crowd) mostInASecond() int {
	most := 0
	for i, from := range c.left {
		n := 0
		for _, d := range c.left[i:] {
			if d.at.Sub(from.at) < time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}
