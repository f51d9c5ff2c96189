package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// rowsAtOnce is how many rows one statement writes at most.
const rowsAtOnce = 500

// DueWatch is a watch whose observation is due.
type DueWatch struct {
	ID, Owner string
	// Due is when the observation was due.
	Due time.Time
	// Interval is the time from one observation to the next.
	Interval time.Duration
	// CreateTime is when the watch was created.
	CreateTime time.Time
}

// Due returns up to that many watches that are due at now, the longest overdue first. Until tx ends nobody else gets them: others
// skip them (PostgreSQL) or wait (SQLite). The caller moves them on with [Store.Advance] in the same transaction.
func (s *Store) Due(ctx context.Context, tx *sql.Tx, now time.Time, limit int) ([]DueWatch, error) {
	var due []DueWatch
	err := query(ctx, tx, func(rows *sql.Rows) error {
		w, err := scanDue(rows)
		due = append(due, w)
		return err
	}, `SELECT id, owner, next_due, interval_ms, created FROM price_watch WHERE next_due <= $1 ORDER BY next_due LIMIT $2`+s.skipLocked,
		now.UnixMilli(), limit)
	if err != nil {
		return nil, err
	}
	return due, nil
}

// Slot is when a watch is due next.
type Slot struct {
	ID   string
	Next time.Time
}

// Advance sets when watches that are due now are due next, in bulk. What is due now waits for a worker, unless it is known to wait
// for something else. Watches that were paused meanwhile stay so.
func (s *Store) Advance(ctx context.Context, tx *sql.Tx, slots []Slot) error {
	return move(ctx, tx, slots, `, waiting_for = CASE WHEN waiting_for = 0 THEN 1 ELSE waiting_for END`)
}

// Reschedule sets when watches are due next, in bulk. It says nothing of what is due now.
func (s *Store) Reschedule(ctx context.Context, tx *sql.Tx, slots []Slot) error {
	return move(ctx, tx, slots, ``)
}

func move(ctx context.Context, tx *sql.Tx, slots []Slot, more string) error {
	for chunk := range slices.Chunk(slots, rowsAtOnce) {
		args := make([]any, 0, 2*len(chunk))
		for _, slot := range chunk {
			args = append(args, slot.ID, slot.Next.UnixMilli())
		}
		// The names of the columns of a VALUES list are the same in both databases.
		_, err := exec(ctx, tx, `UPDATE price_watch SET next_due = slot.column2`+more+`
			FROM (VALUES `+values(len(chunk), "TEXT", "BIGINT")+`) AS slot
			WHERE price_watch.id = slot.column1 AND next_due IS NOT NULL`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// SetWaiting notes what an observation that is due waits for. A watch that is gone is left alone.
func (s *Store) SetWaiting(ctx context.Context, id string, wait zhaohuov1.PriceWatchWait) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `UPDATE price_watch SET waiting_for = $2 WHERE id = $1 AND waiting_for <> $2`, id, int(wait))
		return err
	})
}

// SpendCalls counts upstream calls that a watch spent on a day of China ("2026-11-27") without an observation to show for them.
func (s *Store) SpendCalls(ctx context.Context, id, day string, calls int32) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `UPDATE price_watch SET calls_day = $2,
			calls_spent = CASE WHEN calls_day = $2 THEN calls_spent ELSE 0 END + $3 WHERE id = $1`, id, day, calls)
		return err
	})
}
