package combo

import (
	"cmp"
	"context"
	"slices"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// factory reports that the supplier is a factory; nil if unknown. Not being called one means nothing.
func factory(p *zhaohuov1.Product) *bool {
	for _, kind := range []zhaohuov1.SupplierKind{zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY, zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY} {
		if slices.Contains(p.GetSupplier().GetKinds(), kind) {
			return proto.Bool(true)
		}
	}
	return nil
}

// criterion is one of the criteria that order sources: negative puts x before y.
type criterion struct {
	reason  zhaohuov1.RankReason
	compare func(x, y *zhaohuov1.SourceOffer) int
}

// criteriaOfRank are the criteria in the order in which they count; proto/zhaohuo/v1/find_source.proto says why. Each
// compares only the two offers, so a third one never changes their order. An unknown value is worse than the worst known
// one. With a quantity, prices that hold at it come before the others.
func criteriaOfRank(quantity int64) []criterion {
	product := (*zhaohuov1.SourceOffer).GetProduct
	return []criterion{
		{zhaohuov1.RankReason_RANK_REASON_CAN_BE_BOUGHT, func(x, y *zhaohuov1.SourceOffer) int {
			return trueFirst(buyable(x), buyable(y))
		}},
		{zhaohuov1.RankReason_RANK_REASON_LANDED_TOTAL_KNOWN, func(x, y *zhaohuov1.SourceOffer) int {
			return trueFirst(landedTotal(x) != nil, landedTotal(y) != nil)
		}},
		{zhaohuov1.RankReason_RANK_REASON_PRICE_KNOWN, func(x, y *zhaohuov1.SourceOffer) int {
			return trueFirst(x.GetUnitPrice() != nil, y.GetUnitPrice() != nil)
		}},
		{zhaohuov1.RankReason_RANK_REASON_PRICE_HOLDS, func(x, y *zhaohuov1.SourceOffer) int {
			return trueFirst(quantity > 0 && holdsAtQuantity(x.GetPriceBasis()), quantity > 0 && holdsAtQuantity(y.GetPriceBasis()))
		}},
		{zhaohuov1.RankReason_RANK_REASON_LOWER_LANDED_TOTAL, func(x, y *zhaohuov1.SourceOffer) int {
			return compareKnown(landedTotal(x), landedTotal(y), false)
		}},
		{zhaohuov1.RankReason_RANK_REASON_LOWER_PRICE, func(x, y *zhaohuov1.SourceOffer) int {
			if landedTotal(x) != nil && landedTotal(y) != nil {
				return 0 // They are equal, and shipping of one unit is rounded.
			}
			return compareKnown(landedPrice(x), landedPrice(y), false)
		}},
		{zhaohuov1.RankReason_RANK_REASON_FACTORY, func(x, y *zhaohuov1.SourceOffer) int {
			return trueFirst(x.GetFactory(), y.GetFactory())
		}},
		{zhaohuov1.RankReason_RANK_REASON_SMALLER_ORDER, func(x, y *zhaohuov1.SourceOffer) int {
			return compareKnown(product(x).MinimumOrder, product(y).MinimumOrder, false)
		}},
		{zhaohuov1.RankReason_RANK_REASON_MORE_SOLD, func(x, y *zhaohuov1.SourceOffer) int {
			return compareKnown(soldRate(product(x)), soldRate(product(y)), true)
		}},
		{zhaohuov1.RankReason_RANK_REASON_MORE_REPURCHASED, func(x, y *zhaohuov1.SourceOffer) int {
			return compareKnown(product(x).RepurchaseRate, product(y).RepurchaseRate, true)
		}},
		{zhaohuov1.RankReason_RANK_REASON_ID, func(x, y *zhaohuov1.SourceOffer) int {
			return compareID(product(x).GetId(), product(y).GetId())
		}},
	}
}

// rankOffers sorts offers, the best first, and tells why each is before the next one.
func rankOffers(offers []*zhaohuov1.SourceOffer, quantity int64) {
	all := criteriaOfRank(quantity)
	decide := func(x, y *zhaohuov1.SourceOffer) (int, zhaohuov1.RankReason) {
		for _, c := range all {
			if order := c.compare(x, y); order != 0 {
				return order, c.reason
			}
		}
		return 0, zhaohuov1.RankReason_RANK_REASON_ID
	}
	slices.SortFunc(offers, func(x, y *zhaohuov1.SourceOffer) int {
		order, _ := decide(x, y)
		return order
	})
	for i := range len(offers) - 1 {
		_, offers[i].BeforeNext = decide(offers[i], offers[i+1])
	}
}

// buyable reports whether nothing is known that prevents a buyer of the quantity from buying.
func buyable(o *zhaohuov1.SourceOffer) bool { return !o.GetMinimumOrderExceeds() && !o.GetNotOnSale() }

// trueFirst is negative if only x is true, and positive if only y is.
func trueFirst(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

// landedPrice is the price of one unit with its shipping, as far as that is known; nil if no price is.
func landedPrice(o *zhaohuov1.SourceOffer) *money.Amount {
	price, ok := money.Of(o.GetUnitPrice())
	if !ok {
		return nil
	}
	if shipping, ok := money.Of(o.GetShippingPerUnit()); ok && o.GetShippingPerUnit().GetCurrencyCode() == o.GetUnitPrice().GetCurrencyCode() {
		price += shipping
	}
	return &price
}

// price sets what one unit of each offer costs, by the details that are known, and what all pieces cost with their freight. It
// returns the bids of those that have a price.
func (s *sourcing) price(offers []*zhaohuov1.SourceOffer, reader Prices) []*bid {
	var bids []*bid
	for _, o := range offers {
		f := s.goods.get(o.GetProduct().GetId())
		o.Factory = factory(f.product) // Details may name the supplier.
		o.NotOnSale = s.learned.gone[f.id()]
		price, ok := reader.Of(f.product, s.learned.known[f.id()])
		if !ok {
			o.MinimumOrderExceeds = reader.quantity > 0 && f.product.GetMinimumOrder() > reader.quantity
			s.freights.landOffer(o, f, nil)
			continue
		}
		o.UnitPrice, o.PriceBasis, o.Tiers = price.Amount.Proto(price.Currency), price.Basis, price.Tiers
		o.MinimumOrderExceeds = reader.quantity > 0 && price.SmallestOrder > reader.quantity
		b := &bid{goods: f, price: price}
		if o.MinimumOrderExceeds {
			b.reasons = append(b.reasons, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_MINIMUM_ORDER)
		}
		if o.NotOnSale {
			b.reasons = append(b.reasons, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_NOT_ON_SALE)
		}
		s.freights.land(b, reader, s.learned.known[f.id()])
		s.freights.landOffer(o, f, b)
		bids = append(bids, b)
	}
	return bids
}

// rank prices the offers of a group at the quantity, asks for the details that decide which is the best as stand compares them,
// and sorts them.
func (s *sourcing) rank(ctx context.Context, group *zhaohuov1.SourceGroup, stand func([]*bid) standing) {
	products := make([]*zhaohuov1.Product, len(group.GetOffers()))
	for i, o := range group.GetOffers() {
		products[i] = o.GetProduct()
	}
	reader := PricesOf(products, s.quantity, s.now)
	if s.quantity > 0 {
		s.prove(ctx, s.criteria, s.learned, func() standing { return stand(s.price(group.GetOffers(), reader)) })
	}
	stands := stand(s.price(group.GetOffers(), reader))
	if s.quantity > 0 {
		group.CheapestExact, group.OpenOffers = stands.proven(), int32(len(stands.open))
	}
	rankOffers(group.GetOffers(), s.quantity)
	group.MedianPrice = besideMedian(group.GetOffers(), reader.currency)
}

// land asks for the freight of the best offers, ranks each group by what its offers cost with it, and sets the totals of all
// offers.
func (s *sourcing) land(ctx context.Context, answer *zhaohuov1.FindSourceResponse) {
	var goods []*found
	add := func(offers []*zhaohuov1.SourceOffer) {
		for _, o := range offers {
			if waits(o.GetLanded()) {
				goods = append(goods, s.goods.get(o.GetProduct().GetId()))
			}
		}
	}
	for _, group := range answer.GetGroups() {
		add(group.GetOffers())
	}
	add(answer.GetUnconfirmed())
	s.askFreight(ctx, s.freights, goods)
	for _, group := range answer.GetGroups() {
		s.rank(ctx, group, s.freights.standing)
		besideLanded(group)
	}
	var rest []*zhaohuov1.Product
	for _, o := range answer.GetUnconfirmed() {
		rest = append(rest, o.GetProduct())
	}
	s.price(answer.GetUnconfirmed(), PricesOf(rest, s.quantity, s.now))
}

// soldRate is the sales in 90 days, the longest period of the upstream; 30 days if it names none.
func soldRate(p *zhaohuov1.Product) *int64 {
	const usual, longest = 30, 90
	if p.SoldCount == nil {
		return nil
	}
	days := int64(usual)
	if p.GetSoldDays() > 0 {
		days = int64(p.GetSoldDays())
	}
	rate := p.GetSoldCount() * longest / days
	return &rate
}

// compareKnown orders two values, unknown last.
func compareKnown[T cmp.Ordered](x, y *T, descending bool) int {
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return 1
	case y == nil:
		return -1
	case descending:
		return cmp.Compare(*y, *x)
	}
	return cmp.Compare(*x, *y)
}

// priceIn is a product's price in a currency; nil if it has none.
func priceIn(p *zhaohuov1.Product, currency string) *money.Amount {
	return amountIn(p.GetPrice(), currency)
}

// besideMedian sets each offer's price relative to the median of all, and returns the median; nil if no price is known.
func besideMedian(offers []*zhaohuov1.SourceOffer, currency string) *moneypb.Money {
	var prices []money.Amount
	for _, o := range offers {
		if price := amountIn(o.GetUnitPrice(), currency); price != nil {
			prices = append(prices, *price)
		}
	}
	middle, ok := median(prices)
	if !ok {
		return nil
	}
	for _, o := range offers {
		if price := amountIn(o.GetUnitPrice(), currency); price != nil && middle > 0 {
			o.RelativePrice = &zhaohuov1.RelativePrice{Median: middle.Proto(currency), Ratio: ratio(int64(*price), int64(middle))}
		}
	}
	return middle.Proto(currency)
}
