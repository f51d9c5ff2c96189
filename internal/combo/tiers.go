package combo

import (
	"cmp"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// tier is the unit price from a quantity on.
type tier struct {
	from  int64
	price money.Amount
}

// tiersOf are a product's prices by quantity in a currency, the smallest quantity first, each quantity once. Steps
// without a price are negotiable and are ignored.
func tiersOf(steps []*zhaohuov1.PriceTier, currency string) []tier {
	var all []tier
	for _, s := range steps {
		price, ok := money.Of(s.GetPrice())
		if ok && cmp.Or(s.GetPrice().GetCurrencyCode(), money.CNY) == currency {
			all = append(all, tier{from: max(s.GetMinQuantity(), 1), price: price})
		}
	}
	slices.SortStableFunc(all, func(a, b tier) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.price, b.price)) })
	return slices.CompactFunc(all, func(a, b tier) bool { return a.from == b.from })
}

// priceAt is the unit price at a quantity: that of the last step it reaches, or below the first step that of the first.
// Quantity 0 means any quantity: the lowest price.
func priceAt(tiers []tier, quantity int64) money.Amount {
	price := tiers[0].price
	for _, t := range tiers[1:] {
		if quantity == 0 && t.price < price || quantity > 0 && quantity >= t.from {
			price = t.price
		}
	}
	return price
}
