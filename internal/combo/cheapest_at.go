package combo

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// selling is a product with its prices by quantity, or with one price "from" if they are not known.
type selling struct {
	product *zhaohuov1.Product
	tiers   []tier
	known   bool
}

// from is the smallest quantity that is sold.
func (s selling) from() int64 { return max(s.tiers[0].from, s.product.GetMinimumOrder()) }

// cheapest is the cheapest product at each quantity at which it changes, ties by id. Without known tiers, a product's
// lowest price counts from its minimum order on; what it costs at a quantity is not known, so it is the cheapest only
// where no product has a known price. If the minimum order is unknown too, the product is left out.
func (g pricedGoods) cheapest(currency string) []*zhaohuov1.CheapestAtQuantity {
	var all []selling
	var quantities []int64
	for _, p := range g.products {
		s := selling{product: p, tiers: g.tiers[p.GetId()], known: len(g.tiers[p.GetId()]) > 0}
		if price := priceIn(p, currency); !s.known && price != nil && p.MinimumOrder != nil {
			s.tiers = []tier{{from: max(p.GetMinimumOrder(), 1), price: *price}}
		}
		if len(s.tiers) == 0 {
			continue
		}
		all = append(all, s)
		for _, t := range s.tiers {
			quantities = append(quantities, max(t.from, p.GetMinimumOrder()))
		}
	}
	slices.Sort(quantities)
	var steps []*zhaohuov1.CheapestAtQuantity
	for _, quantity := range slices.Compact(quantities) {
		step := cheapestAt(all, quantity, currency)
		if step == nil {
			continue
		}
		if n := len(steps); n > 0 && steps[n-1].GetProduct() == step.GetProduct() && proto.Equal(steps[n-1].GetPrice(), step.GetPrice()) {
			continue
		}
		steps = append(steps, step)
	}
	return steps
}

// cheapestAt is the cheapest product at a quantity; nil if none is sold at it.
func cheapestAt(all []selling, quantity int64, currency string) *zhaohuov1.CheapestAtQuantity {
	best := -1
	price := func(i int) money.Amount { return stepAt(all[i].tiers, quantity).price }
	for i, s := range all {
		if s.from() > quantity {
			continue
		}
		if best < 0 || cmp.Or(trueFirst(s.known, all[best].known), cmp.Compare(price(i), price(best)),
			compareID(s.product.GetId(), all[best].product.GetId())) < 0 {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	won := all[best]
	basis := zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
	if !won.known {
		basis = listedBasis(won.product)
	}
	return &zhaohuov1.CheapestAtQuantity{Quantity: quantity, Product: won.product, Price: price(best).Proto(currency), PriceBasis: basis}
}
