package store

import (
	"context"
	"database/sql"
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Events returns up to that many events of an owner after an id, in the order of their ids: of one watch or, without one, of all.
func (s *Store) Events(ctx context.Context, owner, watchID string, after int64, limit int) ([]*zhaohuov1.PriceEvent, error) {
	if !storable(watchID) {
		return nil, nil
	}
	condition, args := ``, []any{owner, after, limit}
	if watchID != "" {
		condition, args = ` AND watch_id = $4`, append(args, watchID)
	}
	var found []*zhaohuov1.PriceEvent
	err := s.query(ctx, func(rows *sql.Rows) error {
		var (
			id    int64
			body  []byte
			event = &zhaohuov1.PriceEvent{}
		)
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		if err := decode(body, event); err != nil {
			return err
		}
		event.Id = strconv.FormatInt(id, 10)
		found = append(found, event)
		return nil
	}, `SELECT id, body FROM price_event WHERE owner = $1 AND id > $2`+condition+` ORDER BY id LIMIT $3`, args...)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// LastEventID returns the id of the last event that was stored, of all owners; 0 if there was none.
func (s *Store) LastEventID(ctx context.Context) (int64, error) {
	var last int64
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&last) }, `SELECT last FROM price_event_counter`)
	return last, err
}
