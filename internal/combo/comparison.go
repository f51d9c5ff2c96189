package combo

import (
	"slices"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// compare compares the prices of products, each once.
func (c *comparison) compare(goods []*found) *zhaohuov1.PriceComparison {
	products := make([]*zhaohuov1.Product, len(goods))
	for i, g := range goods {
		products[i] = g.product
	}
	reader := PricesOf(products, c.quantity)
	answer := &zhaohuov1.PriceComparison{}
	var prices []money.Amount
	unpriced := map[zhaohuov1.UnpricedReason]int32{}
	for _, g := range goods {
		price, ok := reader.Of(g.product, c.tiers[g.id()])
		if !ok {
			why := whyUnpriced(g.product)
			unpriced[why]++
			answer.UnpricedProducts = append(answer.UnpricedProducts, &zhaohuov1.UnpricedProduct{
				Product: g.product, Reason: why, Likeness: c.lookIndex.likenessToOwn(g.id()),
			})
			continue
		}
		answer.Offers = append(answer.Offers, c.offerOf(g, price))
		prices = append(prices, price.Amount)
	}
	answer.Unpriced = unpricedOf(unpriced)
	slices.SortFunc(answer.UnpricedProducts, func(a, b *zhaohuov1.UnpricedProduct) int {
		return compareID(a.GetProduct().GetId(), b.GetProduct().GetId())
	})
	answer.Priced = int32(len(prices))
	if len(prices) == 0 {
		return answer
	}
	slices.SortFunc(answer.Offers, compareByPrice)
	slices.Sort(prices) // In the order of the offers: the n-th price is the n-th offer's.
	describe(answer, prices, reader.currency)
	return answer
}

// describe adds the statistics of a comparison's sorted prices, at least one.
func describe(answer *zhaohuov1.PriceComparison, prices []money.Amount, currency string) {
	f := fencesOf(prices)
	for i, offer := range answer.Offers {
		if f.outside(prices[i]) {
			answer.Outliers = append(answer.Outliers, offer.Product)
			offer.Incomparable = append(offer.Incomparable, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_OUTLIER)
		}
		if answer.Cheapest == nil && len(offer.Incomparable) == 0 {
			answer.Cheapest = offer
		}
	}
	typical := f.inside(prices)
	answer.TypicalLow = toFen(typical[0]).Proto(currency)
	answer.TypicalHigh = toFen(typical[len(typical)-1]).Proto(currency)
	answer.Statistics = statistics(prices, currency)
	for _, b := range histogram(prices, f) {
		answer.Histogram = append(answer.Histogram, &zhaohuov1.PriceBucket{
			Low: b.low.Proto(currency), High: b.high.Proto(currency), Count: b.count,
		})
	}
}

// offerOf is one of the goods with its price for the buyer.
func (c *comparison) offerOf(g *found, price Price) *zhaohuov1.PricedOffer {
	offer := &zhaohuov1.PricedOffer{
		Product: g.product, Price: price.Amount.Proto(price.Currency), PriceBasis: price.Basis, Tiers: price.Tiers,
		Likeness: c.lookIndex.likenessToOwn(g.id()),
	}
	if slices.Contains(c.unlike, g) {
		offer.Incomparable = append(offer.Incomparable, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_UNLIKE)
	}
	if c.quantity > 0 && price.SmallestOrder > c.quantity {
		offer.Incomparable = append(offer.Incomparable, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_MINIMUM_ORDER)
	}
	return offer
}

// basisOf is the basis of a product's price at a quantity, 0 for any: its tiers if they are known, else the list.
func basisOf(p *zhaohuov1.Product, tiers []tier, quantity int64) zhaohuov1.PriceBasis {
	switch {
	case len(tiers) > 0 && quantity >= tiers[0].from:
		return zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
	case len(tiers) > 0:
		return zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS
	case p.GetPriceMax() != nil:
		return zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE
	}
	return zhaohuov1.PriceBasis_PRICE_BASIS_LIST
}

// negotiated are texts that mean a negotiable price.
var negotiated = [...]string{"面议", "议价", "电议", "询价", "咨询", "协商", "negotia", "on request"}

// whyUnpriced is why a product has no comparable price.
func whyUnpriced(p *zhaohuov1.Product) zhaohuov1.UnpricedReason {
	text := strings.ToLower(strings.TrimSpace(p.GetPriceText()))
	switch {
	case p.GetPrice() != nil:
		return zhaohuov1.UnpricedReason_UNPRICED_REASON_CURRENCY
	case text == "":
		return zhaohuov1.UnpricedReason_UNPRICED_REASON_ABSENT
	case slices.ContainsFunc(negotiated[:], func(word string) bool { return strings.Contains(text, word) }):
		return zhaohuov1.UnpricedReason_UNPRICED_REASON_NEGOTIABLE
	}
	return zhaohuov1.UnpricedReason_UNPRICED_REASON_UNREADABLE
}

// unpricedOf is the causes in the order of the enum.
func unpricedOf(counts map[zhaohuov1.UnpricedReason]int32) []*zhaohuov1.UnpricedCount {
	var all []*zhaohuov1.UnpricedCount
	for reason, n := range counts {
		all = append(all, &zhaohuov1.UnpricedCount{Reason: reason, Count: n})
	}
	slices.SortFunc(all, func(a, b *zhaohuov1.UnpricedCount) int { return int(a.Reason) - int(b.Reason) })
	return all
}
