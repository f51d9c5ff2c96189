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
	condition, args := `owner = $3`, []any{after, limit, owner}
	if watchID != "" {
		condition, args = condition+` AND watch_id = $4`, append(args, watchID)
	}
	var found []*zhaohuov1.PriceEvent
	err := s.events(ctx, func(e OwnedEvent) { found = append(found, e.Event) }, condition, args...)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// OwnedEvent is an event with its id as a number and the owner of its watch.
type OwnedEvent struct {
	ID    int64
	Owner string
	Event *zhaohuov1.PriceEvent
}

// EventsOfAll returns up to that many events after an id, of all owners, in the order of their ids. None with an id up to that of
// the last one is stored later.
func (s *Store) EventsOfAll(ctx context.Context, after int64, limit int) ([]OwnedEvent, error) {
	var found []OwnedEvent
	if err := s.events(ctx, func(e OwnedEvent) { found = append(found, e) }, `TRUE`, after, limit); err != nil {
		return nil, err
	}
	return found, nil
}

// events has each event after $1 that meets the condition taken, up to $2 of them.
func (s *Store) events(ctx context.Context, take func(OwnedEvent), condition string, args ...any) error {
	return s.query(ctx, func(rows *sql.Rows) error {
		var (
			e    = OwnedEvent{Event: &zhaohuov1.PriceEvent{}}
			body []byte
		)
		if err := rows.Scan(&e.ID, &e.Owner, &body); err != nil {
			return err
		}
		if err := decode(body, e.Event); err != nil {
			return err
		}
		e.Event.Id = strconv.FormatInt(e.ID, 10)
		take(e)
		return nil
	}, `SELECT id, owner, body FROM price_event WHERE id > $1 AND `+condition+` ORDER BY id LIMIT $2`, args...)
}

// LastEventID returns the id of the last event that was stored, of all owners; 0 if there was none.
func (s *Store) LastEventID(ctx context.Context) (int64, error) {
	var last int64
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&last) }, `SELECT last FROM price_event_counter`)
	return last, err
}
