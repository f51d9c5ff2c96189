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

// cachedClient is a client behind the cache, as the service has it.
func cachedClient(t *testing.T, o upstream.Options) *cache.Cache {
	t.Helper()
	client := aopClient(t, o)
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

// paced is a real quota of perSecond calls a second.
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

// respondInOrder answers the first call by the first function, and so on, and all further calls by the last one. It counts
// the calls.
func respondInOrder(answers ...func(r *http.Request) string) (http.HandlerFunc, *atomic.Int64) {
	var calls atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		n := int(calls.Add(1))
		if err := r.ParseForm(); err != nil {
			return
		}
		reply(w, answers[min(n, len(answers))-1](r))
	}, &calls
}

func neverAnswer(r *http.Request) string { <-r.Context().Done(); return "" }

func noProducts(*http.Request) string { return envelope(noGoods) }

// failSlowly fails after a second, in a way that is retried.
func failSlowly(*http.Request) string {
	time.Sleep(time.Second)
	return ""
}

// searchWords searches in the background. It reports the outcome and the time in one line.
func searchWords(ctx context.Context, c upstream.Searcher, keyword string) <-chan string {
	reported := make(chan string, 1)
	began := time.Now()
	go func() {
		answer, err := c.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: keyword})
		reported <- outcome(answer.GetMeta(), err, time.Since(began))
	}()
	synctest.Wait()
	return reported
}

func outcome(meta *zhaohuov1.AnswerMeta, err error, took time.Duration) string {
	what, calls := "answered", int(meta.GetUpstreamCalls())
	if err != nil {
		what, calls = fault.KindOf(err).String(), fault.CallsOf(err)
	}
	return fmt.Sprintf("%s after %v for %d calls", what, took.Round(time.Second), calls)
}

func wantOutcome(t *testing.T, who string, got <-chan string, want string) {
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

// The timeout of an attempt does not depend on the deadline of the caller who started the search.
func TestAJoinedQuestionKeepsItsAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, calls := respondInOrder(neverAnswer, noProducts)
		c := cachedClient(t, simulate(t, handler))
		short := searchWords(within(t, 2*time.Second), c, "耳机")
		long := searchWords(within(t, 40*time.Second), c, "耳机")
		wantOutcome(t, "who began", short, "DEADLINE_EXCEEDED after 2s for 1 calls")
		wantOutcome(t, "who joined", long, "answered after 10s for 1 calls")
		if n := calls.Load(); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}

func TestABudgetBoundsItsCallerOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Log("a search that a caller with a budget of one call started")
		handler, calls := respondInOrder(failSlowly, failSlowly, noProducts)
		c := cachedClient(t, simulate(t, handler))
		combo := searchWords(upstream.WithAllowance(t.Context(), 1), c, "耳机")
		plain := searchWords(t.Context(), c, "耳机")
		wantOutcome(t, "the combo", combo, "answered after 2s for 1 calls")
		wantOutcome(t, "the plain search", plain, "answered after 2s for 2 calls")
		if n := calls.Load(); n != 3 {
			t.Errorf("%d calls, want 3", n)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		t.Log("a caller with a budget who joins")
		handler, _ := respondInOrder(failSlowly)
		c := cachedClient(t, simulate(t, handler))
		plain := searchWords(t.Context(), c, "耳机")
		budget := upstream.WithAllowance(t.Context(), 1)
		combo := searchWords(budget, c, "耳机")
		wantOutcome(t, "the plain search", plain, "UPSTREAM_UNAVAILABLE after 3s for 3 calls")
		wantOutcome(t, "the combo", combo, "UPSTREAM_UNAVAILABLE after 3s for 0 calls")
		wantOutcome(t, "the combo, with its own call", searchWords(budget, c, "耳机"), "UPSTREAM_UNAVAILABLE after 1s for 1 calls")
		wantOutcome(t, "the combo, with none", searchWords(budget, c, "耳机"), "BUDGET_EXHAUSTED after 0s for 0 calls")
	})
	synctest.Test(t, func(t *testing.T) {
		t.Log("a caller with a budget who remains alone")
		handler, calls := respondInOrder(failSlowly)
		c := cachedClient(t, simulate(t, handler))
		hook, leave := context.WithCancel(t.Context())
		plain := searchWords(hook, c, "耳机")
		combo := searchWords(upstream.WithAllowance(t.Context(), 1), c, "耳机")
		leave()
		wantOutcome(t, "who left", plain, "CALLER_GONE after 0s for 1 calls")
		wantOutcome(t, "the combo", combo, "UPSTREAM_UNAVAILABLE after 2s for 1 calls")
		if n := calls.Load(); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}

func TestABudgetBoundsItsCallerOnlyByPhoto(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{upload: func(n int, r *http.Request) string {
			if n == 1 {
				return failSlowly(r)
			}
			return envelope(`"7"`)
		}}
		c := cachedClient(t, simulate(t, g.ServeHTTP))
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

func TestABackgroundRefreshIsNotChargedToABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, calls := respondInOrder(noProducts)
		c := cachedClient(t, simulate(t, handler))
		wantOutcome(t, "first", searchWords(t.Context(), c, "耳机"), "answered after 0s for 1 calls")
		time.Sleep(9 * time.Minute)
		budget := upstream.WithAllowance(t.Context(), 1)
		wantOutcome(t, "due for a refresh", searchWords(budget, c, "耳机"), "answered after 0s for 0 calls")
		if n := calls.Load(); n != 2 {
			t.Errorf("%d calls: the answer was not refreshed", n)
		}
		wantOutcome(t, "another question", searchWords(budget, c, "音箱"), "answered after 0s for 1 calls")
	})
}

