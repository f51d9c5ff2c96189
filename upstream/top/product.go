package top

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// The keys of a row's members, in order of preference (docs/PROTOCOL.md §3.3). The tutorial uses 1 for a missing
// minimum order and 0 for missing sales; here they stay missing.
var (
	idKeys           = []string{"productId", "offerId"}
	titleKeys        = []string{"subject", "title"}
	keywordPriceKeys = []string{"price", "salePrice"}
	imageKeys        = []string{"imageUrl", "mainImage"}
	supplierKeys     = []string{"companyName", "supplier"}
)

// readRow reads what the rows of all lists have in common; false if the row has no product id.
func readRow(row gjson.Result, priceKeys []string) (*zhaohuov1.Product, bool) {
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
	}
	setPrice(p, normal.Price(normal.First(row, priceKeys...)), money.CNY)
	if name := text(normal.First(row, supplierKeys...)); name != nil {
		p.Supplier = &zhaohuov1.Supplier{Name: name}
	}
	return p, true
}

// readKeywordRow reads a row of a keyword search. It has no likeness to an image.
func readKeywordRow(row gjson.Result) (*zhaohuov1.Product, bool) {
	p, ok := readRow(row, keywordPriceKeys)
	if !ok {
		return nil, false
	}
	if n, atLeast, known := normal.Count(row.Get("saleCount")); known {
		p.SoldCount, p.SoldAtLeast = &n, atLeast
	}
	if location := text(row.Get("location")); location != nil {
		if p.Supplier == nil {
			p.Supplier = &zhaohuov1.Supplier{}
		}
		p.Supplier.Location = location
	}
	return p, true
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
