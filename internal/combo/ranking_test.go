package combo

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// mugMarket is a world in which a mug is sold by a factory for 90, at least 10,000, and by others for less, some of them by
// quantity.
func mugMarket() *world {
	factory := func(p *zhaohuov1.Product) *zhaohuov1.Product {
		p.Supplier.Kinds = []zhaohuov1.SupplierKind{zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY}
		return p
	}
	sold := func(id, supplier string, yuan, smallest int64) *zhaohuov1.Product {
		p := offer(id, supplier, yuan)
		p.MinimumOrder = &smallest
		return p
	}
	w := &world{
		byWords: map[string][]*zhaohuov1.Product{"mug": {
			factory(sold("11", "Factory", 90, 10_000)), sold("12", "Trader", 10, 1), sold("13", "Ranger", 6, 1), factory(sold("14", "Maker", 10, 2)),
		}},
		details: map[string]*zhaohuov1.ProductDetail{
			"12": tiersAt("1: 20", "1000: 10"), "13": tiersAt("1: 30", "50: 25", "5000: 6"), "14": tiersAt("2: 18 promotion 15", "1000: 10"),
		},
		fails: map[string]error{},
	}
	for _, p := range w.byWords["mug"] {
		w.show("mug", p.GetImageUrl())
	}
	return w
}

// Sources are ranked by what a unit costs at the buyer's quantity; being a factory decides only between equal prices.
func TestSourcesAreRankedByTheUnitPriceAtTheQuantity(t *testing.T) {
	type row struct {
		ID, Price, Before string
		Basis             zhaohuov1.PriceBasis
		Exceeds           bool
	}
	const (
		list  = zhaohuov1.PriceBasis_PRICE_BASIS_LIST
		exact = zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
		off   = zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION
	)
	for _, c := range []struct {
		name     string
		quantity int64
		budget   int32
		want     []row
		proven   bool
		open     int32
		calls    int
	}{
		{
			name: "no quantity: the price of the smallest order, as the list says", budget: 20, calls: 2,
			want: []row{{"13", "6", "LOWER_PRICE", list, false}, {"14", "10", "FACTORY", list, false}, {"12", "10", "LOWER_PRICE", list, false}, {"11", "90", "UNSPECIFIED", list, false}},
		},
		{
			name: "100 pieces", quantity: 100, budget: 20, proven: true, calls: 5,
			want: []row{{"14", "15", "LOWER_PRICE", off, false}, {"12", "20", "LOWER_PRICE", exact, false}, {"13", "25", "CAN_BE_BOUGHT", exact, false}, {"11", "90", "UNSPECIFIED", list, true}},
		},
		{
			name: "one piece: the factory sells two", quantity: 1, budget: 20, proven: true, calls: 4,
			want: []row{{"12", "20", "LOWER_PRICE", exact, false}, {"13", "30", "CAN_BE_BOUGHT", exact, false}, {"14", "10", "LOWER_PRICE", list, true}, {"11", "90", "UNSPECIFIED", list, true}},
		},
		{
			name: "the budget ends", quantity: 100, budget: 3, open: 2, calls: 3,
			want: []row{{"13", "25", "PRICE_HOLDS", exact, false}, {"14", "10", "FACTORY", list, false}, {"12", "10", "CAN_BE_BOUGHT", list, false}, {"11", "90", "UNSPECIFIED", list, true}},
		},
	} {
		w := mugMarket()
		answer := find(t, w, &zhaohuov1.FindSourceRequest{Keyword: "mug", Quantity: c.quantity, MaxUpstreamCalls: &c.budget})
		group := answer.GetGroups()[0]
		var got []row
		for _, o := range group.GetOffers() {
			amount, _ := money.Of(o.GetUnitPrice())
			got = append(got, row{o.GetProduct().GetId(), amount.String(), o.GetBeforeNext().String()[len("RANK_REASON_"):], o.GetPriceBasis(), o.GetMinimumOrderExceeds()})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if group.GetCheapestExact() != c.proven || group.GetOpenOffers() != c.open || w.calls != c.calls {
			t.Errorf("%s: exact %v, %d open, %d calls; want %v, %d, %d", c.name, group.GetCheapestExact(), group.GetOpenOffers(), w.calls, c.proven, c.open, c.calls)
		}
	}
}

// Shipping counts where it is known. It is not known to be free where it is not.
func TestTheLandedPriceCounts(t *testing.T) {
	priced := func(id, price, shipping string) *zhaohuov1.SourceOffer {
		o := &zhaohuov1.SourceOffer{Product: &zhaohuov1.Product{Id: id}, UnitPrice: cny(price).GetPrice()}
		if shipping != "" {
			o.ShippingPerUnit = cny(shipping).GetPrice()
		}
		return o
	}
	offers := []*zhaohuov1.SourceOffer{priced("1", "10", "3"), priced("2", "11", "1"), priced("3", "12.50", ""), {Product: &zhaohuov1.Product{Id: "4", MinimumOrder: proto.Int64(1)}}}
	rankOffers(offers, 0)
	if diff := cmp.Diff([]string{"2", "3", "1", "4"}, idsOf(offers)); diff != "" {
		t.Error(diff)
	}
	if offers[3].GetShippingPerUnit() != nil || offers[1].GetShippingPerUnit() != nil {
		t.Error("shipping was made up")
	}
}
