package server_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// recorder is an upstream that answers one point on the first day of each question. It fails for one kind, or for all.
type recorder struct {
	upstream.Products
	fails   zhaohuov1.ProductTrendKind
	failAll bool

	mu    sync.Mutex
	asked map[string]int
}

func (r *recorder) GetProductTrends(_ context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[q.GetId()+" "+q.GetStartDate()+" "+q.GetEndDate()]++
	kind := q.GetKinds()[0]
	if r.failAll || kind == r.fails {
		return nil, fault.New(fault.UpstreamPermissionDenied, "not allowed").WithCalls(1)
	}
	return &zhaohuov1.GetProductTrendsResponse{
		Trends: []*zhaohuov1.ProductTrend{{Kind: kind, Points: []*zhaohuov1.ProductTrendPoint{{Date: q.GetStartDate()}}}},
		Meta:   &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, UpstreamCalls: 1},
	}, nil
}

// The fake clock of a bubble begins at midnight of 2000-01-01 in UTC, which is 8 o'clock in Shanghai. It is set to 17 o'clock UTC
// of a day in 2026, when it is the next day in Shanghai: 2026-07-10.
func julyTenth() { time.Sleep(time.Until(time.Date(2026, 7, 9, 17, 0, 0, 0, time.UTC))) }

func TestTrendsAreSplitByKindAndMonth(t *testing.T) {
	kinds := []zhaohuov1.ProductTrendKind{zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE}
	for name, test := range map[string]struct {
		q     *zhaohuov1.GetProductTrendsRequest
		asked map[string]int
		calls int32
	}{
		"the defaults": {&zhaohuov1.GetProductTrendsRequest{Id: "7"}, map[string]int{"7 2026-06-12 2026-07-09": 3}, 3},
		"one kind, all days": {
			&zhaohuov1.GetProductTrendsRequest{Id: "7", Kinds: kinds, StartDate: "2026-04-11", EndDate: "2026-07-10"},
			map[string]int{"7 2026-04-11 2026-05-11": 1, "7 2026-05-12 2026-06-12": 1, "7 2026-06-13 2026-07-10": 1},
			3,
		},
		"an early end keeps within the history": {
			&zhaohuov1.GetProductTrendsRequest{Id: "7", Kinds: kinds, EndDate: "2026-04-12"}, map[string]int{"7 2026-04-11 2026-04-12": 1}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				julyTenth()
				r := &recorder{asked: map[string]int{}}
				p := server.NewProduct(r, aopOffers(), window, zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)
				answer, err := p.GetProductTrends(t.Context(), test.q)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.asked, r.asked); diff != "" || answer.GetMeta().GetUpstreamCalls() != test.calls {
					t.Errorf("%d calls; asked (-want +got):\n%s", answer.GetMeta().GetUpstreamCalls(), diff)
				}
				for i, trend := range answer.GetTrends() {
					if len(test.q.GetKinds()) == 0 && int(trend.GetKind()) != i+1 || len(trend.GetPoints()) != len(test.asked) || trend.GetError() != nil {
						t.Errorf("trend %d: %v", i, trend)
					}
				}
			})
		})
	}
	for field, q := range map[string]*zhaohuov1.GetProductTrendsRequest{
		"start_date": {Id: "7", StartDate: "2026-04-10"},
		"end_date":   {Id: "7", EndDate: "2026-07-11"},
	} {
		synctest.Test(t, func(t *testing.T) {
			julyTenth()
			r := &recorder{asked: map[string]int{}}
			_, err := server.NewProduct(r, aopOffers(), window, 0).GetProductTrends(t.Context(), q)
			if f, ok := fault.As(err); !ok || f.Kind != fault.InvalidField || f.Fields[0].Path != field || len(r.asked) != 0 {
				t.Errorf("%v: got %v; asked %v", q, err, r.asked)
			}
		})
	}
}

// A kind that fails has its error; the others have their points. If all fail, so does the RPC, with all calls.
func TestTrendsThatFail(t *testing.T) {
	r := &recorder{asked: map[string]int{}, fails: zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES}
	p := server.NewProduct(r, aopOffers(), window, zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)
	answer, err := p.GetProductTrends(t.Context(), &zhaohuov1.GetProductTrendsRequest{Id: "7"})
	if err != nil {
		t.Fatal(err)
	}
	for _, trend := range answer.GetTrends() {
		failed := trend.GetKind() == r.fails
		if failed != (codes.Code(trend.GetError().GetCode()) == codes.FailedPrecondition) || failed != (len(trend.GetPoints()) == 0) {
			t.Errorf("got %v", trend)
		}
	}
	if answer.GetMeta().GetUpstreamCalls() != 3 {
		t.Errorf("got %v", answer.GetMeta())
	}
	r.failAll = true
	_, err = p.GetProductTrends(t.Context(), &zhaohuov1.GetProductTrendsRequest{Id: "7"})
	if fault.KindOf(err) != fault.UpstreamPermissionDenied || fault.CallsOf(err) != 3 {
		t.Errorf("got %v with %d calls", err, fault.CallsOf(err))
	}
}
