package combo

import (
	"slices"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// compare compares the prices of products, each once.
func (c *comparison) compare(goods []*found) *zhaohuov1.PriceComparison {
	bids, reader := c.bids(goods)
	answer := &zhaohuov1.PriceComparison{Priced: int32(len(bids))}
	c.addUnpriced(answer, goods, bids)
	if len(bids) == 0 {
		return answer
	}
	slices.SortFunc(bids, compareBids)
	offers := map[*bid]*zhaohuov1.PricedOffer{}
	for _, b := range bids {
		offers[b] = c.offerOf(b)
		answer.Offers = append(answer.Offers, offers[b])
	}
	stands := c.freights.standing(bids)
	if c.quantity == 0 {
		stands = cheapestListed(bids)
	}
	answer.Cheapest = offers[stands.best]
	answer.CheapestExact = c.quantity > 0 && stands.proven()
	answer.InexactReason = c.learned.inexact(stands, c.quantity)
	answer.OpenOffers = int32(len(stands.open))
	answer.LandedStatistics = landedStatistics(bids)
	slices.SortFunc(bids, compareByAmount)
	describe(answer, bids, reader.currency)
	return answer
}

// cheapestListed is the standing of bids, in the order of the answer, if no quantity was asked for: the first is the best.
func cheapestListed(bids []*bid) standing {
	for _, b := range bids {
		if len(b.reasons) == 0 {
			return standing{best: b}
		}
	}
	return standing{}
}

// bids are the goods with a price, and what read their prices.
func (c *comparison) bids(goods []*found) ([]*bid, Prices) {
	reader := PricesOf(productsOf(goods), c.quantity, c.now)
	var bids []*bid
	for _, g := range goods {
		if price, ok := reader.Of(g.product, c.learned.known[g.id()]); ok {
			bids = append(bids, &bid{goods: g, price: price})
		}
	}
	outside := outliers(bids, reader.currency)
	for _, b := range bids {
		b.reasons = c.incomparable(b, outside[b])
		c.freights.land(b, reader, c.learned.known[b.goods.id()])
	}
	return bids, reader
}

// incomparable are the reasons why an offer is not comparable.
func (c *comparison) incomparable(b *bid, outlier bool) []zhaohuov1.IncomparableReason {
	var reasons []zhaohuov1.IncomparableReason
	if c.quantity > 0 && b.price.SmallestOrder > c.quantity {
		reasons = append(reasons, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_MINIMUM_ORDER)
	}
	if outlier {
		reasons = append(reasons, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_OUTLIER)
	}
	if c.learned.gone[b.goods.id()] {
		reasons = append(reasons, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_NOT_ON_SALE)
	}
	return reasons
}

// outliers are the bids outside the fences of the prices in the lists. Prices from details are not looked at: only some
// offers have them, and the more there were, the more the fences would move while the cheapest is looked for. A range is
// outside only if all of it is.
func outliers(bids []*bid, currency string) map[*bid]bool {
	if len(bids) == 0 {
		return nil
	}
	listed := func(b *bid) (low, high money.Amount) {
		low = b.price.Amount
		if price := priceIn(b.goods.product, currency); price != nil {
			low = *price
		}
		high = low
		if top := amountIn(b.goods.product.GetPriceMax(), currency); top != nil {
			high = max(low, *top)
		}
		return low, high
	}
	prices := make([]money.Amount, len(bids))
	for i, b := range bids {
		prices[i], _ = listed(b)
	}
	slices.Sort(prices)
	f := fencesOf(prices)
	outside := map[*bid]bool{}
	for _, b := range bids {
		low, high := listed(b)
		outside[b] = f.below(high) || f.above(low)
	}
	return outside
}

// addUnpriced adds the goods without a price.
func (c *comparison) addUnpriced(answer *zhaohuov1.PriceComparison, goods []*found, bids []*bid) {
	unpriced := map[zhaohuov1.UnpricedReason]int32{}
	for _, g := range goods {
		if slices.ContainsFunc(bids, func(b *bid) bool { return b.goods == g }) {
			continue
		}
		why := whyUnpriced(g.product)
		unpriced[why]++
		answer.UnpricedProducts = append(answer.UnpricedProducts, &zhaohuov1.UnpricedProduct{
			Product: g.product, Reason: why, Likeness: c.lookIndex.likenessToOwn(g.id()),
		})
	}
	answer.Unpriced = unpricedOf(unpriced)
	slices.SortFunc(answer.UnpricedProducts, func(a, b *zhaohuov1.UnpricedProduct) int {
		return compareID(a.GetProduct().GetId(), b.GetProduct().GetId())
	})
}

// describe adds the statistics of a comparison's bids, at least one, sorted by price.
func describe(answer *zhaohuov1.PriceComparison, bids []*bid, currency string) {
	outlier := zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_OUTLIER
	var prices, typical []money.Amount
	for _, b := range bids {
		prices = append(prices, b.price.Amount)
		if slices.Contains(b.reasons, outlier) {
			answer.Outliers = append(answer.Outliers, b.goods.product)
			continue
		}
		typical = append(typical, b.price.Amount)
	}
	// The offer with the median price of the lists is always typical.
	low, high := typical[0], typical[len(typical)-1]
	answer.TypicalLow, answer.TypicalHigh = toFen(low).Proto(currency), toFen(high).Proto(currency)
	answer.Statistics = statistics(prices, currency)
	for _, b := range histogram(prices, low, high) {
		answer.Histogram = append(answer.Histogram, &zhaohuov1.PriceBucket{
			Low: b.low.Proto(currency), High: b.high.Proto(currency), Count: b.count,
		})
	}
}

// offerOf is one of the goods with its price for the buyer.
func (c *comparison) offerOf(b *bid) *zhaohuov1.PricedOffer {
	return &zhaohuov1.PricedOffer{
		Product: b.goods.product, Price: b.price.Amount.Proto(b.price.Currency), PriceBasis: b.price.Basis, Tiers: b.price.Tiers,
		Likeness: c.lookIndex.likenessToOwn(b.goods.id()), Incomparable: b.reasons, Landed: b.landed,
	}
}

// negotiated are texts that mean a negotiable price.
var negotiated = [...]string{"面议", "议价", "电议", "询价", "咨询", "协商", "negotia", "on request"}

// whyUnpriced is why a product has no comparable price.
func whyUnpriced(p *zhaohuov1.Product) zhaohuov1.UnpricedReason {
	text := strings.ToLower(strings.TrimSpace(p.GetPriceText()))
	amount, priced := money.Of(p.GetPrice())
	switch {
	case priced && amount > 0:
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
