package normal

import (
	"cmp"
	"slices"

	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// statusPublished is the only status of goods that are on sale.
const statusPublished = "published"

// Status reads the upstream's word for a product's status.
func Status(text string) zhaohuov1.ProductStatus {
	switch text {
	case "":
		return zhaohuov1.ProductStatus_PRODUCT_STATUS_UNSPECIFIED
	case statusPublished:
		return zhaohuov1.ProductStatus_PRODUCT_STATUS_ON_SALE
	default:
		return zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE
	}
}

// Quote says which prices of a product hold.
type Quote uint8

// The quotes. The upstream numbers them 0 (no variants, by quantity), 1 (by variant) and 2 (variants, by quantity).
const (
	QuoteUnknown Quote = iota
	QuoteByQuantity
	QuoteByVariant
)

// QuoteOf reads the number of a quote.
func QuoteOf(r gjson.Result) Quote {
	switch Text(r) {
	case "0", "2":
		return QuoteByQuantity
	case "1":
		return QuoteByVariant
	default:
		return QuoteUnknown
	}
}

// Settle sorts the prices by quantity and removes the prices that do not hold: those of variants if the quote is by
// quantity, those by quantity if it is by variant. It removes nothing if no price would remain or the quote is unknown.
func Settle(p *zhaohuov1.ProductDetail, q Quote) {
	slices.SortStableFunc(p.GetPriceTiers(), func(a, b *zhaohuov1.PriceTier) int {
		return cmp.Compare(a.GetMinQuantity(), b.GetMinQuantity())
	})
	switch q {
	case QuoteByQuantity:
		if len(p.GetPriceTiers()) == 0 {
			return
		}
		for _, sku := range p.GetSkus() {
			sku.Price, sku.ForeignPrice = nil, nil
		}
	case QuoteByVariant:
		if slices.ContainsFunc(p.GetSkus(), func(sku *zhaohuov1.ProductSku) bool { return sku.GetPrice() != nil }) {
			p.PriceTiers = nil
		}
	}
}

// Span is the lowest and the highest of some prices in one currency. The zero value has none.
type Span struct {
	Low, High *moneypb.Money
}

// SpanOf is the span of all prices of a product.
func SpanOf(p *zhaohuov1.ProductDetail) Span {
	var s Span
	for _, tier := range p.GetPriceTiers() {
		s.Add(tier.GetPrice())
	}
	for _, sku := range p.GetSkus() {
		s.Add(sku.GetPrice())
	}
	return s
}

// Add includes a price. Nil changes nothing.
func (s *Span) Add(m *moneypb.Money) {
	a, ok := money.Of(m)
	if !ok {
		return
	}
	if low, some := money.Of(s.Low); !some || a < low {
		s.Low = m
	}
	if high, some := money.Of(s.High); !some || a > high {
		s.High = m
	}
}

// Upper is the upper end of a range; nil for a single price.
func (s *Span) Upper() *moneypb.Money {
	if proto.Equal(s.Low, s.High) {
		return nil
	}
	return s.High
}

// Properties merges the values of each property, in the order they were sent, each value once. The upstream sends a
// property with several values as several rows of one id, not always next to each other. Rows without an id are matched
// by name.
func Properties(sent []*zhaohuov1.ProductAttribute) []*zhaohuov1.ProductAttribute {
	type property struct{ id, name string }
	groups := map[property][]*zhaohuov1.ProductAttribute{}
	var order []property
	for _, a := range sent {
		key := property{id: a.GetId()}
		if key.id == "" {
			key.name = a.GetName()
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		if !slices.ContainsFunc(groups[key], func(b *zhaohuov1.ProductAttribute) bool { return b.GetValue() == a.GetValue() }) {
			groups[key] = append(groups[key], a)
		}
	}
	var all []*zhaohuov1.ProductAttribute
	for _, key := range order {
		all = append(all, groups[key]...)
	}
	return all
}

// URLs returns the addresses that can be read, each once, in the order they were sent. A list stands for its elements.
func URLs(values ...gjson.Result) []string {
	var all []string
	for _, value := range values {
		value.ForEach(func(_, r gjson.Result) bool {
			if address, ok := URL(r); ok && !slices.Contains(all, address) {
				all = append(all, address)
			}
			return true
		})
	}
	return all
}
