package combo

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	sales      = zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES
	prices     = zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE
	repurchase = zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE
)

// GetProductTrends answers three days, the first of which has no value. The second one has nothing sold.
func (w *world) GetProductTrends(ctx context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	kind := q.GetKinds()[0]
	meta, err := w.ask(ctx, trendStep(kind)+" "+q.GetId(), 1)
	if err != nil {
		return nil, err
	}
	days := []*zhaohuov1.ProductTrendPoint{{Date: "2026-07-01"}, {Date: "2026-07-02"}, {Date: "2026-07-03"}}
	switch kind {
	case sales:
		days[1].UnitsSold, days[2].UnitsSold = proto.Int64(0), proto.Int64(7)
	case prices:
		days[1].MedianPrice, days[2].MedianPrice = offer("", "", 12).GetPrice(), offer("", "", 11).GetPrice()
	case repurchase:
		days[1].RepurchaseRate, days[2].RepurchaseRate = proto.Float64(0.1), proto.Float64(0)
	}
	return &zhaohuov1.GetProductTrendsResponse{Trends: []*zhaohuov1.ProductTrend{{Kind: kind, Points: days}}, Meta: meta}, nil
}

// trending is a world whose upstream records trends.
func trending(w *world) Ports {
	p := w.ports()
	p.Trends = w
	return p
}

// recordedText is the trends of an answer: a product with its kinds, and ! after a kind that failed.
func recordedText(all []*zhaohuov1.RecordedTrends) []string {
	var text []string
	for _, r := range all {
		words := []string{r.GetProductId()}
		for _, trend := range r.GetTrends() {
			word := strings.TrimPrefix(trend.GetKind().String(), "PRODUCT_TREND_KIND_")
			if trend.GetError() != nil {
				word += "!"
			}
			words = append(words, word)
		}
		text = append(text, strings.Join(words, " "))
	}
	return text
}

func TestTrendsOfComparedPrices(t *testing.T) {
	down := fault.New(fault.UpstreamUnavailable, "down")
	for name, test := range map[string]struct {
		q        *zhaohuov1.ComparePricesRequest
		fails    map[string]error
		recorded []string
		failures []string
		calls    int32
		budget   int32
	}{
		"none unless asked for": {
			&zhaohuov1.ComparePricesRequest{Keyword: "mug", TrendProducts: proto.Int32(2)}, nil, nil, nil, 3, 6,
		},
		"the cheapest of the same goods, then of similar ones; no outlier": {
			&zhaohuov1.ComparePricesRequest{Keyword: "mug", Trends: []zhaohuov1.ProductTrendKind{prices}, TrendProducts: proto.Int32(5)}, nil,
			[]string{"11 MEDIAN_PRICE", "12 MEDIAN_PRICE", "13 MEDIAN_PRICE", "15 MEDIAN_PRICE", "21 MEDIAN_PRICE"},
			nil, 8, 11,
		},
		"three products unless another number is named": {
			&zhaohuov1.ComparePricesRequest{Keyword: "mug", Trends: []zhaohuov1.ProductTrendKind{repurchase}}, nil,
			[]string{"11 REPURCHASE_RATE", "12 REPURCHASE_RATE", "13 REPURCHASE_RATE"},
			nil, 6, 9,
		},
		"a trend that fails has its error, the others stand": {
			&zhaohuov1.ComparePricesRequest{Keyword: "mug", Trends: []zhaohuov1.ProductTrendKind{sales, prices}, TrendProducts: proto.Int32(2)},
			map[string]error{"sales_trend 12": down},
			[]string{"11 SALES MEDIAN_PRICE", "12 SALES! MEDIAN_PRICE"},
			[]string{"sales_trend of 12"},
			7, 10,
		},
		"a budget that ends": {
			&zhaohuov1.ComparePricesRequest{Keyword: "mug", Trends: []zhaohuov1.ProductTrendKind{sales, prices}, TrendProducts: proto.Int32(2), MaxUpstreamCalls: proto.Int32(4)},
			nil,
			[]string{"11 SALES MEDIAN_PRICE!", "12 SALES! MEDIAN_PRICE!"},
			[]string{"price_trend of 11", "sales_trend of 12", "price_trend of 12"},
			4, 4,
		},
		"proving the cheapest leaves the calls of the trends": {
			&zhaohuov1.ComparePricesRequest{Keyword: "mug", Quantity: 2, Trends: []zhaohuov1.ProductTrendKind{prices}, TrendProducts: proto.Int32(1), MaxUpstreamCalls: proto.Int32(4)},
			nil,
			[]string{"12 MEDIAN_PRICE"},
			nil, 4, 4,
		},
		"all that can be asked for is within the largest budget": {
			&zhaohuov1.ComparePricesRequest{
				Keyword: "mug", Trends: []zhaohuov1.ProductTrendKind{sales, prices, repurchase}, TrendProducts: proto.Int32(5), Freight: freightTo(2, 20),
			},
			nil,
			[]string{
				"12 SALES MEDIAN_PRICE REPURCHASE_RATE", "13 SALES MEDIAN_PRICE REPURCHASE_RATE", "15 SALES MEDIAN_PRICE REPURCHASE_RATE",
				"11 SALES MEDIAN_PRICE REPURCHASE_RATE", "21 SALES MEDIAN_PRICE REPURCHASE_RATE", // 11 has a larger minimum order: its total is not known.
			},
			nil, 23, 40,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := shop()
			w.fails = test.fails
			answer, err := ComparePrices(t.Context(), trending(w), test.q)
			if err != nil {
				t.Fatal(err)
			}
			failures := slices.DeleteFunc(stepsOf(answer.GetPartialFailures()), func(step string) bool { return step == "measure_likeness of 15" })
			if diff := cmp.Diff(test.recorded, recordedText(answer.GetTrends())); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
			if len(failures) != len(test.failures) || !slices.Equal(failures, test.failures) {
				t.Errorf("failures %v, want %v", failures, test.failures)
			}
			if answer.GetMeta().GetUpstreamCalls() != test.calls || answer.GetMeta().GetUpstreamCallBudget() != test.budget || w.calls != int(test.calls) {
				t.Errorf("%d of %d calls, want %d of %d", answer.GetMeta().GetUpstreamCalls(), answer.GetMeta().GetUpstreamCallBudget(), test.calls, test.budget)
			}
		})
	}
}

