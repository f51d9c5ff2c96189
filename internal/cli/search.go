package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// searchCommand searches products by keyword.
type searchCommand struct {
	Words []string `arg:"" name:"words" help:"What to search for. Chinese finds most."`
	Facet []string `name:"facet" placeholder:"ID,…" help:"Only goods with these properties: ids of zhaohuo facets."`

	All bool   `name:"all" help:"All pages, each product once."`
	Max *int32 `name:"max" placeholder:"N" help:"At most this many products, 1 to 2000. Needs --all."`

	wordCriteria `embed:""`
	criteria     `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *searchCommand) Run(s *session) error {
	if c.All {
		return c.streamAll(s)
	}
	if c.Max != nil {
		return usage("--max needs --all")
	}
	q, err := c.question()
	if err != nil {
		return err
	}
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewSearchServiceClient, zhaohuov1.SearchServiceClient.KeywordSearch), q)
	if err != nil {
		return err
	}
	return s.writeListing(c.Output, answer, answer.Total)
}

func (c *searchCommand) question() (*zhaohuov1.KeywordSearchRequest, error) {
	filters, err := c.filters()
	if err != nil {
		return nil, err
	}
	q := &zhaohuov1.KeywordSearchRequest{
		Keyword: strings.Join(c.Words, " "), Page: c.Page, PageSize: c.PageSize,
		PriceMin: c.MinPrice, PriceMax: c.MaxPrice, CategoryId: c.Category,
		Sort: sorts[c.Sort], Filters: filters, LanguageCode: c.Language, IncludeRaw: c.Raw, FacetIds: c.Facet,
	}
	return q, c.put(q)
}

// warnOfSandbox warns of made-up products beside every answer, also if the answer goes to a file.
func (s *session) warnOfSandbox(meta *zhaohuov1.AnswerMeta) {
	if meta.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
		s.note("SANDBOX: these goods are made up; they are not on 1688")
	}
}

// writeJSON writes a message like REST, indented. encoding/json indents, because protojson's spacing varies between
// builds.
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
