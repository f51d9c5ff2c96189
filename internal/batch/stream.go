package batch

import (
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// repeatedPagesMax is how many pages in a row may have only products that were sent before, while the upstream says that there are
// more. The list of 1688 moves while it is paged through, so new products may come after them. An upstream that ignores the page
// number repeats itself for ever.
const repeatedPagesMax = 3

// streamPageSize is the contract's default page size of a stream.
const streamPageSize = 50

// Stream calls send with the pages of one search, each product once, and at last with the reason why there are no more. The
// first error of a page, of send or of ctx ends it and is returned.
func (r *Runner) Stream(ctx context.Context, q *zhaohuov1.StreamKeywordSearchRequest,
	send func(*zhaohuov1.StreamKeywordSearchResponse) error,
) error {
	w := &pageWalk{window: int64(r.c.Window), size: streamPageSize, most: -1, seen: map[string]bool{}, meta: &zhaohuov1.AnswerMeta{}}
	if q.PageSize != nil {
		w.size = q.GetPageSize()
	}
	if q.MaxResults != nil {
		w.most = int(q.GetMaxResults())
	}
	for page := int32(1); ; page++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		answer, err := r.search(ctx, w.question(q, page))
		if err != nil {
			return err
		}
		fresh, end := w.take(answer, page)
		if len(fresh) > 0 {
			message := &zhaohuov1.StreamKeywordSearchResponse{Products: fresh, Page: page, Total: answer.Total, Meta: answer.GetMeta()}
			if err := send(message); err != nil {
				return err
			}
		}
		if end != zhaohuov1.StreamEndReason_STREAM_END_REASON_UNSPECIFIED {
			return send(&zhaohuov1.StreamKeywordSearchResponse{Page: page, Total: w.total, EndReason: end, Meta: w.meta})
		}
	}
}

// pageWalk is the progress of one stream.
type pageWalk struct {
	window int64
	size   int32
	// most is the largest number of products to send; negative for all.
	most int
	// seen are the ids of all products that were sent.
	seen map[string]bool
	// rows counts the upstream's rows, repeats included. More rows than products show that pages overlap.
	rows int64
	// repeated counts the pages since the last new product.
	repeated int
	total    *int64
	meta     *zhaohuov1.AnswerMeta
}

func (w *pageWalk) question(q *zhaohuov1.StreamKeywordSearchRequest, page int32) *zhaohuov1.KeywordSearchRequest {
	asked := &zhaohuov1.KeywordSearchRequest{}
	fields.Copy(asked, q)
	asked.Page, asked.PageSize = proto.Int32(page), proto.Int32(w.size)
	return asked
}

// take returns the products of a page to send, and the end reason if the page is the last.
func (w *pageWalk) take(a *zhaohuov1.KeywordSearchResponse, page int32) ([]*zhaohuov1.Product, zhaohuov1.StreamEndReason) {
	w.count(a)
	var fresh []*zhaohuov1.Product
	for _, product := range a.GetProducts() {
		if w.seen[product.GetId()] {
			continue
		}
		if len(w.seen) == w.most {
			return fresh, zhaohuov1.StreamEndReason_STREAM_END_REASON_MAX_RESULTS
		}
		w.seen[product.GetId()] = true
		fresh = append(fresh, product)
	}
	return fresh, w.end(a, page, len(fresh))
}

// end is the reason why this page is the last. The most informative reason comes first.
func (w *pageWalk) end(a *zhaohuov1.KeywordSearchResponse, page int32, fresh int) zhaohuov1.StreamEndReason {
	sent := int64(len(w.seen))
	w.repeated++
	if fresh > 0 {
		w.repeated = 0
	}
	// complete is whether all goods of the total were sent, and missing whether some were not. Without a total, neither is known.
	complete, missing := a.Total != nil && sent >= a.GetTotal(), a.Total != nil && sent < a.GetTotal()
	switch {
	case len(a.GetProducts()) == 0:
		return zhaohuov1.StreamEndReason_STREAM_END_REASON_EMPTY_PAGE
	case a.GetPage() != page:
		return zhaohuov1.StreamEndReason_STREAM_END_REASON_REPEATED_PAGE
	case complete && !a.GetTruncated():
		return zhaohuov1.StreamEndReason_STREAM_END_REASON_TOTAL
	case fresh == 0 && (!missing || w.repeated == repeatedPagesMax):
		return zhaohuov1.StreamEndReason_STREAM_END_REASON_REPEATED_PAGE
	case w.full(a, page):
		return zhaohuov1.StreamEndReason_STREAM_END_REASON_WINDOW
	case a.GetNextPage() == 0 && !(missing && sent < w.rows && sent != int64(w.most)):
		return zhaohuov1.StreamEndReason_STREAM_END_REASON_LAST_PAGE
	case a.GetNextPage() != 0 && sent == int64(w.most):
		return zhaohuov1.StreamEndReason_STREAM_END_REASON_MAX_RESULTS
	}
	// If pages overlap, the upstream counts repeats as the products that are still to come. They may be on further pages.
	return zhaohuov1.StreamEndReason_STREAM_END_REASON_UNSPECIFIED
}

// full reports that the window ends with this page, by the requested or by the served page size, whichever comes first. A page that
// is not full is the end of the list, not of the window.
func (w *pageWalk) full(a *zhaohuov1.KeywordSearchResponse, page int32) bool {
	rows, served := int64(len(a.GetProducts())), int64(a.GetEffectivePageSize())
	return int64(page)*served >= w.window || a.GetNextPage() == 0 && rows >= served && int64(page)*int64(w.size) >= w.window
}

// count merges a page's meta: the oldest fetch time, the sum of calls, made-up if one is, the least fresh.
func (w *pageWalk) count(a *zhaohuov1.KeywordSearchResponse) {
	w.rows += int64(len(a.GetProducts()))
	if a.Total != nil {
		w.total = a.Total
	}
	meta := a.GetMeta()
	w.meta.UpstreamCalls += meta.GetUpstreamCalls()
	w.meta.Source = max(w.meta.GetSource(), meta.GetSource())
	w.meta.ServedFrom = max(w.meta.GetServedFrom(), meta.GetServedFrom())
	if at := meta.GetFetchTime(); at != nil && (w.meta.FetchTime == nil || at.AsTime().Before(w.meta.GetFetchTime().AsTime())) {
		w.meta.FetchTime = at
	}
}
