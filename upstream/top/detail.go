package top

import (
	"strings"

	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// MethodProductGet is the method of product details, and DefaultProductIDParam the parameter for the product's id. The
// tutorial names the method, but neither its parameters nor its answer. The parameter is that of the corresponding method
// of AOP. Members are looked up under the names of that AOP method and of the AOP method behind GetProduct; the first that
// exists is used.
const (
	MethodProductGet      = "alibaba.product.get"
	DefaultProductIDParam = "productID"
)

// detailPlaces are where a product's details may be; the last is the payload itself.
var detailPlaces = []string{"productInfo", "result.productInfo", "product", "result.product", "result.result", "result.data", "result", "data", "@this"}

// The keys of a detail's members, in order of preference.
var (
	detailIDKeys        = []string{"productID", "productId", "product_id", "offerId", "offer_id"}
	sellerIDKeys        = []string{"sellerOpenId", "sellerId", "seller_id", "memberId", "member_id"}
	categoryKeys        = []string{"categoryName", "category_name"}
	descriptionKeys     = []string{"description", "desc"}
	pictureKeys         = []string{"image.images", "productImage.images", "images", "imageUrls"}
	propertyKeys        = []string{"attributes", "productAttribute", "productAttributes"}
	variantKeys         = []string{"skuInfos", "productSkuInfos", "skus"}
	saleKeys            = []string{"saleInfo", "productSaleInfo"}
	shippingKeys        = []string{"shippingInfo", "productShippingInfo"}
	tierKeys            = []string{"priceRanges", "priceRangeList"}
	unitKeys            = []string{"unit", "unitInfo.unit"}
	stockKeys           = []string{"amountOnSale", "stock"}
	soldKeys            = []string{"saleCount", "soldOut"}
	minimumKeys         = []string{"minOrderQuantity"}
	variantIDKeys       = []string{"skuId", "skuID", "sku_id"}
	variantPropertyKeys = []string{"attributes", "skuAttributes"}
	propertyIDKeys      = []string{"attributeID", "attributeId", "attribute_id"}
	propertyNameKeys    = []string{"attributeName", "name"}
	propertyValueKeys   = []string{"value", "attributeValue"}
)

// productGet is the operation GetProduct.
type productGet struct{ method, idParam string }

func (g productGet) encode(q *zhaohuov1.GetProductRequest) (upstream.Call, error) {
	if language := q.GetLanguageCode(); language != "" && language != "zh" {
		return upstream.Call{}, unsupported("language_code", "the protocol translates nothing")
	}
	return upstream.Call{API: g.method, Params: []upstream.Param{{Name: g.idParam, Value: q.GetId()}}}, nil
}

func (productGet) decode(q *zhaohuov1.GetProductRequest, payload gjson.Result) (*zhaohuov1.GetProductResponse, error) {
	info, id := findDetail(payload)
	switch id {
	case "":
		return nil, unreadable("the upstream's answer has no product in any known place")
	case q.GetId():
	default:
		return nil, unreadable("the upstream's answer is about another product")
	}
	p := &zhaohuov1.ProductDetail{
		Summary:      detailSummary(info, id),
		StatusText:   normal.Text(info.Get("status")),
		CategoryName: text(normal.First(info, categoryKeys...)),
		ImageUrls:    pictures(info),
		Attributes:   properties(normal.First(info, propertyKeys...)),
	}
	p.Status = normal.Status(p.GetStatusText())
	if d := normal.First(info, descriptionKeys...); d.Type == gjson.String {
		p.DescriptionHtml = &d.Str
	}
	if len(p.GetImageUrls()) > 0 {
		p.Summary.ImageUrl = &p.ImageUrls[0]
	}
	p.ShipsFrom = text(normal.First(info, shippingKeys...).Get("sendGoodsAddressText"))
	var err error
	if p.Skus, err = variants(normal.First(info, variantKeys...)); err != nil {
		return nil, err
	}
	readSaleTerms(p, info)
	if q.GetIncludeRaw() {
		raw := strings.Clone(info.Raw) // Without the copy the product would keep the full answer in memory.
		p.Summary.RawJson = &raw
	}
	return &zhaohuov1.GetProductResponse{Product: p}, nil
}

// findDetail finds the first object with a product id.
func findDetail(payload gjson.Result) (info gjson.Result, id string) {
	for _, path := range detailPlaces {
		if info = payload.Get(path); !info.IsObject() {
			continue
		}
		if id, ok := firstID(info, detailIDKeys); ok {
			return info, id
		}
	}
	return gjson.Result{}, ""
}

// detailSummary reads what lists have too, except prices.
func detailSummary(info gjson.Result, id string) *zhaohuov1.Product {
	p := &zhaohuov1.Product{
		Id:        id,
		Title:     normal.Text(normal.First(info, titleKeys...)),
		DetailUrl: address(info.Get("detailUrl")),
	}
	s := &zhaohuov1.Supplier{
		Id:       text(normal.First(info, sellerIDKeys...)),
		Name:     text(normal.First(info, supplierKeys...)),
		Location: text(info.Get("location")),
	}
	if s.Id != nil || s.Name != nil || s.Location != nil {
		p.Supplier = s
	}
	return p
}

// pictures returns all images, the main one first.
func pictures(info gjson.Result) []string {
	return normal.URLs(normal.First(info, imageKeys...), normal.First(info, pictureKeys...))
}

// readSaleTerms reads unit, minimum order, stock, sales and prices. They stand in an object of their own; what is missing
// there is read from the product itself.
func readSaleTerms(p *zhaohuov1.ProductDetail, info gjson.Result) {
	sale := normal.First(info, saleKeys...)
	either := func(keys []string) gjson.Result {
		if r := normal.First(sale, keys...); !normal.Blank(r) {
			return r
		}
		return normal.First(info, keys...)
	}
	p.Unit = text(either(unitKeys))
	p.Summary.MinimumOrder = positive(either(minimumKeys))
	if n, _, known := normal.Count(either(stockKeys)); known {
		p.Stock = &n
	}
	if n, atLeast, known := normal.Count(either(soldKeys)); known {
		p.Summary.SoldCount, p.Summary.SoldAtLeast = &n, atLeast
	}
	either(tierKeys).ForEach(func(_, row gjson.Result) bool {
		if row.IsObject() {
			p.PriceTiers = append(p.PriceTiers, tier(row))
		}
		return true
	})
	normal.Settle(p, normal.QuoteOf(sale.Get("quoteType")))
	price := normal.FirstPrice(sale, priceKeys...)
	if price == (normal.PriceRange{}) {
		price = normal.FirstPrice(info, priceKeys...)
	}
	setPrice(p.GetSummary(), price, money.CNY)
	// Without a price of its own the product gets the span of its tiers and variants.
	if span := normal.SpanOf(p); p.Summary.Price == nil && span.Low != nil {
		p.Summary.Price, p.Summary.PriceMax, p.Summary.PriceText = span.Low, span.Upper(), nil
	}
}

// tier reads one price by quantity. Without a quantity it holds from the first piece.
func tier(row gjson.Result) *zhaohuov1.PriceTier {
	t := &zhaohuov1.PriceTier{MinQuantity: 1}
	if n := positive(row.Get("startQuantity")); n != nil {
		t.MinQuantity = *n
	}
	t.Price = single(row.Get("price"))
	return t
}

// single reads one price.
func single(r gjson.Result) *moneypb.Money {
	if price := normal.Price(r); price.Known {
		return price.Low.Proto(money.CNY)
	}
	return nil
}

// variants reads a list of variants. If an element is no object, the answer is unreadable: without that element the list
// would be incomplete, and nobody could see it.
func variants(list gjson.Result) ([]*zhaohuov1.ProductSku, error) {
	if normal.Blank(list) {
		return nil, nil
	}
	if !list.IsArray() {
		return nil, unreadable("the product's variants are no list")
	}
	var all []*zhaohuov1.ProductSku
	for i, row := range list.Array() {
		if !row.IsObject() {
			return nil, unreadable("variant %d of the product is no object", i+1)
		}
		sku := &zhaohuov1.ProductSku{
			SpecId:     text(row.Get("specId")),
			Attributes: properties(normal.First(row, variantPropertyKeys...)),
			ImageUrl:   address(normal.First(row, imageKeys...)),
		}
		sku.Id, _ = firstID(row, variantIDKeys)
		if n, _, known := normal.Count(normal.First(row, stockKeys...)); known {
			sku.Stock = &n
		}
		sku.Price = single(row.Get("price"))
		all = append(all, sku)
	}
	return all, nil
}

func properties(list gjson.Result) []*zhaohuov1.ProductAttribute {
	var all []*zhaohuov1.ProductAttribute
	list.ForEach(func(_, row gjson.Result) bool {
		id, _ := firstID(row, propertyIDKeys)
		a := &zhaohuov1.ProductAttribute{
			Id:    id,
			Name:  normal.Text(normal.First(row, propertyNameKeys...)),
			Value: normal.Text(normal.First(row, propertyValueKeys...)),
		}
		if a.GetName() != "" || a.GetValue() != "" {
			all = append(all, a)
		}
		return true
	})
	return normal.Properties(all)
}
