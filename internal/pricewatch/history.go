package pricewatch

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// Observations returns a page of a watch's history, the oldest first.
func (s *Service) Observations(ctx context.Context, owner string, q *zhaohuov1.ListPriceObservationsRequest) (*zhaohuov1.ListPriceObservationsResponse, error) {
	r, err := rangeOf(q.GetStartTime(), q.GetEndTime())
	if err != nil {
		return nil, err
	}
	w, err := s.Store.GetWatch(ctx, owner, q.GetId())
	if err != nil {
		return nil, err
	}
	pages := pages{"observations", fmt.Sprint(w.ID, " ", r.From.UnixNano(), " ", r.To.UnixNano(), " ", q.GetResolution())}
	if q.GetPageToken() != "" {
		place, err := pages.read(q.GetPageToken(), 1)
		if err != nil {
			return nil, err
		}
		r.After = millis(place[0])
	}
	size := pageSize(q.GetPageSize())
	var found []*zhaohuov1.PriceObservation
	if q.GetResolution() == zhaohuov1.PriceResolution_PRICE_RESOLUTION_UNSPECIFIED {
		found, err = s.Store.Observations(ctx, w.ID, r, size+1, !q.GetSummaryOnly())
	} else {
		found, err = s.downsampled(ctx, w, r, q.GetResolution(), size+1, !q.GetSummaryOnly())
	}
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ListPriceObservationsResponse{Observations: found[:min(len(found), size)]}
	if len(found) > size {
		answer.NextPageToken = pages.token(millisText(found[size-1].GetDueTime().AsTime()))
	}
	return answer, nil
}

// rangeOf is the range of a history between two times; unset ones are no bound.
func rangeOf(start, end *timestamppb.Timestamp) (store.Range, error) {
	var r store.Range
	for _, bound := range []struct {
		name string
		time *timestamppb.Timestamp
		into *time.Time
	}{{"start_time", start, &r.From}, {"end_time", end, &r.To}} {
		if bound.time == nil {
			continue
		}
		if bound.time.CheckValid() != nil {
			return r, fault.Invalid(bound.name, "TIMESTAMP", "must be a time between the years 1 and 9999")
		}
		*bound.into = bound.time.AsTime()
	}
	if start != nil && end != nil && r.To.Before(r.From) {
		return r, fault.Invalid("end_time", "TIME_RANGE", "must not be before start_time")
	}
	return r, nil
}

// downsampled returns one observation of each hour or day: the last one that succeeded, or the last one if none did. A page
// that ended with an hour goes on with the next one.
func (s *Service) downsampled(
	ctx context.Context, w *store.Watch, r store.Range, resolution zhaohuov1.PriceResolution, limit int, products bool,
) ([]*zhaohuov1.PriceObservation, error) {
	if !r.After.IsZero() {
		next := endOf(resolution, r.After)
		r.After = time.Time{}
		if next.After(r.From) {
			r.From = next
		}
	}
	var (
		chosen []time.Time
		best   store.TrendRow
		end    time.Time
	)
	err := s.eachRow(ctx, w, r, func(row store.TrendRow) bool {
		switch {
		case end.IsZero() || !row.Due.Before(end):
			if !end.IsZero() {
				chosen = append(chosen, best.Due)
			}
			best, end = row, endOf(resolution, row.Due)
		case row.Succeeded || !best.Succeeded:
			best = row
		}
		return len(chosen) < limit
	})
	if err != nil {
		return nil, err
	}
	if !end.IsZero() && len(chosen) < limit {
		chosen = append(chosen, best.Due)
	}
	return s.Store.ObservationsAt(ctx, w.ID, chosen, products)
}

// eachRow calls visit with the statistics of a range of a watch's history, the oldest first, until it returns false. It reads
// them in parts, since a history may be longer than there is memory.
func (s *Service) eachRow(ctx context.Context, w *store.Watch, r store.Range, visit func(store.TrendRow) bool) error {
	for {
		rows, err := s.Store.TrendRows(ctx, w.ID, r, s.rowsAtOnce)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !visit(row) {
				return nil
			}
			r.After = row.Due
		}
		if len(rows) < s.rowsAtOnce {
			return nil
		}
	}
}

// beginOf is when the hour or day of China that a time is in begins; the time itself without a resolution.
func beginOf(resolution zhaohuov1.PriceResolution, t time.Time) time.Time {
	switch resolution {
	case zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR:
		return t.Truncate(time.Hour)
	case zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY:
		return chinaday.Begin(t)
	default:
		return t
	}
}

// endOf is when the hour or day that a time is in ends.
func endOf(resolution zhaohuov1.PriceResolution, t time.Time) time.Time {
	if resolution == zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY {
		return chinaday.Next(t)
	}
	return beginOf(resolution, t).Add(time.Hour)
}
