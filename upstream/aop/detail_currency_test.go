package aop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestDetailInAnotherCurrency: each price that 1688 converts stands beside the price in yuan, under the same kind of buyers. One of a
// promotion that does not run, or of variants whose prices do not hold, is left out with that price.
func TestDetailInAnotherCurrency(t *testing.T) {
	const (
		prices = `"price":"3","promotionPrice":"2","retailPrice":"9","foreignCurrencyPrice":3.30,"foreignCurrencyPromotionPrice":2.20,"foreignCurrencyRetailPrice":"9.90"`
		three  = `"price":{"currencyCode":"CNY","units":"3"}`
		hkd    = `"foreignPrice":{"currencyCode":"HKD","units":"3","nanos":300000000}`
		retail = `{"kind":"PRICE_KIND_RETAIL","price":{"currencyCode":"CNY","units":"9"},"foreignPrice":{"currencyCode":"HKD","units":"9","nanos":900000000}}`
		two    = `"price":{"currencyCode":"CNY","units":"2"},"foreignPrice":{"currencyCode":"HKD","units":"2","nanos":200000000}`
		sale   = `"promotionPrice":{"currencyCode":"CNY","units":"2"}`
		sold   = sale + `,"foreignPromotionPrice":{"currencyCode":"HKD","units":"2","nanos":200000000}`
	)
	for _, c := range []struct{ name, payload, want string }{
		{
			"a variant, in a promotion for everybody", `"productSkuInfos":[{"skuId":1,` + prices + `}],"productSaleInfo":{"quoteType":1,"retailPrice":"9","foreignCurrencyRetailPrice":9.90}`,
			least(`,` + three + `,` + sale + `,"otherPrices":[` + retail + `]},"skus":[{"id":"1",` + three + `,` + hkd + `,` + sold + `,"otherPrices":[` + retail + `]}]`),
		},
		{
			"by quantity, for members of PLUS", `"promotionModel":{"hasPromotion":true,"promotionType":"plus"},
			"productSaleInfo":{"priceRangeList":[{"startQuantity":2,` + prices + `}]}`,
			least(`,` + three + `,"otherPrices":[{"kind":"PRICE_KIND_PLUS",` + two + `}]},
			"priceTiers":[{"minQuantity":"2",` + three + `,` + hkd + `,"otherPrices":[{"kind":"PRICE_KIND_PLUS",` + two + `}]}]`),
		},
		{
			"a promotion that does not run", `"promotionModel":{"hasPromotion":false},"productSkuInfos":[{"skuId":1,"price":"3","promotionPrice":"2",
			"foreignCurrencyPromotionPrice":2.20}]`, least(`,` + three + `},"skus":[{"id":"1",` + three + `}]`),
		},
		{
			"the lower of two prices keeps its own", `"promotionModel":{"hasPromotion":true,"promotionType":"plus"},"productSkuInfos":[
			{"skuId":1,"promotionPrice":"4","foreignCurrencyPromotionPrice":4.40},{"skuId":2,"promotionPrice":"2","foreignCurrencyPromotionPrice":2.20}]`,
			least(`,"otherPrices":[{"kind":"PRICE_KIND_PLUS",` + two + `}]},"skus":[
			{"id":"1","otherPrices":[{"kind":"PRICE_KIND_PLUS","price":{"currencyCode":"CNY","units":"4"},"foreignPrice":{"currencyCode":"HKD","units":"4","nanos":400000000}}]},
			{"id":"2","otherPrices":[{"kind":"PRICE_KIND_PLUS",` + two + `}]}]`),
		},
		{
			"variants whose prices do not hold", `"productSkuInfos":[{"skuId":1,"price":"5","foreignCurrencyPrice":5.50}],
			"productSaleInfo":{"quoteType":2,"priceRangeList":[{"startQuantity":1,"price":"3","foreignCurrencyPrice":3.30}]}`,
			least(`,` + three + `},"priceTiers":[{"minQuantity":"1",` + three + `,` + hkd + `}],"skus":[{"id":"1"}]`),
		},
		{
			"a price of 0", `"productSkuInfos":[{"skuId":1,"price":"3","promotionPrice":"0.00","foreignCurrencyPrice":0,"foreignCurrencyPromotionPrice":0.0}]`,
			least(`,` + three + `},"skus":[{"id":"1",` + three + `}]`),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := decodeDetail(t, &zhaohuov1.GetProductRequest{Id: "7", Currency: "HKD"}, `{"offerId":7,`+c.payload+`}`)
			if err != nil {
				t.Fatal(err)
			}
			want := &zhaohuov1.ProductDetail{}
			if err := protojson.Unmarshal([]byte(c.want), want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, answer.GetProduct(), protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
