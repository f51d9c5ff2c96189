package engine

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

const (
	// repairEvery is how often it is looked for times that cannot be right.
	repairEvery = time.Minute
	// backwards is how far the clock must jump back to be noticed: more than it is corrected by.
	backwards = 2 * time.Second
	// scheduleLock is the name of the lock that one process schedules under, in PostgreSQL: "pricewch" in ASCII.
	scheduleLock = 0x7072696365776368
)

// scheduleUntil schedules what is due until ctx ends: each second, and when it is woken.
func (e *Engine) scheduleUntil(ctx context.Context) {
	every := time.NewTicker(scheduleEvery)
	defer every.Stop()
	log := &rarely{log: e.log}
	last, repaired := e.now(), time.Now()
	for {
		now := e.now()
		var err error
		switch {
		case now.Before(last.Add(-backwards)):
			err = e.repair(ctx)
		case time.Since(repaired) > repairEvery:
			repaired, err = time.Now(), e.repairRiver(ctx)
		}
		if err == nil {
			last = now
			err = e.schedule(ctx)
		}
		if err != nil && ctx.Err() == nil {
			log.warn(ctx, "price watches that are due cannot be scheduled; this is tried again", err)
		}
		select {
		case <-every.C:
		case <-e.wake:
		case <-ctx.Done():
			return
		}
	}
}

// schedule makes jobs of the watches that are due, as long as there is room for jobs.
func (e *Engine) schedule(ctx context.Context) error {
	earliest, err := e.store.EarliestDue(ctx)
	if err != nil || earliest.IsZero() || earliest.After(e.now()) {
		return err // Mostly nothing is due, and finding that out writes nothing.
	}
	return e.store.InTx(ctx, func(tx *sql.Tx) error { return e.scheduleIn(ctx, tx) })
}

// scheduleIn moves watches that are due to their next slot and inserts jobs for them, in one transaction. A watch that has a
// job already gets no other: its tick is that job's.
func (e *Engine) scheduleIn(ctx context.Context, tx *sql.Tx) error {
	if e.store.Postgres() {
		// One process schedules at a time, so that all share one backlog. The others try again in a second.
		var mine bool
		if err := tx.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(scheduleLock)).Scan(&mine); err != nil || !mine {
			return err
		}
	}
	open, err := openJobs(ctx, tx, queue, kindObserve)
	if err != nil || open >= e.backlog {
		return err
	}
	now := e.now()
	due, err := e.store.Due(ctx, tx, now, e.backlog-open)
	if err != nil || len(due) == 0 {
		return err
	}
	jobs, slots := make([]river.InsertManyParams, len(due)), make([]store.Slot, len(due))
	for i, w := range due {
		var tick time.Time
		tick, slots[i] = tickOf(w, now)
		jobs[i] = river.InsertManyParams{Args: observeJob{WatchID: w.ID, Due: tick.UnixMilli()}, InsertOpts: jobOptions(false)}
	}
	inserted, err := e.river.InsertManyTx(ctx, tx, jobs)
	if err != nil {
		return err
	}
	for i, w := range due {
		if running := inserted[i].UniqueSkippedAsDuplicate && inserted[i].Job.State == rivertype.JobStateRunning; running && woken(w, now) {
			// The observation under way may have seen the goods before they changed, so it is not the one that this one waits for.
			slots[i].Next = now.Add(scheduleEvery)
		}
	}
	return e.store.Advance(ctx, tx, slots)
}

// tickOf gives the tick that a watch is due for, and its next slot. Of several that were missed it is the latest.
func tickOf(w store.DueWatch, now time.Time) (tick time.Time, next store.Slot) {
	s := scheduleOf(w.ID, w.CreateTime, w.Interval)
	tick = s.latest(now)
	if tick.Before(w.Due) {
		tick = w.Due // It was due between two slots, as after it was resumed.
	}
	return tick, store.Slot{ID: w.ID, Next: s.next(now)}
}

// woken reports whether a watch is due for another reason than one of its slots.
func woken(w store.DueWatch, now time.Time) bool {
	return w.Due.After(scheduleOf(w.ID, w.CreateTime, w.Interval).latest(now))
}

// repair mends times that only a clock which was ahead can have written. Without it nothing would happen until the clock has
// come so far again. It reads all watches: it is for the start, and for a clock that was seen to jump back.
func (e *Engine) repair(ctx context.Context) error {
	now := e.now()
	after := ""
	for {
		ahead, err := e.store.Ahead(ctx, now, after, repairAtOnce)
		if err != nil {
			return err
		}
		slots := make([]store.Slot, len(ahead))
		for i, w := range ahead {
			slots[i] = store.Slot{ID: w.ID, Next: scheduleOf(w.ID, w.CreateTime, w.Interval).next(now)}
			after = w.ID
		}
		err = e.store.InTx(ctx, func(tx *sql.Tx) error { return e.store.Reschedule(ctx, tx, slots) })
		if err != nil {
			return err
		}
		if len(ahead) < repairAtOnce {
			return e.repairRiver(ctx)
		}
	}
}

// repairAtOnce bounds how many watches one transaction mends.
const repairAtOnce = 1000
