package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
)

// Retention says what [Store.Prune] leaves.
type Retention struct {
	// Raw is how long every observation and event is kept. Of older observations one is kept of each day of China: the last one
	// that succeeded, or the last one if none did.
	Raw time.Duration
	// Daily is how long those are kept. It counts from when they were due, as Raw does, and is not less than Raw.
	Daily time.Duration
	// Bytes is how much the observations of all watches may take together, as [Store.HistoryBytes] counts it; 0 is no bound. The
	// oldest go first, whichever watch they are of.
	Bytes int64
}

// Pruned is what [Store.Prune] deleted.
type Pruned struct {
	Observations, Events int64
}

// Prune deletes the observations and events that are not to be kept at now, and what is left of deleted watches. It works in short
// transactions. Watches keep their last observation's summary.
func (s *Store) Prune(ctx context.Context, now time.Time, keep Retention) (Pruned, error) {
	var p Pruned
	for _, step := range []func() (Pruned, error){
		func() (Pruned, error) { return s.pruneDeleted(ctx) },
		func() (Pruned, error) { return s.pruneObservations(ctx, now.Add(-keep.Daily)) },
		func() (Pruned, error) { return s.thin(ctx, now.Add(-keep.Raw)) },
		func() (Pruned, error) { return s.shrink(ctx, now, keep.Bytes) },
		func() (Pruned, error) { return s.pruneEvents(ctx, now.Add(-keep.Raw)) },
	} {
		done, err := step()
		p.Observations, p.Events = p.Observations+done.Observations, p.Events+done.Events
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// observationBytes is about how many bytes the columns and keys of an observation take, without its bodies.
const observationBytes = 128

// HistoryBytes is how much the observations of all watches take together: their bodies, and 128 bytes for each. What the database
// needs in addition, such as half-full pages, is not counted.
func (s *Store) HistoryBytes(ctx context.Context) (int64, error) {
	var n int64
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&n) },
		`SELECT CAST(coalesce(sum(history_bytes), 0) AS BIGINT) FROM price_watch`)
	return n, err
}

// removed is what was deleted of a watch's history.
type removed struct {
	rows, bytes int64
}

// deleteObservations deletes the observations of a watch from the first to the last due time, except those due at some times.
func deleteObservations(ctx context.Context, tx *sql.Tx, id string, first, last int64, except []int64) (removed, error) {
	condition, args := ` WHERE watch_id = $1 AND due BETWEEN $2 AND $3`, []any{id, first, last}
	if len(except) > 0 {
		for _, due := range except {
			args = append(args, due)
		}
		condition += ` AND due NOT IN (` + places(4, len(except)) + `)`
	}
	var gone removed
	count := func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		gone.bytes += n
		return err
	}
	if err := query(ctx, tx, count, `DELETE FROM price_observation_products`+condition+` RETURNING length(products)`, args...); err != nil {
		return gone, err
	}
	err := query(ctx, tx, func(rows *sql.Rows) error { gone.rows++; return count(rows) },
		`DELETE FROM price_observation`+condition+` RETURNING length(summary)`, args...)
	gone.bytes += gone.rows * observationBytes
	return gone, err
}

// uncount takes what was deleted from the sizes of the watches' histories. It locks the watches in the order of their ids, at the end
// of the transaction: observations of them are stored meanwhile.
func uncount(ctx context.Context, tx *sql.Tx, ids []string, gone []removed) error {
	for i, id := range ids {
		if gone[i].bytes == 0 {
			continue
		}
		if _, err := exec(ctx, tx, `UPDATE price_watch SET history_bytes = history_bytes - $2 WHERE id = $1`, id, gone[i].bytes); err != nil {
			return err
		}
	}
	return nil
}

// thin leaves one observation of each day that ended before a time.
func (s *Store) thin(ctx context.Context, before time.Time) (p Pruned, err error) {
	end := chinaday.Begin(before).UnixMilli()
	after := ""
	for {
		ids, err := s.ids(ctx, `SELECT id FROM price_watch WHERE id > $1 AND thinned < $2 ORDER BY id LIMIT $3`, after, end, watchesAtOnce)
		if err != nil || len(ids) == 0 {
			return p, err
		}
		all, n := true, int64(0)
		err = s.InTx(ctx, func(tx *sql.Tx) error {
			gone, marks := make([]removed, len(ids)), make([]int64, len(ids))
			for i, id := range ids {
				var err error
				if gone[i], marks[i], err = thinPart(ctx, tx, id, end); err != nil {
					return err
				}
				n += gone[i].rows
				all = all && marks[i] == end
			}
			for i, id := range ids {
				if _, err := exec(ctx, tx, `UPDATE price_watch SET thinned = $2 WHERE id = $1`, id, marks[i]); err != nil {
					return err
				}
			}
			return uncount(ctx, tx, ids, gone)
		})
		if err != nil {
			return p, err
		}
		p.Observations += n
		if all { // Otherwise some of the same ones go on.
			after = ids[len(ids)-1]
		}
	}
}

// thinPart thins the next part of a watch's history before end. Mark is from where the next part goes on: with the observation that
// was kept of a day that may go on.
func thinPart(ctx context.Context, tx *sql.Tx, id string, end int64) (gone removed, mark int64, err error) {
	var first, last, day int64
	var kept []int64
	n, keptSucceeded := int64(0), false
	err = query(ctx, tx, func(rows *sql.Rows) error {
		var due int64
		var succeeded int
		if err := rows.Scan(&due, &succeeded); err != nil {
			return err
		}
		if n == 0 {
			first = due
		}
		n, last = n+1, due
		switch better := succeeded != 0 || !keptSucceeded; {
		case len(kept) == 0 || chinaday.Number(moment(due)) != day:
			kept, day, keptSucceeded = append(kept, due), chinaday.Number(moment(due)), succeeded != 0
		case better:
			kept[len(kept)-1], keptSucceeded = due, succeeded != 0
		}
		return nil
	}, `SELECT due, succeeded FROM price_observation WHERE watch_id = $1 AND due < $2
		AND due >= (SELECT thinned FROM price_watch WHERE id = $1) ORDER BY due LIMIT $3`, id, end, observationsAtOnce)
	if err != nil {
		return gone, 0, err
	}
	mark = end
	if n == observationsAtOnce {
		mark = kept[len(kept)-1]
	}
	if int64(len(kept)) < n {
		gone, err = deleteObservations(ctx, tx, id, first, last, kept)
	}
	return gone, mark, err
}

// shrinkSteps is into how many parts the time since the oldest observation is divided: the oldest part goes, until the rest fits.
const shrinkSteps = 64

// shrink deletes the oldest observations until the rest takes no more than that many bytes.
func (s *Store) shrink(ctx context.Context, now time.Time, most int64) (p Pruned, err error) {
	for most > 0 {
		size, err := s.HistoryBytes(ctx)
		if err != nil || size <= most {
			return p, err
		}
		var oldest sql.NullInt64
		err = s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&oldest) }, `SELECT min(due) FROM
			(SELECT (SELECT min(due) FROM price_observation AS o WHERE o.watch_id = w.id) AS due FROM price_watch AS w) AS first`)
		if err != nil || !oldest.Valid {
			return p, err
		}
		from := moment(oldest.Int64)
		done, err := s.pruneObservations(ctx, from.Add(max(now.Sub(from)/shrinkSteps, time.Millisecond)))
		p.Observations += done.Observations
		if err != nil {
			return p, err
		}
	}
	return p, nil
}
