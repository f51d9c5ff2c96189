package server

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// records answers the first day that is asked for, and knows no product 8.
type records struct{}

func (records) GetProductTrends(_ context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	if q.GetId() == "8" {
		return nil, fault.New(fault.ProductNotFound, "no product 8").WithCalls(1)
	}
	points := []*zhaohuov1.ProductTrendPoint{{Date: q.GetStartDate()}, {Date: q.GetEndDate(), UnitsSold: proto.Int64(5)}}
	return &zhaohuov1.GetProductTrendsResponse{
		Trends: []*zhaohuov1.ProductTrend{{Kind: q.GetKinds()[0], Points: points}},
		Meta:   &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, UpstreamCalls: 2},
	}, nil
}

func TestRecordedTrendsStandBesideAWatch(t *testing.T) {
	at := func(month time.Month, day, hour int) *timestamppb.Timestamp {
		return timestamppb.New(time.Date(2026, month, day, hour, 0, 0, 0, time.UTC))
	}
	for name, test := range map[string]struct {
		q           *zhaohuov1.QueryPriceTrendRequest
		first, last string // "" if nothing is asked
		calls       int32
	}{
		"thirty days unless named, up to yesterday": {&zhaohuov1.QueryPriceTrendRequest{RecordedProductIds: []string{"7"}}, "2026-06-10", "2026-07-09", 2},
		"days are those of Shanghai":                {&zhaohuov1.QueryPriceTrendRequest{RecordedProductIds: []string{"7"}, StartTime: at(7, 1, 17), EndTime: at(7, 3, 15)}, "2026-07-02", "2026-07-03", 2},
		"not before the history":                    {&zhaohuov1.QueryPriceTrendRequest{RecordedProductIds: []string{"7"}, StartTime: at(1, 1, 0)}, "2026-04-11", "2026-07-09", 2},
		"a range before the history":                {&zhaohuov1.QueryPriceTrendRequest{RecordedProductIds: []string{"7"}, StartTime: at(1, 1, 0), EndTime: at(2, 1, 0)}, "", "", 0},
		"one product fails": {
			&zhaohuov1.QueryPriceTrendRequest{RecordedProductIds: []string{"7", "8"}, StartTime: at(7, 1, 17)}, "2026-07-02", "2026-07-09", 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2026, 7, 9, 17, 0, 0, 0, time.UTC))) // 2026-07-10 in Shanghai.
				p := &PriceWatch{PriceWatchParts: PriceWatchParts{Trends: records{}, Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE}}
				answer := &zhaohuov1.QueryPriceTrendResponse{}
				p.addRecorded(t.Context(), test.q, answer)
				if answer.GetRecordedMeta().GetUpstreamCalls() != test.calls || answer.GetRecordedMeta().GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE ||
					len(answer.GetPoints()) != 0 {
					t.Errorf("meta %v, own points %v", answer.GetRecordedMeta(), answer.GetPoints())
				}
				const kind = zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE
				for i, id := range test.q.GetRecordedProductIds() {
					trend := answer.GetRecorded()[i].GetTrends()[0]
					var points []*zhaohuov1.ProductTrendPoint
					if test.first != "" && id != "8" {
						points = []*zhaohuov1.ProductTrendPoint{{Date: test.first}, {Date: test.last, UnitsSold: proto.Int64(5)}}
					}
					if diff := cmp.Diff(points, trend.GetPoints(), protocmp.Transform()); diff != "" || trend.GetKind() != kind ||
						answer.GetRecorded()[i].GetProductId() != id || (trend.GetError() != nil) != (id == "8") {
						t.Errorf("%v (-want +got):\n%s", answer.GetRecorded()[i], diff)
					}
				}
			})
		})
	}
}
