package combo

import (
	"cmp"
	"slices"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// factory reports that the supplier is a factory; nil if unknown. Not being called a super factory means nothing.
func factory(p *zhaohuov1.Product) *bool {
	if slices.Contains(p.GetSupplier().GetKinds(), zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY) {
		return proto.Bool(true)
	}
	return nil
}

// compareOffers orders sources, the better first, in a currency. An unknown value is worse than the worst known one. It
// compares only the two offers, so a third one never changes their order.
func compareOffers(x, y *zhaohuov1.SourceOffer, currency string) int {
	p, q := x.GetProduct(), y.GetProduct()
	return cmp.Or(
		compareKnown(rankOf(x.Factory), rankOf(y.Factory), true),
		compareKnown(priceIn(p, currency), priceIn(q, currency), false),
		compareKnown(p.MinimumOrder, q.MinimumOrder, false),
		compareKnown(soldRate(p), soldRate(q), true),
		compareKnown(p.RepurchaseRate, q.RepurchaseRate, true),
		compareID(p.GetId(), q.GetId()),
	)
}

// rankOf makes a factory comparable.
func rankOf(factory *bool) *int {
	if factory == nil || !*factory {
		return nil
	}
	return new(1)
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
	amount, ok := money.Of(p.GetPrice())
	if !ok || currencyOf(p) != currency {
		return nil
	}
	return &amount
}

// besideMedian sets each offer's price relative to the median of all, and returns the median; nil if no price is known.
func besideMedian(offers []*zhaohuov1.SourceOffer, currency string) *moneypb.Money {
	var prices []money.Amount
	for _, o := range offers {
		if price := priceIn(o.GetProduct(), currency); price != nil {
			prices = append(prices, *price)
		}
	}
	middle, ok := median(prices)
	if !ok {
		return nil
	}
	for _, o := range offers {
		if price := priceIn(o.GetProduct(), currency); price != nil && middle > 0 {
			o.RelativePrice = &zhaohuov1.RelativePrice{Median: middle.Proto(currency), Ratio: ratio(int64(*price), int64(middle))}
		}
	}
	return middle.Proto(currency)
}
