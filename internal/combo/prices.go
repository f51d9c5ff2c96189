package combo

import (
	"slices"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// Prices reads what goods cost a buyer: in one currency, at one quantity, at one time.
type Prices struct {
	currency string
	quantity int64
	now      time.Time
}

// PricesOf reads the prices of goods in the currency most of them have, at a quantity; 0 is any. A promotion
// that ended before now is over.
func PricesOf(products []*zhaohuov1.Product, quantity int64, now time.Time) Prices {
	return Prices{currency: commonCurrency(products), quantity: quantity, now: now}
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
	// floor is the least that one unit can cost at the quantity, as far as the upstream says.
	floor money.Amount
}

// Holds reports whether the amount is what a buyer of the quantity pays.
func (p Price) Holds() bool { return holdsAtQuantity(p.Basis) }

// holdsAtQuantity reports whether prices of a basis hold at the quantity asked for.
func holdsAtQuantity(basis zhaohuov1.PriceBasis) bool {
	return basis == zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY || basis == zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION
}

// Of is the price of a product: from its details, nil if they are not known, else from the list. It is false where there
// is none in the currency; [Unpriced] says why. Prices of single pieces (dropshipping) and of members are never used:
// they are not for everybody who buys the quantity.
func (p Prices) Of(product *zhaohuov1.Product, details *zhaohuov1.ProductDetail) (Price, bool) {
	price := Price{Currency: p.currency, SmallestOrder: product.GetMinimumOrder()}
	over := p.promotionOver(product)
	if tiers := tiersOf(details.GetPriceTiers(), p.currency, over); len(tiers) > 0 {
		p.byQuantity(&price, tiers)
		return price, true
	}
	if variants := variantPrices(details, p.currency, over); len(variants) > 0 {
		p.byVariant(&price, variants)
		if !price.Holds() {
			price.floor = lower(price.floor, p.promotion(product))
		}
		return price, true
	}
	listed := priceIn(product, p.currency)
	if listed == nil {
		return Price{}, false
	}
	price.Amount, price.Basis = *listed, listedBasis(product)
	price.floor = lower(price.Amount, p.promotion(product))
	return price, true
}

// listedBasis is the basis of a product's price in the list.
func listedBasis(product *zhaohuov1.Product) zhaohuov1.PriceBasis {
	if product.GetPriceMax() != nil {
		return zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE
	}
	return zhaohuov1.PriceBasis_PRICE_BASIS_LIST
}

// promotionOver reports whether the promotion of a product has ended. If its end is not known, it runs as long as the
// upstream says so.
func (p Prices) promotionOver(product *zhaohuov1.Product) bool {
	end := product.GetPromotionEndTime()
	return end != nil && !end.AsTime().After(p.now)
}

// promotion is the price of a product's running promotion, for some quantity or variant; nil for none.
func (p Prices) promotion(product *zhaohuov1.Product) *money.Amount {
	if p.promotionOver(product) {
		return nil
	}
	return amountIn(product.GetPromotionPrice(), p.currency)
}

// byQuantity reads prices by quantity.
func (p Prices) byQuantity(price *Price, tiers []tier) {
	price.SmallestOrder = max(price.SmallestOrder, tiers[0].from)
	price.Basis = zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS
	switch {
	case p.quantity == 0:
		price.Amount = lowestOf(tiers)
		price.floor = price.Amount
	case p.quantity < price.SmallestOrder:
		price.Amount = stepAt(tiers, price.SmallestOrder).price
		price.floor = price.Amount
	default:
		reached := stepAt(tiers, p.quantity)
		p.hold(price, reached.price, reached.promotion)
	}
	for _, t := range tiers {
		step := &zhaohuov1.QuantityPrice{MinQuantity: t.from, Price: t.price.Proto(p.currency)}
		if t.promotion != nil {
			step.PromotionPrice = t.promotion.Proto(p.currency)
		}
		price.Tiers = append(price.Tiers, step)
	}
}

// hold sets a price that holds at the quantity: the lower one during a promotion.
func (p Prices) hold(price *Price, amount money.Amount, promotion *money.Amount) {
	price.Amount, price.Basis = amount, zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
	if promotion != nil && *promotion < amount {
		price.Amount, price.Basis = *promotion, zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION
	}
	price.floor = price.Amount
}

// variantPrice is the price of a variant, and the lower one that a buyer pays during a promotion.
type variantPrice struct{ regular, paid money.Amount }

// variantPrices are the prices of a product's variants in a currency.
func variantPrices(details *zhaohuov1.ProductDetail, currency string, promotionOver bool) []variantPrice {
	var all []variantPrice
	for _, sku := range details.GetSkus() {
		regular := amountIn(sku.GetPrice(), currency)
		if regular == nil {
			continue
		}
		v := variantPrice{regular: *regular, paid: *regular}
		if !promotionOver {
			v.paid = lower(v.paid, amountIn(sku.GetPromotionPrice(), currency))
		}
		all = append(all, v)
	}
	return all
}

// byVariant reads prices of variants, which do not depend on the quantity. Which variant the buyer wants is not known, so
// the price is known only if all variants have the same one.
func (p Prices) byVariant(price *Price, variants []variantPrice) {
	least, paidLeast, paidMost := variants[0].regular, variants[0].paid, variants[0].paid
	most := least
	for _, v := range variants[1:] {
		least, most = min(least, v.regular), max(most, v.regular)
		paidLeast, paidMost = min(paidLeast, v.paid), max(paidMost, v.paid)
	}
	price.Amount, price.floor, price.Basis = least, paidLeast, zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE
	switch {
	case p.quantity > 0 && p.quantity >= price.SmallestOrder && paidLeast == paidMost:
		p.hold(price, least, &paidLeast)
	case least == most && paidLeast == paidMost:
		price.Basis = zhaohuov1.PriceBasis_PRICE_BASIS_LIST
	}
}

// lower is the lower of an amount and another one, which may be nil.
func lower(amount money.Amount, other *money.Amount) money.Amount {
	if other == nil {
		return amount
	}
	return min(amount, *other)
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
