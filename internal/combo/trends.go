package combo

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Trends answers what the upstream itself recorded of products. It must return before ctx ends; every failure must be a fault.
type Trends interface {
	// GetProductTrends answers one kind of one product. A question without dates is about the last four weeks, and costs one call.
	GetProductTrends(ctx context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error)
}

const (
	// trendsRPC is the RPC's name in the capability table.
	trendsRPC = "zhaohuo.v1.ProductService/GetProductTrends"
	// trendsStep is what notes call the steps that ask for trends.
	trendsStep = "product_trends"
	// trendProducts is the default number of products whose trends are asked for.
	trendProducts = 3
)

// trendStep is the name of the steps that ask for one kind.
func trendStep(kind zhaohuov1.ProductTrendKind) string {
	switch kind {
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES:
		return "sales_trend"
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE:
		return "price_trend"
	case zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE:
		return "repurchase_trend"
	}
	return trendsStep
}

// trendQuestion is what a request asks of trends, as far as the dialect offers them.
type trendQuestion struct {
	kinds    []zhaohuov1.ProductTrendKind
	products int
	// refused means that the request asks for what the dialect does not offer.
	refused      bool
	maxStaleness *durationpb.Duration
}

// trendsAsked reads what a request asks of trends.
func (p Ports) trendsAsked(q interface {
	GetTrends() []zhaohuov1.ProductTrendKind
	GetTrendProducts() int32
	GetMaxStaleness() *durationpb.Duration
},
) trendQuestion {
	t := trendQuestion{kinds: q.GetTrends(), products: int(cmp.Or(q.GetTrendProducts(), trendProducts)), maxStaleness: q.GetMaxStaleness()}
	if len(t.kinds) > 0 && (p.Trends == nil || !p.offers(trendsRPC, &zhaohuov1.GetProductTrendsRequest{Kinds: t.kinds})) {
		return trendQuestion{refused: true}
	}
	return t
}

// requests are those of the steps for a number of products.
func (t trendQuestion) requests(products int) []callRequest {
	return slices.Repeat([]callRequest{once(1)}, min(products, t.products)*len(t.kinds))
}

// calls is how many upstream calls the trends cost without failures.
func (t trendQuestion) calls() int { return len(t.requests(t.products)) }

// budget is the budget of a request: the one that it names, or the usual one and the calls of its trends.
func (t trendQuestion) budget(named *int32, usual int32) int32 {
	return orElse(named, usual+int32(t.calls()))
}

// askTrends asks for the trends of the first of these goods: all kinds of one product, then those of the next. Goods that
// get no call have only errors. It notes that trends are not offered.
func (c *comboRun) askTrends(ctx context.Context, t trendQuestion, goods []*found) []*zhaohuov1.RecordedTrends {
	c.kept = 0
	if t.refused {
		c.inform(zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_STEP_NOT_OFFERED, trendsStep)
	}
	if len(t.kinds) == 0 {
		return nil
	}
	goods = goods[:min(len(goods), t.products)]
	shares := allot(c.left(), t.requests(len(goods))...)
	trends := make([]*zhaohuov1.ProductTrend, len(shares))
	steps := make([]step, len(shares))
	for i := range steps {
		id, kind := goods[i/len(t.kinds)].id(), t.kinds[i%len(t.kinds)]
		trends[i] = &zhaohuov1.ProductTrend{Kind: kind}
		steps[i] = step{name: trendStep(kind) + " of " + id, share: shares[i], ask: func(ctx context.Context) (int, *zhaohuov1.AnswerMeta, error) {
			answer, err := c.ports.Trends.GetProductTrends(ctx, &zhaohuov1.GetProductTrendsRequest{
				Id: id, Kinds: []zhaohuov1.ProductTrendKind{kind}, MaxStaleness: t.maxStaleness,
			})
			if err != nil {
				return 0, nil, err
			}
			days := 0
			for _, part := range answer.GetTrends() {
				trends[i].Points = append(trends[i].Points, part.GetPoints()...)
			}
			for _, point := range trends[i].GetPoints() {
				if hasValue(point) {
					days++
				}
			}
			return days, answer.GetMeta(), nil
		}}
	}
	failed := len(c.failures)
	for i, succeeded := range c.run(ctx, steps...) {
		if !succeeded { // Failures are in the order of the steps.
			trends[i].Error = c.failures[failed].GetStatus()
			failed++
		}
	}
	recorded := make([]*zhaohuov1.RecordedTrends, len(goods))
	for i, g := range goods {
		recorded[i] = Recorded(g.id(), trends[i*len(t.kinds):(i+1)*len(t.kinds)])
	}
	return recorded
}

// hasValue reports whether the upstream has a value of this day.
func hasValue(p *zhaohuov1.ProductTrendPoint) bool {
	return p.UnitsSold != nil || p.GetMedianPrice() != nil || p.RepurchaseRate != nil
}

// Recorded sums up the trends of a product. The points of each must be in the order of their days.
func Recorded(product string, trends []*zhaohuov1.ProductTrend) *zhaohuov1.RecordedTrends {
	r := &zhaohuov1.RecordedTrends{ProductId: product, Trends: trends}
	for _, trend := range trends {
		for _, point := range trend.GetPoints() {
			if point.UnitsSold != nil {
				sold := r.GetUnitsSold() + point.GetUnitsSold()
				r.UnitsSold = &sold
			}
			if point.GetMedianPrice() != nil {
				if r.FirstMedianPrice == nil {
					r.FirstMedianPrice = point.GetMedianPrice()
				}
				r.LastMedianPrice = point.GetMedianPrice()
			}
			if point.RepurchaseRate != nil {
				r.RepurchaseRate = point.RepurchaseRate
			}
		}
	}
	return r
}

// cheapestFirst are the comparable goods of both groups, those of the first group first, each group in the order of the answer.
func (c *comparison) cheapestFirst() []*found {
	var all []*found
	for _, goods := range [][]*found{c.same, c.similar} {
		bids, _ := c.bids(goods)
		bids = slices.DeleteFunc(bids, func(b *bid) bool { return len(b.reasons) > 0 })
		slices.SortFunc(bids, compareBids)
		for _, b := range bids {
			all = append(all, b.goods)
		}
	}
	return all
}

// bestSelling are the goods of the market, what sells most first; those whose sales are not known last, in their order.
func (a *analysis) bestSelling() []*found {
	goods := slices.Clone(a.market)
	slices.SortStableFunc(goods, func(x, y *found) int { return compareKnown(soldRate(x.product), soldRate(y.product), true) })
	return goods
}
