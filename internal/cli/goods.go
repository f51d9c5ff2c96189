package cli

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// page is one page of any search.
type page struct {
	products []*zhaohuov1.Product
	total    *int64
	number   int32
	next     int32
	cut      bool
	// textIDs puts a tab before each id in CSV, so that Excel shows all digits.
	textIDs bool
	meta    *zhaohuov1.AnswerMeta
	// likeness is the likeness of each product; nil if the page has none.
	likeness []*zhaohuov1.MeasuredLikeness
}

// writeTable writes the page as a table.
func (p page) writeTable(s *session) error {
	if err := p.writeGoods(s); err != nil {
		return err
	}
	return s.printEnd("%s\n", p.footer(s.words))
}

// writeGoods writes the table without footer; nothing if there are no products.
func (p page) writeGoods(s *session) error {
	if len(p.products) == 0 {
		return nil
	}
	columns := []column{
		{title: "ID"},
		{title: "TITLE", widest: 48, grows: true},
		{title: "PRICE", right: true},
		{title: "MOQ", right: true},
		{title: "SOLD", right: true},
		{title: "REPURCHASE", right: true},
		{title: "SUPPLIER", widest: 28},
		{title: "BADGES", widest: 32},
	}
	rows := make([][]string, len(p.products))
	for i, product := range p.products {
		rows[i] = tableRow(product)
		if p.likeness != nil {
			rows[i] = append(rows[i], s.likenessText(p.likeness[i]))
		}
	}
	if p.likeness != nil {
		columns = append(columns, column{title: "LIKENESS", right: true})
	}
	return writeTable(s, columns, rows)
}

func (p page) footer(words phrases) string {
	line := words.say("page %d: %s", p.number, counted(words, len(p.products), "product", "goods"))
	switch {
	case p.total != nil && p.cut:
		line += words.say(" of at least %d, more than can be paged to", *p.total)
	case p.total != nil:
		line += words.say(" of %d", *p.total)
	}
	if p.next > 0 {
		line += words.say("; more with --page %d", p.next)
	}
	line += words.say("; source %s", sourceName(p.meta))
	if p.meta.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
		line += words.say(": these goods are made up")
	}
	return line
}

// provenance is a meta with the origin of products.
type provenance interface {
	GetSource() zhaohuov1.AnswerSource
	GetServedFrom() zhaohuov1.ServedFrom
}

// sourceName is the origin of products in one word: SANDBOX for made-up products, and LIVE, CACHE or STALE for real
// ones.
func sourceName(meta provenance) string {
	from := meta.GetServedFrom()
	if meta.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE && from > zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM {
		return strings.TrimPrefix(from.String(), "SERVED_FROM_")
	}
	return strings.TrimPrefix(meta.GetSource().String(), "ANSWER_SOURCE_")
}

func tableRow(p *zhaohuov1.Product) []string {
	return []string{
		p.GetId(), cmp.Or(p.GetTitleTranslated(), p.GetTitle(), unknown), priceText(p), countText(p.MinimumOrder, false),
		countText(p.SoldCount, p.GetSoldAtLeast()), shareText(p.RepurchaseRate), cmp.Or(p.GetSupplier().GetName(), unknown),
		cmp.Or(badgesText(p.GetBadges(), ", "), unknown),
	}
}

// priceText is the price for a person: "¥12.50", "¥1.50-3.20", the upstream's text, or unknown.
func priceText(p *zhaohuov1.Product) string {
	low, ok := money.Of(p.GetPrice())
	if !ok {
		return cmp.Or(p.GetPriceText(), unknown)
	}
	sign := "¥"
	if currency := p.GetPrice().GetCurrencyCode(); currency != money.CNY {
		sign = currency + " "
	}
	text := sign + low.String()
	if high, ok := money.Of(p.GetPriceMax()); ok {
		text += "-" + high.String()
	}
	return text
}

func countText(n *int64, atLeast bool) string {
	if n == nil {
		return unknown
	}
	text := strconv.FormatInt(*n, 10)
	if atLeast {
		text += "+"
	}
	return text
}

func shareText(share *float64) string {
	if share == nil {
		return unknown
	}
	return strconv.FormatFloat(*share*100, 'f', 1, 64) + "%"
}

func badgesText(badges []zhaohuov1.ProductBadge, separator string) string {
	names := make([]string, len(badges))
	for i, badge := range badges {
		names[i] = plainName(badge.String(), "PRODUCT_BADGE_")
	}
	return strings.Join(names, separator)
}

// plainName is an enum value on the command line: PRODUCT_FILTER_SHIPS_IN_24H is ships-in-24h.
func plainName(value, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(value, prefix)), "_", "-")
}

var csvHeader = []string{
	"id", "title", "title_translated", "currency", "price", "price_max", "price_text", "promotion_price", "dropshipping_price",
	"minimum_order", "sold_count", "sold_at_least", "sold_days", "repurchase_rate", "supplier_id", "supplier_name", "supplier_location",
	"supplier_kinds", "badges", "similarity", "category_ids", "image_url", "detail_url", "source",
}

// idColumns are the columns with identifiers made of digits.
var idColumns = []string{"id", "supplier_id", "category_ids"}

// writeCSV writes the page as CSV with a header. Unknown values are empty cells. Every row has the source, so that
// made-up products stay marked wherever the rows are copied.
func (p page) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	return p.writeRows(out)
}

// writeRows writes the products, each after the leading cells.
func (p page) writeRows(out *csv.Writer, leading ...string) error {
	for _, product := range p.products {
		row := append(slices.Clone(leading), csvRow(product)...)
		row = append(row, sourceName(p.meta))
		for i := range row {
			row[i] = inert(row[i])
			if column := i - len(leading); p.textIDs && column >= 0 && row[i] != "" && slices.Contains(idColumns, csvHeader[column]) {
				row[i] = "\t" + row[i]
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvRow(p *zhaohuov1.Product) []string {
	s := p.GetSupplier()
	return []string{
		p.GetId(), p.GetTitle(), p.GetTitleTranslated(), p.GetPrice().GetCurrencyCode(), amount(p.GetPrice()), amount(p.GetPriceMax()),
		p.GetPriceText(), amount(p.GetPromotionPrice()), amount(p.GetDropshippingPrice()),
		number(p.MinimumOrder), number(p.SoldCount), strconv.FormatBool(p.GetSoldAtLeast()), number(p.SoldDays),
		decimal(p.RepurchaseRate), s.GetId(), s.GetName(), s.GetLocation(), kindsText(s), badgesText(p.GetBadges(), ";"),
		decimal(p.Similarity), strings.Join(p.GetCategoryIds(), ";"), p.GetImageUrl(), p.GetDetailUrl(),
	}
}

func kindsText(s *zhaohuov1.Supplier) string {
	names := make([]string, len(s.GetKinds()))
	for i, kind := range s.GetKinds() {
		names[i] = plainName(kind.String(), "SUPPLIER_KIND_")
	}
	return strings.Join(names, ";")
}

func amount(m *moneypb.Money) string {
	if a, ok := money.Of(m); ok {
		return a.String()
	}
	return ""
}

func number[N int32 | int64](n *N) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(int64(*n), 10)
}

func decimal(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// inert prevents a spreadsheet from treating a supplier's text as a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}
