package cli

import (
	"strings"
	"testing"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestProductTableInAnotherCurrency: converted prices have columns of their own, which tables without any leave out.
func TestProductTableInAnotherCurrency(t *testing.T) {
	hkd := func(units int64) *moneypb.Money { return &moneypb.Money{CurrencyCode: "HKD", Units: units} }
	p := &zhaohuov1.ProductDetail{
		Summary: &zhaohuov1.Product{Id: "7", OtherPrices: []*zhaohuov1.KindPrice{
			{Kind: zhaohuov1.PriceKind_PRICE_KIND_PLUS, Price: yuan(2, 0), ForeignPrice: hkd(3)},
			{Kind: zhaohuov1.PriceKind_PRICE_KIND_RETAIL, Price: yuan(9, 0)},
		}},
		PriceTiers: []*zhaohuov1.PriceTier{{MinQuantity: 2, Price: yuan(3, 0), ForeignPrice: hkd(4)}, {MinQuantity: 100, Price: yuan(2, 0)}},
		Skus: []*zhaohuov1.ProductSku{
			{Id: "71", Price: yuan(3, 0), ForeignPrice: hkd(4), PromotionPrice: yuan(2, 0), ForeignPromotionPrice: hkd(3)},
		},
	}
	s := &productServer{answer: &zhaohuov1.GetProductResponse{Product: p, Meta: fromSandbox}}
	got := run(t, nil, "product", "7", "--currency", "HKD", "--addr", s.serve(t))
	for _, want := range []string{
		"FROM  PRICE  CONVERTED  PROMOTION\n   2     ¥3      HKD 4          -\n 100     ¥2          -          -\n",
		"VARIANT  PROPERTIES  PRICE  CONVERTED  PROMOTION  CONVERTED PROMOTION  DROPSHIPPING",
		"71       -              ¥3      HKD 4         ¥2                HKD 3             -",
		"¥2 (HKD 3) members of PLUS, ¥9 suggested for retail\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("%q is missing in\n%s", want, got.stdout)
		}
	}
}
