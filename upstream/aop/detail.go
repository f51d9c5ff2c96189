package aop

import (
	"encoding/json"

	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// paramOfferDetail is the parameter that wraps the question.
const paramOfferDetail = "offerDetailParam"

// detailQuery is the value of offerDetailParam. It names no currency: prices are read in yuan, and amounts in other
// currencies are ignored.
type detailQuery struct {
	OfferID json.Number `json:"offerId"`
	Country string      `json:"country"`
}

func (d dialect) encodeGetProduct(q *zhaohuov1.GetProductRequest) (upstream.Call, error) {
	value, err := compact(detailQuery{OfferID: json.Number(q.GetId()), Country: country(q.GetLanguageCode())})
	if err != nil {
		return upstream.Call{}, fault.Invalid("id", "string.pattern", "must be decimal digits").WithCause(err)
	}
	return upstream.Call{
		API:    d.methods.GetProduct.String(),
		Params: []upstream.Param{{Name: paramOfferDetail, Value: value}},
	}, nil
}

func (d dialect) decodeGetProduct(q *zhaohuov1.GetProductRequest, payload gjson.Result) (*zhaohuov1.GetProductResponse, error) {
	if !payload.IsObject() {
		return nil, unreadable("a product's detail was expected")
	}
	p := newDetail(translated(q.GetLanguageCode()))
	payload.ForEach(func(key, value gjson.Result) bool {
		p.member(key.Str, value)
		return true
	})
	switch {
	case p.err != nil:
		return nil, p.err
	case p.offer.Id == "":
		return nil, unreadable("the product's detail has no id")
	case p.offer.Id != q.GetId():
		return nil, unreadable("the details are about another product")
	}
	p.finish()
	if q.GetIncludeRaw() {
		p.offer.RawJson = proto.String(payload.Raw)
	}
	return &zhaohuov1.GetProductResponse{Product: p.ProductDetail}, nil
}

// detail is a product that is being read.
type detail struct {
	*zhaohuov1.ProductDetail

	offer       offer
	sellerID    string
	attributes  attributes
	sale        saleInfo
	variants    []variant
	parcels     parcels
	detailVideo *string
	// singly is what a tag says about sale by the piece.
	singly, taggedSingly bool

	err error
}

func newDetail(translated bool) *detail {
	summary := &zhaohuov1.Product{}
	return &detail{
		ProductDetail: &zhaohuov1.ProductDetail{Summary: summary},
		offer:         offer{Product: summary, translated: translated},
		attributes:    attributes{translated: translated},
	}
}

// member reads one member. Members that lists have too are read by the same code.
func (p *detail) member(name string, value gjson.Result) {
	switch name {
	case "productSkuInfos":
		p.variants, p.err = readVariants(value, p.offer.translated)
	case "productSaleInfo":
		p.sale.read(value)
		p.Unit, p.Stock = p.sale.unit, p.sale.stock
	case "productShippingInfo":
		p.ship(value)
	case "productImage":
		// A picture on a white background comes after the others.
		p.ImageUrls = normal.URLs(value.Get("images"), value.Get("whiteImage"))
	case "productAttribute":
		value.ForEach(p.attributes.add)
	case "tagInfoList":
		value.ForEach(p.tag)
	case "sellerOpenId":
		p.sellerID = normal.Text(value)
	default:
		p.plain(name, value)
	}
}

// plain reads the members with a single value.
func (p *detail) plain(name string, value gjson.Result) {
	switch name {
	case "status":
		p.StatusText = normal.Text(value)
	case "categoryName":
		p.CategoryName = optionalText(normal.Text(value))
	case "mainVideo":
		p.VideoUrl = address(value)
	case "detailVideo":
		p.detailVideo = address(value)
	case "description":
		// Its counterpart descriptionTrans was seen to hold an address, not HTML.
		if value.Type == gjson.String && !normal.Blank(value) {
			p.DescriptionHtml = proto.String(value.Str)
		}
	case "batchNumber":
		p.BatchSize = positive(value)
	case "soldOut":
		// The number of days it covers is not published.
		if n, atLeast, known := normal.Count(value); known {
			p.offer.SoldCount, p.offer.SoldAtLeast = &n, atLeast
		}
	default:
		p.offer.member(name, value)
	}
}

// ship reads where the goods are sent from, and their weight and size: kilograms and centimetres, but grams in one of
// the two lists of variants (docs/PROTOCOL.md §4.4).
func (p *detail) ship(value gjson.Result) {
	p.ShipsFrom = optionalText(normal.Text(value.Get("sendGoodsAddressText")))
	all := readParcel(value, normal.Kilograms)
	p.WeightGrams, p.Size = all.grams, all.size
	p.parcels.read(value)
	p.offer.mark("productSimpleShippingInfo", value)
}

// tag reads one of the tags, whose keys differ from the members of lists.
func (p *detail) tag(_, tag gjson.Result) bool {
	is, known := normal.Bool(tag.Get("value"))
	switch normal.Text(tag.Get("key")) {
	case "isOnePsale":
		p.singly, p.taggedSingly = is, known
		p.offer.flag(zhaohuov1.ProductBadge_PRODUCT_BADGE_DROPSHIPPING, tag.Get("value"))
	case "select":
		p.offer.flag(zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION, tag.Get("value"))
	case "1688_yx":
		p.offer.flag(zhaohuov1.ProductBadge_PRODUCT_BADGE_STRICT_SELECTION, tag.Get("value"))
	}
	return true
}

// finish sets the fields that depend on several members.
func (p *detail) finish() {
	p.Status = normal.Status(p.StatusText)
	p.Attributes = p.attributes.list()
	if p.VideoUrl == nil {
		p.VideoUrl = p.detailVideo
	}
	if len(p.ImageUrls) > 0 {
		p.offer.ImageUrl = &p.ImageUrls[0]
	}
	p.finishPrices()
	p.offer.finish()
	if p.sellerID != "" {
		if p.offer.Supplier == nil {
			p.offer.Supplier = &zhaohuov1.Supplier{}
		}
		p.offer.Supplier.Id = &p.sellerID
	}
}

// finishPrices sets the prices that hold.
func (p *detail) finishPrices() {
	singly := !p.taggedSingly || p.singly
	for _, v := range p.variants {
		v.dropship(singly)
		p.parcels.weigh(v.ProductSku)
		p.Skus = append(p.Skus, v.ProductSku)
	}
	p.PriceTiers = p.sale.tiers
	p.promote()
	normal.Settle(p.ProductDetail, p.sale.quote)
	p.summarise(singly)
}

// promote sets the lowest promotion price, wherever it was sent: it belongs to the offer.
func (p *detail) promote() {
	if p.offer.noPromotion {
		for _, t := range p.PriceTiers {
			t.PromotionPrice = nil
		}
		return
	}
	var promotion normal.Span
	for _, t := range p.PriceTiers {
		promotion.Add(t.GetPromotionPrice())
	}
	for _, v := range p.variants {
		promotion.Add(v.promotion)
	}
	p.offer.PromotionPrice = promotion.Low
}

// summarise sets the price fields that lists have too: the lowest and the highest price that holds.
func (p *detail) summarise(singly bool) {
	all := normal.SpanOf(p.ProductDetail)
	p.offer.Price, p.offer.PriceMax = all.Low, all.Upper()
	if all.Low == nil {
		p.offer.PriceText = optionalText(p.sale.priceText)
	}
	if singly {
		p.offer.DropshippingPrice = p.sale.onePiece
	}
}
