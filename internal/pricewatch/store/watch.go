package store

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// DefaultInterval is the interval of a definition that has none.
const DefaultInterval = time.Hour

// Watch is a watch with its state.
type Watch struct {
	// ID is unique among all watches that ever were.
	ID string
	// Owner is the name of the caller who created it, "" where callers have no names.
	Owner string
	// Definition has the fields that callers set. The image of a comparison is not in it; see [Store.Image].
	Definition *zhaohuov1.PriceWatch
	// ImageSize is the size of its image in bytes. 0: there is none.
	ImageSize int64
	// Paused is whether it observes only by hand.
	Paused bool
	// Version grows with each change of the definition, the image or the pause. It begins with 1.
	Version int64
	// CreateTime and UpdateTime are when it was created, and when its definition or image last changed. All times are in UTC and
	// whole milliseconds.
	CreateTime, UpdateTime time.Time
	// NextDue is when the next observation is due. Zero: never, as for a paused watch.
	NextDue time.Time
	// Last is the last observation without its products. Nil: there is none.
	Last *zhaohuov1.PriceObservation
	// WaitingFor is what an observation that is due waits for.
	WaitingFor zhaohuov1.PriceWatchWait
	// Ticks is how many observations were stored.
	Ticks int64
	// Day is the last day of China ("2026-11-27") on which upstream calls were spent, and DayCalls how many on that day.
	Day      string
	DayCalls int32
	// Memory is what the judge remembers. Lists leave it out.
	Memory []byte
	// Webhooks are where its events are sent to. [Store.FindWatch] leaves them out.
	Webhooks []Webhook
}

// Interval is the time from one observation of a definition to the next: an hour if it does not say.
func Interval(definition *zhaohuov1.PriceWatch) time.Duration {
	if definition.GetInterval() == nil {
		return DefaultInterval
	}
	return definition.GetInterval().AsDuration()
}

// CallsOn is how many upstream calls were spent on the day of China that a time is on.
func (w *Watch) CallsOn(t time.Time) int32 {
	if w.Day != chinaday.Name(t) {
		return 0
	}
	return w.DayCalls
}

// CallsLeft is how many upstream calls may still be made on the day of China that a time is on; false if the watch has no bound.
func (w *Watch) CallsLeft(t time.Time) (calls int32, bounded bool) {
	bound := w.Definition.GetUpstreamCallsPerDay()
	return max(bound-w.CallsOn(t), 0), bound > 0
}

// Cursor is a place in a list of watches: that watch is the last one already seen. The zero value is before the newest.
type Cursor struct {
	CreateTime time.Time
	ID         string
}

// CreateWatch stores a new watch. It sets Version, UpdateTime, ImageSize and, where it is zero, CreateTime. The error is
// [fault.PriceWatchLimitReached] if the owner has that many watches already; a limit of 0 is none.
func (s *Store) CreateWatch(ctx context.Context, w *Watch, image []byte, limit int) error {
	if w.CreateTime.IsZero() {
		w.CreateTime = s.now()
	}
	w.CreateTime = moment(w.CreateTime.UnixMilli())
	w.UpdateTime, w.Version, w.ImageSize = w.CreateTime, 1, int64(len(image))
	definition, err := encode(w.Definition)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.checkLimit(ctx, tx, w.Owner, limit); err != nil {
			return err
		}
		_, err := exec(ctx, tx, `INSERT INTO price_watch (id, owner, definition, interval_ms, paused, version, created, updated, next_due,
			waiting_for, image_size, ticks, history_bytes, thinned, calls_day, calls_spent, memory)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, $7, '', 0, $12)`,
			w.ID, w.Owner, definition, Interval(w.Definition).Milliseconds(), flag(w.Paused), w.Version, w.CreateTime.UnixMilli(),
			w.UpdateTime.UnixMilli(), millis(w.NextDue), int(w.WaitingFor), w.ImageSize, w.Memory)
		if err != nil {
			return err
		}
		if err := addProducts(ctx, tx, w); err != nil {
			return err
		}
		if _, err := s.setWebhooks(ctx, tx, w, nil); err != nil {
			return err
		}
		return putImage(ctx, tx, w.ID, image)
	})
}

