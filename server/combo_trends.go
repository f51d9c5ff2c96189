package server

import (
	"context"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// comboTrends adapts the products for strategies: it says which days the last four weeks are.
type comboTrends struct{ *Combo }

// GetProductTrends implements [combo.Trends].
func (t comboTrends) GetProductTrends(ctx context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	days, err := trendDays(q, time.Now())
	if err != nil {
		return nil, err
	}
	return t.Products.GetProductTrends(ctx, &zhaohuov1.GetProductTrendsRequest{
		Id: q.GetId(), Kinds: q.GetKinds(), MaxStaleness: q.GetMaxStaleness(),
		StartDate: days.First.Format(time.DateOnly), EndDate: days.Last.Format(time.DateOnly),
	})
}
