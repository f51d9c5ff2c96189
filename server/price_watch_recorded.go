package server

import (
	"context"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// trendSpan is how far a trend goes back whose beginning the caller leaves open.
const trendSpan = 30 * 24 * time.Hour

// addRecorded adds what the upstream itself recorded of products to the trend of a watch. What fails has its error: the
// watch's own observations stand without it.
func (p *PriceWatch) addRecorded(ctx context.Context, q *zhaohuov1.QueryPriceTrendRequest, answer *zhaohuov1.QueryPriceTrendResponse) {
	const kind = zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE
	days, some := recordedDays(q, time.Now())
	ids := q.GetRecordedProductIds()
	answer.Recorded = make([]*zhaohuov1.RecordedTrends, len(ids))
	answers, errs := make([]*zhaohuov1.GetProductTrendsResponse, len(ids)), make([]error, len(ids))
	if some {
		parallel.Each(len(ids), batchWidth, func(i int) {
			answers[i], errs[i] = p.Trends.GetProductTrends(ctx, &zhaohuov1.GetProductTrendsRequest{
				Id: ids[i], Kinds: []zhaohuov1.ProductTrendKind{kind},
				StartDate: days.First.Format(time.DateOnly), EndDate: days.Last.Format(time.DateOnly),
			})
		})
	}
	all := metas{source: p.Source}
	for i, id := range ids {
		trends := answers[i].GetTrends()
		if len(trends) == 0 {
			trends = []*zhaohuov1.ProductTrend{{Kind: kind}}
			if errs[i] != nil {
				trends[0].Error = rpcerr.Status(errs[i], acceptLanguage(ctx)).Proto()
			}
		}
		answer.Recorded[i] = combo.Recorded(id, trends)
		all.add(answers[i].GetMeta(), errs[i])
	}
	answer.RecordedMeta = all.sum()
}

// recordedDays are the days of a trend's range that the upstream has recorded; false if there is none.
func recordedDays(q *zhaohuov1.QueryPriceTrendRequest, now time.Time) (upstream.TrendDays, bool) {
	end := now
	if q.GetEndTime() != nil && q.GetEndTime().AsTime().Before(now) {
		end = q.GetEndTime().AsTime()
	}
	start := end.Add(-trendSpan)
	if q.GetStartTime() != nil {
		start = q.GetStartTime().AsTime()
	}
	today := dayOf(now)
	days := upstream.TrendDays{First: dayOf(start), Last: dayOf(end)}
	if oldest := today.AddDate(0, 0, -upstream.TrendHistory); days.First.Before(oldest) {
		days.First = oldest
	}
	if !days.Last.Before(today) {
		days.Last = today.AddDate(0, 0, -1)
	}
	return days, !days.First.After(days.Last)
}
