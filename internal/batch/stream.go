package batch

import (
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// wholePageSize is the contract's page size of whole results.
const wholePageSize = 50

// Whole sends the pages of one search to send, no product twice, and last why there are no more. A page that fails is the
// error of the whole, after what was sent; so are send's error and ctx's.
func (r *Room) Whole(ctx context.Context, q *zhaohuov1.StreamKeywordSearchRequest,
	send func(*zhaohuov1.StreamKeywordSearchResponse) error,
) error {
	w := &whole{window: int64(r.c.Window), size: wholePageSize, most: -1, seen: map[string]bool{}, meta: &zhaohuov1.AnswerMeta{}}
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
		if end != zhaohuov1.EndReason_END_REASON_UNSPECIFIED {
			return send(&zhaohuov1.StreamKeywordSearchResponse{Page: page, Total: w.total, EndReason: end, Meta: w.meta})
		}
	}
}

// whole is how far one search is.
type whole struct {
	window int64
	size   int32
	// most is how many goods are wanted; negative for all.
	most int
	// seen are the ids of all goods that were sent.
	seen map[string]bool
	// rows counts what the upstream sent, repeats included. Where there is no next page, it is what the total is held
	// against; where there is one, repeats must not make up for goods still to come.
	rows  int64
	total *int64
	meta  *zhaohuov1.AnswerMeta
}

func (w *whole) question(q *zhaohuov1.StreamKeywordSearchRequest, page int32) *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{
		Keyword: q.GetKeyword(), Page: proto.Int32(page), PageSize: proto.Int32(w.size),
		PriceMin: q.GetPriceMin(), PriceMax: q.GetPriceMax(), CategoryId: q.GetCategoryId(), Sort: q.GetSort(),
		Filters: q.GetFilters(), Language: q.GetLanguage(), IncludeRaw: q.GetIncludeRaw(), FacetId: q.GetFacetId(),
		MaxStaleness: q.GetMaxStaleness(),
	}
}

// take gives the goods of a page that are to be sent, and why it is the last, if it is.
func (w *whole) take(a *zhaohuov1.KeywordSearchResponse, page int32) ([]*zhaohuov1.Product, zhaohuov1.EndReason) {
	w.count(a)
	var fresh []*zhaohuov1.Product
	for _, product := range a.GetProducts() {
		if w.seen[product.GetId()] {
			continue
		}
		if len(w.seen) == w.most {
			return fresh, zhaohuov1.EndReason_END_REASON_MAX_RESULTS
		}
		w.seen[product.GetId()] = true
		fresh = append(fresh, product)
	}
	return fresh, w.end(a, page, len(fresh))
}

// end is why this page is the last; what says most of the goods that are left comes first.
func (w *whole) end(a *zhaohuov1.KeywordSearchResponse, page int32, fresh int) zhaohuov1.EndReason {
	rows, served := int64(len(a.GetProducts())), int64(a.GetEffectivePageSize())
	// The window ends by what was asked for or by what is served, whichever comes first; a page that is not full is the
	// list's end and not the window's.
	window := int64(page)*served >= w.window || a.GetNextPage() == 0 && rows >= served && int64(page)*int64(w.size) >= w.window
	switch {
	case rows == 0:
		return zhaohuov1.EndReason_END_REASON_EMPTY_PAGE
	case fresh == 0, a.GetPage() != page:
		return zhaohuov1.EndReason_END_REASON_REPEATED_PAGE
	case a.Total != nil && !a.GetTruncated() && (int64(len(w.seen)) >= a.GetTotal() || a.GetNextPage() == 0 && w.rows >= a.GetTotal()):
		return zhaohuov1.EndReason_END_REASON_TOTAL
	case window:
		return zhaohuov1.EndReason_END_REASON_WINDOW
	case a.GetNextPage() == 0:
		return zhaohuov1.EndReason_END_REASON_LAST_PAGE
	case len(w.seen) == w.most:
		return zhaohuov1.EndReason_END_REASON_MAX_RESULTS
	}
	return zhaohuov1.EndReason_END_REASON_UNSPECIFIED
}

// count adds a page to what is told of all: the oldest time, the sum of calls, the least fresh of the sources.
func (w *whole) count(a *zhaohuov1.KeywordSearchResponse) {
	w.rows += int64(len(a.GetProducts()))
	if a.Total != nil {
		w.total = a.Total
	}
	meta := a.GetMeta()
	w.meta.UpstreamCalls += meta.GetUpstreamCalls()
	w.meta.Source = max(w.meta.GetSource(), meta.GetSource())
	if at := meta.GetFetchedAt(); at != nil && (w.meta.FetchedAt == nil || at.AsTime().Before(w.meta.GetFetchedAt().AsTime())) {
		w.meta.FetchedAt = at
	}
}
