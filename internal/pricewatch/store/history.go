package store

import (
	"context"
	"database/sql"
	"math"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// Range is a part of a watch's history: from is in it, to is not. A zero time is no bound.
type Range struct {
	From, To time.Time
	// After, if not zero, is the due time after which to go on.
	After time.Time
}

// bounds are the first and the last due time of the range.
func (r Range) bounds() (first, last int64) {
	first, last = math.MinInt64, math.MaxInt64
	if !r.From.IsZero() {
		first = r.From.Truncate(time.Millisecond).UnixMilli()
		if r.From.Nanosecond()%int(time.Millisecond) != 0 {
			first++ // What is stored is in whole milliseconds.
		}
	}
	if !r.After.IsZero() {
		first = max(first, r.After.UnixMilli()+1)
	}
	if !r.To.IsZero() {
		last = r.To.UnixMilli() - 1
		if r.To.Nanosecond()%int(time.Millisecond) != 0 {
			last++
		}
	}
	return first, last
}

// columns of an observation with or without its products.
func selectObservation(products bool) string {
	if !products {
		return `SELECT o.summary, NULL FROM price_observation AS o`
	}
	return `SELECT o.summary, p.products FROM price_observation AS o LEFT JOIN price_observation_products AS p
		ON p.watch_id = o.watch_id AND p.due = o.due`
}

func (s *Store) observations(ctx context.Context, products bool, rest string, args ...any) ([]*zhaohuov1.PriceObservation, error) {
	var found []*zhaohuov1.PriceObservation
	err := s.query(ctx, func(rows *sql.Rows) error {
		var summary, products []byte
		if err := rows.Scan(&summary, &products); err != nil {
			return err
		}
		o := &zhaohuov1.PriceObservation{}
		found = append(found, o)
		// Two halves of one message, one after the other, are the message.
		return decode(append(summary, products...), o)
	}, selectObservation(products)+rest, args...)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Observations returns up to that many observations of a watch, the oldest first, with or without their products.
func (s *Store) Observations(ctx context.Context, watchID string, r Range, limit int, products bool) ([]*zhaohuov1.PriceObservation, error) {
	first, last := r.bounds()
	return s.observations(ctx, products, ` WHERE o.watch_id = $1 AND o.due BETWEEN $2 AND $3 ORDER BY o.due LIMIT $4`,
		watchID, first, last, limit)
}

// ObservationsAt returns those observations of a watch that were due at the times, the oldest first.
func (s *Store) ObservationsAt(ctx context.Context, watchID string, due []time.Time, products bool) ([]*zhaohuov1.PriceObservation, error) {
	if len(due) == 0 {
		return nil, nil
	}
	args := []any{watchID}
	for _, each := range due {
		args = append(args, each.UnixMilli())
	}
	return s.observations(ctx, products, ` WHERE o.watch_id = $1 AND o.due IN (`+places(2, len(due))+`) ORDER BY o.due`, args...)
}

// Observation returns the observation of a watch that was due at that time, with its products, or nil.
func (s *Store) Observation(ctx context.Context, watchID string, due time.Time) (*zhaohuov1.PriceObservation, error) {
	found, err := s.ObservationsAt(ctx, watchID, []time.Time{due}, true)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// CountObservations counts the observations of a range of a watch's history, up to a limit.
func (s *Store) CountObservations(ctx context.Context, watchID string, r Range, limit int) (int, error) {
	first, last := r.bounds()
	n := 0
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&n) }, `SELECT count(*) FROM (SELECT 1 FROM price_observation
		WHERE watch_id = $1 AND due BETWEEN $2 AND $3 LIMIT $4) AS found`, watchID, first, last, limit)
	return n, err
}

// TrendRow is the statistics of one observation.
type TrendRow struct {
	Due    time.Time
	Source zhaohuov1.AnswerSource
	// Succeeded is whether the observation did not fail.
	Succeeded bool
	// Priced is whether there are prices. Otherwise the five are meaningless.
	Priced                   bool
	Min, Q1, Median, Q3, Max money.Amount
}

// TrendRows returns the statistics of up to that many observations of a range of a watch's history, the oldest first.
func (s *Store) TrendRows(ctx context.Context, watchID string, r Range, limit int) ([]TrendRow, error) {
	first, last := r.bounds()
	var found []TrendRow
	err := s.query(ctx, func(rows *sql.Rows) error {
		var (
			row       TrendRow
			due       int64
			source    int32
			succeeded int
			prices    [5]sql.NullInt64
		)
		err := rows.Scan(&due, &source, &succeeded, &prices[0], &prices[1], &prices[2], &prices[3], &prices[4])
		row.Due, row.Source, row.Succeeded, row.Priced = moment(due), zhaohuov1.AnswerSource(source), succeeded != 0, prices[2].Valid
		for i, to := range []*money.Amount{&row.Min, &row.Q1, &row.Median, &row.Q3, &row.Max} {
			*to = money.Amount(prices[i].Int64)
		}
		found = append(found, row)
		return err
	}, `SELECT due, source, succeeded, price_min, price_q1, price_median, price_q3, price_max FROM price_observation
		WHERE watch_id = $1 AND due BETWEEN $2 AND $3 ORDER BY due LIMIT $4`, watchID, first, last, limit)
	if err != nil {
		return nil, err
	}
	return found, nil
}
