package offer

import (
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// badgeWords are the words of offerIdentities, and supplierWords those of sellerIdentities. The upstream writes a word alone
// or with its Chinese name behind a dash: "yx", "yx-严选".
var (
	badgeWords = map[string]zhaohuov1.ProductBadge{
		"yx":       zhaohuov1.ProductBadge_PRODUCT_BADGE_STRICT_SELECTION,
		"严选":       zhaohuov1.ProductBadge_PRODUCT_BADGE_STRICT_SELECTION,
		"select":   zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION,
		"跨境select": zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION,
	}
	supplierWords = map[string]zhaohuov1.SupplierKind{
		"super_factory":      zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY,
		"超级工厂":               zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY,
		"powerful_merchants": zhaohuov1.SupplierKind_SUPPLIER_KIND_POWERFUL_MERCHANT,
		"实力商家":               zhaohuov1.SupplierKind_SUPPLIER_KIND_POWERFUL_MERCHANT,
		"tp_member":          zhaohuov1.SupplierKind_SUPPLIER_KIND_TRUST_PASS_MEMBER,
		"诚信通会员":              zhaohuov1.SupplierKind_SUPPLIER_KIND_TRUST_PASS_MEMBER,
		"certified_factory":  zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY,
		"certifiedfactory":   zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY,
		"认证工厂":               zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY,
		"深度验厂":               zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY,
	}
	// tagBadges are the keys of tagInfoList, which differ from the names that lists use.
	tagBadges = map[string]zhaohuov1.ProductBadge{
		"isOnePsale": zhaohuov1.ProductBadge_PRODUCT_BADGE_DROPSHIPPING,
		"select":     zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION,
		"1688_yx":    zhaohuov1.ProductBadge_PRODUCT_BADGE_STRICT_SELECTION,
	}
)

// The keys of tagInfoList that are more than badges.
const (
	tagDropshipping = "isOnePsale"
	tagFreePostage  = "isOnePsaleFreePostage"
	tagMixed        = "isSupportMix"
	tagCertified    = "certifiedFactory"
)

// lookUp finds a word of the upstream by itself, else by the Chinese name behind its dash.
func lookUp[K any](words map[string]K, sent gjson.Result) (K, bool) {
	word, name, _ := strings.Cut(normal.Fold(normal.Text(sent)), "-")
	if kind, ok := words[strings.ToLower(strings.TrimSpace(word))]; ok {
		return kind, true
	}
	kind, ok := words[strings.TrimSpace(name)]
	return kind, ok
}

// badges lists what the answer says of the product.
func (r *reader) badges() []zhaohuov1.ProductBadge {
	var on [zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_48H + 1]bool
	on[zhaohuov1.ProductBadge_PRODUCT_BADGE_DROPSHIPPING] = r.flagged(fieldDropshipping)
	on[zhaohuov1.ProductBadge_PRODUCT_BADGE_CURATED_SUPPLY] = r.flagged(fieldCurated)
	on[zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION] = r.flagged(fieldSelected)
	on[zhaohuov1.ProductBadge_PRODUCT_BADGE_PATENTED] = r.flagged(fieldPatented)
	on[zhaohuov1.ProductBadge_PRODUCT_BADGE_PROMOTION] = r.flagged(fieldHasPromotion) && r.promotion().kind == zhaohuov1.PriceKind_PRICE_KIND_PROMOTION
	switch normal.Text(r.at(fieldGuarantee)) {
	case "shipIn24Hours":
		on[zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_24H] = true
	case "shipIn48Hours":
		on[zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_48H] = true
	}
	r.at(fieldOfferIdentities).ForEach(func(_, word gjson.Result) bool {
		if badge, ok := lookUp(badgeWords, word); ok {
			on[badge] = true
		}
		return true
	})
	if r.has(fieldTags) {
		for key, badge := range tagBadges {
			if is, known := r.tag(key); known && is {
				on[badge] = true
			}
		}
	}
	var all []zhaohuov1.ProductBadge
	for badge, is := range on {
		if is {
			all = append(all, zhaohuov1.ProductBadge(badge))
		}
	}
	return all
}

// tag reads one tag of tagInfoList.
func (r *reader) tag(key string) (is, known bool) {
	if !r.has(fieldTags) {
		return false, false
	}
	r.at(fieldTags).ForEach(func(_, tag gjson.Result) bool {
		if normal.Text(tag.Get("key")) == key {
			is, known = normal.Bool(tag.Get("value"))
		}
		return !known
	})
	return is, known
}

// supplierKinds lists what the answer calls the seller.
func (r *reader) supplierKinds() []zhaohuov1.SupplierKind {
	var on [zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY + 1]bool
	r.at(fieldSellerIdentities).ForEach(func(_, word gjson.Result) bool {
		if kind, ok := lookUp(supplierWords, word); ok {
			on[kind] = true
		}
		return true
	})
	if is, known := r.tag(tagCertified); known && is {
		on[zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY] = true
	}
	var all []zhaohuov1.SupplierKind
	for kind, is := range on {
		if is {
			all = append(all, zhaohuov1.SupplierKind(kind))
		}
	}
	return all
}
