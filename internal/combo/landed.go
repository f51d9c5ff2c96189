package combo

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

const (
	// freightStep is the name of the step that asks for one product's freight.
	freightStep = "estimate_freight"
	// freightOffers is of how many offers the freight is asked for by default.
	freightOffers = 5
	// freightCallsMax is what one product's freight may cost: an estimate and the preview of an order, both once more with a variant.
	freightCallsMax = 4
	// landedMax is the least sum that is too large to be said. Rounding a smaller one to fen stays within 64 bits.
	landedMax = 9_000_000_000 * money.Unit
)

// freightCalls is how many upstream calls a question about freight adds to the default budget.
func freightCalls(q *zhaohuov1.FreightQuestion) int32 {
	if q == nil {
		return 0
	}
	return orElse(q.MaxOffers, freightOffers)
}

// freights is what one run knows of freight. Nil if freight was not asked for.
type freights struct {
	destination *zhaohuov1.FreightDestination
	// quantity is how many pieces are sent, at least 1.
	quantity int64
	// most is of how many products the freight is asked for.
	most      int
	staleness *durationpb.Duration
	// details are those of products, as far as the run fetched them.
	details map[string]*zhaohuov1.ProductDetail
	known   map[string]*zhaohuov1.FreightQuote
	// lacking has why the freight of a product is not known that was in turn to be asked for.
	lacking map[string]zhaohuov1.LandedUnknownReason
}

// freightsOf is nil if freight is not asked for. quantity is the strategy's own; learned are the details that its run fetches.
func freightsOf(q *zhaohuov1.FreightQuestion, quantity int64, staleness *durationpb.Duration, learned *detailSet) *freights {
	if q == nil {
		return nil
	}
	return &freights{
		destination: q.GetDestination(), quantity: max(q.GetQuantity(), quantity), most: int(freightCalls(q)), staleness: staleness,
		details: learned.known,
		known:   map[string]*zhaohuov1.FreightQuote{}, lacking: map[string]zhaohuov1.LandedUnknownReason{},
	}
}

// reserve keeps calls of the budget for the freight of that many goods: at most half of what is left.
func (c *comboRun) reserve(f *freights, goods int) {
	c.reserved = 0
	if f != nil {
		c.reserved = min(f.most, goods, (c.left()+1)/2)
	}
}

// askFreight asks for the freight of the first goods, as many as were asked for and the budget allows. The first one is asked
// for alone: if the App Key may not ask, the others would spend a call each to learn the same.
func (c *comboRun) askFreight(ctx context.Context, f *freights, goods []*found) {
	c.reserved = 0
	before := c.meta.GetUpstreamCalls()
	goods = goods[:min(len(goods), f.most)]
	for next := goods[:min(len(goods), 1)]; len(next) > 0; next = goods {
		goods = goods[len(next):]
		if !c.requestFreight(ctx, f, next) {
			break
		}
	}
	for _, g := range goods {
		f.lacking[g.id()] = zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_FREIGHT_FAILED
	}
	c.meta.FreightCalls = c.meta.GetUpstreamCalls() - before
	if len(f.lacking) > 0 {
		c.inform(zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_LANDED_UNKNOWN)
	}
}

// requestFreight asks for the freight of goods at the same time, and notes what became of them. It is false if it is no use to
// ask for more.
func (c *comboRun) requestFreight(ctx context.Context, f *freights, goods []*found) bool {
	shares := allot(c.left(), slices.Repeat([]callRequest{{need: 1, most: freightCallsMax}}, len(goods))...)
	answers, errs := make([]*zhaohuov1.FreightQuote, len(goods)), make([]error, len(goods))
	steps := make([]step, len(goods))
	for i, g := range goods {
		steps[i] = step{name: freightStep + " of " + g.id(), share: shares[i], ask: func(ctx context.Context) (int, *zhaohuov1.AnswerMeta, error) {
			answer, err := c.ports.estimateFreight(ctx, &zhaohuov1.EstimateFreightRequest{
				Id: g.id(), Destination: f.destination, Quantity: f.quantity, MaxStaleness: f.staleness,
			}, f.details[g.id()])
			if err != nil {
				errs[i] = err
				return 0, nil, err
			}
			answers[i] = answer.GetFreight()
			amounts := 0
			if answers[i].GetAmount() != nil {
				amounts = 1
			}
			return amounts, answer.GetMeta(), nil
		}}
	}
	c.run(ctx, steps...)
	useful := true
	for i, g := range goods {
		switch {
		case shares[i] <= 0:
			f.lacking[g.id()] = zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_BUDGET
		case errs[i] != nil:
			f.lacking[g.id()] = zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_FREIGHT_FAILED
			useful = useful && !endsAsking(errs[i]) && fault.KindOf(errs[i]).Retry() != fault.RetryOperator
		default:
			f.known[g.id()] = answers[i]
			if answers[i].GetAmount() == nil {
				f.lacking[g.id()] = zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_FREIGHT_NOT_NAMED
			}
		}
	}
	return useful
}