func searchPhoto(ctx context.Context, t *testing.T, c upstream.Searcher, key string, page int32) <-chan string {
	reported := make(chan string, 1)
	began := time.Now()
	go func() {
		answer, err := c.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{Page: proto.Int32(page)}, upstream.Picture{Photo: newPhoto(t, 100), Key: key})
		reported <- outcome(answer.GetMeta(), err, time.Since(began))
	}()
	synctest.Wait()
	return reported
}

func asBatch(ctx context.Context) context.Context {
	return upstream.WithDemand(ctx, upstream.Demand{Caller: "batch", Class: upstream.Batch})
}

func TestAPersonDoesNotWaitInBatchClass(t *testing.T) {
	for name, second := range map[string]func(ctx context.Context, c upstream.Searcher, t *testing.T) <-chan string{
		"the same photo's second page": func(ctx context.Context, c upstream.Searcher, t *testing.T) <-chan string {
			return searchPhoto(ctx, t, c, "shared", 2)
		},
		"the same photo's first page": func(ctx context.Context, c upstream.Searcher, t *testing.T) <-chan string {
			return searchPhoto(ctx, t, c, "shared", 1)
		},
		"the same words": func(ctx context.Context, c upstream.Searcher, _ *testing.T) <-chan string {
			return searchWords(ctx, c, "shared")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := simulate(t, (&gateway{}).ServeHTTP)
				o.Quota = paced(t, 5)
				c := cachedClient(t, o)
				batch, stop := context.WithCancel(asBatch(t.Context()))
				var waiting []<-chan string
				for i := range 40 {
					waiting = append(waiting, searchWords(batch, c, fmt.Sprint(i)))
				}
				waiting = append(waiting, searchPhoto(batch, t, c, "shared", 1), searchWords(batch, c, "shared"))
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

func TestAPhotoWaitsUntilItsCallersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := simulate(t, (&gateway{}).ServeHTTP)
		o.Quota = paced(t, 0.1)
		c := cachedClient(t, o)
		wantOutcome(t, "the one before", searchPhoto(t.Context(), t, c, "before", 1), "answered after 10s for 2 calls")
		// The next permit comes in 10 seconds, the one after it in 20.
		short := searchPhoto(within(t, 2*time.Second), t, c, "short", 1)
		wantOutcome(t, "2 seconds", short, "QUOTA_WAIT_TOO_LONG after 0s for 0 calls")
		var batch []<-chan string
		for i := range 8 {
			batch = append(batch, searchPhoto(asBatch(within(t, 6*time.Hour)), t, c, fmt.Sprint(i), 1))
		}
		for i, b := range batch {
			if got := <-b; got[:8] != "answered" {
				t.Errorf("photo %d of a batch with hours left: %s", i, got)
			}
		}
	})
}

// The quota refuses a wait beyond the first caller's deadline. A caller who joined with a later one waits.
func TestARefusalForAnEarlierDeadlineIsNotShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := respondInOrder(noProducts)
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
		c := cachedClient(t, o)
		short := searchWords(within(t, 3*time.Second), c, "耳机")
		long := searchWords(within(t, 30*time.Second), c, "耳机")
		wantOutcome(t, "with time", long, "answered after 1s for 0 calls")
		wantOutcome(t, "without", short, "answered after 1s for 1 calls")
	})
}

// The token that is sent is the one that is valid after the wait for the permit.
func TestTheTokenIsReadAfterTheWait(t *testing.T) {
	seen := make(chan string, 1)
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get(headerToken)
		respond(w, "", 0)
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

func TestAMissingTokenFailsBeforeTheWait(t *testing.T) {
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { respond(w, "", 0) })
	o.Tokens = &tokens{err: fault.New(fault.UpstreamTokenInvalid, "no login yet")}
	o.Quota = &quota{acquire: func(context.Context) error { return errors.New("a permit was requested") }}
	_, err := ask(t.Context(), o)
	wantFault(t, err, fault.UpstreamTokenInvalid, 0)
}
