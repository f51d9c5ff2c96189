package aop

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// The parameters that wrap the questions for trends. That of the units sold is spelled so.
const (
	paramSalesTrend = "tendQueryParam"
	paramTrend      = "trendQueryParam"
)

// trendDate is how the upstream writes a date.
const trendDate = "20060102"

// trendQuery is the value of both wrappers.
type trendQuery struct {
	OfferID   json.Number `json:"offerId"`
	StartDate string      `json:"startDate"`
	EndDate   string      `json:"endDate"`
}

// trendOf is a question for one kind.
func trendOf(kind zhaohuov1.ProductTrendKind) *zhaohuov1.GetProductTrendsRequest {
	return &zhaohuov1.GetProductTrendsRequest{Kinds: []zhaohuov1.ProductTrendKind{kind}}
}

func (d dialect) encodeGetProductTrends(q *zhaohuov1.GetProductTrendsRequest) (upstream.Call, error) {
	if len(q.GetKinds()) != 1 {
		return upstream.Call{}, fault.New(fault.Internal, "a call asks for one trend")
	}
	method, param := d.methods.SalesTrend, paramSalesTrend
	switch q.GetKinds()[0] {
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES:
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE:
		method, param = d.methods.PriceTrend, paramTrend
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE:
		method, param = d.methods.RepurchaseTrend, paramTrend
	default:
		return upstream.Call{}, fault.Invalid("kinds[0]", "enum.defined_only", "must be a kind of the contract")
	}
	return asking(method, param, trendQuery{
		OfferID:   json.Number(q.GetId()),
		StartDate: strings.ReplaceAll(q.GetStartDate(), "-", ""), EndDate: strings.ReplaceAll(q.GetEndDate(), "-", ""),
	})
}

func (dialect) decodeGetProductTrends(q *zhaohuov1.GetProductTrendsRequest, payload gjson.Result) (*zhaohuov1.GetProductTrendsResponse, error) {
	list, err := hints(payload)
	if err != nil {
		return nil, err
	}
	trend := &zhaohuov1.ProductTrend{Kind: q.GetKinds()[0]}
	for i, row := range list {
		point, ok := trendPoint(trend.GetKind(), row)
		if !ok {
			return nil, unreadable("day %d of the trend has no date", i+1)
		}
		trend.Points = append(trend.Points, point)
	}
	slices.SortStableFunc(trend.Points, func(a, b *zhaohuov1.ProductTrendPoint) int { return strings.Compare(a.GetDate(), b.GetDate()) })
	return &zhaohuov1.GetProductTrendsResponse{Trends: []*zhaohuov1.ProductTrend{trend}}, nil
}

// trendPoint reads one day; false if it has no date. An empty value means that there is no data, and so does one that is not
// understood.
func trendPoint(kind zhaohuov1.ProductTrendKind, row gjson.Result) (*zhaohuov1.ProductTrendPoint, bool) {
	day, err := time.Parse(trendDate, normal.Text(row.Get("date")))
	if err != nil {
		return nil, false
	}
	point, value := &zhaohuov1.ProductTrendPoint{Date: day.Format(time.DateOnly)}, row.Get("value")
	switch kind {
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES:
		// A lower bound would be no count of this day.
		if units, atLeast, known := normal.Count(value); known && !atLeast {
			point.UnitsSold = &units
		}
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE:
		if price := normal.Price(value); price.Known && !price.IsRange() {
			point.MedianPrice = price.Low.Proto(money.CNY)
		}
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE:
		if rate, known := normal.Percent(value); known {
			point.RepurchaseRate = &rate
		}
	}
	return point, true
}
