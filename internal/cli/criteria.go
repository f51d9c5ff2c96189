package cli

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// narrowing are the criteria for products, and the language of the answer.
type narrowing struct {
	MinPrice string   `name:"min-price" placeholder:"YUAN" help:"Lowest price, such as 10 or 99.90."`
	MaxPrice string   `name:"max-price" placeholder:"YUAN" help:"Highest price."`
	Sort     string   `name:"sort" default:"relevance" enum:"relevance,price,price-desc,sales,repurchase" help:"Order: relevance, price (cheapest first), price-desc, sales or repurchase."`
	Category string   `name:"category" placeholder:"ID" help:"Only goods of this category."`
	Filter   []string `name:"filter" placeholder:"NAME,…" help:"Properties the goods must all have, such as ships-in-24h or certified-factory. A wrong name lists all."`
	PageSize *int32   `name:"page-size" placeholder:"N" help:"Products per page, at most 50 (default 20)."`
	Language string   `name:"language" aliases:"lang" placeholder:"CODE" help:"Language of the titles: ${languages}."`
}

// criteria are the flags beside the words or the image, and the output format.
type criteria struct {
	narrowing `embed:""`

	Page   *int32 `name:"page" placeholder:"N" help:"Page, from 1."`
	Output string `name:"output" short:"o" default:"table" enum:"table,json,csv" help:"Form of the answer: table, json or csv."`
	Raw    bool   `name:"raw" help:"Add the upstream's own JSON of each product. Needs -o json."`
}

var sorts = map[string]zhaohuov1.SortOrder{
	"relevance":  zhaohuov1.SortOrder_SORT_ORDER_UNSPECIFIED,
	"price":      zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC,
	"price-desc": zhaohuov1.SortOrder_SORT_ORDER_PRICE_DESC,
	"sales":      zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC,
	"repurchase": zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC,
}

// filters checks what the parser cannot, and returns the filters.
func (c criteria) filters() ([]zhaohuov1.ProductFilter, error) {
	if c.Raw && c.Output != "json" {
		return nil, usage("--raw needs -o json")
	}
	return filtersOf(c.Filter)
}

const filterPrefix = "PRODUCT_FILTER_"

// filtersOf parses filters by their plain names, which are the contract's in lower case.
func filtersOf(names []string) ([]zhaohuov1.ProductFilter, error) {
	byName := map[string]zhaohuov1.ProductFilter{}
	var all []string
	for value, name := range zhaohuov1.ProductFilter_name {
		if value != 0 {
			byName[plainName(name, filterPrefix)] = zhaohuov1.ProductFilter(value)
			all = append(all, plainName(name, filterPrefix))
		}
	}
	slices.SortFunc(all, func(a, b string) int { return int(byName[a]) - int(byName[b]) })
	filters := make([]zhaohuov1.ProductFilter, len(names))
	for i, name := range names {
		filter, ok := byName[strings.ToLower(strings.TrimSpace(name))]
		if !ok {
			return nil, usage("--filter: %q is not a filter: the filters are %s", name, strings.Join(all, ", "))
		}
		filters[i] = filter
	}
	return filters, nil
}

// listing is what all answers with a page of products have in common.
type listing interface {
	proto.Message
	GetProducts() []*zhaohuov1.Product
	GetPage() int32
	GetNextPage() int32
	GetTruncated() bool
	GetMeta() *zhaohuov1.AnswerMeta
}

// pageOf is an answer as a page for tables and CSV.
func pageOf(answer listing, total *int64) page {
	return page{
		products: answer.GetProducts(), total: total, number: answer.GetPage(), next: answer.GetNextPage(),
		cut: answer.GetTruncated(), meta: answer.GetMeta(),
	}
}

// writeListing writes a page of products in the requested format, and warns of made-up ones.
func (s *session) writeListing(form string, answer listing, total *int64) error {
	s.warnOfSandbox(answer.GetMeta())
	if form == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return s.writePage(form, pageOf(answer, total))
}

// writePage writes products as a table or as CSV.
func (s *session) writePage(form string, p page) error {
	if form == "csv" {
		return p.writeCSV(s.Stdout)
	}
	return p.writeTable(s)
}
