package cache_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// slowly answers after a second, unless the asking is ended before.
func slowly(ctx context.Context, _ int) error {
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return fault.New(fault.CallerGone, "")
	}
}

func TestAThousandEqualQuestionsAreOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.says(slowly)
		seen := newCounts()
		c := wrap(t, p, cache.Config{Observer: seen})
		var all sync.Map
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() { all.Store(i, search(t.Context(), c, words("杯"))) })
		}
		wg.Wait()
		cost := int32(0)
		all.Range(func(_, v any) bool {
			g := v.(got)
			cost += g.Calls
			g.Calls = 0
			want(t, "each", g, got{"1", live, 0, ""})
			return true
		})
		if p.asked() != 1 || cost != 1 {
			t.Errorf("asked %d times, and told a cost of %d", p.asked(), cost)
		}
		if seen.by(cache.ByUpstream) != 1 || seen.by(cache.ByTwin) != 999 {
			t.Errorf("observed %v", seen.answered)
		}
	})
}

func TestFailureIsSharedAndItsCostReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.says(func(ctx context.Context, _ int) error {
			time.Sleep(time.Second)
			for range 2 {
				_, _ = upstream.Charge(ctx) // Without a budget none is refused.
			}
			return fault.New(fault.UpstreamUnavailable, "down").WithCalls(3)
		})
		c := wrap(t, p, cache.Config{})
		costs := make(chan string, 10)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := c.KeywordSearch(t.Context(), words("杯"))
				f, _ := fault.As(err)
				costs <- f.Kind.String() + strconv.Itoa(fault.CallsOf(f))
			})
		}
		wg.Wait()
		close(costs)
		reported := map[string]int{}
		for cost := range costs {
			reported[cost]++
		}
		if diff := cmp.Diff(map[string]int{"UPSTREAM_UNAVAILABLE3": 1, "UPSTREAM_UNAVAILABLE0": 9}, reported); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhoeverLeavesDoesNotEndItForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.says(slowly)
		c := wrap(t, p, cache.Config{})
		first, leave := context.WithCancel(t.Context())
		second, end := context.WithTimeout(t.Context(), 800*time.Millisecond)
		defer end()
		one, two, three := begin(first, c, words("杯")), begin(second, c, words("杯")), begin(t.Context(), c, words("杯"))
		time.Sleep(500 * time.Millisecond)
		leave()
		want(t, "the one who left", <-one, got{Fault: "CALLER_GONE"})
		want(t, "the one whose time was up", <-two, got{Fault: "DEADLINE_EXCEEDED"})
		// The call left for the first of them, who is told its cost.
		want(t, "the one who stayed", <-three, got{"1", live, 0, ""})
		if p.asked() != 1 {
			t.Errorf("asked %d times", p.asked())
		}
	})
}

func TestTheLastToLeaveEndsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		ended := make(chan time.Duration, 1)
		from := time.Now()
		p.says(func(ctx context.Context, n int) error {
			if n > 1 {
				return nil
			}
			<-ctx.Done()
			ended <- time.Since(from)
			time.Sleep(time.Second) // It takes a while to notice.
			return fault.New(fault.CallerGone, "")
		})
		c := wrap(t, p, cache.Config{})
		for i := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
			defer cancel()
			go search(ctx, c, words("杯"))
		}
		if at := <-ended; at != 3*time.Second {
			t.Errorf("ended after %v", at)
		}
		synctest.Wait()
		want(t, "one who comes then begins anew", search(t.Context(), c, words("杯")), got{"2", live, 1, ""})
	})
}

func TestTheDeadlineOfAQuestionIsThatOfTheLastWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		from := time.Now()
		reported := make(chan time.Duration, 2)
		p.says(func(ctx context.Context, _ int) error {
			for range 2 {
				if end, bounded := ctx.Deadline(); bounded {
					t.Errorf("the context has a deadline of its own: %v", end)
				}
				reported <- upstream.DemandOf(ctx).Deadline.Sub(from)
				time.Sleep(time.Second)
			}
			return nil
		})
		c := wrap(t, p, cache.Config{})
		var wg sync.WaitGroup
		defer wg.Wait()
		for _, timeout := range []time.Duration{5 * time.Second, 20 * time.Second, 10 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			wg.Go(func() { search(ctx, c, words("杯")) })
			synctest.Wait()
		}
		if first, second := <-reported, <-reported; first != 5*time.Second || second != 20*time.Second {
			t.Errorf("told %v, then %v", first, second)
		}
	})
}

func TestAHumanDoesNotWaitInABatchsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.wait = turns
		c := wrap(t, p, cache.Config{})
		batch := upstream.WithDemand(t.Context(), upstream.Demand{Class: upstream.Batch, Caller: "b"})
		human := upstream.WithDemand(t.Context(), upstream.Demand{Caller: "h"})
		patient := make(chan got, 1)
		go func() { patient <- search(batch, c, words("杯")) }()
		time.Sleep(time.Minute)
		from := time.Now()
		one := search(human, c, words("杯"))
		if took := time.Since(from); took != time.Second {
			t.Errorf("took %v", took)
		}
		want(t, "human", one, got{"1", live, 0, ""})
		want(t, "batch", <-patient, got{"1", live, 1, ""})
	})
}

func TestABatchsCallThatLeftIsGoodForAHumanToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.says(func(ctx context.Context, n int) error {
			return slowly(ctx, n)
		})
		c := wrap(t, p, cache.Config{})
		batch := upstream.WithDemand(t.Context(), upstream.Demand{Class: upstream.Batch})
		patient := make(chan got, 1)
		go func() { patient <- search(batch, c, words("杯")) }()
		synctest.Wait()
		if human := search(t.Context(), c, words("杯")); human.Number != "1" || (<-patient).Number != "1" || p.asked() != 1 {
			t.Errorf("asked %d times, got %+v", p.asked(), human)
		}
	})
}

func TestQuestionsAreAskedAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.says(slowly)
		c := wrap(t, p, cache.Config{})
		var wg sync.WaitGroup
		from := time.Now()
		for _, keyword := range []string{"杯", "碗", "盘"} {
			wg.Go(func() { search(t.Context(), c, words(keyword)) })
		}
		synctest.Wait()
		if asking := c.Stats().Asking; asking != 3 {
			t.Errorf("asking %d", asking)
		}
		wg.Wait()
		if took := time.Since(from); took != time.Second || p.asked() != 3 {
			t.Errorf("took %v, asked %d times", took, p.asked())
		}
	})
}

func TestClosingEndsWhatIsBeingAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.says(slowly)
		c, err := cache.Wrap(p, cache.Config{})
		if err != nil {
			t.Fatal(err)
		}
		result := make(chan got, 1)
		go func() { result <- search(t.Context(), c, words("杯")) }()
		synctest.Wait()
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(t, "cut off", <-result, got{Fault: "CALLER_GONE"})
	})
}
