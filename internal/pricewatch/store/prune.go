package store

import (
	"context"
	"database/sql"
	"log/slog"
	"time"
)

const (
	// watchesAtOnce and observationsAtOnce bound what one transaction deletes, so that others do not wait long for it.
	watchesAtOnce      = 50
	observationsAtOnce = 200
	eventsAtOnce       = 10_000
)

// DeleteWatch deletes the owner's watch with its observations, events, webhooks and image, or returns [fault.PriceWatchNotFound]. A long history
// goes in pieces after the watch is gone; what is left when that is broken off goes with the next [Store.Prune].
func (s *Store) DeleteWatch(ctx context.Context, owner, id string) error {
	if !storable(id) {
		return notFound(id)
	}
	err := s.InTx(ctx, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `DELETE FROM price_watch WHERE id = $1 AND owner = $2`, id, owner)
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound(id)
		}
		return execAll(ctx, tx, id,
			`DELETE FROM price_watch_image WHERE watch_id = $1`,
			`DELETE FROM price_watch_product WHERE watch_id = $1`,
			`DELETE FROM price_webhook WHERE watch_id = $1`,
			`DELETE FROM price_webhook_delivery WHERE watch_id = $1`,
			`DELETE FROM price_event WHERE watch_id = $1`,
			`INSERT INTO price_watch_deleted (watch_id) VALUES ($1)`)
	})
	if err != nil {
		return err
	}
	if _, err := s.finishDeletion(ctx, id); err != nil {
		s.log.WarnContext(ctx, "the history of a deleted price watch is not deleted yet", slog.String("watch_id", id), slog.Any("error", err))
	}
	return nil
}

func execAll(ctx context.Context, tx *sql.Tx, id string, statements ...string) error {
	for _, each := range statements {
		if _, err := exec(ctx, tx, each, id); err != nil {
			return err
		}
	}
	return nil
}

// finishDeletion deletes the observations of a watch that is gone.
func (s *Store) finishDeletion(ctx context.Context, id string) (deleted int64, err error) {
	for {
		var gone removed
		err := s.InTx(ctx, func(tx *sql.Tx) error {
			var err error
			if gone, err = deleteOldest(ctx, tx, id, Range{}, watchesAtOnce*observationsAtOnce); err != nil || gone.rows > 0 {
				return err
			}
			return execAll(ctx, tx, id, `DELETE FROM price_watch_deleted WHERE watch_id = $1`)
		})
		deleted += gone.rows
		if err != nil || gone.rows == 0 {
			return deleted, err
		}
	}
}

// deleteOldest deletes up to that many observations of a range of a watch's history.
func deleteOldest(ctx context.Context, tx *sql.Tx, id string, r Range, limit int) (removed, error) {
	first, last := r.bounds()
	var end sql.NullInt64
	err := query(ctx, tx, func(rows *sql.Rows) error { return rows.Scan(&end) }, `SELECT max(due) FROM (SELECT due FROM price_observation
		WHERE watch_id = $1 AND due BETWEEN $2 AND $3 ORDER BY due LIMIT $4) AS oldest`, id, first, last, limit)
	if err != nil || !end.Valid {
		return removed{}, err
	}
	return deleteObservations(ctx, tx, id, first, end.Int64, nil)
}

func (s *Store) ids(ctx context.Context, statement string, args ...any) (ids []string, err error) {
	err = s.query(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, statement, args...)
	return ids, err
}

func (s *Store) pruneDeleted(ctx context.Context) (p Pruned, err error) {
	ids, err := s.ids(ctx, `SELECT watch_id FROM price_watch_deleted ORDER BY watch_id`)
	if err != nil {
		return p, err
	}
	for _, id := range ids {
		n, err := s.finishDeletion(ctx, id)
		p.Observations += n
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

func (s *Store) pruneObservations(ctx context.Context, before time.Time) (p Pruned, err error) {
	old := Range{To: before}
	_, last := old.bounds()
	after := ""
	for {
		ids, err := s.ids(ctx, `SELECT id FROM price_watch AS w WHERE id > $1 AND EXISTS
			(SELECT 1 FROM price_observation AS o WHERE o.watch_id = w.id AND o.due <= $2) ORDER BY id LIMIT $3`, after, last, watchesAtOnce)
		if err != nil || len(ids) == 0 {
			return p, err
		}
		full, n := false, int64(0)
		err = s.InTx(ctx, func(tx *sql.Tx) error {
			gone := make([]removed, len(ids))
			for i, id := range ids {
				var err error
				if gone[i], err = deleteOldest(ctx, tx, id, old, observationsAtOnce); err != nil {
					return err
				}
				n += gone[i].rows
				full = full || gone[i].rows == observationsAtOnce
			}
			return uncount(ctx, tx, ids, gone)
		})
		if err != nil {
			return p, err
		}
		p.Observations += n
		if !full { // Otherwise the same ones may have more.
			after = ids[len(ids)-1]
		}
	}
}

// pruneEvents goes by ids: the oldest events have the lowest ones.
func (s *Store) pruneEvents(ctx context.Context, before time.Time) (p Pruned, err error) {
	_, last := Range{To: before}.bounds()
	for {
		var n int64
		err := s.InTx(ctx, func(tx *sql.Tx) error {
			var err error
			// What is sent of an event goes with it.
			const old = `(SELECT id FROM price_event WHERE due <= $1 AND id IN (SELECT id FROM price_event ORDER BY id LIMIT $2))`
			if _, err := exec(ctx, tx, `DELETE FROM price_webhook_delivery WHERE event_id IN `+old, last, eventsAtOnce); err != nil {
				return err
			}
			n, err = exec(ctx, tx, `DELETE FROM price_event WHERE id IN `+old, last, eventsAtOnce)
			return err
		})
		p.Events += n
		if err != nil || n < eventsAtOnce {
			return p, err
		}
	}
}
