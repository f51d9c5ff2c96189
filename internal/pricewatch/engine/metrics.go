package engine

import (
	"context"
	"time"

	"github.com/riverqueue/river/rivertype"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Outcome is what became of an attempt to observe.
type Outcome string

// The outcomes.
const (
	// Observed and Failed are stored.
	Observed Outcome = "observed"
	Failed   Outcome = "failed"
	// WaitedForQuota and WaitedForDay are tried again when there are calls.
	WaitedForQuota Outcome = "waited_for_quota"
	WaitedForDay   Outcome = "waited_for_day"
	// Skipped had nothing to do: the watch is gone or paused, or the tick is stored already.
	Skipped Outcome = "skipped"
	// Interrupted is tried again: the process stops.
	Interrupted Outcome = "interrupted"
	// StoreLost is tried again: the store could not be used.
	StoreLost Outcome = "store_lost"
)

// Outcomes are all of them.
func Outcomes() []Outcome {
	return []Outcome{Observed, Failed, WaitedForQuota, WaitedForDay, Skipped, Interrupted, StoreLost}
}

// Metrics receives what the engine does. Its methods must not block.
type Metrics interface {
	// Observed is called after each attempt to observe, with its outcome and duration.
	Observed(outcome Outcome, took time.Duration)
}

type nobody struct{}

func (nobody) Observed(Outcome, time.Duration) {}

// Backlog is what is due and not yet observed, by all processes.
type Backlog struct {
	// Waiting is how many watches wait for what.
	Waiting map[zhaohuov1.PriceWatchWait]int
	// Lag is how long the oldest watch that has no job yet has been due; 0 if there is none.
	Lag time.Duration
}

// Backlog counts what is due.
func (e *Engine) Backlog(ctx context.Context) (Backlog, error) {
	now := e.now()
	observed, err := e.Observed(ctx)
	if err != nil {
		return Backlog{}, err
	}
	waiting, err := e.store.Waiting(ctx, now, observed)
	if err != nil {
		return Backlog{}, err
	}
	b := Backlog{Waiting: waiting}
	earliest, err := e.store.EarliestDue(ctx)
	if err == nil && !earliest.IsZero() {
		b.Lag = max(now.Sub(earliest), 0)
	}
	return b, err
}

// Observed returns the ids of the watches that are being observed at this moment, by all processes. It is not known at once that a
// process was killed: its watches are among them for up to a minute.
func (e *Engine) Observed(ctx context.Context) (ids []string, err error) {
	text := "json(args)"
	if e.store.Postgres() {
		text = "args"
	}
	rows, err := e.store.ReadDB().QueryContext(ctx, `SELECT `+text+` FROM river_job WHERE state = 'running' AND queue = $1 AND kind = $2`, queue, kindObserve)
	if err != nil {
		return nil, e.lost(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			args []byte
			job  observeJob
		)
		if err := rows.Scan(&args); err != nil {
			return nil, e.lost(ctx, err)
		}
		if err := decodeArgs(&rivertype.JobRow{EncodedArgs: args}, &job); err != nil {
			return nil, err
		}
		ids = append(ids, job.WatchID)
	}
	if err := rows.Err(); err != nil {
		return nil, e.lost(ctx, err)
	}
	return ids, nil
}
