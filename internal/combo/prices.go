package combo

import (
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// Prices reads what goods cost a buyer: in one currency, at one quantity.
type Prices struct {
	currency string
	quantity int64
}

// PricesOf reads the prices of goods in the currency most of them have, at a quantity; 0 is any.
func PricesOf(products []*zhaohuov1.Product, quantity int64) Prices {
	return Prices{currency: commonCurrency(products), quantity: quantity}
}

// Price is what a product costs.
type Price struct {
	Amount   money.Amount
	Currency string
	// Basis is what the amount is known to hold for.
	Basis zhaohuov1.PriceBasis
	// Tiers are the prices by quantity, where they are known.
	Tiers []*zhaohuov1.QuantityPrice
	// SmallestOrder is the smallest order; 0 is not known.
	SmallestOrder int64
}

// Of is the price of a product, of its prices by quantity where they are known, else of what the list says. It is false where
// there is none in the currency; [Unpriced] says why.
func (p Prices) Of(product *zhaohuov1.Product, steps []*zhaohuov1.PriceTier) (Price, bool) {
	tiers := tiersOf(steps, p.currency)
	price := Price{Currency: p.currency, Basis: basisOf(product, tiers, p.quantity), SmallestOrder: product.GetMinimumOrder()}
	known := priceIn(product, p.currency)
	switch {
	case len(tiers) > 0:
		price.Amount = priceAt(tiers, p.quantity)
		price.SmallestOrder = max(price.SmallestOrder, tiers[0].from)
	case known != nil:
		price.Amount = *known
	default:
		return Price{}, false
	}
	for _, t := range tiers {
		price.Tiers = append(price.Tiers, &zhaohuov1.QuantityPrice{MinQuantity: t.from, Price: t.price.Proto(p.currency)})
	}
	return price, true
}

// Statistics are the statistics of amounts, in any order; nil for none.
func (p Prices) Statistics(amounts []money.Amount) *zhaohuov1.PriceStatistics {
	if len(amounts) == 0 {
		return nil
	}
	return statistics(slices.Sorted(slices.Values(amounts)), p.currency)
}

// Unpriced is why a product has no price that can be compared.
func Unpriced(product *zhaohuov1.Product) zhaohuov1.UnpricedReason { return whyUnpriced(product) }
