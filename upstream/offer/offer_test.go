package offer_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
)

// A promotion's price is told as what it is: everybody's, a member's of PLUS, or one whose kind is not known.
func TestKindsOfPrices(t *testing.T) {
	for _, c := range []struct{ name, row, want string }{
		{
			"everybody's", `{"productId":7,"price":"3","promotionPrice":"2","hasPromotion":true,"promotionEndTime":"2026-12-01 00:00:00"}`,
			`{"id":"7","price":{"currencyCode":"CNY","units":"3"},"promotionPrice":{"currencyCode":"CNY","units":"2"},"promotionEndTime":"2026-11-30T16:00:00Z",
			"badges":["PRODUCT_BADGE_PROMOTION"]}`,
		},
		{"not flagged", `{"productId":7,"promotionPrice":"2-3"}`, `{"id":"7","promotionPrice":{"currencyCode":"CNY","units":"2"}}`},
		{"over", `{"productId":7,"promotionPrice":"2","hasPromotion":"false","promotionType":"plus"}`, `{"id":"7"}`},
		{"of 0", `{"productId":7,"promotionPrice":"0.00","hasPromotion":true,"promotionEndTime":"2026-12-01 00:00:00"}`, `{"id":"7","badges":["PRODUCT_BADGE_PROMOTION"]}`},
		{
			"of PLUS", `{"productId":7,"promotionPrice":"2","promotionModel":{"hasPromotion":true,"promotionType":"plus"}}`,
			`{"id":"7","otherPrices":[{"kind":"PRICE_KIND_PLUS","price":{"currencyCode":"CNY","units":"2"}}]}`,
		},
		{
			"of PLUS, with its name", `{"productId":7,"promotionPrice":"2","promotionType":"PLUS－plus会员"}`,
			`{"id":"7","otherPrices":[{"kind":"PRICE_KIND_PLUS","price":{"currencyCode":"CNY","units":"2"}}]}`,
		},
		{
			"of a kind that is not known", `{"productId":7,"promotionPrice":"2","promotionType":"newcomer"}`,
			`{"id":"7","otherPrices":[{"kindText":"newcomer","price":{"currencyCode":"CNY","units":"2"}}]}`,
		},
		{
			"single pieces, free of shipping, retail", `{"productId":7,"isOnePsale":true,"consignPrice":"4.50","onePieceFreePostage":"true","retailPrice":"9.9"}`,
			`{"id":"7","dropshippingPrice":{"currencyCode":"CNY","units":"4","nanos":500000000},"badges":["PRODUCT_BADGE_DROPSHIPPING"],"otherPrices":[
			{"kind":"PRICE_KIND_DROPSHIPPING_FREE_SHIPPING","price":{"currencyCode":"CNY","units":"4","nanos":500000000}},
			{"kind":"PRICE_KIND_RETAIL","price":{"currencyCode":"CNY","units":"9","nanos":900000000}}]}`,
		},
		{"shipping is not free", `{"productId":7,"onePiecePrice":"4","onePieceFreePostage":0}`, `{"id":"7","dropshippingPrice":{"currencyCode":"CNY","units":"4"}}`},
		{"consigned, but not by the piece", `{"productId":7,"isOnePsale":false,"consignPrice":"4"}`, `{"id":"7"}`},
	} {
		p, ok := offer.Row(gjson.Parse(c.row), offer.Options{})
		if !ok {
			t.Fatalf("%s is no product", c.row)
		}
		want := &zhaohuov1.Product{}
		if err := protojson.Unmarshal([]byte(c.want), want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, p, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What the upstream calls a seller or a product is understood alone, with its Chinese name, and by that name.
func TestIdentities(t *testing.T) {
	for word, want := range map[string]zhaohuov1.SupplierKind{
		"super_factory": zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY, "super_factory-超级工厂": zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY,
		"powerful_merchants-实力商家": zhaohuov1.SupplierKind_SUPPLIER_KIND_POWERFUL_MERCHANT, "Powerful_Merchants": zhaohuov1.SupplierKind_SUPPLIER_KIND_POWERFUL_MERCHANT,
		"tp_member － 诚信通会员": zhaohuov1.SupplierKind_SUPPLIER_KIND_TRUST_PASS_MEMBER, "认证工厂": zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY,
		"certifiedFactory-认证工厂": zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY, "renamed-深度验厂": zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY,
		"super_factory_2": 0, "-": 0, "": 0,
	} {
		p, _ := offer.Row(gjson.Parse(`{"offerId":7,"sellerIdentities":[`+strconv.Quote(word)+`]}`), offer.Options{})
		var kinds []zhaohuov1.SupplierKind
		if want != 0 {
			kinds = []zhaohuov1.SupplierKind{want}
		}
		if diff := cmp.Diff(kinds, p.GetSupplier().GetKinds()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", word, diff)
		}
	}
	p, _ := offer.Row(gjson.Parse(`{"offerId":7,"offerIdentities":["yx-严选","select-跨境select","other-别的"]}`), offer.Options{})
	if diff := cmp.Diff([]zhaohuov1.ProductBadge{
		zhaohuov1.ProductBadge_PRODUCT_BADGE_STRICT_SELECTION, zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION,
	}, p.GetBadges()); diff != "" {
		t.Errorf("badges (-want +got):\n%s", diff)
	}
}

// A rate that was sent blank is 0 only in the lists whose documents say so. One that was not sent is never 0.
func TestBlankRates(t *testing.T) {
	row := gjson.Parse(`{"offerId":7,"productSimpleShippingInfo":{"qualityReturnRate30d":"","delayedShippingRate7d":null,"pickupWithin24hRate7d":"x"}}`)
	p, _ := offer.Row(row, offer.Options{})
	if p.GetServiceRates() != nil {
		t.Errorf("unknown rates are told: %v", p.GetServiceRates())
	}
	p, _ = offer.Row(row, offer.Options{BlankRateIsZero: true})
	if diff := cmp.Diff(&zhaohuov1.ServiceRates{MonthlyQualityReturnRate: proto.Float64(0)}, p.GetServiceRates(), protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Wherever a price of 0 is sent, in a list, a detail, a variant or a price by quantity, no price of 0 is told.
func TestNoPriceIsZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.SampledFrom([]string{`0`, `"0"`, `"0.00"`, `"¥0.00"`, `0.0`, `null`, `""`, `"面议"`, `"0-3"`, `"1.50"`, `2`})
		next := func() string { return price.Draw(t, "price") }
		body := `{"offerId":7,"price":` + next() + `,"salePrice":` + next() + `,"priceInfo":{"price":` + next() + `,"promotionPrice":` + next() +
			`,"consignPrice":` + next() + `},"isOnePsale":true,"promotionModel":{"hasPromotion":true,"promotionType":` +
			rapid.SampledFrom([]string{`null`, `"plus"`, `"other"`}).Draw(t, "type") + `},"productSkuInfos":[{"skuId":1,"price":` + next() +
			`,"promotionPrice":` + next() + `,"retailPrice":` + next() + `,"fenxiaoPriceInfo":{"onePiecePrice":` + next() + `}}],
			"productSaleInfo":{"retailPrice":` + next() + `,"priceRangeList":[{"startQuantity":1,"price":` + next() + `,"promotionPrice":` + next() +
			`}],"fenxiaoSaleInfo":{"onePiecePrice":` + next() + `,"onePieceFreePostage":true}},"sellerMixSetting":{"generalHunpi":true,"mixAmount":` + next() + `}}`
		list, ok := offer.Row(gjson.Parse(body), offer.Options{})
		if !ok {
			t.Fatalf("%s is no product", body)
		}
		detail, err := offer.Detail(gjson.Parse(body), offer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []proto.Message{list, detail} {
			eachMoney(m.ProtoReflect(), func(amount *moneypb.Money) {
				if amount.GetUnits() <= 0 && amount.GetNanos() <= 0 {
					t.Fatalf("%s has a price of 0: %v", body, m)
				}
			})
		}
	})
}

// eachMoney calls f for each amount in a message.
func eachMoney(m protoreflect.Message, f func(*moneypb.Money)) {
	if amount, ok := m.Interface().(*moneypb.Money); ok {
		f(amount)
		return
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.Message() == nil:
		case fd.IsList():
			for i := range v.List().Len() {
				eachMoney(v.List().Get(i).Message(), f)
			}
		default:
			eachMoney(v.Message(), f)
		}
		return true
	})
}
