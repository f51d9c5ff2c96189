package server

import (
	"context"
	"slices"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// defaultTrendDays is how many days a trend has by default: as many as one call may ask for in every month of the year.
const defaultTrendDays = 28

// GetProductTrends implements [zhaohuov1.ProductServiceServer]. It asks once for each kind and month.
func (p *Product) GetProductTrends(ctx context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	if err := p.check("GetProductTrends", q); err != nil {
		return nil, err
	}
	days, err := trendDays(q, time.Now())
	if err != nil {
		return nil, err
	}
	kinds := q.GetKinds()
	if len(kinds) == 0 {
		kinds = []zhaohuov1.ProductTrendKind{
			zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES, zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE,
			zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE,
		}
	}
	months := days.Months()
	parts := make([]trendPart, len(kinds)*len(months))
	parallel.Each(len(parts), batchWidth, func(i int) {
		month := months[i%len(months)]
		parts[i].answer, parts[i].err = p.products.GetProductTrends(ctx, &zhaohuov1.GetProductTrendsRequest{
			Id: q.GetId(), Kinds: kinds[i/len(months):][:1], MaxStaleness: q.GetMaxStaleness(),
			StartDate: month.First.Format(time.DateOnly), EndDate: month.Last.Format(time.DateOnly),
		})
	})
	return p.trends(ctx, kinds, parts)
}

// trendPart is the answer or the error for one kind in one month.
type trendPart struct {
	answer *zhaohuov1.GetProductTrendsResponse
	err    error
}

// trends joins the parts, which are in the order of the kinds, and within each in that of the months. It fails if every part
// did: with the first error, which has all calls.
func (p *Product) trends(ctx context.Context, kinds []zhaohuov1.ProductTrendKind, parts []trendPart) (*zhaohuov1.GetProductTrendsResponse, error) {
	answer, language := &zhaohuov1.GetProductTrendsResponse{}, acceptLanguage(ctx)
	all := metas{source: p.source}
	for i, kind := range kinds {
		trend := &zhaohuov1.ProductTrend{Kind: kind}
		for _, part := range parts[i*len(parts)/len(kinds) : (i+1)*len(parts)/len(kinds)] {
			all.add(part.answer.GetMeta(), part.err)
			if part.err != nil && trend.Error == nil {
				trend.Error = rpcerr.Status(part.err, language).Proto()
			}
			for _, t := range part.answer.GetTrends() {
				trend.Points = append(trend.Points, t.GetPoints()...)
			}
		}
		answer.Trends = append(answer.Trends, trend)
	}
	answer.Meta = all.sum()
	if !slices.ContainsFunc(parts, func(part trendPart) bool { return part.err == nil }) {
		if f, ok := fault.As(parts[0].err); ok {
			return nil, f.WithCalls(int(answer.GetMeta().GetUpstreamCalls()))
		}
		return nil, parts[0].err
	}
	return answer, nil
}

// trendDays are the days of a request, or its defaults. The upstream counts days in Shanghai.
func trendDays(q *zhaohuov1.GetProductTrendsRequest, now time.Time) (upstream.TrendDays, error) {
	today := dayOf(now)
	oldest := today.AddDate(0, 0, -upstream.TrendHistory)
	days := upstream.TrendDays{Last: today.AddDate(0, 0, -1)}
	var err error
	if q.GetEndDate() != "" {
		if days.Last, err = trendDay("end_date", q.GetEndDate()); err != nil {
			return days, err
		}
	}
	days.First = days.Last.AddDate(0, 0, 1-defaultTrendDays)
	if days.First.Before(oldest) {
		days.First = oldest
	}
	if q.GetStartDate() != "" {
		if days.First, err = trendDay("start_date", q.GetStartDate()); err != nil {
			return days, err
		}
	}
	switch {
	case days.Last.After(today):
		return days, fault.Invalid("end_date", "date.future", "must not be after today in Shanghai, which is %s", today.Format(time.DateOnly))
	case days.Last.Before(oldest):
		return days, fault.Invalid("end_date", "date.history", "must not be before the history of 1688 begins, on %s", oldest.Format(time.DateOnly))
	case days.First.Before(oldest):
		return days, fault.Invalid("start_date", "date.history", "must not be before the history of 1688 begins, on %s", oldest.Format(time.DateOnly))
	case days.First.After(days.Last):
		return days, fault.Invalid("start_date", "date.order", "must not be after end_date")
	}
	return days, nil
}

// dayOf is the day in Shanghai that has this time.
func dayOf(t time.Time) time.Time {
	t = t.In(upstream.Shanghai())
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

func trendDay(field, text string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, text, upstream.Shanghai())
	if err != nil {
		return day, fault.Invalid(field, "string.date", "must be a day of the calendar, such as 2026-07-01")
	}
	return day, nil
}
