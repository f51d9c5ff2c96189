package combo

import (
	"cmp"
	"slices"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/money"
)

// offerOf is a product with what speaks for it but for confirmations.
func (a *album) offerOf(f *found, all []*found) *zhaohuov1.SourceOffer {
	return &zhaohuov1.SourceOffer{Product: f.product, FoundBy: f.by, Factory: factory(f.product), Likeness: a.likest(f, all)}
}

// likest is the best likeness that was measured: to the caller's picture where there is one, else to another supplier's.
func (a *album) likest(f *found, all []*found) *zhaohuov1.MeasuredLikeness {
	if a.own != nil {
		if value, same, ok := a.toOwn(f.id()); ok {
			return &zhaohuov1.MeasuredLikeness{Value: value, ComparedWith: caller, SameBytes: same}
		}
		return nil
	}
	var best *zhaohuov1.MeasuredLikeness
	for _, other := range all {
		if !rivals(f.product, other.product) {
			continue
		}
		value, same, ok := a.between(f.id(), other.id())
		if !ok {
			continue
		}
		m := &zhaohuov1.MeasuredLikeness{Value: value, ComparedWith: other.id(), SameBytes: same}
		if best == nil || compareLikeness(m, best) < 0 {
			best = m
		}
	}
	return best
}

// confirmations are the likenesses that confirm a product among goods that show the same. A picture confirms no copy of
// itself, and copies of one picture confirm once.
func (a *album) confirmations(f *found, goods []*found) []*zhaohuov1.MeasuredLikeness {
	var all []*zhaohuov1.MeasuredLikeness
	counted := map[string]bool{}
	if value, same, ok := a.toOwn(f.id()); ok && !same && value >= confirmed {
		all = append(all, &zhaohuov1.MeasuredLikeness{Value: value, ComparedWith: caller})
		counted[a.own.Hash] = true
	}
	byID := slices.SortedFunc(slices.Values(goods), func(x, y *found) int { return compareID(x.id(), y.id()) })
	for _, other := range byID {
		if !rivals(f.product, other.product) {
			continue
		}
		value, same, ok := a.between(f.id(), other.id())
		hash := a.looks[other.id()].Hash
		if !ok || same || value < confirmed || hash != "" && counted[hash] {
			continue
		}
		counted[hash] = true
		all = append(all, &zhaohuov1.MeasuredLikeness{Value: value, ComparedWith: other.id()})
	}
	slices.SortStableFunc(all, compareLikeness)
	return all
}

// compareLikeness orders by strength: the caller's own picture first, then the likest, ties by id.
func compareLikeness(x, y *zhaohuov1.MeasuredLikeness) int {
	if own := (x.GetComparedWith() == caller); own != (y.GetComparedWith() == caller) {
		if own {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(y.GetValue(), x.GetValue()), compareID(x.GetComparedWith(), y.GetComparedWith()))
}

// factory tells whether the supplier is one, as far as the upstream says.
func factory(p *zhaohuov1.Product) *bool {
	kinds := p.GetSupplier().GetKinds()
	if len(kinds) == 0 {
		return nil
	}
	return proto.Bool(slices.Contains(kinds, zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY))
}

// compareOffers puts the better source first, in a currency; what is not known is worse than the worst that is known. It
// looks at the two offers alone, so that no third one changes their order.
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

func rankOf(known *bool) *int {
	if known == nil || !*known {
		// Hardly any list says of a seller that it is no factory, so that this is no worse than saying nothing.
		return nil
	}
	return new(1)
}

// soldRate is how many are sold in 90 days, the longest window the upstream counts; where it tells none, 30 days are its usual.
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

// compareKnown orders two values, the unknown one last.
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

// priceIn is a product's price where it has one in a currency.
func priceIn(p *zhaohuov1.Product, currency string) *money.Amount {
	amount, ok := money.Of(p.GetPrice())
	if !ok || p.GetPrice().GetCurrencyCode() != currency {
		return nil
	}
	return &amount
}

// currencyOf is the currency most of the goods are priced in, ties by code; empty for none.
func currencyOf(goods []*zhaohuov1.Product) string {
	counts := map[string]int{}
	for _, p := range goods {
		if p.GetPrice() != nil {
			counts[p.GetPrice().GetCurrencyCode()]++
		}
	}
	best := ""
	for code, n := range counts {
		if n > counts[best] || n == counts[best] && code < best {
			best = code
		}
	}
	return best
}

// besideMedian writes each offer's price beside the median of all, and gives the median; nil where no price is known.
func besideMedian(offers []*zhaohuov1.SourceOffer, currency string) *moneypb.Money {
	var prices []money.Amount
	for _, o := range offers {
		if price := priceIn(o.GetProduct(), currency); price != nil {
			prices = append(prices, *price)
		}
	}
	if len(prices) == 0 {
		return nil
	}
	slices.Sort(prices)
	middle := medianFen(prices)
	for _, o := range offers {
		if price := priceIn(o.GetProduct(), currency); price != nil && middle > 0 {
			o.PriceBeside = &zhaohuov1.PriceBeside{Median: middle.Proto(currency), Permille: permille(*price, middle)}
		}
	}
	return middle.Proto(currency)
}

// medianFen is the median of sorted prices, at least one: of an even number the mean of the middle two, rounded to the
// fen half up.
func medianFen(sorted []money.Amount) money.Amount {
	n := len(sorted)
	double := sorted[(n-1)/2] + sorted[n/2]
	return (double + money.Fen) / (2 * money.Fen) * money.Fen
}

// permille is a price divided by another, in thousandths, rounded half up. Both are whole fen or finer, at most 10^18.
func permille(price, of money.Amount) int32 {
	// Thousandths of a fen are fine enough, and keep the product within 64 bits.
	const grain = money.Fen / 1000
	p, q := int64(price/grain), int64(of/grain)
	whole, rest := p/q, p%q
	return int32(min(whole*1000+(2*1000*rest+q)/(2*q), 1<<31-1))
}
