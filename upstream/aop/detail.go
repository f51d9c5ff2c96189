package aop

import (
	"encoding/json"

	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// paramOfferDetail is the wrapper of the detail's question.
const paramOfferDetail = "offerDetailParam"

// statusPublished is the one status of goods that are on sale (section 4.4).
const statusPublished = "published"

// detailQuery is the value of offerDetailParam. No currency is asked for: prices are told in yuan, and what the upstream
// calls a BigInteger in another currency is never read.
type detailQuery struct {
	OfferID json.Number `json:"offerId"`
	Country string      `json:"country"`
}

func (d dialect) encodeGetProduct(q *zhaohuov1.GetProductRequest) (upstream.Call, error) {
	value, err := compact(detailQuery{OfferID: json.Number(q.GetId()), Country: country(q.GetLanguage())})
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
	p := newDetail(translated(q.GetLanguage()))
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
		return nil, unreadable("the detail is another product's")
	}
	p.finish()
	if q.GetIncludeRaw() {
		p.offer.RawJson = proto.String(payload.Raw)
	}
	return &zhaohuov1.GetProductResponse{Product: p.ProductDetail}, nil
}

// detail is a product in detail while it is read.
type detail struct {
	*zhaohuov1.ProductDetail

	offer       offer
	sellerID    string
	attributes  attributes
	sale        saleInfo
	variants    []variant
	parcels     parcels
	detailVideo *string
	// white is the picture before a white ground, which comes after the others.
	white *string
	// singly is what a tag says of being sold by the piece.
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

// member reads one member. What lists have too is read as there.
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
		p.ImageUrls = addresses(value.Get("images"))
		p.white = address(value.Get("whiteImage"))
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

// plain reads the members that hold one value.
func (p *detail) plain(name string, value gjson.Result) {
	switch name {
	case "status":
		p.StatusText = normal.Text(value)
	case "categoryName":
		p.CategoryName = said(normal.Text(value))
	case "mainVideo":
		p.VideoUrl = address(value)
	case "detailVideo":
		p.detailVideo = address(value)
	case "description":
		// Its twin descriptionTrans holds an address where it was seen, and no HTML.
		if value.Type == gjson.String && !normal.Blank(value) {
			p.DescriptionHtml = proto.String(value.Str)
		}
	case "batchNumber":
		p.BatchSize = positive(value)
	case "soldOut":
		// Over how many days nobody has published.
		if n, atLeast, known := normal.Count(value); known {
			p.offer.SoldCount, p.offer.SoldAtLeast = &n, atLeast
		}
	default:
		p.offer.member(name, value)
	}
}

// ship reads where the goods are sent from and what they weigh: kilograms and centimetres, but grams in one of the two
// lists of variants (section 4.4).
func (p *detail) ship(value gjson.Result) {
	p.ShipsFrom = said(normal.Text(value.Get("sendGoodsAddressText")))
	whole := readParcel(value, normal.Kilograms)
	p.WeightGrams, p.Size = whole.grams, whole.size
	p.parcels.read(value)
	p.offer.mark("productSimpleShippingInfo", value)
}

// tag reads one of the tags, whose keys differ from the members of lists.
func (p *detail) tag(_, tag gjson.Result) bool {
	is, known := normal.Bool(tag.Get("value"))
	switch normal.Text(tag.Get("key")) {
	case "isOnePsale":
		p.singly, p.taggedSingly = is, known
		p.offer.flag(zhaohuov1.Badge_BADGE_DROPSHIPPING, tag.Get("value"))
	case "select":
		p.offer.flag(zhaohuov1.Badge_BADGE_CROSS_BORDER_SELECTION, tag.Get("value"))
	case "1688_yx":
		p.offer.flag(zhaohuov1.Badge_BADGE_STRICT_SELECTION, tag.Get("value"))
	}
	return true
}

// finish sets what depends on several members.
func (p *detail) finish() {
	p.Status = statusOf(p.StatusText)
	p.Attributes = p.attributes.list()
	if p.VideoUrl == nil {
		p.VideoUrl = p.detailVideo
	}
	p.finishPictures()
	p.finishPrices()
	p.offer.finish()
	if p.sellerID != "" {
		if p.offer.Supplier == nil {
			p.offer.Supplier = &zhaohuov1.Supplier{}
		}
		p.offer.Supplier.Id = &p.sellerID
	}
}

func statusOf(text string) zhaohuov1.ProductStatus {
	switch text {
	case "":
		return zhaohuov1.ProductStatus_PRODUCT_STATUS_UNSPECIFIED
	case statusPublished:
		return zhaohuov1.ProductStatus_PRODUCT_STATUS_ON_SALE
	default:
		return zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE
	}
}

func (p *detail) finishPictures() {
	p.ImageUrls = once(p.ImageUrls, p.white)
	if len(p.ImageUrls) > 0 {
		p.offer.ImageUrl = &p.ImageUrls[0]
	}
}

// finishPrices tells the prices that hold. quoteType says which: with 0 and 2 those by quantity, with 1 those of the
// variants; then the others are left out. Where it is not said, both are told as they were sent.
func (p *detail) finishPrices() {
	singly := !p.taggedSingly || p.singly
	for _, v := range p.variants {
		v.dropship(singly)
		p.parcels.weigh(v.Sku)
		p.Skus = append(p.Skus, v.Sku)
	}
	switch {
	case p.sale.quote == quoteByVariant && priced(p.Skus):
		p.sale.tiers = nil
	case p.sale.quote == quoteByQuantity && len(p.sale.tiers) > 0:
		for _, sku := range p.Skus {
			sku.Price = nil
		}
	}
	for _, t := range p.sale.tiers {
		if p.offer.noPromotion {
			t.PromotionPrice = nil
		}
		p.PriceTiers = append(p.PriceTiers, t)
	}
	p.summarise(singly)
}

// summarise tells of the prices what lists do: from the lowest to the highest that holds.
func (p *detail) summarise(singly bool) {
	var all, promotion priceSpan
	for _, t := range p.PriceTiers {
		all.add(t.GetPrice())
		promotion.add(t.GetPromotionPrice())
	}
	for _, v := range p.variants {
		all.add(v.GetPrice())
		if v.Price != nil && !p.offer.noPromotion {
			promotion.add(v.promotion)
		}
	}
	p.offer.Price, p.offer.PriceMax = all.low, all.upper()
	if all.low == nil {
		p.offer.PriceText = said(p.sale.priceText)
	}
	p.offer.PromotionPrice = promotion.low
	if singly {
		p.offer.DropshippingPrice = p.sale.onePiece
	}
}

func priced(skus []*zhaohuov1.Sku) bool {
	for _, sku := range skus {
		if sku.GetPrice() != nil {
			return true
		}
	}
	return false
}

// priceSpan is the lowest and the highest of some prices.
type priceSpan struct {
	low, high *moneypb.Money
}

func (s *priceSpan) add(m *moneypb.Money) {
	a, ok := money.Of(m)
	if !ok {
		return
	}
	if low, some := money.Of(s.low); !some || a < low {
		s.low = m
	}
	if high, some := money.Of(s.high); !some || a > high {
		s.high = m
	}
}

// upper is the upper end of a range; nil for a single price.
func (s *priceSpan) upper() *moneypb.Money {
	if proto.Equal(s.low, s.high) {
		return nil
	}
	return s.high
}