// estimateFreight asks for freight. Where an order is previewed in place of the estimate, 1688 refuses goods with variants whose
// order names none. If the details name one that can be bought, it is asked once more with that.
func (p Ports) estimateFreight(ctx context.Context, q *zhaohuov1.EstimateFreightRequest, details *zhaohuov1.ProductDetail) (*zhaohuov1.EstimateFreightResponse, error) {
	answer, err := p.Products.EstimateFreight(ctx, q)
	refusal, ok := fault.As(err)
	if !ok || refusal.Kind != fault.UpstreamRefused {
		return answer, err
	}
	one := slices.IndexFunc(details.GetSkus(), func(s *zhaohuov1.ProductSku) bool {
		return s.GetSpecId() != "" && (s.Stock == nil || s.GetStock() >= q.GetQuantity())
	})
	if one < 0 {
		return nil, err
	}
	sku := details.GetSkus()[one]
	q = proto.CloneOf(q)
	q.Skus = []*zhaohuov1.FreightSku{{Id: sku.GetId(), SpecId: sku.GetSpecId(), Quantity: q.GetQuantity()}}
	answer, second := p.Products.EstimateFreight(ctx, q)
	if second != nil { // The first refusal says more than that no call is left.
		return nil, refusal.WithCalls(fault.CallsOf(err) + fault.CallsOf(second))
	}
	answer = proto.CloneOf(answer)
	answer.Meta.UpstreamCalls += int32(fault.CallsOf(err))
	return answer, nil
}

// at reads prices at another quantity.
func (p Prices) at(quantity int64) Prices {
	p.quantity = quantity
	return p
}

// land sets what all pieces of a bid cost with their freight, as far as it is known. reader reads its price.
func (f *freights) land(b *bid, reader Prices, details *zhaohuov1.ProductDetail) {
	if f == nil {
		return
	}
	price, ok := reader.at(f.quantity).Of(b.goods.product, details)
	b.landed = f.cost(b.goods, price, ok, len(b.reasons) > 0 || price.SmallestOrder > f.quantity)
	b.total, b.least = nil, f.leastOf(b.goods.id(), price)
	if total, known := money.Of(b.landed.GetTotal()); known {
		b.total = &total
	}
}

// cost is what all pieces of a product cost with their freight. barred: it cannot be bought, or is not comparable.
func (f *freights) cost(goods *found, price Price, priced, barred bool) *zhaohuov1.LandedCost {
	landed := &zhaohuov1.LandedCost{Quantity: f.quantity, Freight: f.known[goods.id()]}
	sum, ok := times(price.Amount, f.quantity)
	if priced {
		landed.PriceBasis = price.Basis
		if ok {
			landed.Goods = sum.Proto(price.Currency)
		}
	}
	freight, named := money.Of(landed.GetFreight().GetAmount())
	switch reason := f.lacking[goods.id()]; {
	case barred && landed.GetFreight() == nil:
		landed.UnknownReason = zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_CANNOT_BE_BOUGHT
	case !priced || price.Currency != money.CNY:
		landed.UnknownReason = zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_PRICE_UNKNOWN
	case !ok || named && sum > landedMax-1-freight:
		landed.UnknownReason = zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_TOO_LARGE
	case named:
		landed.Total = (sum + freight).Proto(money.CNY)
	default:
		landed.UnknownReason = cmp.Or(reason, zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_MAX_OFFERS)
	}
	return landed
}

// waits reports whether a product's freight may be asked for: nothing else is in the way of its total.
func waits(landed *zhaohuov1.LandedCost) bool {
	return landed.GetUnknownReason() == zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_MAX_OFFERS
}

