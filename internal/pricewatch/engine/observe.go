package engine

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/judge"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/observe"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// observeJob asks for one tick of a watch. Of one watch there is at most one open job.
type observeJob struct {
	WatchID string `json:"watch_id" river:"unique"`
	// Due is when the tick was due, in Unix milliseconds.
	Due int64 `json:"due"`
	// Manual: a caller asked for it. A paused watch is observed too.
	Manual bool `json:"manual,omitempty"`
}

// Kind implements [river.JobArgs].
func (observeJob) Kind() string { return kindObserve }

// due is when the tick was due.
func (j observeJob) due() time.Time { return time.UnixMilli(j.Due) }

// observeWorker works [observeJob]s.
type observeWorker struct {
	river.WorkerDefaults[observeJob]
	engine *Engine
}

// Work implements [river.Worker].
func (w *observeWorker) Work(ctx context.Context, job *river.Job[observeJob]) error {
	began := time.Now()
	outcome, err := w.engine.tick(ctx, job)
	w.engine.metrics.Observed(outcome, time.Since(began))
	w.engine.notices.fire(job.Args.WatchID)
	return err
}

// tick makes one observation and stores it with the end of the job. An error has River try again later.
func (e *Engine) tick(ctx context.Context, job *river.Job[observeJob]) (Outcome, error) {
	id, due := job.Args.WatchID, job.Args.due()
	w, err := e.store.FindWatch(ctx, id)
	if err != nil && fault.KindOf(err) == fault.PriceWatchNotFound {
		return Skipped, nil
	}
	if err != nil {
		return StoreLost, broken(ctx, err)
	}
	if w.Paused && !job.Args.Manual {
		return Skipped, broken(ctx, e.store.SetWaiting(ctx, id, waitsForNothing))
	}
	// The process that had the job before may have been killed, or have lost the store's answer, after it stored.
	if o, err := e.store.Observation(ctx, id, due); err != nil {
		return StoreLost, broken(ctx, err)
	} else if o != nil {
		return Skipped, nil
	}
	if !callsLeft(w, e.now()) {
		return e.postpone(ctx, job, w)
	}
	o, err := e.observe(ctx, w, due)
	if ctx.Err() != nil {
		return Interrupted, ctx.Err()
	}
	if _, why := waitOf(err); why != waitsForNothing {
		return e.snooze(ctx, w, err)
	}
	if err != nil {
		if store.Lost(err) {
			return StoreLost, err
		}
		o = failed(err)
	}
	o.WatchId, o.DueTime = id, timestamppb.New(due)
	return e.finish(ctx, job, w, o)
}

// observe asks the observer. A panic of it is a failure of this observation alone.
func (e *Engine) observe(ctx context.Context, w *store.Watch, due time.Time) (o *zhaohuov1.PriceObservation, err error) {
	ctx, cancel := context.WithTimeout(ctx, observeTimeout)
	defer cancel()
	var image []byte
	if w.ImageSize > 0 {
		if image, err = e.store.Image(ctx, w.ID); err != nil {
			return nil, err
		}
	}
	defer func() {
		if p := recover(); p != nil {
			e.log.ErrorContext(ctx, "an observation of a price watch panicked", "watch", w.ID, "panic", p, "stack", string(debug.Stack()))
			o, err = nil, fault.New(fault.Internal, "the observation met a defect of this service")
		}
	}()
	o, err = e.observer.Observe(ctx, w, image, due)
	if err == nil && o == nil {
		err = fault.New(fault.Internal, "the observation gave nothing")
	}
	return o, err
}

// failed is the observation that an error is stored as. It has no prices: what could not be seen is not zero.
func failed(err error) *zhaohuov1.PriceObservation {
	return &zhaohuov1.PriceObservation{
		Error: rpcerr.Status(err, "").Proto(), UpstreamCalls: int32(fault.CallsOf(err)),
	}
}

// finish judges the observation and stores it, its events and the end of the job in one transaction.
func (e *Engine) finish(ctx context.Context, job *river.Job[observeJob], w *store.Watch, o *zhaohuov1.PriceObservation) (Outcome, error) {
	day := chinaday.Name(e.now())
	var events []*zhaohuov1.PriceEvent
	err := e.persist(ctx, func(tx *sql.Tx) error {
		tick := store.Tick{Watch: w, Observation: o, Day: day}
		tick.Events, tick.Memory = e.judge(ctx, w, o)
		stored, err := e.store.FinishTick(ctx, tx, tick)
		if err != nil {
			return err
		}
		if events = nil; stored {
			events = tick.Events
		}
		return complete(ctx, tx, job)
	})
	if errors.Is(err, store.ErrOvertaken) {
		// A process that had been taken for dead stored another tick meanwhile. Judging starts from what that one remembers.
		if w, err = e.store.FindWatch(ctx, w.ID); err == nil {
			return e.finish(ctx, job, w, o)
		}
	}
	if err != nil && fault.KindOf(err) == fault.PriceWatchNotFound {
		return Skipped, nil
	}
	if err != nil {
		return StoreLost, broken(ctx, err)
	}
	if len(events) > 0 {
		e.notices.fire(anyEvent)
	}
	if o.GetError() != nil {
		e.log.WarnContext(ctx, "an observation of a price watch failed", "watch", w.ID, "error", o.GetError().GetMessage())
		return Failed, nil
	}
	return Observed, nil
}

