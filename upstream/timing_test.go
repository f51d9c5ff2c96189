package upstream_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestWaitsDoubleUpToTheMaximum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		o := simulate(t, func(w http.ResponseWriter, _ *http.Request) {
			at = append(at, time.Now())
			respond(w, "UPSTREAM_UNAVAILABLE", 0)
		})
		o.Backoff = upstream.Backoff{Attempts: 6, First: 100 * time.Millisecond, Max: 500 * time.Millisecond}
		_, err := ask(t.Context(), o)
		wantFault(t, err, fault.UpstreamUnavailable, 6)
		for i, ms := range []int{100, 200, 400, 500, 500} {
			full := time.Duration(ms) * time.Millisecond
			if wait := at[i+1].Sub(at[i]); wait < full/2 || wait >= full {
				t.Errorf("wait %d is %s, want the upper half of %s", i+1, wait, full)
			}
		}
	})
}

func TestThrottleWaitsForRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		o := simulate(t, func(w http.ResponseWriter, _ *http.Request) {
			at = append(at, time.Since(began))
			if len(at) == 1 {
				respond(w, "UPSTREAM_THROTTLED", 7*time.Second)
				return
			}
			respond(w, "", 0)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		answer, err := ask(ctx, o)
		if err != nil || answer.GetMeta().GetUpstreamCalls() != 2 {
			t.Errorf("got %v, %v", answer, err)
		}
		if len(at) != 2 || at[0] != 0 || at[1] != 7*time.Second {
			t.Errorf("called at %v, want at once and after 7s", at)
		}
	})
}

func TestAWaitBeyondTheDeadlineIsNotStarted(t *testing.T) {
	for _, row := range []struct {
		kind  fault.Kind
		after time.Duration
		first time.Duration
	}{
		{fault.UpstreamThrottled, 10 * time.Second, time.Millisecond},
		{fault.UpstreamUnavailable, 0, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := simulate(t, func(w http.ResponseWriter, _ *http.Request) { respond(w, row.kind.String(), row.after) })
			o.Backoff = upstream.Backoff{Attempts: 3, First: row.first, Max: time.Hour}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			began := time.Now()
			_, err := ask(ctx, o)
			if f := failure(t, err, row.kind, 1); f.RetryAfter != row.after {
				t.Errorf("the fault's wait is %s, want %s", f.RetryAfter, row.after)
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("the refusal took %s", took)
			}
		})
	}
}

func TestACancelledCallerFreesEverythingAtOnce(t *testing.T) {
	wait := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for _, row := range []struct {
		name    string
		calls   int
		arrange func(o *upstream.Options)
		serve   http.HandlerFunc
	}{
		{"during the wait for a permit", 0, func(o *upstream.Options) { o.Quota = &quota{acquire: wait} }, nil},
		{"during the commit", 0, func(o *upstream.Options) { o.Quota = &quota{commit: wait} }, nil},
		{"before the answer", 1, nil, func(_ http.ResponseWriter, r *http.Request) { _ = wait(r.Context()) }},
		{"during the answer", 1, nil, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(`{"page":`))
			_ = http.NewResponseController(w).Flush()
			_ = wait(r.Context())
		}},
		{"between two attempts", 1, func(o *upstream.Options) {
			o.Backoff = upstream.Backoff{Attempts: 3, First: time.Hour, Max: time.Hour}
		}, func(w http.ResponseWriter, _ *http.Request) { respond(w, "UPSTREAM_UNAVAILABLE", 0) }},
	} {
		for _, end := range []struct {
			kind fault.Kind
			make func(context.Context) (context.Context, context.CancelFunc)
		}{
			{fault.CallerGone, func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			}},
			{fault.DeadlineExceeded, func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			}},
		} {
			if row.name == "between two attempts" && end.kind == fault.DeadlineExceeded {
				continue // Such a wait is not started.
			}
			t.Run(row.name+", "+end.kind.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					served := make(chan struct{}, 1)
					o := simulate(t, func(w http.ResponseWriter, r *http.Request) {
						row.serve(w, r)
						served <- struct{}{}
					})
					o.AttemptTimeout = time.Hour
					if row.arrange != nil {
						row.arrange(&o)
					}
					ctx, cancel := end.make(t.Context())
					defer cancel()
					began := time.Now()
					_, err := ask(ctx, o)
					wantFault(t, err, end.kind, row.calls)
					if took := time.Since(began); took != time.Second {
						t.Errorf("it took %s to notice, want 1s", took)
					}
					if row.calls > 0 {
						<-served // The request at the upstream has ended as well.
					}
				})
			})
		}
	}
}

func TestAnAttemptThatTakesTooLongIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		o := simulate(t, func(w http.ResponseWriter, r *http.Request) {
			if calls++; calls < 3 {
				<-r.Context().Done()
				return
			}
			respond(w, "", 0)
		})
		o.AttemptTimeout = 5 * time.Second
		answer, err := ask(t.Context(), o)
		if err != nil || answer.GetMeta().GetUpstreamCalls() != 3 {
			t.Errorf("got %v, %v", answer, err)
		}
		o.Backoff.Attempts = 1
		calls = 0
		_, err = ask(t.Context(), o)
		wantFault(t, err, fault.UpstreamTimeout, 1)
	})
}
