package normal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

func cny(units int64) *moneypb.Money { return &moneypb.Money{CurrencyCode: "CNY", Units: units} }

func TestQuoteOf(t *testing.T) {
	for sent, want := range map[string]normal.Quote{
		`0`: normal.QuoteByQuantity, `"0"`: normal.QuoteByQuantity, `1`: normal.QuoteByVariant, `2`: normal.QuoteByQuantity,
		`null`: normal.QuoteUnknown, `""`: normal.QuoteUnknown, `3`: normal.QuoteUnknown, `false`: normal.QuoteUnknown,
	} {
		if got := normal.QuoteOf(gjson.Parse(sent)); got != want {
			t.Errorf("%s is %d, want %d", sent, got, want)
		}
	}
}

// After Settle tiers are sorted, a price remains if there was one, and only the quoted kind of price remains.
func TestSettle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &zhaohuov1.ProductDetail{}
		price := rapid.OneOf(rapid.Just[*moneypb.Money](nil), rapid.Map(rapid.Int64Range(1, 9), cny))
		for range rapid.IntRange(0, 3).Draw(t, "tiers") {
			p.PriceTiers = append(p.PriceTiers, &zhaohuov1.PriceTier{MinQuantity: rapid.Int64Range(1, 4).Draw(t, "from"), Price: price.Draw(t, "price")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "variants") {
			p.Skus = append(p.Skus, &zhaohuov1.ProductSku{Price: price.Draw(t, "price")})
		}
		before := normal.SpanOf(p)
		tiers, variants := len(p.GetPriceTiers()), pricedVariants(p)
		q := rapid.SampledFrom([]normal.Quote{normal.QuoteUnknown, normal.QuoteByQuantity, normal.QuoteByVariant}).Draw(t, "quote")
		normal.Settle(p, q)
		for i, tier := range p.GetPriceTiers() {
			if i > 0 && tier.GetMinQuantity() < p.GetPriceTiers()[i-1].GetMinQuantity() {
				t.Fatalf("tiers out of order: %v", p.GetPriceTiers())
			}
		}
		wantTiers, wantVariants := tiers, variants
		if q == normal.QuoteByQuantity && tiers > 0 {
			wantVariants = 0
		}
		if q == normal.QuoteByVariant && variants > 0 {
			wantTiers = 0
		}
		if len(p.GetPriceTiers()) != wantTiers || pricedVariants(p) != wantVariants {
			t.Fatalf("%d tiers and %d prices of variants, want %d and %d", len(p.GetPriceTiers()), pricedVariants(p), wantTiers, wantVariants)
		}
		if after := normal.SpanOf(p); after.Low != nil && (after.Low.GetUnits() < before.Low.GetUnits() || after.High.GetUnits() > before.High.GetUnits()) {
			t.Fatalf("the span grew from %v to %v", before, after)
		}
	})
}

func pricedVariants(p *zhaohuov1.ProductDetail) int {
	n := 0
	for _, sku := range p.GetSkus() {
		if sku.GetPrice() != nil {
			n++
		}
	}
	return n
}

func TestSpan(t *testing.T) {
	for _, c := range []struct {
		name            string
		prices          []*moneypb.Money
		low, high, next *moneypb.Money
	}{
		{"of nothing", nil, nil, nil, nil},
		{"of no price", []*moneypb.Money{nil, nil}, nil, nil, nil},
		{"of one", []*moneypb.Money{nil, cny(3)}, cny(3), cny(3), nil},
		{"of equals", []*moneypb.Money{cny(3), cny(3)}, cny(3), cny(3), nil},
		{"of several", []*moneypb.Money{cny(3), nil, {CurrencyCode: "CNY", Units: 1, Nanos: 5}, cny(4), cny(2)}, &moneypb.Money{CurrencyCode: "CNY", Units: 1, Nanos: 5}, cny(4), cny(4)},
	} {
		var s normal.Span
		for _, m := range c.prices {
			s.Add(m)
		}
		got := []*moneypb.Money{s.Low, s.High, s.Upper()}
		if diff := cmp.Diff([]*moneypb.Money{c.low, c.high, c.next}, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// Compared with a simple model: only repetitions are lost, values of one property are together, and order is kept.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sent []*zhaohuov1.ProductAttribute
		for range rapid.IntRange(0, 8).Draw(t, "rows") {
			sent = append(sent, &zhaohuov1.ProductAttribute{
				Id: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "id"), Name: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"),
				Value: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "value"),
			})
		}
		key := func(a *zhaohuov1.ProductAttribute) string {
			if a.GetId() != "" {
				return a.GetId()
			}
			return "name " + a.GetName()
		}
		var want []*zhaohuov1.ProductAttribute
		done := map[string]bool{}
		for _, first := range sent {
			seen := map[string]bool{}
			for _, a := range sent {
				if key(a) == key(first) && !done[key(first)] && !seen[a.GetValue()] {
					seen[a.GetValue()] = true
					want = append(want, a)
				}
			}
			done[key(first)] = true
		}
		if diff := cmp.Diff(want, normal.Properties(sent), protocmp.Transform()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestURLs(t *testing.T) {
	for sent, want := range map[string][]string{
		`{"a":["img/1.jpg","//x.com/2.jpg","img/1.jpg",null,7,""],"b":"https://cbu01.alicdn.com/img/3.jpg"}`: {
			"https://cbu01.alicdn.com/img/1.jpg", "https://x.com/2.jpg", "https://cbu01.alicdn.com/img/3.jpg",
		},
		`{"a":"img/1.jpg","b":["img/1.jpg"]}`: {"https://cbu01.alicdn.com/img/1.jpg"},
		`{"a":null}`:                          nil,
		`{}`:                                  nil,
	} {
		object := gjson.Parse(sent)
		if diff := cmp.Diff(want, normal.URLs(object.Get("a"), object.Get("b"))); diff != "" {
			t.Errorf("%s: %s", sent, diff)
		}
	}
}
