package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// Tick is one observation of a watch with what follows from it.
type Tick struct {
	// Watch is the watch as it was read before the observation was judged.
	Watch *Watch
	// Observation is what was seen, or why nothing was. Its due time is kept in whole milliseconds.
	Observation *zhaohuov1.PriceObservation
	// Events are what to report. The store sets their ids.
	Events []*zhaohuov1.PriceEvent
	// Memory replaces the judge's memory.
	Memory []byte
	// Day is the day of China ("2026-11-27") that the observation's upstream calls are counted on. Empty: they are not counted.
	Day string
}

// ErrOvertaken is the error of a tick that was judged with an old memory: another observation of the watch was stored since. The
// watch has to be read and the observation judged again.
var ErrOvertaken = errors.New("another observation of the price watch was stored since it was read")

// FinishTick stores an observation with its events, the memory and the watch's state. It stores nothing and returns false if the
// watch is gone, or an observation with this due time is stored already. After an error, such as [ErrOvertaken], tx must be rolled
// back.
//
// Events get ids in the order of commits: who has seen all events up to an id never misses one with a lower id. Therefore
// transactions that store events wait for each other from here to their end. The caller ends tx soon.
func (s *Store) FinishTick(ctx context.Context, tx *sql.Tx, t Tick) (stored bool, err error) {
	o := proto.CloneOf(t.Observation)
	due := o.GetDueTime().AsTime().UnixMilli()
	o.WatchId, o.DueTime = t.Watch.ID, timestamppb.New(moment(due))
	products := o.GetProducts()
	o.Products = nil
	summary, err := encode(o)
	if err != nil {
		return false, err
	}
	// The row is locked first: a deletion either comes before, or waits and deletes what is stored here.
	ticks := int64(-1)
	err = query(ctx, tx, func(rows *sql.Rows) error { return rows.Scan(&ticks) },
		`SELECT ticks FROM price_watch WHERE id = $1`+s.forUpdate, t.Watch.ID)
	if err != nil || ticks < 0 {
		return false, err
	}
	stored, err = insertObservation(ctx, tx, t.Watch.ID, due, o, summary)
	if err != nil || !stored {
		return false, err
	}
	if ticks != t.Watch.Ticks {
		return false, ErrOvertaken
	}
	size := observationBytes + len(summary)
	if len(products) > 0 {
		body, err := encode(&zhaohuov1.PriceObservation{Products: products})
		if err != nil {
			return false, err
		}
		if _, err := exec(ctx, tx, `INSERT INTO price_observation_products (watch_id, due, products) VALUES ($1, $2, $3)`,
			t.Watch.ID, due, body); err != nil {
			return false, err
		}
		size += len(body)
	}
	_, err = exec(ctx, tx, `UPDATE price_watch SET ticks = ticks + 1, history_bytes = history_bytes + $6, waiting_for = 0, last_observation = $2, memory = $3,
		calls_spent = CASE WHEN $4 = '' THEN calls_spent WHEN calls_day = $4 THEN calls_spent + $5 ELSE $5 END,
		calls_day = CASE WHEN $4 = '' THEN calls_day ELSE $4 END WHERE id = $1`,
		t.Watch.ID, summary, t.Memory, t.Day, int64(o.GetUpstreamCalls()), size)
	if err != nil {
		return false, err
	}
	return true, s.insertEvents(ctx, tx, t.Watch, due, t.Events)
}

func insertObservation(
	ctx context.Context, tx *sql.Tx, id string, due int64, o *zhaohuov1.PriceObservation, summary []byte,
) (bool, error) {
	statistics := o.GetStatistics()
	n, err := exec(ctx, tx, `INSERT INTO price_observation
		(watch_id, due, source, succeeded, price_min, price_q1, price_median, price_q3, price_max, summary)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (watch_id, due) DO NOTHING`,
		id, due, int(o.GetSource()), flag(o.GetError() == nil), nanos(statistics.GetMin()), nanos(statistics.GetQ1()),
		nanos(statistics.GetMedian()), nanos(statistics.GetQ3()), nanos(statistics.GetMax()), summary)
	return n > 0, err
}

// nanos is a price as the tables keep it; no price is NULL.
func nanos(m *moneypb.Money) any {
	amount, known := money.Of(m)
	if !known {
		return nil
	}
	return int64(amount)
}

// insertEvents numbers the events and stores them.
func (s *Store) insertEvents(ctx context.Context, tx *sql.Tx, w *Watch, due int64, events []*zhaohuov1.PriceEvent) error {
	if len(events) == 0 {
		return nil
	}
	var last int64
	err := query(ctx, tx, func(rows *sql.Rows) error { return rows.Scan(&last) },
		`UPDATE price_event_counter SET last = last + $1 RETURNING last`, len(events))
	if err != nil {
		return err
	}
	id := last - int64(len(events))
	for chunk := range slices.Chunk(events, rowsAtOnce) {
		args := make([]any, 0, 5*len(chunk))
		for _, event := range chunk {
			id++
			event = proto.CloneOf(event)
			event.Id, event.WatchId = "", w.ID
			body, err := encode(event)
			if err != nil {
				return err
			}
			args = append(args, id, w.ID, w.Owner, due, body)
		}
		_, err := exec(ctx, tx, `INSERT INTO price_event (id, watch_id, owner, due, body) VALUES `+
			values(len(chunk), "BIGINT", "TEXT", "TEXT", "BIGINT", s.bytes), args...)
		if err != nil {
			return err
		}
	}
	return s.insertDeliveries(ctx, tx, w.ID, last-int64(len(events)))
}
