package upstream

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/coalesce"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Shared coalesces equal work of concurrent callers: searches and uploads alike. The work runs on behalf of all callers
// who wait for it at the moment. It has their highest class and their latest deadline. For each upstream call, the first
// of them whose budget allows it pays. The work goes on as long as one caller waits.
type Shared[K comparable, V any] struct {
	afterPanic func() V
	log        *slog.Logger
	group      coalesce.Group[K, *waitingCaller, V]
}

// Work is the shared work. It runs on behalf of the waiting callers. photo is nil for work without a photo.
type Work[V any] func(ctx context.Context, photo Photo) V

// waitingCaller is one of the callers who wait for shared work.
type waitingCaller struct {
	callers Callers
	// photo is this caller's copy; nil for work without a photo.
	photo *photoCopy
}

// Waiter is one caller's wait for shared work.
type Waiter[K comparable, V any] struct {
	waiter       *coalesce.Waiter[K, *waitingCaller, V]
	caller       *waitingCaller
	stopWatching func()
}

// NewShared runs work in the background with start; nil starts goroutines. Work that panics results in what afterPanic
// returns; the panic itself is logged and never returned.
func NewShared[K comparable, V any](start func(work func()) bool, afterPanic func() V, log *slog.Logger) *Shared[K, V] {
	return &Shared[K, V]{afterPanic: afterPanic, log: log, group: coalesce.Group[K, *waitingCaller, V]{Go: start}}
}

// Join joins the key's work in progress. If there is none, begin returns the work to start. Join returns nil where begin
// does, and where no work may be started any more. The photo may be read until [Waiter.Await] returns.
func (s *Shared[K, V]) Join(ctx context.Context, key K, photo Photo, begin func() Work[V]) *Waiter[K, V] {
	deadline, _ := ctx.Deadline()
	caller := &waitingCaller{callers: callersUntil{callersOf(ctx), deadline}}
	if photo != nil {
		caller.photo = &photoCopy{photo: photo}
	}
	waiter := s.group.Join(ctx, key, caller, func() coalesce.Work[K, *waitingCaller, V] {
		work := begin()
		if work == nil {
			return nil
		}
		return func(ctx context.Context, call *coalesce.Call[K, *waitingCaller, V]) V {
			return s.run(withCallers(ctx, jointCallers[K, V]{call}), photoOf(call, photo), work)
		}
	})
	if waiter == nil {
		return nil
	}
	w := &Waiter[K, V]{waiter: waiter, caller: caller, stopWatching: caller.callers.Watch(waiter.Changed)}
	waiter.Changed() // The caller's demand may have changed before it was watched.
	return w
}

// run runs the work. A panic ends the work, not the process.
func (s *Shared[K, V]) run(ctx context.Context, photo Photo, work Work[V]) (v V) {
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(ctx, "panic during an upstream call", "panic", p, "stack", string(debug.Stack()))
			v = s.afterPanic()
		}
	}()
	return work(ctx, photo)
}

// Len is the number of works in progress.
func (s *Shared[K, V]) Len() int { return s.group.Len() }

// Stop ends all work. The waiting callers get its result.
func (s *Shared[K, V]) Stop() { s.group.Stop() }

// First reports whether the work was started for this caller.
func (w *Waiter[K, V]) First() bool { return w.waiter.First() }

// Await waits for the result. It must be called once. It returns false when ctx ended or stop fired before the result
// was there; the work then goes on for the remaining callers, with their copies of the photo. If none remains, the work
// is ended, and work with a photo has ended when Await returns.
func (w *Waiter[K, V]) Await(ctx context.Context, stop <-chan time.Time) (value V, ok bool) {
	defer w.stopWatching()
	select {
	case <-w.waiter.Done():
	case <-stop:
	case <-ctx.Done():
	}
	last := w.waiter.Leave()
	if w.caller.photo != nil {
		w.caller.photo.release()
		if last {
			<-w.waiter.Done() // The work's context has ended, so this takes a moment only.
		}
	}
	if last {
		return value, false
	}
	select {
	case <-w.waiter.Done(): // A result at the same moment takes precedence.
		return w.waiter.Value(), true
	default:
		return value, false
	}
}

// jointCallers are all callers who wait for one work at the moment.
type jointCallers[K comparable, V any] struct {
	call *coalesce.Call[K, *waitingCaller, V]
}

// Demand implements [Callers]: the highest class, with the name, weight and accounts of the first caller in it; the latest
// deadline; and the budget with the most calls left.
func (j jointCallers[K, V]) Demand() Demand {
	var all Demand
	for i, w := range j.call.Waiting() {
		d := w.callers.Demand()
		if i == 0 {
			all = d
			continue
		}
		if d.Class < all.Class {
			all.Class, all.Caller, all.Weight, all.Accounts = d.Class, d.Caller, d.Weight, d.Accounts
		}
		if d.Deadline.IsZero() || !all.Deadline.IsZero() && d.Deadline.After(all.Deadline) {
			all.Deadline = d.Deadline
		}
		if d.Budget.left() > all.Budget.left() {
			all.Budget = d.Budget
		}
	}
	all.Since = time.Time{} // Since belongs to each caller, not to the work.
	return all
}

// Charge implements [Callers]: the first caller whose budget allows it pays.
func (j jointCallers[K, V]) Charge() (undo func(), err error) {
	err = budgetExhausted() // Should nobody wait any more.
	j.call.Find(func(w *waitingCaller) bool {
		undo, err = w.callers.Charge()
		return err == nil
	})
	return undo, err
}

// Watch implements [Callers].
func (j jointCallers[K, V]) Watch(changed func()) (stop func()) { return j.call.Watch(changed) }

// callersUntil adds a deadline to callers.
type callersUntil struct {
	Callers

	deadline time.Time // zero for no bound
}

// Demand implements [Callers].
func (c callersUntil) Demand() Demand { return c.Callers.Demand().until(c.deadline) }

// CutShort reports whether shared work may have failed only because its callers allowed less than ctx does, so that
// another try makes sense. That happens to a caller who joined just before the failure. allowed is the demand of the
// work's callers at its end.
func CutShort(ctx context.Context, err error, allowed Demand) bool {
	if ctx.Err() != nil || !DemandOf(ctx).AllowsMoreThan(allowed) {
		return false
	}
	switch kind := fault.KindOf(err); kind {
	case fault.QuotaWaitTooLong, fault.DeadlineExceeded, fault.BudgetExhausted, fault.CallerCallsUsedUp, fault.QuotaDayUsedUp:
		return true
	default:
		return kind.Retry() == fault.RetryTransient || kind.Retry() == fault.RetryThrottle
	}
}
