package upstream

import (
	"context"
	"sync/atomic"
	"time"
)

// Class is how urgent a call is. The lower class waits for the higher one.
type Class uint8

const (
	// Interactive is when a human waits for the answer. It is the zero value, so that a call nobody classed is not held back.
	Interactive Class = iota
	// Batch is when a list is worked off; what matters is that it ends.
	Batch
)

// String is the class's name in metrics and messages.
func (c Class) String() string {
	if c == Batch {
		return "batch"
	}
	return "interactive"
}

// Demand says who asks, how urgently, and what they allow. The zero value is an interactive call of a nameless caller of
// weight one, who sets no bounds.
type Demand struct {
	Class Class
	// Caller is whom turns are shared between: the name of an API key, or an address without its port.
	Caller string
	// Weight is the caller's share against other callers of its class; 0 counts as 1.
	Weight float64
	// Deadline is until when the answer is of use; zero for no bound. [DemandOf] fills it in from the context.
	Deadline time.Time
	// Budget is the upstream calls that may still be made; nil for no bound.
	Budget *Budget
	// Since, where set, is from when answers are the caller's own: see [WithAnswersSince].
	Since time.Time
}

// Lowered is the demand in class c, or in its own where that is the lower one: nobody raises a class.
func (d Demand) Lowered(c Class) Demand {
	d.Class = max(d.Class, c)
	return d
}

// until is the demand with a deadline no later than end, where there is one.
func (d Demand) until(end time.Time) Demand {
	if !end.IsZero() && (d.Deadline.IsZero() || end.Before(d.Deadline)) {
		d.Deadline = end
	}
	return d
}

// AllowsMoreThan tells whether the demand's deadline or budget would have let something go on for which the other's were
// too narrow.
func (d Demand) AllowsMoreThan(other Demand) bool {
	longer := !other.Deadline.IsZero() && (d.Deadline.IsZero() || d.Deadline.After(other.Deadline))
	return longer || d.Budget.left() > other.Budget.left()
}

// Budget is a number of upstream calls that are spent one by one. It is safe for concurrent use.
type Budget struct{ calls atomic.Int64 }

const unbounded = int64(1) << 62

// left is how many calls are left; a nil budget has no bound.
func (b *Budget) left() int64 {
	if b == nil {
		return unbounded
	}
	return b.calls.Load()
}

func (b *Budget) take() bool {
	for {
		left := b.calls.Load()
		if left <= 0 {
			return false
		}
		if b.calls.CompareAndSwap(left, left-1) {
			return true
		}
	}
}

// Callers is on whose behalf upstream calls are made: one caller, or several who wait for the same. What they want may
// change while a call waits for its turn, so it is asked when it matters and not kept.
type Callers interface {
	// Demand is what they want now.
	Demand() Demand
	// Charge has one of them pay for a call that is about to leave. It is false where none of them may spend any more.
	// With undo the call did not leave after all.
	Charge() (undo func(), ok bool)
	// Watch has changed called whenever Demand may have changed, until it is stopped.
	Watch(changed func()) (stop func())
}

type callersKey struct{}

func withCallers(ctx context.Context, c Callers) context.Context {
	return context.WithValue(ctx, callersKey{}, c)
}

func callersOf(ctx context.Context) Callers {
	if c, ok := ctx.Value(callersKey{}).(Callers); ok {
		return c
	}
	return caller{}
}

// WithDemand says on whose behalf upstream calls under ctx are made. It takes the place of all that was said before.
func WithDemand(ctx context.Context, d Demand) context.Context {
	return withCallers(ctx, caller(d))
}

// DemandOf is what those want on whose behalf ctx is, with a deadline no later than that of ctx; the zero Demand where
// nobody said anything.
func DemandOf(ctx context.Context) Demand {
	end, _ := ctx.Deadline()
	return callersOf(ctx).Demand().until(end)
}

// WithAllowance bounds what upstream calls under ctx may cost together, retries included. Questions beyond it are a
// BudgetExhausted fault; one whose retries are beyond it fails with what it came to so far. It bounds the callers of ctx
// alone: whoever waits for the same answer may have more, and a call another one pays for costs nothing here.
func WithAllowance(ctx context.Context, calls int) context.Context {
	b := &Budget{}
	b.calls.Store(int64(calls))
	return withCallers(ctx, bounded{callersOf(ctx), b})
}

// WithAnswersSince says that answers which were fetched since a time are the asker's own: whoever keeps answers gives
// them for questions under ctx, however old they are by now and whatever max_staleness says. Older answers count as
// ever.
func WithAnswersSince(ctx context.Context, began time.Time) context.Context {
	return withCallers(ctx, since{callersOf(ctx), began})
}

// caller is a single one.
type caller Demand

func (c caller) Demand() Demand { return Demand(c) }

func (c caller) Charge() (func(), bool) {
	if c.Budget == nil {
		return func() {}, true
	}
	return func() { c.Budget.calls.Add(1) }, c.Budget.take()
}

func (caller) Watch(func()) func() { return func() {} }

// bounded are callers with a budget beside those they have.
type bounded struct {
	Callers

	budget *Budget
}

func (b bounded) Demand() Demand {
	d := b.Callers.Demand()
	if b.budget.left() < d.Budget.left() {
		d.Budget = b.budget
	}
	return d
}

func (b bounded) Charge() (func(), bool) {
	if !b.budget.take() {
		return nil, false
	}
	undo, ok := b.Callers.Charge()
	if !ok {
		b.budget.calls.Add(1)
		return nil, false
	}
	return func() { b.budget.calls.Add(1); undo() }, true
}

// since are callers with answers of their own.
type since struct {
	Callers

	began time.Time
}

func (s since) Demand() Demand {
	d := s.Callers.Demand()
	d.Since = s.began
	return d
}

// Bill counts the calls that were made on behalf of the callers of one context.
type CallCount struct {
	Callers

	calls atomic.Int64
}

// OpenBill returns a context with a bill of its own, beside those that are open already.
func WithCallCount(ctx context.Context) (context.Context, *CallCount) {
	b := &CallCount{Callers: callersOf(ctx)}
	return withCallers(ctx, b), b
}

// Charge implements [Callers].
func (b *CallCount) Charge() (func(), bool) {
	undo, ok := b.Callers.Charge()
	if !ok {
		return nil, false
	}
	b.calls.Add(1)
	return func() { b.calls.Add(-1); undo() }, true
}

// Calls is how many calls were made so far.
func (b *CallCount) Calls() int { return int(b.calls.Load()) }

// Charge has those on whose behalf ctx is pay for one upstream call that is about to leave. It is false where they may
// not spend any more; with undo the call did not leave after all.
func Charge(ctx context.Context) (undo func(), ok bool) { return callersOf(ctx).Charge() }
