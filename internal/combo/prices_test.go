package combo

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// quoted is a product of a list at "10", "10-20", "10 promotion 8", with a smallest order; 0 is not known.
func quoted(text string, smallest int64) *zhaohuov1.Product {
	text, promotion, _ := strings.Cut(text, " promotion ")
	low, high, isRange := strings.Cut(text, "-")
	p := cny(low)
	p.Id = "7"
	if isRange {
		p.PriceMax = cny(high).GetPrice()
	}
	if promotion != "" {
		p.PromotionPrice = cny(promotion).GetPrice()
	}
	if smallest > 0 {
		p.MinimumOrder = &smallest
	}
	return p
}

// tiersAt are prices by quantity: "2: 9", "100: 5 promotion 4".
func tiersAt(steps ...string) *zhaohuov1.ProductDetail {
	d := &zhaohuov1.ProductDetail{}
	for _, text := range steps {
		from, price, _ := strings.Cut(text, ": ")
		price, promotion, _ := strings.Cut(price, " promotion ")
		quantity, _ := money.Parse(from)
		step := &zhaohuov1.PriceTier{MinQuantity: int64(quantity / money.Unit), Price: cny(price).GetPrice()}
		if promotion != "" {
			step.PromotionPrice = cny(promotion).GetPrice()
		}
		d.PriceTiers = append(d.PriceTiers, step)
	}
	return d
}

// variantsAt are variants with a price each.
func variantsAt(prices ...string) *zhaohuov1.ProductDetail {
	d := &zhaohuov1.ProductDetail{}
	for _, price := range prices {
		d.Skus = append(d.Skus, &zhaohuov1.ProductSku{Price: cny(price).GetPrice()})
	}
	return d
}

// Every price tells what it holds for, and only a price that holds is what a buyer of the quantity pays.
func TestPriceAtAQuantity(t *testing.T) {
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	const (
		list      = zhaohuov1.PriceBasis_PRICE_BASIS_LIST
		lowest    = zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE
		exact     = zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
		from      = zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS
		promotion = zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION
	)
	dropshipped := quoted("10", 1)
	dropshipped.DropshippingPrice = cny("3").GetPrice()
	dropshipped.OtherPrices = []*zhaohuov1.KindPrice{{Kind: zhaohuov1.PriceKind_PRICE_KIND_PLUS, Price: cny("4").GetPrice()}}
	ended, later := quoted("10 promotion 8", 0), quoted("10 promotion 8", 0)
	ended.PromotionEndTime, later.PromotionEndTime = timestamppb.New(now), timestamppb.New(now.Add(time.Second))
	reduced := variantsAt("10", "10")
	for _, sku := range reduced.GetSkus() {
		sku.PromotionPrice = cny("7").GetPrice()
	}
	partly := variantsAt("10", "10")
	partly.Skus[0].PromotionPrice = cny("7").GetPrice()
	for _, c := range []struct {
		name     string
		product  *zhaohuov1.Product
		details  *zhaohuov1.ProductDetail
		quantity int64
		price    string
		basis    zhaohuov1.PriceBasis
		floor    string
	}{
		{"a list price", quoted("10", 0), nil, 10, "10", list, "10"},
		{"the low end of a range", quoted("10-20", 0), nil, 10, "10", lowest, "10"},
		{"a promotion of a list is for no known quantity", quoted("10 promotion 8", 0), nil, 10, "10", list, "8"},
		{"single pieces and members pay other prices", dropshipped, nil, 1, "10", list, "10"},
		{"at the first step", quoted("10-20", 0), tiersAt("2: 9", "100: 5"), 99, "9", exact, "9"},
		{"at the last step", quoted("10", 0), tiersAt("2: 9", "100: 5"), 1000, "5", exact, "5"},
		{"no quantity: the lowest step", quoted("10", 0), tiersAt("2: 9", "100: 5"), 0, "5", from, "5"},
		{"below the first step", quoted("10", 0), tiersAt("2: 9", "100: 5"), 1, "9", from, "9"},
		{"below the smallest order", quoted("10", 150), tiersAt("2: 9", "100: 5"), 120, "5", from, "5"},
		{"a promotion at the step", quoted("10", 0), tiersAt("2: 9 promotion 8", "100: 5"), 50, "8", promotion, "8"},
		{"a promotion at another step", quoted("10", 0), tiersAt("2: 9 promotion 8", "100: 5"), 100, "5", exact, "5"},
		{"a promotion that is no cheaper", quoted("10", 0), tiersAt("2: 9 promotion 9"), 50, "9", exact, "9"},
		{"a promotion without a quantity", quoted("10", 0), tiersAt("2: 9 promotion 8"), 0, "9", from, "9"},
		{"all variants at one price", quoted("10", 5), variantsAt("10", "10"), 50, "10", exact, "10"},
		{"all variants at one price, below the smallest order", quoted("10", 5), variantsAt("10", "10"), 4, "10", list, "10"},
		{"variants at several prices", quoted("10", 5), variantsAt("12", "10"), 50, "10", lowest, "10"},
		{"a promotion that is over", ended, nil, 50, "10", list, "10"},
		{"a promotion at the step that is over", ended, tiersAt("2: 9 promotion 8"), 50, "9", exact, "9"},
		{"a promotion at the step that ends later", later, tiersAt("2: 9 promotion 8"), 50, "8", promotion, "8"},
		{"a promotion of all variants", later, reduced, 50, "7", promotion, "7"},
		{"a promotion of all variants that is over", ended, reduced, 50, "10", exact, "10"},
		{"a promotion of some variants", later, partly, 50, "10", lowest, "7"},
		{"details without prices", quoted("10", 0), &zhaohuov1.ProductDetail{}, 50, "10", list, "10"},
		{"a price of 0 is none", quoted("0", 0), nil, 50, "", 0, ""},
		{"steps at 0 are none", quoted("10", 0), tiersAt("2: 0"), 50, "10", list, "10"},
	} {
		reader := Prices{currency: money.CNY, quantity: c.quantity, now: now}
		got, ok := reader.Of(c.product, c.details)
		if ok != (c.price != "") {
			t.Errorf("%s: priced is %v", c.name, ok)
		}
		if ok && (got.Amount.String() != c.price || got.Basis != c.basis || got.floor.String() != c.floor) {
			t.Errorf("%s: %s, %v, from %s; want %s, %v, from %s", c.name, got.Amount, got.Basis, got.floor, c.price, c.basis, c.floor)
		}
		if holds := c.basis == exact || c.basis == promotion; got.Holds() != holds {
			t.Errorf("%s: holds is %v", c.name, got.Holds())
		}
	}
}

// Prices by quantity tell the promotion beside the regular price.
func TestPromotionsAreReportedBeside(t *testing.T) {
	reader := Prices{currency: money.CNY, quantity: 50}
	price, _ := reader.Of(quoted("10", 0), tiersAt("2: 9 promotion 8", "100: 5"))
	want := []*zhaohuov1.QuantityPrice{
		{MinQuantity: 2, Price: cny("9").GetPrice(), PromotionPrice: cny("8").GetPrice()}, {MinQuantity: 100, Price: cny("5").GetPrice()},
	}
	for i, step := range price.Tiers {
		if !proto.Equal(step, want[i]) {
			t.Errorf("step %d is %v, want %v", i, step, want[i])
		}
	}
	if len(price.Tiers) != len(want) {
		t.Errorf("%d steps", len(price.Tiers))
	}
}