// judge returns the events of an observation, and the memory for the next one. If a condition cannot be read, there are no
// events, but the observation is still stored.
func (e *Engine) judge(ctx context.Context, w *store.Watch, o *zhaohuov1.PriceObservation) ([]*zhaohuov1.PriceEvent, []byte) {
	events, memory, err := judge.Judge(w.Definition, w.Memory, o)
	if err != nil {
		e.log.ErrorContext(ctx, "a condition of a price watch cannot be read; its events are not reported", "watch", w.ID, "error", err)
		return nil, w.Memory
	}
	return events, memory
}

// persist runs a transaction, again and again while the store cannot be used and ctx has not ended: what was observed has
// cost calls. Work must be safe to repeat after a commit whose answer was lost.
func (e *Engine) persist(ctx context.Context, work func(*sql.Tx) error) error {
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		err := e.store.InTx(ctx, work)
		if err == nil || !store.Lost(err) || !pause.For(ctx, wait) {
			return err
		}
	}
}

// complete ends the job within the transaction. That the job is gone, or has been ended by another process meanwhile, is no
// error: the transaction stores nothing twice anyway.
func complete[T river.JobArgs](ctx context.Context, tx *sql.Tx, job *river.Job[T]) error {
	_, err := river.JobCompleteTx[riverdriver.Driver[*sql.Tx]](ctx, tx, job)
	if err == nil || errors.Is(err, river.ErrNotFound) {
		return nil
	}
	return storeLost(err)
}

// broken is the error of a job that could not finish. When the engine stops, it includes the context's error: River then retries
// the job at once and does not count the attempt.
func broken(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

// callsLeft reports whether the watch's day has room for one more observation.
func callsLeft(w *store.Watch, now time.Time) bool {
	left, bounded := w.CallsLeft(now)
	return !bounded || left >= int32(observe.Calls(w.Definition))
}

// postpone moves a watch whose calls are used up to the next day of China, and ends the job. The watch's row waits, not a
// job: a job would take the place of another watch's for hours. Days begin spread over some minutes.
func (e *Engine) postpone(ctx context.Context, job *river.Job[observeJob], w *store.Watch) (Outcome, error) {
	if w.Paused { // It was started by hand, and RunNow answers the caller.
		return WaitedForDay, nil
	}
	tomorrow := chinaday.Next(e.now())
	spread := min(store.Interval(w.Definition), 10*time.Minute)
	until := tomorrow.Add(spread/2 + part(spread/2, w.ID, -1)).Truncate(time.Millisecond)
	if err := e.store.SetWaiting(ctx, w.ID, zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY); err != nil {
		return StoreLost, broken(ctx, err)
	}
	err := e.persist(ctx, func(tx *sql.Tx) error {
		if err := e.store.Reschedule(ctx, tx, []store.Slot{{ID: w.ID, Next: until}}); err != nil {
			return err
		}
		return complete(ctx, tx, job)
	})
	if err != nil {
		return StoreLost, broken(ctx, err)
	}
	return WaitedForDay, nil
}

const (
	waitsForNothing = zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_UNSPECIFIED
	// snoozeLeast and snoozeMost bound how long a job without a turn waits before it asks again.
	snoozeLeast = 2 * time.Second
	snoozeMost  = time.Minute
)

// waitOf is how long a watch waits for a turn, and for what, after the observer's error; waitsForNothing if the error is
// none of the quota's.
func waitOf(err error) (time.Duration, zhaohuov1.PriceWatchWait) {
	f, ok := fault.As(err)
	if !ok {
		return 0, waitsForNothing
	}
	wait := min(max(f.RetryAfter, snoozeLeast), snoozeMost)
	switch f.Kind {
	case fault.UpstreamCallsPaused, fault.QuotaWaitTooLong, fault.QuotaQueueFull, fault.QuotaStoreUnavailable, fault.UpstreamThrottled, fault.MemoryBudgetFull,
		fault.ServerDraining:
		return wait, zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA
	case fault.QuotaDayUsedUp, fault.UpstreamQuotaExhausted, fault.CallerCallsUsedUp, fault.CallerPaused:
		return snoozeMost, zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY
	default:
		return 0, waitsForNothing
	}
}

// snooze retries the job after a wait. It stores what the watch waits for, and counts the calls that were spent without a result.
// The job keeps its place in the backlog: without quota, no further jobs are added.
func (e *Engine) snooze(ctx context.Context, w *store.Watch, failure error) (Outcome, error) {
	wait, why := waitOf(failure)
	if err := e.store.SetWaiting(ctx, w.ID, why); err != nil {
		return StoreLost, broken(ctx, err)
	}
	if calls := fault.CallsOf(failure); calls > 0 {
		day := chinaday.Name(e.now())
		if err := e.store.SpendCalls(ctx, w.ID, day, int32(calls)); err != nil {
			return StoreLost, broken(ctx, err)
		}
	}
	outcome := WaitedForQuota
	if why == zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY {
		outcome = WaitedForDay
	}
	return outcome, river.JobSnooze(wait + rand.N(wait/4))
}