// checkLimit has creations by one owner wait for each other, so that two cannot both be the last one allowed.
func (s *Store) checkLimit(ctx context.Context, tx *sql.Tx, owner string, limit int) error {
	if limit == 0 {
		return nil
	}
	if s.Postgres() {
		if _, err := exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "price_watch of "+owner); err != nil {
			return err
		}
	}
	var n int
	err := query(ctx, tx, func(rows *sql.Rows) error { return rows.Scan(&n) }, `SELECT count(*) FROM price_watch WHERE owner = $1`, owner)
	if err == nil && n >= limit {
		return fault.New(fault.PriceWatchLimitReached, "there are %d price watches already, and %d are allowed", n, limit)
	}
	return err
}

// putImage replaces the image; an empty one is none.
func putImage(ctx context.Context, tx *sql.Tx, id string, image []byte) error {
	if len(image) == 0 {
		_, err := exec(ctx, tx, `DELETE FROM price_watch_image WHERE watch_id = $1`, id)
		return err
	}
	_, err := exec(ctx, tx, `INSERT INTO price_watch_image (watch_id, image) VALUES ($1, $2)
		ON CONFLICT (watch_id) DO UPDATE SET image = excluded.image`, id, image)
	return err
}

// The columns of a watch but its memory, and all.
const (
	listed = `id, owner, definition, paused, version, created, updated, next_due, waiting_for, image_size, ticks, calls_day, calls_spent,
		last_observation`
	complete = listed + `, memory`
)

// scanWatch reads a row of listed columns, and what else stands in it.
func scanWatch(rows *sql.Rows, more ...any) (*Watch, error) {
	var (
		w                = &Watch{Definition: &zhaohuov1.PriceWatch{}}
		definition, last []byte
		paused           int
		created, updated int64
		nextDue          sql.NullInt64
		waitingFor       int32
	)
	err := rows.Scan(append([]any{
		&w.ID, &w.Owner, &definition, &paused, &w.Version, &created, &updated, &nextDue, &waitingFor, &w.ImageSize, &w.Ticks, &w.Day,
		&w.DayCalls, &last,
	}, more...)...)
	if err != nil {
		return nil, err
	}
	w.Paused, w.WaitingFor = paused != 0, zhaohuov1.PriceWatchWait(waitingFor)
	w.CreateTime, w.UpdateTime, w.NextDue = moment(created), moment(updated), whenever(nextDue)
	if last != nil {
		w.Last = &zhaohuov1.PriceObservation{}
		if err := decode(last, w.Last); err != nil {
			return nil, err
		}
	}
	return w, decode(definition, w.Definition)
}

// oneWatch reads the watch that a condition names, or returns nil.
func oneWatch(ctx context.Context, db querier, condition string, args ...any) (*Watch, error) {
	var w *Watch
	err := query(ctx, db, func(rows *sql.Rows) error {
		var memory []byte
		found, err := scanWatch(rows, &memory)
		if err == nil {
			found.Memory = memory
			w = found
		}
		return err
	}, `SELECT `+complete+` FROM price_watch WHERE `+condition, args...)
	return w, err
}

// GetWatch returns the owner's watch, or [fault.PriceWatchNotFound].
func (s *Store) GetWatch(ctx context.Context, owner, id string) (*Watch, error) {
	w, err := s.FindWatch(ctx, id)
	if err != nil {
		return nil, err
	}
	if w.Owner != owner {
		return nil, notFound(id)
	}
	return w, addWebhooks(ctx, s.read, w)
}

// FindWatch returns a watch of any owner, or [fault.PriceWatchNotFound].
func (s *Store) FindWatch(ctx context.Context, id string) (*Watch, error) {
	if err := s.inPlace(); err != nil {
		return nil, err
	}
	if !storable(id) {
		return nil, notFound(id)
	}
	w, err := oneWatch(ctx, s.read, `id = $1`, id)
	if err == nil && w == nil {
		return nil, notFound(id)
	}
	return w, err
}

