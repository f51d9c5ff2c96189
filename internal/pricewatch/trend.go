package pricewatch

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

const (
	// trendSpan is how far a trend goes back whose beginning the caller leaves open.
	trendSpan = 30 * 24 * time.Hour
	// bodiesAtOnce is how many observations with products are in memory at a time.
	bodiesAtOnce = 200
	// currency is that of all compared prices.
	currency = "CNY"
)

// Trend returns series that are ready to plot.
func (s *Service) Trend(ctx context.Context, owner string, q *zhaohuov1.QueryPriceTrendRequest) (*zhaohuov1.QueryPriceTrendResponse, error) {
	r, err := rangeOf(q.GetStartTime(), q.GetEndTime())
	if err != nil {
		return nil, err
	}
	if r.To.IsZero() {
		r.To = s.Now()
	}
	if q.GetStartTime() == nil {
		r.From = r.To.Add(-trendSpan)
	}
	if r.To.Before(r.From) {
		return nil, fault.Invalid("start_time", "TIME_RANGE", "must not be after the present, which end_time is by default")
	}
	w, err := s.Store.GetWatch(ctx, owner, q.GetId())
	if err != nil {
		return nil, err
	}
	series, source, err := s.series(ctx, w, r, q.GetResolution())
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.QueryPriceTrendResponse{
		Resolution: series.resolution, Points: series.points, Source: source, WatchDisplayName: w.Definition.GetDisplayName(),
	}
	if len(q.GetProductIds()) > 0 {
		answer.Products, err = s.productSeries(ctx, w, r, series.resolution, q.GetProductIds())
	}
	return answer, err
}

// series are the statistics of a range: in the resolution asked for, or in the finest that has few enough points.
func (s *Service) series(
	ctx context.Context, w *store.Watch, r store.Range, asked zhaohuov1.PriceResolution,
) (*series, zhaohuov1.AnswerSource, error) {
	if asked != zhaohuov1.PriceResolution_PRICE_RESOLUTION_UNSPECIFIED {
		return s.gather(ctx, w, r, &series{resolution: asked})
	}
	n, err := s.Store.CountObservations(ctx, w.ID, r, s.trendPoints+1)
	if err != nil {
		return nil, zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED, err
	}
	if n <= s.trendPoints {
		return s.gather(ctx, w, r, &series{resolution: asked})
	}
	hours, source, err := s.gather(ctx, w, r, &series{resolution: zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR, most: s.trendPoints})
	if err != nil || !hours.overfull {
		return hours, source, err
	}
	return s.gather(ctx, w, r, &series{resolution: zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY})
}

// gather reads a range into a series, unless that gets too many points.
func (s *Service) gather(ctx context.Context, w *store.Watch, r store.Range, into *series) (*series, zhaohuov1.AnswerSource, error) {
	source := zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED
	err := s.eachRow(ctx, w, r, func(row store.TrendRow) bool {
		if row.Succeeded && source != zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
			source = row.Source
		}
		into.add(row)
		return !into.overfull
	})
	into.close()
	return into, source, err
}

// series gathers points of one resolution.
type series struct {
	resolution zhaohuov1.PriceResolution
	// most is how many points the series may have before it gives up; 0 is no bound. overfull is whether it gave up.
	most     int
	overfull bool
	points   []*zhaohuov1.PriceTrendPoint
	// begin and rows are of the point that is being gathered.
	begin time.Time
	rows  []store.TrendRow
}

func (s *series) add(row store.TrendRow) {
	begin := beginOf(s.resolution, row.Due)
	if len(s.rows) > 0 && !begin.Equal(s.begin) {
		s.close()
	}
	s.begin, s.rows = begin, append(s.rows, row)
}

// close ends the point that is being gathered.
func (s *series) close() {
	if len(s.rows) == 0 || s.overfull {
		return
	}
	if s.most > 0 && len(s.points) == s.most {
		s.overfull, s.points, s.rows = true, nil, nil
		return
	}
	s.points = append(s.points, pointOf(s.begin, s.rows))
	s.rows = s.rows[:0]
}

// pointOf sums up observations.
func pointOf(begin time.Time, rows []store.TrendRow) *zhaohuov1.PriceTrendPoint {
	point := &zhaohuov1.PriceTrendPoint{Time: timestamppb.New(begin)}
	var low, q1, middle, q3, high []money.Amount
	for _, row := range rows {
		if !row.Succeeded {
			point.FailedCount++
			continue
		}
		point.ObservationCount++
		if row.Priced {
			low, q1, middle, q3, high = append(low, row.Min), append(q1, row.Q1), append(middle, row.Median), append(q3, row.Q3), append(high, row.Max)
		}
	}
	if len(low) > 0 {
		point.Min, point.Max = slices.Min(low).Proto(currency), slices.Max(high).Proto(currency)
		point.Q1, point.Median, point.Q3 = median(q1).Proto(currency), median(middle).Proto(currency), median(q3).Proto(currency)
	}
	return point
}

// median is the middle amount, of an even count the mean of the two middle ones, rounded half up to the fen. It sorts amounts.
func median(amounts []money.Amount) money.Amount {
	slices.Sort(amounts)
	low, high := amounts[(len(amounts)-1)/2], amounts[len(amounts)/2]
	if low == high {
		return low
	}
	return (low + (high-low)/2 + money.Fen/2) / money.Fen * money.Fen
}

// productSeries are the prices of products over a range.
func (s *Service) productSeries(
	ctx context.Context, w *store.Watch, r store.Range, resolution zhaohuov1.PriceResolution, ids []string,
) ([]*zhaohuov1.ProductPriceTrend, error) {
	trends := make([]*zhaohuov1.ProductPriceTrend, len(ids))
	byID := map[string]*zhaohuov1.ProductPriceTrend{}
	for i, id := range ids {
		trends[i] = &zhaohuov1.ProductPriceTrend{ProductId: id}
		byID[id] = trends[i]
	}
	for {
		found, err := s.Store.Observations(ctx, w.ID, r, bodiesAtOnce, true)
		if err != nil {
			return nil, err
		}
		for _, observation := range found {
			r.After = observation.GetDueTime().AsTime()
			for _, product := range observation.GetProducts() {
				if trend := byID[product.GetProductId()]; trend != nil {
					addPrice(trend, beginOf(resolution, r.After), product)
				}
			}
		}
		if len(found) < bodiesAtOnce {
			return trends, nil
		}
	}
}

// addPrice adds a price to a series. A later one of the same hour or day replaces it.
func addPrice(trend *zhaohuov1.ProductPriceTrend, at time.Time, product *zhaohuov1.ObservedPrice) {
	if product.GetTitle() != "" {
		trend.Title = product.GetTitle()
	}
	if product.GetPrice() == nil {
		return
	}
	point := &zhaohuov1.ProductPricePoint{Time: timestamppb.New(at), Price: product.GetPrice(), PriceBasis: product.GetPriceBasis()}
	if n := len(trend.GetPoints()); n > 0 && trend.GetPoints()[n-1].GetTime().AsTime().Equal(at) {
		trend.Points[n-1] = point
		return
	}
	trend.Points = append(trend.Points, point)
}
