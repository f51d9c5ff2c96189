package upstream_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// dayCount is a count whose last calls somebody else took, as this process learns when it takes one.
type dayCount struct{ known, left atomic.Int64 }

func (d *dayCount) Left() int64 { return d.known.Load() }

func (d *dayCount) Take() (func(), error) {
	defer func() { d.known.Store(max(d.left.Load(), 0)) }()
	if d.left.Add(-1) < 0 {
		return nil, d.Refusal()
	}
	return func() { d.left.Add(1) }, nil
}

func (d *dayCount) Refusal() error { return fault.New(fault.CallerCallsUsedUp, "") }

// TestTheCallersDay: the caller's day and the allowance of a request hold together, and what the day refuses costs no call.
func TestTheCallersDay(t *testing.T) {
	for _, test := range []struct {
		known, left     int64
		allowed, called int
		want            fault.Kind
	}{
		{known: 0, left: 0, allowed: 5, called: 0, want: fault.CallerCallsUsedUp},
		{known: 1, left: 0, allowed: 5, called: 0, want: fault.CallerCallsUsedUp},
		{known: 1, left: 1, allowed: 5, called: 1, want: fault.UpstreamUnavailable},
		{known: 9, left: 2, allowed: 5, called: 2, want: fault.UpstreamUnavailable}, // The retry is what is beyond it.
		{known: 9, left: 9, allowed: 2, called: 2, want: fault.UpstreamUnavailable},
		{known: 9, left: 9, allowed: 0, called: 0, want: fault.BudgetExhausted},
	} {
		var calls atomic.Int32
		o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			respond(w, fault.UpstreamUnavailable.String(), 0)
		})
		day := &dayCount{}
		day.known.Store(test.known)
		day.left.Store(test.left)
		ctx := upstream.WithDemand(t.Context(), upstream.Demand{Day: upstream.NewCountedBudget(day)})
		ctx = upstream.WithDemand(ctx, upstream.DemandOf(ctx).Lowered(upstream.Batch)) // A demand that is read and set anew is charged once.
		_, err := ask(upstream.WithAllowance(ctx, test.allowed), o)
		wantFault(t, err, test.want, test.called)
		if int(calls.Load()) != test.called {
			t.Errorf("%+v: called %d times", test, calls.Load())
		}
		if spent := test.left - max(day.left.Load(), 0); spent != int64(test.called) {
			t.Errorf("%+v: the day lost %d calls", test, spent)
		}
	}
}

// TestAllowance calls an upstream that is down: the usual three attempts are bounded by a smaller allowance.
func TestAllowance(t *testing.T) {
	for allowed, want := range map[int]int{1: 1, 2: 2, 3: 3, 4: 3} {
		var calls atomic.Int32
		o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			respond(w, fault.UpstreamUnavailable.String(), 0)
		})
		ctx := upstream.WithAllowance(t.Context(), allowed)
		_, err := ask(ctx, o)
		wantFault(t, err, fault.UpstreamUnavailable, want)
		if got := int(calls.Load()); got != want {
			t.Errorf("allowed %d: called %d times, want %d", allowed, got, want)
		}
		// The rest of the allowance is for the next search.
		_, err = ask(ctx, o)
		if left := allowed - want; left > 0 {
			wantFault(t, err, fault.UpstreamUnavailable, left)
		} else {
			wantFault(t, err, fault.BudgetExhausted, 0)
		}
		if got := int(calls.Load()); got > allowed {
			t.Errorf("allowed %d: called %d times in all", allowed, got)
		}
	}
}
