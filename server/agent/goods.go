package agent

import (
	"cmp"
	"strconv"
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// How much is said of each product.
const (
	detailShort  = "short"
	detailNormal = "normal"
	detailFull   = "full"
)

// shown is embedded by the arguments of tools that list goods.
type shown struct {
	Detail   string `json:"detail,omitempty" jsonschema:"How much is said of each product: short (id, title, price), normal (also supplier, minimum order, sales, link, likeness) or full (also images, badges, categories, scores). normal unless set."`
	Language string `json:"language,omitempty" jsonschema:"Language that titles are translated to: en, ja, ru, vi, ko, fr, pt, es, th, id or ar. Not set: titles stay Chinese."`
}

// amount is a price.
type amount struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	// To is the upper end of a range.
	To string `json:"to,omitempty"`
	// Basis is what the price is known to hold for.
	Basis string `json:"basis,omitempty"`
}

// seller is who offers goods.
type seller struct {
	ID       string   `json:"id,omitempty"`
	Name     string   `json:"name,omitempty"`
	Location string   `json:"location,omitempty"`
	Kinds    string   `json:"kinds,omitempty"`
	Years    *int32   `json:"trust_pass_years,omitempty"`
	Score    *float64 `json:"score,omitempty"`
}

// goods is a product as agents see it. What is not known is absent.
type goods struct {
	ID             string   `json:"id"`
	Title          string   `json:"title,omitempty"`
	Translated     string   `json:"title_translated,omitempty"`
	Price          *amount  `json:"price,omitempty"`
	PriceText      string   `json:"price_text,omitempty"`
	Supplier       *seller  `json:"supplier,omitempty"`
	MinimumOrder   *int64   `json:"minimum_order,omitempty"`
	Sold           *int64   `json:"sold,omitempty"`
	SoldAtLeast    bool     `json:"sold_at_least,omitempty"`
	SoldDays       *int32   `json:"sold_days,omitempty"`
	RepurchaseRate *float64 `json:"repurchase_rate,omitempty"`
	Link           string   `json:"link,omitempty"`
	// Likeness is from 0 to 1: measured by this server, or else the upstream's own.
	Likeness  *float64 `json:"likeness,omitempty"`
	SamePhoto bool     `json:"same_photo,omitempty"`

	Image         string   `json:"image,omitempty"`
	Badges        []string `json:"badges,omitempty"`
	Categories    []string `json:"category_ids,omitempty"`
	Promotion     *amount  `json:"promotion_price,omitempty"`
	Dropshipping  *amount  `json:"dropshipping_price,omitempty"`
	WeeklySold    *int64   `json:"sold_last_7_days,omitempty"`
	FirstListed   string   `json:"listed,omitempty"`
	PromotionEnds string   `json:"promotion_ends,omitempty"`
}

// goodsOf is a product with its price from the list.
func goodsOf(p *zhaohuov1.Product, detail string) *goods {
	g := &goods{ID: p.GetId(), Title: p.GetTitle(), Translated: p.GetTitleTranslated(), Price: listPrice(p)}
	if g.Price == nil {
		g.PriceText = p.GetPriceText()
	}
	if detail == detailShort {
		return g
	}
	g.Supplier = sellerOf(p.GetSupplier(), detail)
	g.MinimumOrder, g.Sold, g.SoldDays, g.RepurchaseRate = p.MinimumOrder, p.SoldCount, p.SoldDays, p.RepurchaseRate
	g.SoldAtLeast = p.SoldCount != nil && p.GetSoldAtLeast()
	g.Link, g.Likeness = p.GetDetailUrl(), p.Similarity
	if detail != detailFull {
		return g
	}
	g.Image, g.Categories, g.WeeklySold = p.GetImageUrl(), p.GetCategoryIds(), p.WeeklySoldCount
	g.Promotion, g.Dropshipping = amountOf(p.GetPromotionPrice(), ""), amountOf(p.GetDropshippingPrice(), "")
	for _, b := range p.GetBadges() {
		g.Badges = append(g.Badges, short(b.String(), "PRODUCT_BADGE_"))
	}
	if p.GetCreateTime() != nil {
		g.FirstListed = p.GetCreateTime().AsTime().Format(timeForm)
	}
	if p.GetPromotionEndTime() != nil {
		g.PromotionEnds = p.GetPromotionEndTime().AsTime().Format(timeForm)
	}
	return g
}

const timeForm = "2006-01-02T15:04:05Z07:00"

