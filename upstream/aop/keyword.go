package aop

import (
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// pageSizeDefault is the contract's default page size.
const pageSizeDefault = 20

func (d dialect) encodeKeywordSearch(q *zhaohuov1.KeywordSearchRequest) (upstream.Call, error) {
	query, err := newOfferQuery(q, d.asked(q.Page, q.PageSize))
	if err != nil {
		return upstream.Call{}, err
	}
	if len(q.GetFacetIds()) > 1 {
		const why = "one facet narrows a search at a time"
		return upstream.Call{}, fault.New(fault.UnsupportedByDialect, "dialect aop: %s", why).
			WithField("facet_ids", fault.UnsupportedByDialect.String(), why)
	}
	query.SnID = strings.Join(q.GetFacetIds(), "")
	query.KeywordTranslate = d.skipTranslation
	query.CategoryIDs, query.RegionOpp, query.Sales = strings.Join(q.GetCategoryIds(), ","), q.GetRegionOpp(), salesWords(q.GetSales())
	return query.call(d.methods.KeywordSearch)
}

func (d dialect) decodeKeywordSearch(q *zhaohuov1.KeywordSearchRequest, payload gjson.Result) (*zhaohuov1.KeywordSearchResponse, error) {
	found, err := readListing(payload, d.asked(q.Page, q.PageSize), d.limits.Window)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.KeywordSearchResponse{
		Total:             found.total,
		Page:              found.page,
		EffectivePageSize: found.pageSize,
		NextPage:          found.nextPage,
		Truncated:         found.truncated,
	}
	reading := readingOf(q)
	reading.BlankRateIsZero = true // Documented for this list alone.
	answer.Products, err = products(found.rows, reading)
	if err != nil {
		return nil, err
	}
	return answer, nil
}
