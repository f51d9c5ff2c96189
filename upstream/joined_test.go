package upstream_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	limits "github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// service is the client behind its cache, as callers of the service have it.
func service(t *testing.T, o upstream.Options) *cache.Cache {
	t.Helper()
	client := over(t, o)
	c, err := cache.Wrap(client, cache.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// paced is a real limiter of so many calls a second.
func paced(t *testing.T, perSecond float64) upstream.Quota {
	t.Helper()
	l := limiter.Limits{App: limiter.Limit{PerSecond: perSecond}, Margin: 0.01}
	q := limits.New(limiter.NewLocal(l, limiter.NewLedger()), l, limits.Options{})
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return q
}

// words answers every question by words with one of the functions: the first call by the first one, and so on, the last
// one for all that follow.
func words(answers ...func(r *http.Request) string) (http.HandlerFunc, *atomic.Int64) {
	var calls atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		n := int(calls.Add(1))
		if err := r.ParseForm(); err != nil {
			return
		}
		reply(w, answers[min(n, len(answers))-1](r))
	}, &calls
}

func never(r *http.Request) string { <-r.Context().Done(); return "" }

func goods(*http.Request) string { return envelope(noGoods) }

// broken fails after a second, in a way that is worth another attempt.
func broken(*http.Request) string {
	time.Sleep(time.Second)
	return ""
}

// put asks by words in the background. What it came to, and after how long, is told in a line.
func put(ctx context.Context, c upstream.Searcher, keyword string) <-chan string {
	reported := make(chan string, 1)
	began := time.Now()
	go func() {
		answer, err := c.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: keyword})
		reported <- line(answer.GetMeta(), err, time.Since(began))
	}()
	synctest.Wait()
	return reported
}

func line(meta *zhaohuov1.AnswerMeta, err error, took time.Duration) string {
	what, calls := "answered", int(meta.GetUpstreamCalls())
	if err != nil {
		what, calls = fault.KindOf(err).String(), fault.CallsOf(err)
	}
	return fmt.Sprintf("%s after %v for %d calls", what, took.Round(time.Second), calls)
}

func wantLine(t *testing.T, who string, got <-chan string, want string) {
	t.Helper()
	if g := <-got; g != want {
		t.Errorf("%s: %s, want: %s", who, g, want)
	}
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// An attempt ends at its own time, whoever began the question and however soon that one had to leave.
func TestAJoinedQuestionKeepsItsAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, calls := words(never, goods)
		c := service(t, simulate(t, handler))
		hasty := put(within(t, 2*time.Second), c, "耳机")
		patient := put(within(t, 40*time.Second), c, "耳机")
		wantLine(t, "who began", hasty, "DEADLINE_EXCEEDED after 2s for 1 calls")
		wantLine(t, "who joined", patient, "answered after 10s for 1 calls")
		if n := calls.Load(); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}

func TestABudgetBoundsOnlyWhoHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Log("a question that was begun with a budget of one call")
		handler, calls := words(broken, broken, goods)
		c := service(t, simulate(t, handler))
		combo := put(upstream.WithAllowance(t.Context(), 1), c, "耳机")
		plain := put(t.Context(), c, "耳机")
		wantLine(t, "the combo", combo, "answered after 2s for 1 calls")
		wantLine(t, "the plain search", plain, "answered after 2s for 2 calls")
		if n := calls.Load(); n != 3 {
			t.Errorf("%d calls, want 3", n)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		t.Log("a budget that joins")
		handler, _ := words(broken)
		c := service(t, simulate(t, handler))
		plain := put(t.Context(), c, "耳机")
		budget := upstream.WithAllowance(t.Context(), 1)
		combo := put(budget, c, "耳机")
		wantLine(t, "the plain search", plain, "UPSTREAM_UNAVAILABLE after 3s for 3 calls")
		wantLine(t, "the combo", combo, "UPSTREAM_UNAVAILABLE after 3s for 0 calls")
		wantLine(t, "the combo, with its own call", put(budget, c, "耳机"), "UPSTREAM_UNAVAILABLE after 1s for 1 calls")
		wantLine(t, "the combo, with none", put(budget, c, "耳机"), "BUDGET_EXHAUSTED after 0s for 0 calls")
	})
	synctest.Test(t, func(t *testing.T) {
		t.Log("who is left with a budget alone is bound by it")
		handler, calls := words(broken)
		c := service(t, simulate(t, handler))
		hook, leave := context.WithCancel(t.Context())
		plain := put(hook, c, "耳机")
		combo := put(upstream.WithAllowance(t.Context(), 1), c, "耳机")
		leave()
		wantLine(t, "who left", plain, "CALLER_GONE after 0s for 1 calls")
		wantLine(t, "the combo", combo, "UPSTREAM_UNAVAILABLE after 2s for 1 calls")
		if n := calls.Load(); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}

func TestABudgetBoundsOnlyWhoHasItByPhoto(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{upload: func(n int, r *http.Request) string {
			if n == 1 {
				return broken(r)
			}
			return envelope(`"7"`)
		}}
		c := service(t, simulate(t, g.ServeHTTP))
		var all sync.WaitGroup
		for i, ctx := range []context.Context{upstream.WithAllowance(t.Context(), 2), t.Context()} {
			all.Go(func() {
				answer, err := c.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{}, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
				wantCalls(t, answer, err, []int32{2, 1}[i])
			})
			synctest.Wait()
		}
		all.Wait()
		g.want(t, 2, 1)
	})
}

