package upstream

import (
	"sync/atomic"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Budget is a number of upstream calls that are spent one by one. It is safe for concurrent use.
type Budget struct {
	calls atomic.Int64
	// count is where the calls are counted instead; nil for calls.
	count Count
}

// Count is a count of calls that others may change at the same time, such as the calls of a day that replicas share. It is safe
// for concurrent use.
type Count interface {
	// Left is how many calls are left as far as is known without asking anybody.
	Left() int64
	// Take spends a call. undo takes it back. The error is a fault: nothing is left, or it cannot be known. It must return
	// within a few seconds.
	Take() (undo func(), err error)
	// Refusal is the fault of a call for which nothing is left.
	Refusal() error
}

// NewBudget is a budget of calls.
func NewBudget(calls int) *Budget {
	b := &Budget{}
	b.calls.Store(int64(calls))
	return b
}

// NewCountedBudget is a budget whose calls are counted elsewhere.
func NewCountedBudget(c Count) *Budget { return &Budget{count: c} }

// Left is how many calls are left.
func (b *Budget) Left() int64 { return b.left() }

const unbounded = int64(1) << 62

// left is how many calls are left; a nil budget has no bound.
func (b *Budget) left() int64 {
	switch {
	case b == nil:
		return unbounded
	case b.count != nil:
		return b.count.Left()
	default:
		return b.calls.Load()
	}
}

// take spends a call. undo takes it back.
func (b *Budget) take() (undo func(), err error) {
	switch {
	case b == nil:
		return func() {}, nil
	case b.count != nil:
		return b.count.Take()
	}
	for {
		left := b.calls.Load()
		if left <= 0 {
			return nil, budgetExhausted()
		}
		if b.calls.CompareAndSwap(left, left-1) {
			return func() { b.calls.Add(1) }, nil
		}
	}
}

// refusal is the fault of a call for which nothing is left.
func (b *Budget) refusal() error {
	if b != nil && b.count != nil {
		return b.count.Refusal()
	}
	return budgetExhausted()
}

func budgetExhausted() error {
	return fault.New(fault.BudgetExhausted, "the calls allowed for this step are used up")
}
