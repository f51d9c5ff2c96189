package aop

import (
	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// saleInfo is the content of productSaleInfo.
type saleInfo struct {
	quote normal.Quote
	tiers []*zhaohuov1.PriceTier
	// priceText is the first text sent in place of a price.
	priceText string
	unit      *string
	stock     *int64
	onePiece  *moneypb.Money
}

func (s *saleInfo) read(value gjson.Result) {
	s.quote = normal.QuoteOf(value.Get("quoteType"))
	s.unit = optionalText(normal.Text(value.Get("unitInfo.unit")))
	s.stock = count(value.Get("amountOnSale"))
	s.onePiece, _ = price(value.Get("fenxiaoSaleInfo.onePiecePrice"))
	value.Get("priceRangeList").ForEach(s.tier)
}

// tier reads one price by quantity. Without a quantity it holds from the first piece.
func (s *saleInfo) tier(_, row gjson.Result) bool {
	if !row.IsObject() {
		return true
	}
	t := &zhaohuov1.PriceTier{MinQuantity: 1}
	if n := positive(row.Get("startQuantity")); n != nil {
		t.MinQuantity = *n
	}
	var text string
	t.Price, text = price(row.Get("price"))
	t.PromotionPrice, _ = price(row.Get("promotionPrice"))
	if s.priceText == "" {
		s.priceText = text
	}
	s.tiers = append(s.tiers, t)
	return true
}

// price reads a price in yuan, or the text in its place.
func price(r gjson.Result) (*moneypb.Money, string) {
	p := normal.Price(r)
	if !p.Known {
		return nil, p.Text
	}
	return p.Low.Proto(money.CNY), ""
}

// variant is a SKU that is being read.
type variant struct {
	*zhaohuov1.ProductSku

	onePiece, promotion *moneypb.Money
}

// readVariants reads productSkuInfos. An element that is no variant fails the answer: without it the list would look
// complete.
func readVariants(list gjson.Result, translated bool) ([]variant, error) {
	if normal.Blank(list) {
		return nil, nil
	}
	if !list.IsArray() {
		return nil, unreadable("the product's variants are no list")
	}
	var all []variant
	for i, row := range rows(list, 0) {
		if !row.IsObject() {
			return nil, unreadable("variant %d of the product is no object", i+1)
		}
		all = append(all, readVariant(row, translated))
	}
	return all, nil
}

func readVariant(row gjson.Result, translated bool) variant {
	v := variant{ProductSku: &zhaohuov1.ProductSku{}}
	described := attributes{translated: translated}
	row.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "skuId":
			v.Id, _ = normal.ID(value)
		case "specId":
			v.SpecId = optionalText(normal.Text(value))
		case "amountOnSale":
			v.Stock = count(value)
		case "price":
			v.Price, _ = price(value)
		case "promotionPrice":
			v.promotion, _ = price(value)
		case "fenxiaoPriceInfo":
			v.onePiece, _ = price(value.Get("onePiecePrice"))
		case "skuAttributes":
			value.ForEach(func(i, attribute gjson.Result) bool {
				if v.ImageUrl == nil {
					v.ImageUrl = address(attribute.Get("skuImageUrl"))
				}
				return described.add(i, attribute)
			})
		}
		return true
	})
	v.Attributes = described.list()
	return v
}

// dropship sets the price of a single piece, if single pieces are sold.
func (v variant) dropship(singly bool) {
	if singly {
		v.DropshippingPrice = v.onePiece
	}
}

// attributes collects properties. The upstream sends a property with several values as several rows of one id. They are
// merged in the order they were sent.
type attributes struct {
	translated bool
	all        []*zhaohuov1.ProductAttribute
}

func (a *attributes) add(_, row gjson.Result) bool {
	// The id is text in the product's own properties and a number in its variants'.
	id, _ := normal.ID(row.Get("attributeId"))
	attribute := &zhaohuov1.ProductAttribute{
		Id: id, Name: normal.Text(row.Get("attributeName")), Value: normal.Text(row.Get("value")),
	}
	if a.translated {
		attribute.NameTranslated = optionalText(normal.Text(row.Get("attributeNameTrans")))
		attribute.ValueTranslated = optionalText(normal.Text(row.Get("valueTrans")))
	}
	if attribute.GetName() != "" || attribute.GetValue() != "" {
		a.all = append(a.all, attribute)
	}
	return true
}

// list returns the collected properties, each value once.
func (a *attributes) list() []*zhaohuov1.ProductAttribute { return normal.Properties(a.all) }

func count(r gjson.Result) *int64 {
	if n, _, known := normal.Count(r); known {
		return &n
	}
	return nil
}

// positive reads a count for which 0 makes no sense.
func positive(r gjson.Result) *int64 {
	if n := count(r); n != nil && *n > 0 {
		return n
	}
	return nil
}
