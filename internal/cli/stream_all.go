package cli

import (
	"context"
	"encoding/csv"
	"errors"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// streamAll requests all pages. CSV is written as it arrives. A table and JSON need all pages; if one fails, they show
// the pages before it.
func (c *searchCommand) streamAll(s *session) error {
	if c.Page != nil {
		return usage("--page and --all do not go together")
	}
	asked, err := c.question()
	if err != nil {
		return err
	}
	q := &zhaohuov1.StreamKeywordSearchRequest{MaxResults: c.Max}
	fields.Copy(q, asked)
	conn, err := c.Target.open(s)
	if err != nil {
		return err
	}
	all := &zhaohuov1.StreamKeywordSearchResponse{}
	rows := csv.NewWriter(s.Stdout)
	if c.Output == "csv" {
		_ = rows.Write(csvHeader) // Buffered; writing the rows returns the error.
	}
	warned := false
	err = receive(s, conn, c.Target.Timeout, streamKeywordSearch, q, func(m *zhaohuov1.StreamKeywordSearchResponse) error {
		if !warned {
			s.warnOfSandbox(m.GetMeta())
			warned = true
		}
		products := append(all.GetProducts(), m.GetProducts()...)
		all = m
		if c.Output == "csv" {
			return page{products: m.GetProducts(), meta: m.GetMeta()}.writeRows(rows)
		}
		all.Products = products
		return nil
	})
	err = errors.Join(err, conn.close())
	if err != nil && len(all.GetProducts()) == 0 {
		return err
	}
	return errors.Join(c.writeAll(s, all, err == nil), err)
}

func (c *searchCommand) writeAll(s *session, all *zhaohuov1.StreamKeywordSearchResponse, ended bool) error {
	why := endWords(all)
	if !ended {
		why = "incomplete"
	}
	switch c.Output {
	case "json":
		return writeJSON(s.Stdout, all)
	case "csv":
		s.note("%s", s.words.say(why))
		return nil
	}
	p := page{products: all.GetProducts(), total: all.Total, meta: all.GetMeta()}
	if err := p.writeGoods(s); err != nil {
		return err
	}
	return s.printEnd("%s: %s; source %s\n", counted(s.words, len(all.GetProducts()), "product", "goods"), s.words.say(why), sourceName(all.GetMeta()))
}

// endWords say why there are no more products.
func endWords(m *zhaohuov1.StreamKeywordSearchResponse) string {
	switch m.GetEndReason() {
	case zhaohuov1.StreamEndReason_STREAM_END_REASON_TOTAL, zhaohuov1.StreamEndReason_STREAM_END_REASON_LAST_PAGE, zhaohuov1.StreamEndReason_STREAM_END_REASON_EMPTY_PAGE:
		return "these are all"
	case zhaohuov1.StreamEndReason_STREAM_END_REASON_MAX_RESULTS:
		return "there are more: --max cut them off"
	case zhaohuov1.StreamEndReason_STREAM_END_REASON_WINDOW:
		return "there may be more than can be paged to"
	case zhaohuov1.StreamEndReason_STREAM_END_REASON_REPEATED_PAGE:
		return "the upstream began to repeat itself"
	}
	return "there may be more"
}

func streamKeywordSearch(ctx context.Context, conn grpc.ClientConnInterface, q *zhaohuov1.StreamKeywordSearchRequest, o ...grpc.CallOption) (grpc.ServerStreamingClient[zhaohuov1.StreamKeywordSearchResponse], error) {
	return zhaohuov1.NewSearchServiceClient(conn).StreamKeywordSearch(ctx, q, o...)
}
