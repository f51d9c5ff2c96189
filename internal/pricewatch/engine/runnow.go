package engine

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// lookEvery is how often it is looked whether another process has stored an observation.
const lookEvery = 500 * time.Millisecond

// RunNow observes a watch now, paused or not, and gives the stored observation. If an observation of it is due or running
// already, it gives that one. When ctx ends first, the observation goes on.
//
// Errors: [fault.PriceWatchNotFound], [fault.PriceWatchCallsUsedUp], [fault.PriceStoreUnavailable] before it began,
// [fault.PriceStoreOutcomeUnknown] afterwards, and ctx's.
func (e *Engine) RunNow(ctx context.Context, id string) (*zhaohuov1.PriceObservation, error) {
	for {
		w, err := e.store.FindWatch(ctx, id)
		if err != nil {
			return nil, err
		}
		if now := e.now(); !callsLeft(w, now) {
			tomorrow := chinaday.Next(now)
			return nil, fault.New(fault.PriceWatchCallsUsedUp, "the upstream calls that this price watch may make in a day are used up").
				WithSubject(id).WithRetryAfter(tomorrow.Sub(now))
		}
		job, err := e.enqueue(ctx, id)
		if err != nil {
			return nil, err
		}
		// A job that the schedule inserted ends without an observation if the watch was paused. Then a new job is inserted.
		o, err := e.await(ctx, job)
		if store.Lost(err) {
			return nil, fault.New(fault.PriceStoreOutcomeUnknown, "the observation was begun, and the store of price watches was lost before it was stored").
				WithCause(err)
		}
		if o != nil || err != nil {
			return o, err
		}
	}
}

// enqueue inserts a job to observe the watch now, or returns the open one. If the watch is already due, the job is for that tick.
// Otherwise that tick would be observed later although it was due earlier.
func (e *Engine) enqueue(ctx context.Context, id string) (*river.Job[observeJob], error) {
	job := &river.Job[observeJob]{}
	err := e.store.InTx(ctx, func(tx *sql.Tx) error {
		now := e.now()
		args := observeJob{WatchID: id, Due: now.UnixMilli(), Manual: true}
		due, err := e.store.DueOf(ctx, tx, now, id)
		if err != nil {
			return err
		}
		if due != nil {
			tick, slot := tickOf(*due, now)
			if err := e.store.Advance(ctx, tx, []store.Slot{slot}); err != nil {
				return err
			}
			args.Due = tick.UnixMilli()
		}
		result, err := e.river.InsertTx(ctx, tx, args, jobOptions(true))
		if err != nil {
			return err
		}
		if result.Job.State == rivertype.JobStateScheduled {
			// It waits for quota. A caller who asks now does not wait for that: the job is tried again at once.
			if _, err := e.river.JobRetryTx(ctx, tx, result.Job.ID); err != nil && !errors.Is(err, river.ErrNotFound) {
				return err
			}
		}
		job.JobRow = result.Job
		return decodeArgs(result.Job, &job.Args)
	})
	if err != nil {
		return nil, e.lost(ctx, err)
	}
	return job, nil
}

// await waits until the job's observation is stored, and gives it; nil if the job ended without one.
func (e *Engine) await(ctx context.Context, job *river.Job[observeJob]) (*zhaohuov1.PriceObservation, error) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		notice := e.notices.next(job.Args.WatchID)
		// The job first: when it has ended, its observation is stored or never will be.
		row, err := e.river.JobGet(ctx, job.ID)
		ended := errors.Is(err, river.ErrNotFound) || err == nil && row.FinalizedAt != nil
		if err != nil && !ended {
			return nil, e.lost(ctx, err)
		}
		o, err := e.store.Observation(ctx, job.Args.WatchID, job.Args.due())
		if o != nil || err != nil || ended {
			return o, err
		}
		select {
		case <-notice:
		case <-look.C:
		case <-ctx.Done():
			return nil, fault.Ended(ctx, "before the observation was stored; the observation goes on")
		}
	}
}

// lost is the fault of an error that River had, on behalf of a caller.
func (e *Engine) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fault.Ended(ctx, "while the store of price watches was used")
	}
	return storeLost(err)
}
