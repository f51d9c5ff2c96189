package aop

import (
	"encoding/json"

	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// The parameters that wrap the questions for hints (docs/PROTOCOL.md §4.1).
const (
	paramFacets      = "snParams"
	paramTopKeywords = "topSeKeywordParam"
	paramRelated     = "relatedQueryParams"
)

// relatedPageMax is the largest page of related.recommend, and the contract's default page size.
const relatedPageMax = 10

// relatedSoldDays is the period of monthSold in related.recommend, in spite of its name.
const relatedSoldDays = 90

// facetsQuery is the value of snParams. Facets have no prices, so region and currency are always the documented ones,
// in every language.
type facetsQuery struct {
	Keyword  string `json:"keyword"`
	Language string `json:"language"`
	Region   string `json:"region"`
	Currency string `json:"currency"`
}

// locales are the languages in the spelling of keywordSNQuery. Only en_US is documented.
var locales = map[string]string{
	"en": "en_US", "ja": "ja_JP", "ru": "ru_RU", "vi": "vi_VN", "ko": "ko_KR", "fr": "fr_FR",
	"pt": "pt_BR", "es": "es_ES", "th": "th_TH", "id": "id_ID", "ar": "ar_SA",
}

func (d dialect) encodeListSearchFacets(q *zhaohuov1.ListSearchFacetsRequest) (upstream.Call, error) {
	locale, ok := locales[country(q.GetLanguageCode())]
	if !ok {
		return upstream.Call{}, fault.Invalid("language_code", "string.in", "must be a language of the contract")
	}
	return asking(d.methods.ListSearchFacets, paramFacets, facetsQuery{
		Keyword: q.GetKeyword(), Language: locale, Region: "US", Currency: "USD",
	})
}

func (dialect) decodeListSearchFacets(q *zhaohuov1.ListSearchFacetsRequest, payload gjson.Result) (*zhaohuov1.ListSearchFacetsResponse, error) {
	list, err := hints(payload)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ListSearchFacetsResponse{}
	for i, row := range list {
		id, name, nameTranslated := facetNames(row, translated(q.GetLanguageCode()))
		if id == "" {
			return nil, unreadable("facet %d of the list has no id", i+1)
		}
		facet := &zhaohuov1.SearchFacet{Id: id, Name: name, NameTranslated: nameTranslated}
		for j, child := range rows(row.Get("children"), 0) {
			id, name, nameTranslated := facetNames(child, translated(q.GetLanguageCode()))
			if id == "" {
				return nil, unreadable("value %d of facet %d has no id", j+1, i+1)
			}
			facet.Values = append(facet.Values, &zhaohuov1.SearchFacetValue{Id: id, Name: name, NameTranslated: nameTranslated})
		}
		answer.Facets = append(answer.Facets, facet)
	}
	return answer, nil
}

// facetNames reads the members that a facet and its values share. An id is "973" or "973:28105" and is kept as sent.
func facetNames(row gjson.Result, translated bool) (id, name string, nameTranslated *string) {
	if translated {
		nameTranslated = optionalText(normal.Text(row.Get("translateName")))
	}
	return normal.Text(row.Get("id")), normal.Text(row.Get("name")), nameTranslated
}

// topKeywordsQuery is the value of topSeKeywordParam.
type topKeywordsQuery struct {
	Country        string `json:"country"`
	SourceID       string `json:"sourceId"`
	HotKeywordType string `json:"hotKeywordType"`
}

func (d dialect) encodeListTopKeywords(q *zhaohuov1.ListTopKeywordsRequest) (upstream.Call, error) {
	return asking(d.methods.ListTopKeywords, paramTopKeywords, topKeywordsQuery{
		Country: country(q.GetLanguageCode()), SourceID: q.GetCategoryId(), HotKeywordType: "cate",
	})
}

func (dialect) decodeListTopKeywords(q *zhaohuov1.ListTopKeywordsRequest, payload gjson.Result) (*zhaohuov1.ListTopKeywordsResponse, error) {
	list, err := hints(payload)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ListTopKeywordsResponse{}
	for i, row := range list {
		keyword := &zhaohuov1.TopKeyword{Keyword: normal.Text(row.Get("seKeyword"))}
		if keyword.GetKeyword() == "" {
			return nil, unreadable("keyword %d of the list is empty", i+1)
		}
		if translated(q.GetLanguageCode()) {
			keyword.KeywordTranslated = optionalText(normal.Text(row.Get("seKeywordTranslation")))
		}
		answer.Keywords = append(answer.Keywords, keyword)
	}
	return answer, nil
}

// relatedQuery is the value of relatedQueryParams. Its language has the values of country elsewhere.
type relatedQuery struct {
	OfferID  json.Number `json:"offerId"`
	PageNo   int32       `json:"pageNo"`
	PageSize int32       `json:"pageSize"`
	Language string      `json:"language"`
}

func (d dialect) encodeListRelatedProducts(q *zhaohuov1.ListRelatedProductsRequest) (upstream.Call, error) {
	asked := d.askedRelated(q)
	return asking(d.methods.ListRelatedProducts, paramRelated, relatedQuery{
		OfferID: json.Number(q.GetId()), PageNo: asked.number, PageSize: asked.size, Language: country(q.GetLanguageCode()),
	})
}

func (d dialect) askedRelated(q *zhaohuov1.ListRelatedProductsRequest) paging {
	size := proto.Int32(relatedPageMax)
	if q.PageSize != nil {
		size = proto.Int32(min(q.GetPageSize(), relatedPageMax))
	}
	return d.asked(q.Page, size)
}

// decodeListRelatedProducts reads a list without totals: after a full page there may be another.
func (d dialect) decodeListRelatedProducts(q *zhaohuov1.ListRelatedProductsRequest, payload gjson.Result) (*zhaohuov1.ListRelatedProductsResponse, error) {
	found, err := readListing(payload, d.askedRelated(q), d.limits.Window)
	if err != nil {
		return nil, err
	}
	all, err := products(found.rows, readingOf(q))
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.SoldCount != nil {
			p.SoldDays = proto.Int32(relatedSoldDays)
		}
	}
	return &zhaohuov1.ListRelatedProductsResponse{Products: all, Page: found.page, NextPage: found.nextPage, EffectivePageSize: found.pageSize}, nil
}

// asking builds a call with one parameter, which holds JSON.
func asking(method Method, param string, query any) (upstream.Call, error) {
	value, err := compact(query)
	if err != nil {
		return upstream.Call{}, err
	}
	return upstream.Call{API: method.String(), Params: []upstream.Param{{Name: param, Value: value}}}, nil
}

// hints returns the rows of a list without pages. The envelope has already found that it is a success.
func hints(payload gjson.Result) ([]gjson.Result, error) {
	if !payload.IsArray() {
		return nil, unreadable("a list was expected")
	}
	return rows(payload, 0), nil
}

// optionalText is nil for an empty text.
func optionalText(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