func TestRenewingInTheBackgroundCostsNobodysBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, calls := words(goods)
		c := service(t, simulate(t, handler))
		wantLine(t, "first", put(t.Context(), c, "耳机"), "answered after 0s for 1 calls")
		time.Sleep(9 * time.Minute)
		budget := upstream.WithAllowance(t.Context(), 1)
		wantLine(t, "ripe", put(budget, c, "耳机"), "answered after 0s for 0 calls")
		if n := calls.Load(); n != 2 {
			t.Errorf("%d calls: the answer was not renewed", n)
		}
		wantLine(t, "another question", put(budget, c, "音箱"), "answered after 0s for 1 calls")
	})
}

func byPhoto(ctx context.Context, t *testing.T, c upstream.Searcher, key string, page int32) <-chan string {
	reported := make(chan string, 1)
	began := time.Now()
	go func() {
		answer, err := c.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{Page: proto.Int32(page)}, upstream.Picture{Photo: newPhoto(t, 100), Key: key})
		reported <- line(answer.GetMeta(), err, time.Since(began))
	}()
	synctest.Wait()
	return reported
}

func asBatch(ctx context.Context) context.Context {
	return upstream.WithDemand(ctx, upstream.Demand{Caller: "batch", Class: upstream.Batch})
}

func TestAHumanWaitsInNoBatchsPlace(t *testing.T) {
	for name, second := range map[string]func(ctx context.Context, c upstream.Searcher, t *testing.T) <-chan string{
		"the same photo's second page": func(ctx context.Context, c upstream.Searcher, t *testing.T) <-chan string {
			return byPhoto(ctx, t, c, "shared", 2)
		},
		"the same photo's first page": func(ctx context.Context, c upstream.Searcher, t *testing.T) <-chan string {
			return byPhoto(ctx, t, c, "shared", 1)
		},
		"the same words": func(ctx context.Context, c upstream.Searcher, _ *testing.T) <-chan string {
			return put(ctx, c, "shared")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := simulate(t, (&gateway{}).ServeHTTP)
				o.Quota = paced(t, 5)
				c := service(t, o)
				batch, stop := context.WithCancel(asBatch(t.Context()))
				var waiting []<-chan string
				for i := range 40 {
					waiting = append(waiting, put(batch, c, fmt.Sprint(i)))
				}
				waiting = append(waiting, byPhoto(batch, t, c, "shared", 1), put(batch, c, "shared"))
				time.Sleep(100 * time.Millisecond)
				human := upstream.WithDemand(t.Context(), upstream.Demand{Caller: "human"})
				from := time.Now()
				if got := <-second(human, c, t); time.Since(from) > 2*time.Second {
					t.Errorf("%s", got)
				}
				stop()
				for _, w := range waiting {
					<-w
				}
			})
		})
	}
}

func TestAPhotoWaitsAsLongAsItsCallerHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := simulate(t, (&gateway{}).ServeHTTP)
		o.Quota = paced(t, 0.1)
		c := service(t, o)
		wantLine(t, "the one before", byPhoto(t.Context(), t, c, "before", 1), "answered after 10s for 2 calls")
		// The next turn is in 10 seconds, the one after it in 20.
		short := byPhoto(within(t, 2*time.Second), t, c, "short", 1)
		wantLine(t, "2 seconds", short, "QUOTA_WAIT_TOO_LONG after 0s for 0 calls")
		var batch []<-chan string
		for i := range 8 {
			batch = append(batch, byPhoto(asBatch(within(t, 6*time.Hour)), t, c, fmt.Sprint(i), 1))
		}
		for i, b := range batch {
			if got := <-b; got[:8] != "answered" {
				t.Errorf("photo %d of a batch with hours left: %s", i, got)
			}
		}
	})
}

// The quota refuses a wait that is longer than the first caller has. Whoever joined with more time waits.
func TestARefusalForAnEarlierDeadlineIsNotTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := words(goods)
		o := simulate(t, handler)
		asked := 0
		o.Quota = &quota{acquire: func(ctx context.Context) error {
			asked++
			if asked > 1 {
				return nil
			}
			time.Sleep(time.Second) // The upstream throttles meanwhile.
			return fault.New(fault.QuotaWaitTooLong, "")
		}}
		c := service(t, o)
		short := put(within(t, 3*time.Second), c, "耳机")
		long := put(within(t, 30*time.Second), c, "耳机")
		wantLine(t, "with time", long, "answered after 1s for 0 calls")
		wantLine(t, "without", short, "answered after 1s for 1 calls")
	})
}

// The token that is sent is the one that is good when the turn has come.
func TestTheTokenIsTakenWhenTheTurnHasCome(t *testing.T) {
	seen := make(chan string, 1)
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get(headerToken)
		says(w, "", 0)
	})
	store := &tokens{left: []secret.Text{"old", "new"}}
	o.Tokens = store
	o.Quota = &quota{acquire: func(ctx context.Context) error { return store.Renew(ctx, "old") }}
	if _, err := ask(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got != "new" {
		t.Errorf("sent %q, which was renewed during the wait", got)
	}
}

func TestWithoutATokenNobodyWaits(t *testing.T) {
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { says(w, "", 0) })
	o.Tokens = &tokens{err: fault.New(fault.UpstreamTokenInvalid, "nobody logged in")}
	o.Quota = &quota{acquire: func(context.Context) error { return errors.New("asked for a turn") }}
	_, err := ask(t.Context(), o)
	wantFault(t, err, fault.UpstreamTokenInvalid, 0)
}
