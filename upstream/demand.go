package upstream

import (
	"context"
	"sync/atomic"
	"time"
)

// Class is how urgent a call is. Calls of a lower class wait for those of a higher one. The lower value is the higher
// class.
type Class uint8

const (
	// Interactive is for a person who waits for the answer. It is the zero value, so that a call without a class is not
	// delayed.
	Interactive Class = iota
	// Batch is for long lists of searches: no person waits for a single answer.
	Batch
)

// Classes are all classes, the highest first.
func Classes() []Class { return []Class{Interactive, Batch} }

// String is the class's name in metrics and messages.
func (c Class) String() string {
	if c == Batch {
		return "batch"
	}
	return "interactive"
}

// ParseClass is the class of a name, as [Class.String] has it; false if there is none of that name.
func ParseClass(name string) (Class, bool) {
	for _, c := range Classes() {
		if c.String() == name {
			return c, true
		}
	}
	return Interactive, false
}

// Demand is who makes a call, how urgent it is, and what the caller allows. The zero value is an interactive call of an
// anonymous caller of weight one, without bounds.
type Demand struct {
	Class Class
	// Caller is the unit of fair sharing: the name of an API key, or an address without its port.
	Caller string
	// Weight is the caller's share against other callers of its class; 0 counts as 1.
	Weight float64
	// Deadline is until when the answer is useful; zero for no bound. [DemandOf] sets it from the context.
	Deadline time.Time
	// Budget is the number of upstream calls that may still be made; nil for no bound.
	Budget *Budget
	// Day is what the caller may still spend today, over all its requests; nil for no bound. A call that is made in the
	// background because of the caller's request is charged to it as well.
	Day *Budget
	// Bounded means that the caller itself bounds the upstream calls of its request: none is made for it beyond that, in the
	// background either.
	Bounded bool
	// Accounts are the names of the accounts that the caller's calls may go through, joined by commas; empty for all. They
	// say whose quota is spent, and not whose answers are given: answers of all accounts of a pool are alike.
	Accounts string
	// Since, if set, is the time from which answers count as fetched for this caller: see [WithAnswersSince].
	Since time.Time
}

// Lowered is the demand in class c, or in its own class if that is lower: a class is never raised.
func (d Demand) Lowered(c Class) Demand {
	d.Class = max(d.Class, c)
	return d
}

// until is the demand with a deadline no later than end; zero for no bound.
func (d Demand) until(end time.Time) Demand {
	if !end.IsZero() && (d.Deadline.IsZero() || end.Before(d.Deadline)) {
		d.Deadline = end
	}
	return d
}

// AllowsMoreThan reports whether the demand has a later deadline or a larger budget than the other.
func (d Demand) AllowsMoreThan(other Demand) bool {
	longer := !other.Deadline.IsZero() && (d.Deadline.IsZero() || d.Deadline.After(other.Deadline))
	return longer || d.Budget.left() > other.Budget.left()
}

// Callers are on whose behalf an upstream call is made: one caller, or several who wait for the same answer. Their demand
// may change while a call waits for its permit. So read it when it is needed, and do not store it.
type Callers interface {
	// Demand is the present demand.
	Demand() Demand
	// Charge charges one of them for a call that is about to be sent. The error is a fault: no budget allows the call. undo
	// takes the charge back if the call was not sent.
	Charge() (undo func(), err error)
	// Watch calls changed whenever Demand may have changed, until stop is called.
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

// WithDemand sets on whose behalf upstream calls under ctx are made. It replaces any earlier demand.
func WithDemand(ctx context.Context, d Demand) context.Context {
	return withCallers(ctx, caller(d))
}

// DemandOf is the demand of ctx, with a deadline no later than that of ctx; the zero Demand where none was set.
func DemandOf(ctx context.Context) Demand {
	end, _ := ctx.Deadline()
	return callersOf(ctx).Demand().until(end)
}

// WithAllowance bounds the number of upstream calls under ctx, retries included. Calls beyond it fail with
// BudgetExhausted; a call whose retries are beyond it fails with its last fault. It bounds the callers of ctx alone:
// others who wait for the same answer may have more, and a call that another caller pays for costs nothing here.
func WithAllowance(ctx context.Context, calls int) context.Context {
	return WithBudget(ctx, NewBudget(calls))
}

// WithBudget is [WithAllowance] with a budget that others may spend too.
func WithBudget(ctx context.Context, b *Budget) context.Context {
	return withCallers(ctx, callersWithin{callersOf(ctx), b})
}

// WithAnswersSince makes a cache return answers that were fetched since began, whatever their age and max_staleness: they
// count as fetched for this caller. Older answers follow the usual rules.
func WithAnswersSince(ctx context.Context, began time.Time) context.Context {
	return withCallers(ctx, callersSince{callersOf(ctx), began})
}

// caller is one caller.
type caller Demand

func (c caller) Demand() Demand {
	d := Demand(c)
	if d.Day.left() < d.Budget.left() {
		d.Budget = d.Day
	}
	return d
}

func (c caller) Charge() (func(), error) {
	if c.Budget == c.Day { // A demand was read and set anew.
		return c.Day.take()
	}
	return chargeBoth(c.Budget, c.Day.take)
}

// chargeBoth spends a call of a budget and of something else.
func chargeBoth(b *Budget, other func() (func(), error)) (func(), error) {
	undo, err := b.take()
	if err != nil {
		return nil, err
	}
	undoOther, err := other()
	if err != nil {
		undo()
		return nil, err
	}
	return func() { undo(); undoOther() }, nil
}

func (caller) Watch(func()) func() { return func() {} }

// callersWithin adds a budget to callers.
type callersWithin struct {
	Callers

	budget *Budget
}

func (b callersWithin) Demand() Demand {
	d := b.Callers.Demand()
	if b.budget.left() < d.Budget.left() {
		d.Budget = b.budget
	}
	return d
}

func (b callersWithin) Charge() (func(), error) { return chargeBoth(b.budget, b.Callers.Charge) }

// callersSince adds to callers the time since when answers are their own.
type callersSince struct {
	Callers

	began time.Time
}

func (s callersSince) Demand() Demand {
	d := s.Callers.Demand()
	d.Since = s.began
	return d
}

// CallCount counts the calls that were made for the callers of one context.
type CallCount struct {
	Callers

	calls atomic.Int64
}

// WithCallCount returns a context with its own call count. Outer counts include its calls.
func WithCallCount(ctx context.Context) (context.Context, *CallCount) {
	c := &CallCount{Callers: callersOf(ctx)}
	return withCallers(ctx, c), c
}

// Charge implements [Callers].
func (c *CallCount) Charge() (func(), error) {
	undo, err := c.Callers.Charge()
	if err != nil {
		return nil, err
	}
	c.calls.Add(1)
	return func() { c.calls.Add(-1); undo() }, nil
}

// Calls is the number of calls made so far.
func (c *CallCount) Calls() int { return int(c.calls.Load()) }

// Charge charges the callers of ctx for one upstream call that is about to be sent. The error is a fault: no budget allows the
// call. undo takes the charge back if the call was not sent.
func Charge(ctx context.Context) (undo func(), err error) { return callersOf(ctx).Charge() }
