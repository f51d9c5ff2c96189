package combo

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

func cny(yuan string) *zhaohuov1.Product {
	amount, _ := money.Parse(yuan)
	return &zhaohuov1.Product{Price: amount.Proto(money.CNY)}
}

func TestShares(t *testing.T) {
	by := func(id, name string) *zhaohuov1.Product {
		s := &zhaohuov1.Supplier{}
		if id != "" {
			s.Id = &id
		}
		if name != "" {
			s.Name = &name
		}
		return &zhaohuov1.Product{Supplier: s}
	}
	products := []*zhaohuov1.Product{
		by("7", ""), by("7", "Anhe"), by("", "An he"), by("", "Boya"), by("8", ""), by("", ""),
		{},
		by("", "Boya"),
	}
	known, unknown := shares(products, sellerNames(products))
	nameIDs(known, products, sellerNames(products))
	want := []*zhaohuov1.MarketShare{
		{Name: "Anhe", SupplierId: proto.String("7"), Products: 3, Share: 0.5}, // By id, by name, and by another spelling of the name.
		{Name: "Boya", Products: 2, Share: 0.333},
		{Name: "8", SupplierId: proto.String("8"), Products: 1, Share: 0.167},
	}
	if diff := cmp.Diff(want, known, protocmp.Transform()); diff != "" || unknown != 2 {
		t.Errorf("unknown %d, want 2 (-want +got):\n%s", unknown, diff)
	}
}

func TestBands(t *testing.T) {
	type row struct {
		Low, High, Gap string
		Products       int32
	}
	for _, c := range []struct {
		name   string
		sorted []money.Amount
		want   []row
	}{
		{"no prices", nil, nil},
		{"a gap of a third does not part", yuan("3", "4"), []row{{"3", "4", "", 2}}},
		{"a wider gap does", yuan("3", "4.01"), []row{{"3", "3", "1.01", 1}, {"4.01", "4.01", "", 1}}},
		{"the lower price counts, not the band's lowest", yuan("3", "4", "5", "9", "9"), []row{{"3", "5", "4", 3}, {"9", "9", "", 2}}},
		{"free of charge is apart from any price", yuan("0", "0", "0.01"), []row{{"0", "0", "0.01", 2}, {"0.01", "0.01", "", 1}}},
	} {
		var got []row
		for _, b := range bands(c.sorted, money.CNY) {
			low, _ := money.Of(b.Low)
			high, _ := money.Of(b.High)
			r := row{Low: low.String(), High: high.String(), Products: b.Products}
			if gap, ok := money.Of(b.GapAbove); ok {
				r.Gap = gap.String()
			}
			got = append(got, r)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestConcentration(t *testing.T) {
	sold := func(counts ...int64) []*zhaohuov1.Product {
		var all []*zhaohuov1.Product
		for _, n := range counts {
			p := &zhaohuov1.Product{}
			if n >= 0 {
				p.SoldCount = &n
			}
			all = append(all, p)
		}
		return all
	}
	for _, c := range []struct {
		name    string
		given   []*zhaohuov1.Product
		want    *float64
		unknown int32
	}{
		{"none known", sold(-1, -1), nil, 2},
		{"nothing sold", sold(0, 0), nil, 0},
		{"at least one is the best-selling tenth", sold(30, 10, -1), proto.Float64(0.75), 1},
		{"two of eleven", sold(5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6), proto.Float64(0.55), 0},
	} {
		got, unknown := concentration(c.given)
		if diff := cmp.Diff(c.want, got); diff != "" || unknown != c.unknown {
			t.Errorf("%s: unknown %d, want %d (-want +got):\n%s", c.name, unknown, c.unknown, diff)
		}
	}
}

func TestPriceAt(t *testing.T) {
	tiers := []tier{{10, 300}, {50, 200}, {100, 250}}
	for quantity, want := range map[int64]money.Amount{0: 200, 1: 300, 10: 300, 49: 300, 50: 200, 99: 200, 100: 250, 9999: 250} {
		if got := priceAt(tiers, quantity); got != want {
			t.Errorf("at %d: %d, want %d", quantity, got, want)
		}
	}
	steps := []*zhaohuov1.PriceTier{
		{MinQuantity: 50, Price: cny("2").GetPrice()},
		{MinQuantity: 0, Price: cny("3").GetPrice()},
		{MinQuantity: 60},
		{MinQuantity: 70, Price: money.Unit.Proto("USD")},
		{MinQuantity: 50, Price: cny("1.90").GetPrice()},
	}
	if got := tiersOf(steps, money.CNY); !slices.Equal(got, []tier{{1, 3 * money.Unit}, {50, 190 * money.Fen}}) {
		t.Errorf("tiersOf = %v", got)
	}
}

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
				w.tiers[p.Id] = append(w.tiers[p.Id], tier{from, money.Amount(rapid.Int64Range(1, 5).Draw(t, "at")) * money.Unit})
			}
			w.products = append(w.products, p)
		}
		var want []*zhaohuov1.CheapestAtQuantity
		for quantity := int64(1); quantity < 40; quantity++ {
			var best *zhaohuov1.CheapestAtQuantity
			for _, p := range w.products {
				tiers, basis := w.tiers[p.Id], zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
				if len(tiers) == 0 {
					basis = zhaohuov1.PriceBasis_PRICE_BASIS_LIST
				}
				if price, ok := money.Of(p.Price); len(tiers) == 0 && ok && p.MinimumOrder != nil {
					tiers = []tier{{p.GetMinimumOrder(), price}}
				}
				var price money.Amount
				for _, step := range tiers {
					if quantity >= step.from && quantity >= p.GetMinimumOrder() {
						price = step.price
					}
				}
				if held, ok := money.Of(best.GetPrice()); price > 0 && (!ok || price < held) {
					best = &zhaohuov1.CheapestAtQuantity{Quantity: quantity, Product: p, Price: price.Proto(money.CNY), PriceBasis: basis}
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
