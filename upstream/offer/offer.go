// Package offer reads the goods in the upstream's answers: a row of a list, or one product in detail.
//
// Both dialects use it. Every member has one list of names (names.go), so that a name that one answer uses is understood in
// all of them. A member that no dialect documents for an answer is read where it is there. What an answer does not say is
// absent from the product, never zero. The package knows no envelopes and no pages: it reads the object of one product.
package offer

import (
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// Options say how an answer is read.
type Options struct {
	// Translated asks for the translated texts. The upstream may send them without being asked.
	Translated bool
	// Raw keeps the upstream's own JSON.
	Raw bool
	// Currency is the currency of the foreign prices; they are not read if it is empty.
	Currency string
	// BlankRateIsZero is true for answers in which a blank rate of productSimpleShippingInfo means 0 (docs/PROTOCOL.md §4.2).
	BlankRateIsZero bool
}

// monthDays is the period of monthSold.
const monthDays = 30

// Row reads one product of a list; false if it has no id.
func Row(row gjson.Result, o Options) (*zhaohuov1.Product, bool) {
	if !row.IsObject() {
		return nil, false
	}
	r := reader{Options: o}
	r.read(row)
	p := r.summary()
	if p.GetId() == "" {
		return nil, false
	}
	promotion := r.promotion()
	p.Price, p.PriceMax, p.PriceText = priceOf(normal.Price(r.at(fieldPrice)))
	prices := kinds{}
	prices.promote(promotion, r.single(fieldPromotionPrice), nil)
	r.dropship(p, &prices, r.flagged(fieldDropshipping))
	prices.add(zhaohuov1.PriceKind_PRICE_KIND_RETAIL, r.single(fieldRetailPrice), nil)
	p.PromotionPrice, p.OtherPrices = prices.promotion, prices.list()
	p.PromotionEndTime = promotion.endOf(p.GetPromotionPrice())
	if o.Raw {
		p.RawJson = rawOf(row)
	}
	return p, true
}

// HasID reports whether an object is a product: whether it has a product's id.
func HasID(object gjson.Result) bool {
	if !object.IsObject() {
		return false
	}
	for _, name := range names[fieldID] {
		if _, ok := normal.ID(object.Get(name)); ok {
			return true
		}
	}
	return false
}

// rawOf copies the text of an object. Without the copy the product would keep the full answer in memory.
func rawOf(object gjson.Result) *string {
	raw := strings.Clone(object.Raw)
	return &raw
}

func unreadable(format string, args ...any) error {
	return fault.New(fault.UpstreamAnswerUnreadable, "the upstream's answer cannot be understood: "+format, args...)
}
