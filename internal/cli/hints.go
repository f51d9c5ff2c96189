package cli

import (
	"cmp"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// facetsCommand lists the facets of a search.
type facetsCommand struct {
	Words    []string `arg:"" name:"words" help:"The search words."`
	Language string   `name:"language" aliases:"lang" placeholder:"CODE" help:"Language of the names: ${languages}."`
	Output   string   `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *facetsCommand) Run(s *session) error {
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.ListSearchFacets), &zhaohuov1.ListSearchFacetsRequest{
		Keyword: strings.Join(c.Words, " "), LanguageCode: c.Language,
	})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	var rows [][]string
	for _, facet := range answer.GetFacets() {
		rows = append(rows, []string{facet.GetId(), cmp.Or(facet.GetName(), unknown), facet.GetNameTranslated()})
		for _, value := range facet.GetValues() {
			rows = append(rows, []string{value.GetId(), gap + cmp.Or(value.GetName(), unknown), gap + value.GetNameTranslated()})
		}
	}
	return s.writeHints([]column{{title: "FACET"}, {title: "NAME", widest: 40}, {title: "TRANSLATED", widest: 40}}, rows, "facet", len(answer.GetFacets()), answer.GetMeta())
}

// topKeywordsCommand lists the keywords that buyers search for most.
type topKeywordsCommand struct {
	Category string `arg:"" name:"category" help:"Id of the category."`
	Language string `name:"language" aliases:"lang" placeholder:"CODE" help:"Language of the translations: ${languages}."`
	Output   string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *topKeywordsCommand) Run(s *session) error {
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.ListTopKeywords), &zhaohuov1.ListTopKeywordsRequest{CategoryId: c.Category, LanguageCode: c.Language})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	var rows [][]string
	for _, k := range answer.GetKeywords() {
		rows = append(rows, []string{k.GetKeyword(), k.GetKeywordTranslated()})
	}
	return s.writeHints([]column{{title: "KEYWORD"}, {title: "TRANSLATED"}}, rows, "keyword", len(rows), answer.GetMeta())
}

// writeHints writes a table with a footer.
func (s *session) writeHints(columns []column, rows [][]string, what string, n int, meta *zhaohuov1.AnswerMeta) error {
	if len(rows) > 0 {
		if err := writeTable(s, columns, rows); err != nil {
			return err
		}
	}
	return s.printEnd("%s; source %s\n", counted(s.words, n, what, what+"s"), sourceName(meta))
}

// relatedCommand lists products related to one product.
type relatedCommand struct {
	ID       string `arg:"" name:"id" help:"Id of the product, or a link to its page on 1688."`
	Page     *int32 `name:"page" placeholder:"N" help:"Page, from 1."`
	PageSize *int32 `name:"page-size" placeholder:"N" help:"Products per page, at most 10 (default 10)."`
	Language string `name:"language" aliases:"lang" placeholder:"CODE" help:"Language of the titles: ${languages}."`
	Output   string `name:"output" short:"o" default:"table" enum:"table,json,csv" help:"Form of the answer: table, json or csv."`
	Raw      bool   `name:"raw" help:"Add the upstream's own JSON of each product. Needs -o json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *relatedCommand) Run(s *session) error {
	if c.Raw && c.Output != "json" {
		return usage("--raw needs -o json")
	}
	id, err := productID(c.ID)
	if err != nil {
		return err
	}
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.ListRelatedProducts), &zhaohuov1.ListRelatedProductsRequest{
		Id: id, Page: c.Page, PageSize: c.PageSize, LanguageCode: c.Language, IncludeRaw: c.Raw,
	})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return s.writePage(c.Output, page{
		products: answer.GetProducts(), number: answer.GetPage(), next: answer.GetNextPage(), meta: answer.GetMeta(),
	})
}