// ListWatches returns up to that many of the owner's watches after a place, the newest first, without their memory.
func (s *Store) ListWatches(ctx context.Context, owner string, after Cursor, limit int) ([]*Watch, error) {
	condition, args := `owner = $1`, []any{owner, limit}
	if !after.CreateTime.IsZero() {
		condition += ` AND (created, id) < ($3, $4)`
		args = append(args, after.CreateTime.UnixMilli(), after.ID)
	}
	var found []*Watch
	err := s.query(ctx, func(rows *sql.Rows) error {
		w, err := scanWatch(rows)
		found = append(found, w)
		return err
	}, `SELECT `+listed+` FROM price_watch WHERE `+condition+` ORDER BY created DESC, id DESC LIMIT $2`, args...)
	if err != nil {
		return nil, err
	}
	return found, addWebhooks(ctx, s.read, found...)
}

// UpdateWatch has change alter the owner's watch and stores it, in one transaction. Change may set Definition, Paused, NextDue,
// WaitingFor and Webhooks. With setImage the image replaces the present one, and an empty one removes it. Version and UpdateTime follow
// from what differs; a change that alters nothing writes nothing. An error of change is returned as it is, and nothing is stored.
func (s *Store) UpdateWatch(
	ctx context.Context, owner, id string, change func(*Watch) (image []byte, setImage bool, err error),
) (*Watch, error) {
	if !storable(id) {
		return nil, notFound(id)
	}
	var w *Watch
	err := s.InTx(ctx, func(tx *sql.Tx) error {
		var err error
		if w, err = oneWatch(ctx, tx, `id = $1 AND owner = $2`+s.forUpdate, id, owner); err != nil {
			return err
		}
		if w == nil {
			return notFound(id)
		}
		if err := addWebhooks(ctx, tx, w); err != nil {
			return err
		}
		before := *w
		before.Definition, before.Webhooks = proto.CloneOf(w.Definition), slices.Clone(w.Webhooks)
		image, setImage, err := change(w)
		if err != nil {
			return err
		}
		if setImage {
			if err := s.replaceImage(ctx, tx, w, image); err != nil {
				return err
			}
		}
		return s.save(ctx, tx, w, &before)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// replaceImage marks a watch whose image changes by an UpdateTime of zero.
func (s *Store) replaceImage(ctx context.Context, tx *sql.Tx, w *Watch, image []byte) error {
	present, err := readImage(ctx, tx, w.ID)
	if err != nil || bytes.Equal(present, image) {
		return err
	}
	w.ImageSize, w.UpdateTime = int64(len(image)), time.Time{}
	return putImage(ctx, tx, w.ID, image)
}

func (s *Store) save(ctx context.Context, tx *sql.Tx, w, before *Watch) error {
	w.NextDue = whenever(toNull(w.NextDue))
	webhooks, err := s.setWebhooks(ctx, tx, w, before.Webhooks)
	if err != nil {
		return err
	}
	redefined := webhooks || w.UpdateTime.IsZero() || !proto.Equal(w.Definition, before.Definition)
	w.UpdateTime = before.UpdateTime
	if redefined {
		w.UpdateTime = moment(s.now().UnixMilli())
	}
	if redefined || w.Paused != before.Paused {
		w.Version++
	} else if w.NextDue.Equal(before.NextDue) && w.WaitingFor == before.WaitingFor {
		return nil
	}
	if redefined {
		if err := setProducts(ctx, tx, w); err != nil {
			return err
		}
	}
	definition, err := encode(w.Definition)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, `UPDATE price_watch SET definition = $2, interval_ms = $3, paused = $4, version = $5, updated = $6, next_due = $7,
		waiting_for = $8, image_size = $9 WHERE id = $1`, w.ID, definition, Interval(w.Definition).Milliseconds(), flag(w.Paused), w.Version,
		w.UpdateTime.UnixMilli(), millis(w.NextDue), int(w.WaitingFor), w.ImageSize)
	return err
}

// Image returns a watch's image, or nil.
func (s *Store) Image(ctx context.Context, id string) ([]byte, error) {
	if err := s.inPlace(); err != nil {
		return nil, err
	}
	return readImage(ctx, s.read, id)
}

func readImage(ctx context.Context, db querier, id string) ([]byte, error) {
	var image []byte
	err := query(ctx, db, func(rows *sql.Rows) error { return rows.Scan(&image) },
		`SELECT image FROM price_watch_image WHERE watch_id = $1`, id)
	return image, err
}
