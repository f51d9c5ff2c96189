package cli

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// writeProduct writes one product for people: facts, then prices, variants and properties.
func writeProduct(s *session, p *zhaohuov1.ProductDetail) error {
	facts := factsOf(p, s.words)
	for i := range facts {
		facts[i][1] = cmp.Or(plain(facts[i][1]), unknown)
	}
	if err := s.printFields(14, facts); err != nil {
		return err
	}
	for _, part := range []section{tierSection(p), skuSection(p), propertySection(p.GetAttributes())} {
		if len(part.rows) == 0 {
			continue
		}
		fmt.Fprintln(s.Stdout)
		if err := writeTable(s, part.columns, part.rows); err != nil {
			return err
		}
	}
	return nil
}

// section is a table of a product's sheet.
type section struct {
	columns []column
	rows    [][]string
}

// without leaves out columns that have no value in any row.
func (s section) without(titles ...string) section {
	kept := section{rows: make([][]string, len(s.rows))}
	for at, c := range s.columns {
		if slices.Contains(titles, c.title) && !slices.ContainsFunc(s.rows, func(row []string) bool { return row[at] != unknown }) {
			continue
		}
		kept.columns = append(kept.columns, c)
		for i, row := range s.rows {
			kept.rows[i] = append(kept.rows[i], row[at])
		}
	}
	return kept
}

func factsOf(p *zhaohuov1.ProductDetail, words phrases) [][2]string {
	summary := p.GetSummary()
	title := [][2]string{{"title", summary.GetTitle()}}
	if summary.TitleTranslated != nil {
		title = append(title, [2]string{"translated", summary.GetTitleTranslated()})
	}
	return slices.Concat([][2]string{{"product", summary.GetId()}}, title, [][2]string{
		{"status", statusText(p, words)},
		{"price", priceText(summary)},
		{"promotion", moneyText(summary.GetPromotionPrice())},
		{"dropshipping", moneyText(summary.GetDropshippingPrice())},
		{"minimum order", withUnit(summary.MinimumOrder, p.GetUnit())},
		{"multiples of", withUnit(p.BatchSize, p.GetUnit())},
		{"stock", withUnit(p.Stock, p.GetUnit())},
		{"sold", countText(summary.SoldCount, summary.GetSoldAtLeast())},
		{"weight", gramsText(p.WeightGrams)},
		{"size", sizeText(p.GetSize())},
		{"ships from", p.GetShipsFrom()},
		{"seller", summary.GetSupplier().GetName()},
		{"seller id", summary.GetSupplier().GetId()},
		{"category", strings.TrimSpace(p.GetCategoryName() + " " + strings.Join(summary.GetCategoryIds(), " > "))},
		{"badges", badgesText(summary.GetBadges(), ", ")},
	}, furtherFacts(p, words), [][2]string{
		{"page", summary.GetDetailUrl()},
		{"images", strings.Join(p.GetImageUrls(), " ")},
		{"video", p.GetVideoUrl()},
	})
}

// statusText is whether the product is on sale, or else the upstream's word.
func statusText(p *zhaohuov1.ProductDetail, words phrases) string {
	switch p.GetStatus() {
	case zhaohuov1.ProductStatus_PRODUCT_STATUS_ON_SALE:
		return words.say("on sale")
	case zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE:
		return words.say("off sale: %s", p.GetStatusText())
	default:
		return p.GetStatusText()
	}
}

// statusName is the status on the command line; empty if unknown.
func statusName(status zhaohuov1.ProductStatus) string {
	if status == zhaohuov1.ProductStatus_PRODUCT_STATUS_UNSPECIFIED {
		return ""
	}
	return plainName(status.String(), "PRODUCT_STATUS_")
}

func moneyText(m *moneypb.Money) string { return priceText(&zhaohuov1.Product{Price: m}) }

func withUnit(n *int64, unit string) string {
	if n == nil {
		return unknown
	}
	return strings.TrimSpace(countText(n, false) + " " + unit)
}

func gramsText(grams *int64) string { return withUnit(grams, "g") }

// sizeText is length by width by height.
func sizeText(s *zhaohuov1.ProductDimensions) string {
	if s == nil {
		return unknown
	}
	return countText(s.LengthMm, false) + " x " + countText(s.WidthMm, false) + " x " + countText(s.HeightMm, false) + " mm"
}

// The columns of prices in the currency asked for, which tables leave out when there are none.
const (
	foreignColumn          = "CONVERTED"
	foreignPromotionColumn = "CONVERTED PROMOTION"
)

