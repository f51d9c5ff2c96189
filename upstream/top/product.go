package top

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// The keys of a row's members, in order of preference (docs/PROTOCOL.md §3.3). Rows of every list are read by the same
// keys. The tutorial uses 1 for a missing minimum order and 0 for missing sales; here they stay missing.
var (
	idKeys       = []string{"productId", "offerId"}
	titleKeys    = []string{"subject", "title"}
	priceKeys    = []string{"price", "salePrice"}
	imageKeys    = []string{"imageUrl", "mainImage"}
	supplierKeys = []string{"companyName", "supplier"}
)

// readRow reads a row of any list; false if the row has no product id.
func readRow(row gjson.Result) (*zhaohuov1.Product, bool) {
	if !row.IsObject() {
		return nil, false
	}
	id, ok := firstID(row, idKeys)
	if !ok {
		return nil, false
	}
	p := &zhaohuov1.Product{
		Id:           id,
		Title:        normal.Text(normal.First(row, titleKeys...)),
		ImageUrl:     address(normal.First(row, imageKeys...)),
		DetailUrl:    address(row.Get("detailUrl")),
		MinimumOrder: positive(row.Get("minOrderQuantity")),
		Supplier:     supplier(row),
	}
	setPrice(p, normal.FirstPrice(row, priceKeys...), money.CNY)
	if n, atLeast, known := normal.Count(row.Get("saleCount")); known {
		p.SoldCount, p.SoldAtLeast = &n, atLeast
	}
	return p, true
}

// supplier reads who sells a row's product; nil if the row does not say.
func supplier(row gjson.Result) *zhaohuov1.Supplier {
	s := &zhaohuov1.Supplier{Name: text(normal.First(row, supplierKeys...)), Location: text(row.Get("location"))}
	if s.Name == nil && s.Location == nil {
		return nil
	}
	return s
}

// firstID returns the first id under the keys. An id of 0 counts as none.
func firstID(row gjson.Result, keys []string) (string, bool) {
	for _, key := range keys {
		if id, ok := normal.ID(row.Get(key)); ok {
			return id, true
		}
	}
	return "", false
}

func setPrice(p *zhaohuov1.Product, price normal.PriceRange, currency string) {
	if !price.Known {
		if price.Text != "" {
			p.PriceText = &price.Text
		}
		return
	}
	p.Price = price.Low.Proto(currency)
	if price.IsRange() {
		p.PriceMax = price.High.Proto(currency)
	}
}

func text(r gjson.Result) *string {
	if s := normal.Text(r); s != "" {
		return &s
	}
	return nil
}

func address(r gjson.Result) *string {
	if s, ok := normal.URL(r); ok {
		return &s
	}
	return nil
}

// positive reads a count for which 0 makes no sense.
func positive(r gjson.Result) *int64 {
	if n, _, known := normal.Count(r); known && n > 0 {
		return &n
	}
	return nil
}
