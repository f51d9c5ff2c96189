package combo

import (
	"cmp"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// cheapest is the cheapest product at each quantity at which it changes, ties by id. Without known tiers, a product's
// lowest price counts from its minimum order on. If that is unknown too, its quantity is unknown and it is left out.
func (g pricedGoods) cheapest(currency string) []*zhaohuov1.CheapestAtQuantity {
	type selling struct {
		product *zhaohuov1.Product
		tiers   []tier
	}
	var all []selling
	var quantities []int64
	for _, p := range g.products {
		tiers := g.tiers[p.GetId()]
		if price := priceIn(p, currency); len(tiers) == 0 && price != nil && p.MinimumOrder != nil {
			tiers = []tier{{from: max(p.GetMinimumOrder(), 1), price: *price}}
		}
		if len(tiers) == 0 {
			continue
		}
		all = append(all, selling{p, tiers})
		for _, t := range tiers {
			quantities = append(quantities, max(t.from, p.GetMinimumOrder()))
		}
	}
	slices.Sort(quantities)
	var steps []*zhaohuov1.CheapestAtQuantity
	var lastPrice money.Amount
	for _, quantity := range slices.Compact(quantities) {
		var best *zhaohuov1.Product
		var bestPrice money.Amount
		for _, s := range all {
			if s.tiers[0].from > quantity || s.product.GetMinimumOrder() > quantity {
				continue
			}
			price := priceAt(s.tiers, quantity)
			if best == nil || cmp.Or(cmp.Compare(price, bestPrice), compareID(s.product.GetId(), best.GetId())) < 0 {
				best, bestPrice = s.product, price
			}
		}
		if best == nil || len(steps) > 0 && steps[len(steps)-1].Product.GetId() == best.GetId() && lastPrice == bestPrice {
			continue
		}
		steps = append(steps, &zhaohuov1.CheapestAtQuantity{
			Quantity: quantity, Product: best, Price: bestPrice.Proto(currency), PriceBasis: basisOf(best, g.tiers[best.GetId()], quantity),
		})
		lastPrice = bestPrice
	}
	return steps
}