// leastOf is the least that all pieces of a product can cost with their freight. Of freight that is not known it is only
// known that it is not negative. A bound, unlike a price, may so leave it out.
func (f *freights) leastOf(id string, price Price) money.Amount {
	sum, ok := times(price.floor, f.quantity)
	freight, _ := money.Of(f.known[id].GetAmount())
	if !ok || sum > landedMax-freight {
		return math.MaxInt64
	}
	return sum + freight
}

// times is a price of one piece times a number of pieces; false if that is [landedMax] or more.
func times(price money.Amount, pieces int64) (money.Amount, bool) {
	high, low := bits.Mul64(uint64(max(price, 0)), uint64(max(pieces, 0)))
	if high != 0 || low >= uint64(landedMax) {
		return 0, false
	}
	return money.Amount(low), true
}

// standing compares bids by what they cost with their freight, where it is asked for.
func (f *freights) standing(bids []*bid) standing {
	if f == nil {
		return standingOf(bids)
	}
	rivals := slices.DeleteFunc(slices.Clone(bids), func(b *bid) bool { return len(b.reasons) > 0 })
	best := standingOf(rivals).best
	for _, b := range rivals {
		if b.total != nil && (best.total == nil || compareLanded(b, best) < 0) {
			best = b
		}
	}
	s := standing{best: best, landed: true}
	certain := best != nil && best.total != nil && best.price.Holds()
	for _, b := range rivals {
		exact := b.total != nil && b.price.Holds()
		if b != best && (!certain || !exact && b.least < *best.total) {
			s.open = append(s.open, b)
		}
	}
	slices.SortFunc(s.open, func(x, y *bid) int {
		return cmp.Or(cmp.Compare(x.least, y.least), compareID(x.goods.id(), y.goods.id()))
	})
	return s
}

// compareLanded orders bids whose totals are known: prices that hold first, then the lowest total, ties by id.
func compareLanded(x, y *bid) int {
	return cmp.Or(trueFirst(x.price.Holds(), y.price.Holds()), cmp.Compare(*x.total, *y.total), compareID(x.goods.id(), y.goods.id()))
}

// compareBids orders bids as an answer lists them: those whose totals are known first, by the total, then the others by price.
func compareBids(x, y *bid) int {
	if x.total != nil && y.total != nil {
		return cmp.Or(cmp.Compare(*x.total, *y.total), compareID(x.goods.id(), y.goods.id()))
	}
	return cmp.Or(trueFirst(x.total != nil, y.total != nil), compareByAmount(x, y))
}

// landedStatistics are the statistics of the totals that are known; nil for none.
func landedStatistics(bids []*bid) *zhaohuov1.PriceStatistics {
	var totals []money.Amount
	for _, b := range bids {
		if b.total != nil {
			totals = append(totals, *b.total)
		}
	}
	if len(totals) == 0 {
		return nil
	}
	slices.Sort(totals)
	all := statistics(totals, money.CNY)
	all.IncludesFreight = true
	return all
}

// landOffer sets what an offer costs with its freight, by its bid; nil if it has no price.
func (f *freights) landOffer(o *zhaohuov1.SourceOffer, goods *found, b *bid) {
	if f == nil {
		return
	}
	if b != nil {
		o.Landed = b.landed
	} else {
		o.Landed = f.cost(goods, Price{}, false, !buyable(o) || goods.product.GetMinimumOrder() > f.quantity)
	}
	o.ShippingPerUnit = nil
	if freight, known := money.Of(o.GetLanded().GetFreight().GetAmount()); known && o.GetLanded().GetTotal() != nil {
		o.ShippingPerUnit = toFen(freight / money.Amount(f.quantity)).Proto(money.CNY)
	}
}

// besideLanded adds the median of a group's totals.
func besideLanded(group *zhaohuov1.SourceGroup) {
	var totals []money.Amount
	for _, o := range group.GetOffers() {
		if total, known := money.Of(o.GetLanded().GetTotal()); known {
			totals = append(totals, total)
		}
	}
	group.LandedTotalsKnown = int32(len(totals))
	if middle, ok := median(totals); ok {
		group.MedianLandedTotal = middle.Proto(money.CNY)
	}
}

// landedTotal is what an offer costs with its freight; nil if it is not known.
func landedTotal(o *zhaohuov1.SourceOffer) *money.Amount {
	total, known := money.Of(o.GetLanded().GetTotal())
	if !known {
		return nil
	}
	return &total
}
