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

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// world is a simple model of the upstream: it counts arrivals in an exact sliding second, as 1688 is assumed to do. The
// network delays calls.
type world struct {
	limit  int
	late   func() time.Duration
	answer func() time.Duration

	mu sync.Mutex
	// arrivals are all calls, admitted those that were not throttled.
	arrivals, admitted []time.Time
	throttled          []time.Time
}

// call is one call: it arrives, is admitted or throttled, and is answered.
func (w *world) call() error {
	time.Sleep(w.late())
	w.mu.Lock()
	now := time.Now()
	w.arrivals = append(w.arrivals, now)
	n := 0
	for i := len(w.admitted) - 1; i >= 0 && now.Sub(w.admitted[i]) < time.Second; i-- {
		n++
	}
	fits := n < w.limit
	if fits {
		w.admitted = append(w.admitted, now)
	} else {
		w.throttled = append(w.throttled, now)
	}
	w.mu.Unlock()
	if !fits {
		return fault.New(fault.UpstreamThrottled, "too fast")
	}
	time.Sleep(w.answer())
	return nil
}

// between counts the times from one on and before another.
func between(times []time.Time, from, to time.Time) int {
	n := 0
	for _, t := range times {
		if !t.Before(from) && t.Before(to) {
			n++
		}
	}
	return n
}

// busiest is the highest number of arrivals in any half-open second.
func busiest(times []time.Time) int {
	slices.SortFunc(times, time.Time.Compare)
	most, first := 0, 0
	for i, t := range times {
		for t.Sub(times[first]) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func upTo(most time.Duration) func() time.Duration {
	return func() time.Duration {
		if most == 0 {
			return 0
		}
		return rand.N(most)
	}
}

// press runs callers that call continuously, like a service under load.
func (w *world) press(ctx context.Context, d *quota.Dispatcher, callers int) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			repeated := false
			for ctx.Err() == nil {
				turn, err := d.Acquire(ctx, upstream.PermitRequest{API: "search", Throttled: repeated})
				if err != nil {
					return
				}
				if err = turn.Commit(ctx); err == nil {
					turn.Sent()
					err = w.call()
				}
				turn.Done(err)
				repeated = fault.KindOf(err) == fault.UpstreamThrottled
			}
		})
	}
	return &wg
}

// TestLearnedMarginHoldsTheRate: for every kind of network, after a minute of learning at most one call per minute is
// throttled, and the rate is used.
func TestLearnedMarginHoldsTheRate(t *testing.T) {
	for _, perSecond := range []int{5, 50, 200} {
		for _, way := range []struct {
			name         string
			late, answer func() time.Duration
			used         float64
		}{
			{"at once", upTo(0), upTo(0), 0.95},
			{"slow answers", upTo(0), func() time.Duration { return 100*time.Millisecond + rand.N(400*time.Millisecond) }, 0.95},
			{"late arrivals", upTo(30 * time.Millisecond), upTo(0), 0.92},
			{"late arrivals, slow answers", upTo(30 * time.Millisecond), func() time.Duration { return 100*time.Millisecond + rand.N(400*time.Millisecond) }, 0.92},
		} {
			used := way.used
			if perSecond == 200 {
				used = 0.92
			}
			t.Run(fmt.Sprintf("%d/%s", perSecond, way.name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := &world{limit: perSecond, late: way.late, answer: way.answer}
					d := newLimiter(t, limiter.Limits{App: limiter.Limit{PerSecond: float64(perSecond)}, Margin: quota.MarginDefault}, quota.Options{})
					ctx, stop := context.WithCancel(t.Context())
					wg := w.press(ctx, d, 2*perSecond)
					time.Sleep(time.Minute)
					learned := time.Now()
					time.Sleep(time.Minute)
					measured := time.Now()
					stop()
					wg.Wait()
					if n := between(w.throttled, learned, measured); n > 1 {
						t.Errorf("%d throttled in the second minute (%d in the first), margin %.3f", n, between(w.throttled, time.Time{}, learned), d.Snapshot(t.Context()).Margin)
					}
					if got := float64(between(w.admitted, learned, measured)) / 60 / float64(perSecond); got < used {
						t.Errorf("%.4f of the rate used in the second minute, want %v (margin %.3f)", got, used, d.Snapshot(t.Context()).Margin)
					}
				})
			})
		}
	}
}

