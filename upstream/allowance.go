package upstream

import (
	"context"
	"sync/atomic"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

type allowanceKey struct{}

// WithAllowance bounds what upstream calls under ctx may cost together, retries included. Questions beyond it are a
// BudgetExhausted fault; one whose retries are beyond it fails with what it came to so far. It is meant for questions
// that are put one after another: those put at once may each take the last call.
func WithAllowance(ctx context.Context, calls int) context.Context {
	left := &atomic.Int64{}
	left.Store(int64(calls))
	return context.WithValue(ctx, allowanceKey{}, left)
}

// allowed tells whether there is a call left.
func allowed(ctx context.Context) bool {
	left, bounded := ctx.Value(allowanceKey{}).(*atomic.Int64)
	return !bounded || left.Load() > 0
}

// spend takes calls that left off the allowance.
func spend(ctx context.Context, calls int) {
	if left, bounded := ctx.Value(allowanceKey{}).(*atomic.Int64); bounded {
		left.Add(-int64(calls))
	}
}

func overAllowance() *fault.Fault {
	return fault.New(fault.BudgetExhausted, "the calls allowed for this step are used up")
}
