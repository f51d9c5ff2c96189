// Package server implements the RPCs. Each is thin: it checks what the contract's rules cannot express, asks once, and
// answers.
//
// It knows no dialect, stores no answer and makes no status: faults go up to the chain (server/interceptor).
package server

import (
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// The defaults of the contract.
const (
	defaultPage     = 1
	defaultPageSize = 20
)

// The RPCs' names in the capability table.
const (
	keywordSearchRPC = "zhaohuo.v1.SearchService/KeywordSearch"
	imageSearchRPC   = "zhaohuo.v1.SearchService/ImageSearch"
)

// Search is SearchService.
type Search struct {
	zhaohuov1.UnimplementedSearchServiceServer
	searcher upstream.Searcher
	offered  *capability.Table
	limits   upstream.Limits
	photos   Photos
	batches  *batch.Runner
}

var _ zhaohuov1.SearchServiceServer = (*Search)(nil)

// NewSearch serves searches that searcher answers. Requests are refused for what is not offered, and beyond the first
// limits.Window goods of one search.
func NewSearch(searcher upstream.Searcher, offered *capability.Table, limits upstream.Limits, photos Photos) *Search {
	return &Search{
		searcher: searcher, offered: offered, limits: limits, photos: photos.withDefaults(),
		batches: batch.New(batch.Config{Searcher: searcher, Window: limits.Window, Since: upstream.WithAnswersSince}),
	}
}

// KeywordSearch implements [zhaohuov1.SearchServiceServer]. The searcher sees page and page size with the defaults filled in.
func (s *Search) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	q, err := s.keywordQuestion(q)
	if err != nil {
		return nil, err
	}
	return s.searcher.KeywordSearch(ctx, q)
}

// keywordQuestion checks a request and fills in its defaults.
func (s *Search) keywordQuestion(q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchRequest, error) {
	if err := s.offered.Check(keywordSearchRPC, q); err != nil {
		return nil, err
	}
	q = proto.CloneOf(q)
	q.Page, q.PageSize = orDefault(q.Page, defaultPage), orDefault(q.PageSize, defaultPageSize)
	if err := checkWindow("page", q.GetPage(), q.GetPageSize(), s.limits.Window); err != nil {
		return nil, err
	}
	if err := checkCriteria(q); err != nil {
		return nil, err
	}
	return q, nil
}

// orDefault is the given number, or else the default.
func orDefault(given *int32, byDefault int32) *int32 {
	if given == nil {
		return &byDefault
	}
	return given
}

// bounded is a search with pages and a price range.
type bounded interface {
	GetPage() int32
	GetPageSize() int32
	GetPriceMin() string
	GetPriceMax() string
}

// checkBounds refuses what no rule of a single field can find.
func (s *Search) checkBounds(q bounded) error {
	if err := checkWindow("page", q.GetPage(), q.GetPageSize(), s.limits.Window); err != nil {
		return err
	}
	return checkPrices(q.GetPriceMin(), q.GetPriceMax())
}

// criteria are those of a search by words, which rules of single fields cannot check together.
type criteria interface {
	GetPriceMin() string
	GetPriceMax() string
	GetCategoryId() string
	GetCategoryIds() []string
}

// checkCriteria refuses criteria that contradict each other.
func checkCriteria(q criteria) error {
	if q.GetCategoryId() != "" && len(q.GetCategoryIds()) > 0 {
		return fault.Invalid("category_ids", "ONEOF", "cannot be given together with category_id: put all categories into category_ids")
	}
	return checkPrices(q.GetPriceMin(), q.GetPriceMax())
}

// checkWindow refuses a page that begins beyond the window: the upstream would return nothing for it.
func checkWindow(field string, page, size, window int32) error {
	if first := int64(page-1) * int64(size); first >= int64(window) {
		return fault.Invalid(field, "WINDOW", "begins at item %d, but only the first %d items of a search can be paged to", first+1, window)
	}
	return nil
}

// checkPrices refuses an inverted range. The contract's rules have checked each bound before.
func checkPrices(low, high string) error {
	if low == "" || high == "" {
		return nil
	}
	from, ok := money.Parse(low)
	if !ok {
		return fault.Invalid("price_min", "DECIMAL", "must be a decimal in yuan")
	}
	to, ok := money.Parse(high)
	if !ok {
		return fault.Invalid("price_max", "DECIMAL", "must be a decimal in yuan")
	}
	if from > to {
		return fault.Invalid("price_min", "PRICE_RANGE", "must not be above price_max (%s)", to)
	}
	return nil
}
