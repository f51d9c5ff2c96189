package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// searchCommand searches goods by words.
type searchCommand struct {
	Words    []string `arg:"" name:"words" help:"What to search for. Chinese finds most."`
	MinPrice string   `name:"min-price" placeholder:"YUAN" help:"Lowest price, such as 10 or 99.90."`
	MaxPrice string   `name:"max-price" placeholder:"YUAN" help:"Highest price."`
	Sort     string   `name:"sort" default:"relevance" enum:"relevance,price,price-desc,sales,repurchase" help:"Order: relevance, price (cheapest first), price-desc, sales or repurchase."`
	Category string   `name:"category" placeholder:"ID" help:"Only goods of this category."`
	Filter   []string `name:"filter" placeholder:"NAME,…" help:"Properties the goods must all have, such as ships-in-24h or certified-factory. A wrong name lists all."`
	Page     *int32   `name:"page" placeholder:"N" help:"Page, from 1."`
	PageSize *int32   `name:"page-size" placeholder:"N" help:"Goods a page, 1 to 50 (20 unless set)."`
	Language string   `name:"language" placeholder:"CODE" help:"Language of the titles: ${languages}."`
	Output   string   `name:"output" short:"o" default:"table" enum:"table,json,csv" help:"Form of the answer: table, json or csv."`
	Raw      bool     `name:"raw" help:"Add the upstream's own JSON of each product. Needs -o json."`

	Target target `embed:"" group:"Server"`
}

var sorts = map[string]zhaohuov1.Sort{
	"relevance":  zhaohuov1.Sort_SORT_UNSPECIFIED,
	"price":      zhaohuov1.Sort_SORT_PRICE_ASC,
	"price-desc": zhaohuov1.Sort_SORT_PRICE_DESC,
	"sales":      zhaohuov1.Sort_SORT_SALES_DESC,
	"repurchase": zhaohuov1.Sort_SORT_REPURCHASE_DESC,
}

// Run asks and writes the answer.
func (c *searchCommand) Run(s *session) error {
	q, err := c.question()
	if err != nil {
		return err
	}
	answer, err := ask(s, c.Target, keywordSearch, q)
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	p := page{
		products: answer.GetProducts(), total: answer.Total, number: answer.GetPage(), next: answer.GetNextPage(),
		cut: answer.GetTruncated(), meta: answer.GetMeta(),
	}
	if c.Output == "csv" {
		return p.writeCSV(s.Stdout)
	}
	return p.writeTable(s.Stdout)
}

func keywordSearch(ctx context.Context, conn grpc.ClientConnInterface, q *zhaohuov1.KeywordSearchRequest, o ...grpc.CallOption) (*zhaohuov1.KeywordSearchResponse, error) {
	return zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(ctx, q, o...)
}

func (c *searchCommand) question() (*zhaohuov1.KeywordSearchRequest, error) {
	if c.Raw && c.Output != "json" {
		return nil, usage("--raw needs -o json")
	}
	filters, err := filtersOf(c.Filter)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.KeywordSearchRequest{
		Keyword: strings.Join(c.Words, " "), Page: c.Page, PageSize: c.PageSize,
		PriceMin: c.MinPrice, PriceMax: c.MaxPrice, CategoryId: c.Category,
		Sort: sorts[c.Sort], Filters: filters, Language: c.Language, IncludeRaw: c.Raw,
	}, nil
}

const filterPrefix = "FILTER_"

// filtersOf reads filters by their plain names, which are the contract's in small letters.
func filtersOf(names []string) ([]zhaohuov1.Filter, error) {
	byName := map[string]zhaohuov1.Filter{}
	var all []string
	for value, name := range zhaohuov1.Filter_name {
		if value != 0 {
			byName[plainName(name, filterPrefix)] = zhaohuov1.Filter(value)
			all = append(all, plainName(name, filterPrefix))
		}
	}
	slices.SortFunc(all, func(a, b string) int { return int(byName[a]) - int(byName[b]) })
	filters := make([]zhaohuov1.Filter, len(names))
	for i, name := range names {
		filter, ok := byName[strings.ToLower(strings.TrimSpace(name))]
		if !ok {
			return nil, usage("--filter: %q is no filter: the filters are %s", name, strings.Join(all, ", "))
		}
		filters[i] = filter
	}
	return filters, nil
}

// warnOfSandbox says beside every made-up answer that it is one, also where the answer goes into a file.
func (s *session) warnOfSandbox(meta *zhaohuov1.AnswerMeta) {
	if meta.GetSource() == zhaohuov1.Source_SOURCE_SANDBOX {
		s.note("SANDBOX: these goods are made up; they are not on 1688")
	}
}

// writeJSON writes a message as REST would, indented. The indenting is encoding/json's, because protojson's own
// spacing changes from build to build.
func writeJSON(w io.Writer, m proto.Message) error {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err = b.WriteTo(w)
	return err
}
