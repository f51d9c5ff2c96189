package aop

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// paramOfferQuery is the wrapper of the three offer searches.
const paramOfferQuery = "offerQueryParam"

// pageSizeDefault is the contract's page size where none is asked for.
const pageSizeDefault = 20

func (d dialect) encodeKeywordSearch(q *zhaohuov1.KeywordSearchRequest) (upstream.Call, error) {
	filter, err := filterList(q.GetFilters())
	if err != nil {
		return upstream.Call{}, err
	}
	sort, ok := SortWord(q.GetSort())
	if !ok {
		return upstream.Call{}, fault.Invalid("sort", "enum.defined_only", "must be an order of the contract")
	}
	asked := d.asked(q.Page, q.PageSize)
	value, err := compact(offerQuery{
		Keyword:    q.GetKeyword(),
		BeginPage:  asked.number,
		PageSize:   asked.size,
		Country:    country(q.GetLanguage()),
		Filter:     filter,
		Sort:       sort,
		PriceStart: q.GetPriceMin(),
		PriceEnd:   q.GetPriceMax(),
		CategoryID: json.Number(q.GetCategoryId()),
	})
	if err != nil {
		return upstream.Call{}, err
	}
	return upstream.Call{
		API:    d.methods.KeywordSearch.String(),
		Params: []upstream.Param{{Name: paramOfferQuery, Value: value}},
	}, nil
}

func filterList(filters []zhaohuov1.Filter) (string, error) {
	words := make([]string, 0, len(filters))
	for i, f := range filters {
		word, ok := FilterWord(f)
		if !ok {
			return "", fault.Invalid(fmt.Sprintf("filters[%d]", i), "enum.defined_only", "must be a filter of the contract")
		}
		words = append(words, word)
	}
	return strings.Join(words, ","), nil
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
	answer.Products, err = products(found.rows, translated(q.GetLanguage()), q.GetIncludeRaw())
	if err != nil {
		return nil, err
	}
	return answer, nil
}
