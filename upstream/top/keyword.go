package top

import (
	"strconv"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// The contract's defaults, for requests that leave the fields unset.
const (
	defaultPage     = 1
	defaultPageSize = 20
)

// sortWords are the orders of the protocol. The default order is left out of the request.
var sortWords = map[zhaohuov1.SortOrder]string{
	zhaohuov1.SortOrder_SORT_ORDER_UNSPECIFIED: "",
	zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE:   "",
	zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC:   "price_asc",
	zhaohuov1.SortOrder_SORT_ORDER_PRICE_DESC:  "price_desc",
	zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC:  "sale",
}

// keywordPlaces are where the products of a keyword search may be (docs/PROTOCOL.md §3.3). data is AOP's name,
// goods_summary the wholesale search's.
var keywordPlaces = []place{
	{"result.result", readRow},
	{"result.result.data", readRow},
	{"result.data", readRow},
	{"productSearchResponse.products", readRow},
	{"products", readRow},
	{keyWholesale + ".result.items.goods_summary", readWholesaleRow},
	{keyWholesale + ".result", readRow},
	{bareResult, readRow},
}

// bareResult is a list without any envelope.
const bareResult = "result"

// keywordSearch is the operation KeywordSearch.
type keywordSearch struct {
	method string
	form   KeywordForm
	limits upstream.Limits
}

func (k keywordSearch) encode(q *zhaohuov1.KeywordSearchRequest) (upstream.Call, error) {
	sort, ok := sortWords[q.GetSort()]
	switch {
	case !ok:
		return upstream.Call{}, unsupported("sort", "the protocol has no such order")
	case len(q.GetFilters()) > 0:
		return upstream.Call{}, unsupported("filters", "the protocol has no filters")
	case len(q.GetFacetIds()) > 0:
		return upstream.Call{}, unsupported("facet_ids", "the protocol has no facets")
	case len(q.GetCategoryIds()) > 0:
		return upstream.Call{}, unsupported("category_ids", "the protocol takes one category: use category_id")
	case q.GetSales() != nil:
		return upstream.Call{}, unsupported("sales", "the protocol has no bounds of sales")
	case q.GetRegionOpp() != "":
		return upstream.Call{}, unsupported("region_opp", "the protocol has no such parameter")
	case q.GetLanguageCode() != "" && q.GetLanguageCode() != "zh":
		return upstream.Call{}, unsupported("language_code", "the protocol translates nothing")
	}
	call := upstream.Call{API: k.method}
	if k.form == FormWholesaleJSON {
		option, err := k.wholesaleOption(q, sort)
		if err != nil {
			return upstream.Call{}, err
		}
		call.Params = []upstream.Param{{Name: paramWholesale, Value: option}}
		return call, nil
	}
	call.Params = filled(
		upstream.Param{Name: "q", Value: q.GetKeyword()},
		upstream.Param{Name: "page", Value: strconv.Itoa(int(pageNumber(q)))},
		upstream.Param{Name: "pageSize", Value: strconv.Itoa(int(k.pageSize(q)))},
		upstream.Param{Name: "priceStart", Value: q.GetPriceMin()},
		upstream.Param{Name: "priceEnd", Value: q.GetPriceMax()},
		upstream.Param{Name: "categoryId", Value: q.GetCategoryId()},
		upstream.Param{Name: "sort", Value: sort},
	)
	return call, nil
}

// filled leaves out the parameters without a value.
func filled(params ...upstream.Param) []upstream.Param {
	kept := params[:0]
	for _, p := range params {
		if p.Value != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

func unsupported(field, why string) error {
	return fault.New(fault.UnsupportedByDialect, "dialect top: %s", why).
		WithField(field, fault.UnsupportedByDialect.String(), why)
}

func pageNumber(q *zhaohuov1.KeywordSearchRequest) int32 {
	if q.Page == nil {
		return defaultPage
	}
	return q.GetPage()
}

// pageSize is the requested page size, capped at what the upstream serves.
func (k keywordSearch) pageSize(q *zhaohuov1.KeywordSearchRequest) int32 {
	size := int32(defaultPageSize)
	if q.PageSize != nil {
		size = q.GetPageSize()
	}
	return min(size, k.limits.PageSizeMax)
}

func (k keywordSearch) decode(q *zhaohuov1.KeywordSearchRequest, payload gjson.Result) (*zhaohuov1.KeywordSearchResponse, error) {
	l, err := readList(payload, keywordPlaces, pageNumber(q), q.GetIncludeRaw())
	if err != nil {
		return nil, err
	}
	p := l.pageOf(pageNumber(q), k.pageSize(q), k.limits)
	answer := &zhaohuov1.KeywordSearchResponse{
		Products:          l.products,
		Page:              p.number,
		EffectivePageSize: p.effectiveSize,
		NextPage:          p.next,
		Truncated:         p.truncated,
	}
	if l.totalKnown {
		answer.Total = &l.total
	}
	return answer, nil
}