// Sums say nothing of days without a value; what is known to be zero is zero.
func TestRecordedTrendsAreSummedUp(t *testing.T) {
	answer, err := ComparePrices(t.Context(), trending(shop()), &zhaohuov1.ComparePricesRequest{
		Trends: []zhaohuov1.ProductTrendKind{sales, prices, repurchase}, TrendProducts: proto.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := answer.GetTrends()[0]
	got.Trends = nil
	want := &zhaohuov1.RecordedTrends{
		ProductId: "11", UnitsSold: proto.Int64(7), FirstMedianPrice: offer("", "", 12).GetPrice(), LastMedianPrice: offer("", "", 11).GetPrice(), RepurchaseRate: proto.Float64(0),
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	unknown := Recorded("7", []*zhaohuov1.ProductTrend{{Kind: sales, Points: []*zhaohuov1.ProductTrendPoint{{Date: "2026-07-01"}}}, {Kind: prices}, {Kind: repurchase}})
	if unknown.UnitsSold != nil || unknown.GetFirstMedianPrice() != nil || unknown.GetLastMedianPrice() != nil || unknown.RepurchaseRate != nil {
		t.Errorf("got %v", unknown)
	}
}

func TestTrendsThatAreNotOffered(t *testing.T) {
	q := &zhaohuov1.ComparePricesRequest{Keyword: "mug", Trends: []zhaohuov1.ProductTrendKind{sales}}
	refusing := trending(shop())
	refusing.Offered = func(rpc string, _ proto.Message) error {
		if rpc == trendsRPC {
			return fault.New(fault.UnsupportedByDialect, "not offered")
		}
		return nil
	}
	for name, ports := range map[string]Ports{"by the dialect": refusing, "by nobody": shop().ports()} {
		answer, err := ComparePrices(t.Context(), ports, q)
		if err != nil {
			t.Fatal(err)
		}
		note := answer.GetMeta().GetNotes()[0]
		if note.GetKind() != zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_STEP_NOT_OFFERED || !slices.Equal(note.GetAbout(), []string{trendsStep}) ||
			!strings.Contains(note.GetText(), "recorded") || answer.GetTrends() != nil || answer.GetMeta().GetUpstreamCallBudget() != compareCalls {
			t.Errorf("%s: %v, trends %v", name, answer.GetMeta(), answer.GetTrends())
		}
	}
}

func TestTrendsOfCompetitors(t *testing.T) {
	answer, err := AnalyzeCompetitors(t.Context(), trending(fair()), &zhaohuov1.AnalyzeCompetitorsRequest{Trends: []zhaohuov1.ProductTrendKind{sales}, TrendProducts: proto.Int32(4)})
	if err != nil {
		t.Fatal(err)
	}
	// 21 sold 80, 22 and 23 sold 10; the sales of the others are not known.
	if diff := cmp.Diff([]string{"21 SALES", "22 SALES", "23 SALES", "13 SALES"}, recordedText(answer.GetTrends())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if answer.GetMeta().GetUpstreamCallBudget() != competitorCalls+4 {
		t.Errorf("%v", answer.GetMeta())
	}
}

// Whatever the budget and whatever fails, no more is spent than it, and the answer depends on no timing.
func TestTrendsKeepTheBudget(t *testing.T) {
	ask := func(t *testing.T, budget int32, shuffle *rand.Rand) (*zhaohuov1.ComparePricesResponse, *zhaohuov1.AnalyzeCompetitorsResponse) {
		t.Helper()
		kinds := []zhaohuov1.ProductTrendKind{sales, prices, repurchase}
		mugs, cups := shop(), fair()
		for _, w := range []*world{mugs, cups} {
			w.shuffle, w.fails = shuffle, map[string]error{"price_trend 11": fault.New(fault.UpstreamThrottled, "too fast")}
		}
		compared, err := ComparePrices(t.Context(), trending(mugs), &zhaohuov1.ComparePricesRequest{Keyword: "mug", Quantity: 40, DetailOffers: 2, Trends: kinds, MaxUpstreamCalls: &budget})
		if err != nil {
			t.Fatal(err)
		}
		analyzed, err := AnalyzeCompetitors(t.Context(), trending(cups), &zhaohuov1.AnalyzeCompetitorsRequest{Trends: kinds, MaxUpstreamCalls: &budget})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range []*world{mugs, cups} {
			if w.calls > int(budget) {
				t.Errorf("%d calls of %d: %v", w.calls, budget, w.asked)
			}
		}
		return compared, analyzed
	}
	for budget := int32(2); budget <= 20; budget++ {
		compared, analyzed := ask(t, budget, nil)
		synctest.Test(t, func(t *testing.T) {
			alsoCompared, alsoAnalyzed := ask(t, budget, rand.New(rand.NewPCG(uint64(budget), 1)))
			if diff := cmp.Diff(compared, alsoCompared, protocmp.Transform()) + cmp.Diff(analyzed, alsoAnalyzed, protocmp.Transform()); diff != "" {
				t.Errorf("budget %d:\n%s", budget, diff)
			}
		})
	}
}
