package aop

import (
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// detailPage is the offer's web page, used where the answer has no tracked link.
const detailPage = "https://detail.1688.com/offer/"

// soldDays is the period of monthSold in offer searches. In related.recommend the same field covers 90 days.
const soldDays = 30

// product reads one offer of a list (docs/PROTOCOL.md §4.2) in one pass; nil if it has no id. The translated title is
// used only if a translation was asked for: the upstream always sends one.
func product(row gjson.Result, translated, raw bool) *zhaohuov1.Product {
	if !row.IsObject() {
		return nil
	}
	o := offer{Product: &zhaohuov1.Product{}, translated: translated}
	row.ForEach(func(key, value gjson.Result) bool {
		o.member(key.Str, value)
		return true
	})
	if o.Id == "" {
		return nil
	}
	o.finish()
	if raw {
		o.RawJson = proto.String(row.Raw)
	}
	return o.Product
}

// offer is a product that is being read. It holds members until everything they depend on was read.
type offer struct {
	*zhaohuov1.Product

	translated bool
	onePiece   bool
	// noPromotion is set where the upstream says that there is no promotion.
	noPromotion        bool
	promotion, consign normal.PriceRange
	badges             [zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_48H + 1]bool
	kinds              [zhaohuov1.SupplierKind_SUPPLIER_KIND_TRUST_PASS_MEMBER + 1]bool
	categories         [3]string
	company, address   string
}

func (o *offer) member(name string, value gjson.Result) {
	switch name {
	case "offerId":
		o.Id, _ = normal.ID(value)
	case "subject":
		o.Title = normal.Text(value)
	case "subjectTrans":
		if o.translated {
			o.TitleTranslated = optionalText(normal.Text(value))
		}
	case "imageUrl":
		o.ImageUrl = address(value)
	case "promotionURL", "promotionUrl":
		o.DetailUrl = address(value)
	case "priceInfo":
		value.ForEach(o.price)
	case "monthSold":
		if n, atLeast, known := normal.Count(value); known {
			o.SoldCount, o.SoldAtLeast, o.SoldDays = &n, atLeast, proto.Int32(soldDays)
		}
	case "minOrderQuantity":
		if n, _, known := normal.Count(value); known && n > 0 {
			o.MinimumOrder = &n
		}
	case "repurchaseRate", "rePurchaseRate":
		if share, known := normal.Rate(value); known {
			o.RepurchaseRate = &share
		}
	default:
		o.mark(name, value)
	}
}

// mark reads the members that are badges.
func (o *offer) mark(name string, value gjson.Result) {
	switch name {
	case "isOnePsale", "onePsale":
		if o.flag(zhaohuov1.ProductBadge_PRODUCT_BADGE_DROPSHIPPING, value) {
			o.onePiece = true
		}
	case "isJxhy":
		o.flag(zhaohuov1.ProductBadge_PRODUCT_BADGE_CURATED_SUPPLY, value)
	case "isSelect":
		o.flag(zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION, value)
	case "isPatentProduct":
		o.flag(zhaohuov1.ProductBadge_PRODUCT_BADGE_PATENTED, value)
	case "promotionModel":
		running := value.Get("hasPromotion")
		if is, known := normal.Bool(running); known && !is {
			o.noPromotion = true
		}
		o.flag(zhaohuov1.ProductBadge_PRODUCT_BADGE_PROMOTION, running)
	case "productSimpleShippingInfo":
		switch normal.Text(value.Get("shippingTimeGuarantee")) {
		case "shipIn24Hours":
			o.badges[zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_24H] = true
		case "shipIn48Hours":
			o.badges[zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_48H] = true
		}
	case "offerIdentities":
		value.ForEach(o.identity)
	default:
		o.place(name, value)
	}
}

// place reads the members about the supplier and the category.
func (o *offer) place(name string, value gjson.Result) {
	switch name {
	case "companyName":
		o.company = normal.Text(value)
	case "companyAddress":
		o.address = normal.Text(value)
	case "sellerIdentities":
		value.ForEach(o.kind)
	case "topCategoryId":
		o.categories[0], _ = normal.ID(value)
	case "secondCategoryId":
		o.categories[1], _ = normal.ID(value)
	case "thirdCategoryId":
		o.categories[2], _ = normal.ID(value)
	}
}

func (o *offer) flag(b zhaohuov1.ProductBadge, value gjson.Result) bool {
	is, _ := normal.Bool(value)
	if is {
		o.badges[b] = true
	}
	return is
}

func (o *offer) price(key, value gjson.Result) bool {
	switch key.Str {
	case "price":
		p := normal.Price(value)
		o.PriceText = optionalText(p.Text)
		if p.Known {
			o.Price = p.Low.Proto(money.CNY)
		}
		if p.IsRange() {
			o.PriceMax = p.High.Proto(money.CNY)
		}
	case "promotionPrice":
		o.promotion = normal.Price(value)
	case "consignPrice":
		o.consign = normal.Price(value)
	}
	return true
}

func (o *offer) identity(_, value gjson.Result) bool {
	switch normal.Text(value) {
	case "yx":
		o.badges[zhaohuov1.ProductBadge_PRODUCT_BADGE_STRICT_SELECTION] = true
	case "select":
		o.badges[zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION] = true
	}
	return true
}

func (o *offer) kind(_, value gjson.Result) bool {
	switch normal.Text(value) {
	case "super_factory":
		o.kinds[zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY] = true
	case "powerful_merchants":
		o.kinds[zhaohuov1.SupplierKind_SUPPLIER_KIND_POWERFUL_MERCHANT] = true
	case "tp_member":
		o.kinds[zhaohuov1.SupplierKind_SUPPLIER_KIND_TRUST_PASS_MEMBER] = true
	}
	return true
}

// finish sets the fields that depend on several members.
func (o *offer) finish() {
	if o.DetailUrl == nil {
		o.DetailUrl = proto.String(detailPage + o.Id + ".html")
	}
	if o.promotion.Known && !o.noPromotion {
		o.PromotionPrice = o.promotion.Low.Proto(money.CNY)
	}
	// The dropshipping price is sent for other goods too, but is valid only for goods sold singly.
	if o.consign.Known && o.onePiece {
		o.DropshippingPrice = o.consign.Low.Proto(money.CNY)
	}
	for b, on := range o.badges {
		if on {
			o.Badges = append(o.Badges, zhaohuov1.ProductBadge(b))
		}
	}
	for _, id := range o.categories {
		if id == "" {
			break // A level below an unnamed one cannot be placed.
		}
		o.CategoryIds = append(o.CategoryIds, id)
	}
	o.finishSupplier()
}

// finishSupplier removes a supplier without any data.
func (o *offer) finishSupplier() {
	var kinds []zhaohuov1.SupplierKind
	for k, on := range o.kinds {
		if on {
			kinds = append(kinds, zhaohuov1.SupplierKind(k))
		}
	}
	if o.company == "" && o.address == "" && kinds == nil {
		return
	}
	o.Supplier = &zhaohuov1.Supplier{Name: optionalText(o.company), Location: optionalText(o.address), Kinds: kinds}
}

// optionalText is nil for an empty text.
func optionalText(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func address(r gjson.Result) *string {
	a, ok := normal.URL(r)
	if !ok {
		return nil
	}
	return &a
}
