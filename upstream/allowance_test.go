package upstream_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

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