// priced is a product with the price that it has for a buyer.
func priced(p *zhaohuov1.Product, price *moneypb.Money, basis zhaohuov1.PriceBasis, detail string) *goods {
	g := goodsOf(p, detail)
	if own := amountOf(price, basisOf(basis)); own != nil {
		g.Price, g.PriceText = own, ""
	}
	return g
}

// alike adds a measured likeness.
func (g *goods) alike(m *zhaohuov1.MeasuredLikeness, detail string) *goods {
	if m == nil || detail == detailShort {
		return g
	}
	value := m.GetValue()
	g.Likeness, g.SamePhoto = &value, m.GetKind() == zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO
	return g
}

func goodsOfAll(products []*zhaohuov1.Product, detail string) []*goods {
	all := make([]*goods, len(products))
	for i, p := range products {
		all[i] = goodsOf(p, detail)
	}
	return all
}

// listPrice is the price of a list: one, or the range from the lowest on. Nil for none.
func listPrice(p *zhaohuov1.Product) *amount {
	basis := zhaohuov1.PriceBasis_PRICE_BASIS_LIST
	if p.GetPriceMax() != nil {
		basis = zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE
	}
	a := amountOf(p.GetPrice(), basisOf(basis))
	if a != nil && p.GetPriceMax() != nil {
		a.To = amountText(p.GetPriceMax())
	}
	return a
}

// amountOf is a price; nil for none.
func amountOf(m *moneypb.Money, basis string) *amount {
	if m == nil {
		return nil
	}
	return &amount{Amount: amountText(m), Currency: m.GetCurrencyCode(), Basis: basis}
}

func amountText(m *moneypb.Money) string {
	n, _ := money.Of(m)
	return n.String()
}

func basisOf(b zhaohuov1.PriceBasis) string {
	if b == zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED {
		return ""
	}
	return short(b.String(), "PRICE_BASIS_")
}

func sellerOf(s *zhaohuov1.Supplier, detail string) *seller {
	if s == nil {
		return nil
	}
	is := &seller{ID: s.GetId(), Name: s.GetName(), Location: s.GetLocation()}
	if detail == detailFull {
		is.Years = s.TrustPassYears
		if scores := s.GetScores(); scores != nil {
			is.Score = scores.Overall
		}
		kinds := make([]string, len(s.GetKinds()))
		for i, k := range s.GetKinds() {
			kinds[i] = short(k.String(), "SUPPLIER_KIND_")
		}
		is.Kinds = strings.Join(kinds, ", ")
	}
	if *is == (seller{}) {
		return nil
	}
	return is
}

// short is an enum's name without its prefix.
func short(name, prefix string) string { return strings.TrimPrefix(name, prefix) }

// line is a product in one line of text.
func (g *goods) line(in language, number int) string {
	parts := []string{g.ID}
	if title := cmp.Or(g.Translated, g.Title); title != "" {
		parts = append(parts, title)
	}
	switch {
	case g.Price != nil:
		parts = append(parts, g.Price.text(in))
	case g.PriceText != "":
		parts = append(parts, g.PriceText)
	}
	if g.MinimumOrder != nil {
		parts = append(parts, "MOQ "+strconv.FormatInt(*g.MinimumOrder, 10))
	}
	if g.Sold != nil {
		more := ""
		if g.SoldAtLeast {
			more = "+"
		}
		parts = append(parts, in.say(soldCount, *g.Sold, more))
	}
	if g.Supplier != nil && g.Supplier.Name != "" {
		parts = append(parts, g.Supplier.Name)
	}
	switch {
	case g.SamePhoto:
		parts = append(parts, in.say(samePhoto))
	case g.Likeness != nil:
		parts = append(parts, in.say(likenessOf, *g.Likeness))
	}
	return strconv.Itoa(number) + ". " + strings.Join(parts, " | ")
}

// text is a price in words.
func (a *amount) text(in language) string {
	text := a.Amount
	switch {
	case a.To != "":
		text = in.say(priceRange, text, a.To)
	case a.Basis == "LOWEST_OF_RANGE" || a.Basis == "FROM_TIERS":
		return in.say(priceFrom, text+" "+a.Currency)
	}
	return text + " " + a.Currency
}

// lines are goods, one a line, numbered from 1.
func lines(in language, all []*goods) []string {
	text := make([]string, len(all))
	for i, g := range all {
		text[i] = g.line(in, i+1)
	}
	return text
}
