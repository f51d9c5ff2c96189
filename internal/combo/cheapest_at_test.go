package combo

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// TestCheapestAgreesWithTryingAll compares the steps with trying each quantity for every product.
func TestCheapestAgreesWithTryingAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := pricedGoods{tiers: map[string][]tier{}}
		for i := range rapid.IntRange(0, 6).Draw(t, "products") {
			p := &zhaohuov1.Product{Id: strconv.Itoa(100 + i)}
			if rapid.Bool().Draw(t, "priced") {
				p.Price = (money.Amount(rapid.Int64Range(1, 5).Draw(t, "price")) * money.Unit).Proto(money.CNY)
			}
			if rapid.Bool().Draw(t, "ordered") {
				p.MinimumOrder = proto.Int64(rapid.Int64Range(0, 12).Draw(t, "minimum"))
			}
			from := int64(0)
			for range rapid.IntRange(0, 3).Draw(t, "tiers") {
				from += rapid.Int64Range(1, 5).Draw(t, "from")
				w.tiers[p.Id] = append(w.tiers[p.Id], tier{from: from, price: money.Amount(rapid.Int64Range(1, 5).Draw(t, "at")) * money.Unit})
			}
			w.products = append(w.products, p)
		}
		var want []*zhaohuov1.CheapestAtQuantity
		for quantity := int64(1); quantity < 40; quantity++ {
			var best *zhaohuov1.CheapestAtQuantity
			for _, known := range []bool{true, false} { // A price "from" counts only where no price is known.
				for _, p := range w.products {
					price, basis := plainPrice(p, w.tiers[p.Id], quantity)
					if known != (basis == zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY) || best != nil && known != (best.PriceBasis == zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY) {
						continue
					}
					if held, ok := money.Of(best.GetPrice()); price > 0 && (!ok || price < held) {
						best = &zhaohuov1.CheapestAtQuantity{Quantity: quantity, Product: p, Price: price.Proto(money.CNY), PriceBasis: basis}
					}
				}
			}
			if n := len(want); best != nil && (n == 0 || want[n-1].Product != best.Product || !proto.Equal(want[n-1].Price, best.Price)) {
				want = append(want, best)
			}
		}
		if diff := cmp.Diff(want, w.cheapest(money.CNY), protocmp.Transform()); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

// plainPrice is the price of a product at a quantity, and what it is based on; 0 if it is not sold at it.
func plainPrice(p *zhaohuov1.Product, tiers []tier, quantity int64) (money.Amount, zhaohuov1.PriceBasis) {
	basis := zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
	if len(tiers) == 0 {
		basis = zhaohuov1.PriceBasis_PRICE_BASIS_LIST
		if price, ok := money.Of(p.Price); ok && p.MinimumOrder != nil {
			tiers = []tier{{from: p.GetMinimumOrder(), price: price}}
		}
	}
	var price money.Amount
	for _, step := range tiers {
		if quantity >= step.from && quantity >= p.GetMinimumOrder() {
			price = step.price
		}
	}
	return price, basis
}