func tierSection(p *zhaohuov1.ProductDetail) section {
	s := section{columns: []column{
		{title: "FROM", right: true},
		{title: "PRICE", right: true},
		{title: foreignColumn, right: true},
		{title: "PROMOTION", right: true},
		{title: foreignPromotionColumn, right: true},
	}}
	for _, tier := range p.GetPriceTiers() {
		s.rows = append(s.rows, []string{
			strconv.FormatInt(tier.GetMinQuantity(), 10), moneyText(tier.GetPrice()), moneyText(tier.GetForeignPrice()),
			moneyText(tier.GetPromotionPrice()), moneyText(tier.GetForeignPromotionPrice()),
		})
	}
	return s.without(foreignColumn, foreignPromotionColumn)
}

func skuSection(p *zhaohuov1.ProductDetail) section {
	s := section{columns: []column{
		{title: "VARIANT"},
		{title: "PROPERTIES", widest: 48},
		{title: "PRICE", right: true},
		{title: foreignColumn, right: true},
		{title: "PROMOTION", right: true},
		{title: foreignPromotionColumn, right: true},
		{title: "DROPSHIPPING", right: true},
		{title: "STOCK", right: true},
		{title: "WEIGHT", right: true},
		{title: "SIZE", right: true},
	}}
	for _, sku := range p.GetSkus() {
		s.rows = append(s.rows, []string{
			cmp.Or(sku.GetId(), unknown), cmp.Or(propertiesText(sku.GetAttributes(), ", "), unknown), moneyText(sku.GetPrice()), moneyText(sku.GetForeignPrice()),
			moneyText(sku.GetPromotionPrice()), moneyText(sku.GetForeignPromotionPrice()), moneyText(sku.GetDropshippingPrice()), countText(sku.Stock, false),
			gramsText(sku.WeightGrams), sizeText(sku.GetSize()),
		})
	}
	return s.without(foreignColumn, foreignPromotionColumn)
}

// propertySection has a line per property, with all its values.
func propertySection(all []*zhaohuov1.ProductAttribute) section {
	return section{[]column{{title: "PROPERTY", widest: 32}, {title: "VALUE", widest: 72}}, propertyRows(all)}
}

func propertyRows(all []*zhaohuov1.ProductAttribute) [][]string {
	var rows [][]string
	last := ""
	for _, a := range all {
		name, value := cmp.Or(a.GetNameTranslated(), a.GetName(), unknown), cmp.Or(a.GetValueTranslated(), a.GetValue(), unknown)
		if key := a.GetId() + "\n" + a.GetName(); key == last {
			rows[len(rows)-1][1] += ", " + value
		} else {
			rows, last = append(rows, []string{name, value}), key
		}
	}
	return rows
}

func propertiesText(all []*zhaohuov1.ProductAttribute, separator string) string {
	texts := make([]string, len(all))
	for i, a := range all {
		texts[i] = cmp.Or(a.GetNameTranslated(), a.GetName()) + ": " + cmp.Or(a.GetValueTranslated(), a.GetValue())
	}
	return strings.Join(texts, separator)
}

// productHeader is a list's header with the columns of details; the source stays last.
func productHeader() []string {
	last := len(csvHeader) - 1
	return slices.Concat(csvHeader[:last], []string{
		"status", "status_text", "unit", "batch_size", "stock", "weight_grams", "length_mm", "width_mm", "height_mm", "ships_from",
		"category_name", "price_tiers", "variants", "properties", "image_urls", "video_url",
	}, csvHeader[last:])
}

// writeProductsCSV writes a row per product, with a header.
func writeProductsCSV(w io.Writer, products []*zhaohuov1.ProductDetail, meta *zhaohuov1.AnswerMeta) error {
	out := csv.NewWriter(w)
	if err := out.Write(productHeader()); err != nil {
		return err
	}
	for _, p := range products {
		size := p.GetSize()
		if size == nil {
			size = &zhaohuov1.ProductDimensions{}
		}
		row := slices.Concat(csvRow(p.GetSummary()), []string{
			statusName(p.GetStatus()), p.GetStatusText(), p.GetUnit(), number(p.BatchSize),
			number(p.Stock), number(p.WeightGrams), number(size.LengthMm), number(size.WidthMm), number(size.HeightMm), p.GetShipsFrom(), p.GetCategoryName(), tiersText(p.GetPriceTiers()),
			strconv.Itoa(len(p.GetSkus())), propertiesText(p.GetAttributes(), ";"), strings.Join(p.GetImageUrls(), ";"), p.GetVideoUrl(), sourceName(meta),
		})
		for i := range row {
			row[i] = inert(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// tiersText is prices by quantity in one cell: "1:12.50;10:11". A negotiable tier has no price.
func tiersText(tiers []*zhaohuov1.PriceTier) string {
	texts := make([]string, len(tiers))
	for i, tier := range tiers {
		texts[i] = strconv.FormatInt(tier.GetMinQuantity(), 10) + ":"
		if a, ok := money.Of(tier.GetPrice()); ok {
			texts[i] += a.String()
		}
	}
	return strings.Join(texts, ";")
}