// TestNeverExceedsWithinTheMargin: if network delay is at most three quarters of the margin, no second at the upstream
// has more calls than the limit, however long connections and answers take and however many callers there are.
func TestNeverExceedsWithinTheMargin(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.IntRange(1, 40).Draw(r, "limit")
		margin := rapid.Float64Range(0, 0.2).Draw(r, "margin")
		late := time.Duration(0.75 * margin / (1 - margin) * float64(time.Second))
		answer := time.Duration(rapid.Int64Range(0, int64(700*time.Millisecond)).Draw(r, "answer"))
		dial := time.Duration(rapid.Int64Range(0, int64(700*time.Millisecond)).Draw(r, "dial"))
		callers := rapid.IntRange(1, 60).Draw(r, "callers")
		synctest.Test(t, func(t *testing.T) {
			w := &world{limit: limit, late: upTo(late), answer: upTo(answer)}
			d := newLimiter(t, limiter.Limits{App: limiter.Limit{PerSecond: float64(limit)}, Margin: margin}, quota.Options{})
			ctx, stop := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for ctx.Err() == nil {
						turn, err := d.Acquire(ctx, upstream.PermitRequest{API: "search"})
						if err != nil {
							return
						}
						time.Sleep(upTo(dial)())
						if err = turn.Commit(ctx); err == nil {
							turn.Sent()
							err = w.call()
						}
						turn.Done(err)
					}
				})
			}
			time.Sleep(10 * time.Second)
			stop()
			wg.Wait()
			if got := busiest(w.arrivals); got > limit {
				r.Errorf("%d arrivals in one second, the limit is %d", got, limit)
			}
		})
	})
}

// TestCrowdIsServedInItsFairTime: the longest wait of many simultaneous calls is at most 1.2 times what the limit
// requires.
func TestCrowdIsServedInItsFairTime(t *testing.T) {
	for _, perSecond := range []int{5, 50, 200} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{limit: perSecond, late: upTo(0), answer: func() time.Duration { return 100*time.Millisecond + rand.N(400*time.Millisecond) }}
				d := newLimiter(t, limiter.Limits{App: limiter.Limit{PerSecond: float64(perSecond)}, Margin: quota.MarginDefault}, quota.Options{})
				var wg sync.WaitGroup
				var mu sync.Mutex
				var longest time.Duration
				calls := 20 * perSecond
				from := time.Now()
				for range calls {
					wg.Go(func() {
						turn, err := d.Acquire(t.Context(), search)
						if err == nil {
							err = turn.Commit(t.Context())
						}
						if err != nil {
							t.Error(err)
							return
						}
						turn.Sent()
						mu.Lock()
						longest = max(longest, time.Since(from))
						mu.Unlock()
						turn.Done(w.call())
					})
				}
				wg.Wait()
				fair := time.Duration(float64(calls-1) / float64(perSecond) * float64(time.Second))
				if longest > fair*12/10 {
					t.Errorf("the last of %d was committed after %v, its fair time is %v", calls, longest, fair)
				}
			})
		})
	}
}

// TestHeadOfItsClass: a throttled call is retried before those that waited behind it.
func TestHeadOfItsClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := crowd{t: t, l: newLimiter(t, fivePerSecond, quota.Options{})}
		request := func(name string, class upstream.Class, repeated bool) {
			c.call(t.Context(), upstream.PermitRequest{API: "search", Throttled: repeated, Demand: upstream.Demand{Caller: name, Class: class}}, name, 0)
		}
		request("served", upstream.Interactive, false)
		for range 3 {
			request("person", upstream.Interactive, false)
			request("batch", upstream.Batch, false)
		}
		request("throttled batch", upstream.Batch, true)
		request("throttled person", upstream.Interactive, true)
		c.wg.Wait()
		if got, want := c.names(), []string{"served", "throttled person", "person", "person", "person", "throttled batch", "batch", "batch", "batch"}; !slices.Equal(got, want) {
			t.Errorf("commits are %q, want %q", got, want)
		}
	})
}
