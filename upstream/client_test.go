package upstream_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestEveryKindIsRepeatedAsItsClassSays(t *testing.T) {
	attempts := map[fault.Retry]int{
		fault.RetryNever:     1,
		fault.RetryOperator:  1,
		fault.RetryQuota:     1,
		fault.RetryLocal:     1,
		fault.RetryAuth:      3,
		fault.RetryClock:     2,
		fault.RetryThrottle:  3,
		fault.RetryTransient: 3,
	}
	for _, kind := range fault.Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			var calls atomic.Int32
			o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				respond(w, kind.String(), 0)
			})
			o.Tokens = &tokens{left: []secret.Text{"old", "new", "newer"}}
			want := attempts[kind.Retry()]
			_, err := ask(t.Context(), o)
			f := failure(t, err, kind, want)
			if got := int(calls.Load()); got != want {
				t.Errorf("the upstream was called %d times, want %d", got, want)
			}
			if f.Subject != "test.search" {
				t.Errorf("the fault is about %q", f.Subject)
			}
		})
	}
}

func TestSuccessAfterFailures(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, row := range []struct {
		name            string
		failures        []string
		sandbox, marked bool
		want            *zhaohuov1.AnswerMeta
	}{
		{"at once", nil, false, false, &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM, UpstreamCalls: 1}},
		{"the third time", []string{"UPSTREAM_UNAVAILABLE", "UPSTREAM_THROTTLED"}, false, false, &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM, UpstreamCalls: 3}},
		{"of a sandbox", nil, true, false, &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM, UpstreamCalls: 1}},
		{"marked as a sandbox's", []string{"UPSTREAM_TIMEOUT"}, false, true, &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM, UpstreamCalls: 2}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var n atomic.Int32
			o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if i := int(n.Add(1)); i <= len(row.failures) {
					respond(w, row.failures[i-1], 0)
					return
				}
				if row.marked {
					w.Header().Set(upstream.SandboxHeader, "1")
				}
				respond(w, "", 0)
			})
			o.Now = func() time.Time { return now }
			o.Sandbox = row.sandbox
			got, err := ask(t.Context(), o)
			row.want.FetchTime = timestamppb.New(now)
			want := &zhaohuov1.KeywordSearchResponse{Page: 7, Meta: row.want}
			if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestARefusedTokenIsRenewedTwiceAtMost(t *testing.T) {
	for _, row := range []struct {
		name           string
		tokens         []secret.Text
		good           string
		sent           []string
		rejected       []secret.Text
		want           fault.Kind
		calls          int
		shouldSucceed  bool
		failsInBetween bool
	}{
		{name: "the new one is good", tokens: []secret.Text{"old", "new"}, good: "new", sent: []string{"old", "new"}, rejected: []secret.Text{"old"}, calls: 2, shouldSucceed: true},
		{
			name: "the new one was withdrawn as well", tokens: []secret.Text{"old", "new", "newer"}, good: "newer",
			sent: []string{"old", "new", "newer"}, rejected: []secret.Text{"old", "new"}, calls: 3, shouldSucceed: true,
		},
		{
			name: "a third is not replaced", tokens: []secret.Text{"old", "new", "newer", "newest"}, good: "newest",
			sent: []string{"old", "new", "newer"}, rejected: []secret.Text{"old", "new"}, want: fault.UpstreamTokenInvalid, calls: 3,
		},
		{name: "there is no new one", tokens: []secret.Text{"old"}, sent: []string{"old"}, rejected: []secret.Text{"old"}, want: fault.UpstreamTokenInvalid, calls: 1},
		{name: "a mode without a token has nothing to renew", sent: []string{""}, good: "any", want: fault.UpstreamTokenInvalid, calls: 1},
		{
			name: "once, also when something else fails in between", tokens: []secret.Text{"old", "new", "newer"}, good: "newer",
			sent: []string{"old", "new", "new"}, rejected: []secret.Text{"old"}, want: fault.UpstreamTokenInvalid, calls: 3, failsInBetween: true,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			var sent []string // The client makes one attempt after the other.
			o := serve(t, func(w http.ResponseWriter, r *http.Request) {
				token := r.Header.Get(headerToken)
				sent = append(sent, token)
				switch {
				case row.failsInBetween && len(sent) == 2:
					respond(w, "UPSTREAM_UNAVAILABLE", 0)
				case token == row.good:
					respond(w, "", 0)
				default:
					respond(w, "UPSTREAM_TOKEN_INVALID", 0)
				}
			})
			source := &tokens{left: row.tokens}
			o.Tokens = source
			answer, err := ask(t.Context(), o)
			if row.shouldSucceed {
				if err != nil || int(answer.GetMeta().GetUpstreamCalls()) != row.calls {
					t.Errorf("got %v, %v", answer, err)
				}
			} else {
				wantFault(t, err, row.want, row.calls)
			}
			if !slices.Equal(sent, row.sent) || !slices.Equal(source.rejected, row.rejected) {
				t.Errorf("sent %q, rejected %q, want %q and %q", sent, source.rejected, row.sent, row.rejected)
			}
		})
	}
}

