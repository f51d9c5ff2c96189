package engine

import (
	"context"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// OpenTick is an observation that has a place in the queue.
type OpenTick struct {
	// Due is when it was due.
	Due time.Time
	// Running is whether it has begun. It is not known at once that a process was killed.
	Running bool
}

// OpenTicks returns the observations that have a place in the queue, by the ids of their watches, of all processes. There are at most
// [Options.Backlog] of them, and those that callers started.
func (e *Engine) OpenTicks(ctx context.Context) (map[string]OpenTick, error) {
	text := "json(args)"
	if e.store.Postgres() {
		text = "args"
	}
	rows, err := e.store.ReadDB().QueryContext(ctx, `SELECT `+text+`, CASE WHEN state = 'running' THEN 1 ELSE 0 END FROM river_job
		WHERE queue = $1 AND kind = $2 AND state IN ('available', 'pending', 'running', 'retryable', 'scheduled')`, queue, kindObserve)
	if err != nil {
		return nil, e.lost(ctx, err)
	}
	defer rows.Close()
	open := map[string]OpenTick{}
	for rows.Next() {
		var (
			args    []byte
			running int
			job     observeJob
		)
		if err := rows.Scan(&args, &running); err != nil {
			return nil, e.lost(ctx, err)
		}
		if err := decodeArgs(&rivertype.JobRow{EncodedArgs: args}, &job); err != nil {
			return nil, err
		}
		open[job.WatchID] = OpenTick{Due: job.due().UTC(), Running: running != 0}
	}
	if err := rows.Err(); err != nil {
		return nil, e.lost(ctx, err)
	}
	return open, nil
}
