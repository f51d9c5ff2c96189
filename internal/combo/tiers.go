package combo

import (
	"cmp"
	"slices"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// tier is the unit price from a quantity on.
type tier struct {
	from  int64
	price money.Amount
	// promotion is the price for everybody while a promotion runs; nil for none.
	promotion *money.Amount
}

// tiersOf are a product's prices by quantity in a currency, the smallest quantity first, each quantity once. Steps
// without a price are negotiable and are ignored, and so are promotions that are over.
func tiersOf(steps []*zhaohuov1.PriceTier, currency string, promotionOver bool) []tier {
	var all []tier
	for _, s := range steps {
		price := amountIn(s.GetPrice(), currency)
		if price == nil {
			continue
		}
		t := tier{from: max(s.GetMinQuantity(), 1), price: *price}
		if !promotionOver {
			t.promotion = amountIn(s.GetPromotionPrice(), currency)
		}
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b tier) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.price, b.price)) })
	return slices.CompactFunc(all, func(a, b tier) bool { return a.from == b.from })
}

// amountIn is an amount in a currency; nil for none. An amount of zero is no price.
func amountIn(m *moneypb.Money, currency string) *money.Amount {
	amount, ok := money.Of(m)
	if !ok || amount <= 0 || cmp.Or(m.GetCurrencyCode(), money.CNY) != currency {
		return nil
	}
	return &amount
}

// stepAt is the step that a quantity reaches, or below the first step the first.
func stepAt(tiers []tier, quantity int64) tier {
	reached := tiers[0]
	for _, t := range tiers[1:] {
		if quantity >= t.from {
			reached = t
		}
	}
	return reached
}

// lowestOf is the lowest price at any quantity.
func lowestOf(tiers []tier) money.Amount {
	return slices.MinFunc(tiers, func(a, b tier) int { return cmp.Compare(a.price, b.price) }).price
}