func TestNoTokenNoCall(t *testing.T) {
	o := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was called") })
	o.Tokens = &tokens{err: fault.New(fault.UpstreamTokenInvalid, "none")}
	_, err := ask(t.Context(), o)
	wantFault(t, err, fault.UpstreamTokenInvalid, 0)
	o.Tokens = &tokens{err: errors.New("the disk failed")}
	_, err = ask(t.Context(), o)
	wantFault(t, err, fault.Internal, 0)
}

func TestNoPermitNoCall(t *testing.T) {
	o := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was called") })
	demand := upstream.Demand{Class: upstream.Batch, Caller: "shop", Weight: 2}
	for _, kind := range []fault.Kind{fault.QuotaWaitTooLong, fault.QuotaQueueFull, fault.QuotaStoreUnavailable} {
		refuse := func(context.Context) error { return fault.New(kind, "no").WithRetryAfter(time.Minute) }
		for name, q := range map[string]*quota{"acquire": {acquire: refuse}, "commit": {commit: refuse}} {
			o.Quota = q
			_, err := ask(upstream.WithDemand(t.Context(), demand), o)
			if f := failure(t, err, kind, 0); f.RetryAfter != time.Minute {
				t.Errorf("%s of %s: the wait became %s", kind, name, f.RetryAfter)
			}
			if diff := cmp.Diff([]upstream.PermitRequest{{API: "test.search", Demand: demand}}, q.asked); diff != "" {
				t.Errorf("%s of %s: %s", kind, name, diff)
			}
			if given := len(q.outcomes) == 1; given != (name == "commit") {
				t.Errorf("%s of %s: the permits ended %v", kind, name, q.outcomes)
			}
		}
	}
}

func TestEveryAttemptNeedsAPermit(t *testing.T) {
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { respond(w, "UPSTREAM_UNAVAILABLE", 0) })
	left := 2
	q := &quota{acquire: func(context.Context) error {
		if left == 0 {
			return fault.New(fault.QuotaWaitTooLong, "used up")
		}
		left--
		return nil
	}}
	o.Quota = q
	_, err := ask(t.Context(), o)
	wantFault(t, err, fault.QuotaWaitTooLong, 2)
	var kinds []fault.Kind
	for _, outcome := range q.outcomes {
		kinds = append(kinds, fault.KindOf(outcome))
	}
	if q.committed != 2 || !slices.Equal(kinds, []fault.Kind{fault.UpstreamUnavailable, fault.UpstreamUnavailable}) {
		t.Errorf("%d permits were committed and ended as %v", q.committed, kinds)
	}
}

func TestClockIsMeasuredOnce(t *testing.T) {
	here := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	there := here.Add(90 * time.Minute)
	var stamps []string
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		stamps = append(stamps, r.Header.Get(headerTime))
		w.Header().Set("Date", there.Format(http.TimeFormat))
		if r.Header.Get(headerTime) == there.Format(time.RFC3339Nano) {
			respond(w, "", 0)
			return
		}
		respond(w, "UPSTREAM_CLOCK_SKEW", 0)
	})
	o.Now = func() time.Time { return here }
	client := upstream.New(o)
	defer client.Close()
	q := &zhaohuov1.KeywordSearchRequest{Keyword: "a"}
	for i, calls := range []int32{2, 1} {
		answer, err := client.KeywordSearch(t.Context(), q)
		if err != nil || answer.GetMeta().GetUpstreamCalls() != calls {
			t.Errorf("question %d: got %v, %v, want an answer after %d calls", i, answer, err, calls)
		}
		if got := answer.GetMeta().GetFetchTime().AsTime(); !got.Equal(here) {
			t.Errorf("question %d was answered at %s by our clock, want %s", i, got, here)
		}
	}
	want := []string{here.Format(time.RFC3339Nano), there.Format(time.RFC3339Nano), there.Format(time.RFC3339Nano)}
	if !slices.Equal(stamps, want) {
		t.Errorf("stamped %q, want %q", stamps, want)
	}
}

func TestClockThatCannotBeMeasured(t *testing.T) {
	for _, date := range [][]string{nil, {"yesterday"}} {
		o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = date
			respond(w, "UPSTREAM_CLOCK_SKEW", 0)
		})
		_, err := ask(t.Context(), o)
		wantFault(t, err, fault.UpstreamClockSkew, 1)
	}
}

func TestInvalidRequestsCostNoCall(t *testing.T) {
	o := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was called") })
	client := upstream.New(o)
	defer client.Close()
	_, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{})
	if f, ok := fault.As(err); !ok || f.Kind != fault.InvalidField || f.Calls != nil {
		t.Errorf("got %v", err)
	}
}

func TestAnswersThatCannotBeDecoded(t *testing.T) {
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"pages":1}`)) })
	_, err := ask(t.Context(), o)
	wantFault(t, err, fault.UpstreamAnswerUnreadable, 1)
}

func TestObserverSeesEveryAttempt(t *testing.T) {
	n := 0
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			respond(w, "UPSTREAM_UNAVAILABLE", 0)
			return
		}
		respond(w, "", 0)
	})
	type seen struct {
		API  string
		Kind fault.Kind
		Good bool
	}
	var got []seen
	o.Observe = func(a upstream.Attempt) { got = append(got, seen{a.API, fault.KindOf(a.Err), a.Err == nil}) }
	if _, err := ask(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want := []seen{{"test.search", fault.UpstreamUnavailable, false}, {"test.search", fault.Internal, true}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable()); diff != "" {
		t.Error(diff)
	}
}
