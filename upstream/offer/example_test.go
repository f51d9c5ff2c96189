package offer_test

import (
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
)

// Rows of both dialects are read alike, whatever names they use.
func ExampleRow() {
	for _, row := range []string{
		`{"offerId":620201390233,"priceInfo":{"price":"12.50"},"monthSold":"800+"}`,
		`{"productId":"620201390233","price":"0.00","salePrice":"12.50","saleCount":"800+"}`,
	} {
		p, ok := offer.Row(gjson.Parse(row), offer.Options{})
		fmt.Println(p.GetId(), p.GetPrice().GetUnits(), p.GetSoldCount(), p.GetSoldAtLeast(), ok)
	}
	// Output:
	// 620201390233 12 800 true true
	// 620201390233 12 800 true true
}
