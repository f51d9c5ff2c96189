package store

import (
	"context"
	"database/sql"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// EarliestDue returns when the watch is due that is due first; zero if there is none.
func (s *Store) EarliestDue(ctx context.Context) (time.Time, error) {
	var earliest sql.NullInt64
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&earliest) }, `SELECT min(next_due) FROM price_watch`)
	return whenever(earliest), err
}

// DueOf returns the watch if it is due at now, and nil otherwise. Until tx ends nobody else moves it on.
func (s *Store) DueOf(ctx context.Context, tx *sql.Tx, now time.Time, id string) (*DueWatch, error) {
	var due *DueWatch
	err := query(ctx, tx, func(rows *sql.Rows) error {
		w, err := scanDue(rows)
		due = &w
		return err
	}, `SELECT id, owner, next_due, interval_ms, created FROM price_watch WHERE id = $1 AND next_due <= $2`+s.forUpdate, id, now.UnixMilli())
	return due, err
}

// Waiting counts the watches that are due at now by what they wait for. Those that are being observed do not wait.
func (s *Store) Waiting(ctx context.Context, now time.Time, observed []string) (map[zhaohuov1.PriceWatchWait]int, error) {
	waiting := map[zhaohuov1.PriceWatchWait]int{}
	args, begun := []any{now.UnixMilli()}, ""
	for _, id := range observed {
		args = append(args, id)
	}
	if len(observed) > 0 {
		begun = ` UNION ALL SELECT waiting_for, -count(*) FROM price_watch WHERE waiting_for <> 0 AND id IN (` + places(2, len(observed)) + `)
			GROUP BY waiting_for`
	}
	err := s.query(ctx, func(rows *sql.Rows) error {
		var why int32
		var n int
		err := rows.Scan(&why, &n)
		waiting[zhaohuov1.PriceWatchWait(why)] += n
		return err
	}, `SELECT waiting_for, count(*) FROM price_watch WHERE waiting_for <> 0 GROUP BY waiting_for
		UNION ALL SELECT 1, count(*) FROM price_watch WHERE next_due <= $1`+begun, args...)
	return waiting, err
}

// Ahead returns up to that many watches, by their ids after one of them, that are due later than they can have been scheduled at
// now: the clock was ahead when they were. A watch that waits for a day may be put off by more than its interval.
func (s *Store) Ahead(ctx context.Context, now time.Time, after string, limit int) ([]DueWatch, error) {
	const day = 24 * time.Hour
	var ahead []DueWatch
	err := s.query(ctx, func(rows *sql.Rows) error {
		w, err := scanDue(rows)
		ahead = append(ahead, w)
		return err
	}, `SELECT id, owner, next_due, interval_ms, created FROM price_watch WHERE id > $1
		AND next_due > $2 + 2 * interval_ms + CASE WHEN waiting_for = 3 THEN $3 ELSE 0 END ORDER BY id LIMIT $4`,
		after, now.UnixMilli(), day.Milliseconds(), limit)
	if err != nil {
		return nil, err
	}
	return ahead, nil
}

func scanDue(rows *sql.Rows) (DueWatch, error) {
	var (
		w                     DueWatch
		at, interval, created int64
	)
	err := rows.Scan(&w.ID, &w.Owner, &at, &interval, &created)
	w.Due, w.Interval, w.CreateTime = moment(at), time.Duration(interval)*time.Millisecond, moment(created)
	return w, err
}
