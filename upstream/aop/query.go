package aop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// paramOfferQuery is the parameter that wraps the three offer searches.
const paramOfferQuery = "offerQueryParam"

// offerQuery is the value of offerQueryParam (docs/PROTOCOL.md §4.1). Its members stand in this order on the wire.
type offerQuery struct {
	ImageID      string      `json:"imageId,omitempty"`
	ImageAddress string      `json:"imageAddress,omitempty"`
	Region       string      `json:"region,omitempty"`
	ItemTitle    string      `json:"itemTitle,omitempty"`
	Auxiliary    string      `json:"auxiliaryText,omitempty"`
	Keyword      string      `json:"keyword,omitempty"`
	BeginPage    int32       `json:"beginPage"`
	PageSize     int32       `json:"pageSize"`
	Country      string      `json:"country"`
	Filter       string      `json:"filter,omitempty"`
	Sort         string      `json:"sort,omitempty"`
	PriceStart   string      `json:"priceStart,omitempty"`
	PriceEnd     string      `json:"priceEnd,omitempty"`
	CategoryID   json.Number `json:"categoryId,omitempty"`
	CategoryIDs  string      `json:"categoryIdList,omitempty"`
	RegionOpp    string      `json:"regionOpp,omitempty"`
	Sales        []salesWord `json:"saleFilterList,omitempty"`
	SnID         string      `json:"snId,omitempty"`
	SellerOpenID string      `json:"sellerOpenId,omitempty"`
	// KeywordTranslate says that the keyword is translated already, so that the upstream does not translate it.
	KeywordTranslate bool `json:"keywordTranslate,omitempty"`
}

// salesWord bounds the pieces sold in one period. An absent bound is left out.
type salesWord struct {
	Type  string `json:"saleType"`
	Start string `json:"saleStart,omitempty"`
	End   string `json:"saleEnd,omitempty"`
}

// salesWords are the bounds of all periods. The upstream requires all of them to hold.
func salesWords(f *zhaohuov1.SalesFilter) []salesWord {
	var all []salesWord
	for _, period := range []struct {
		word   string
		bounds *zhaohuov1.SalesRange
	}{
		{"sales7", f.GetWeek()}, {"sales14", f.GetTwoWeeks()}, {"sales30", f.GetMonth()}, {"totalSales", f.GetAllTime()},
	} {
		if period.bounds == nil {
			continue
		}
		all = append(all, salesWord{Type: period.word, Start: countText(period.bounds.Min), End: countText(period.bounds.Max)})
	}
	return all
}

func countText(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// criteria are what the contract's offer searches have in common.
type criteria interface {
	GetKeyword() string
	GetFilters() []zhaohuov1.ProductFilter
	GetSort() zhaohuov1.SortOrder
	GetLanguageCode() string
	GetPriceMin() string
	GetPriceMax() string
	GetCategoryId() string
}

func newOfferQuery(q criteria, asked paging) (offerQuery, error) {
	filter, err := filterList(q.GetFilters())
	if err != nil {
		return offerQuery{}, err
	}
	sort, ok := SortWord(q.GetSort())
	if !ok {
		return offerQuery{}, fault.Invalid("sort", "enum.defined_only", "must be an order of the contract")
	}
	return offerQuery{
		Keyword:    q.GetKeyword(),
		BeginPage:  asked.number,
		PageSize:   asked.size,
		Country:    country(q.GetLanguageCode()),
		Filter:     filter,
		Sort:       sort,
		PriceStart: q.GetPriceMin(),
		PriceEnd:   q.GetPriceMax(),
		CategoryID: json.Number(q.GetCategoryId()),
	}, nil
}

// call builds a call of the method with this query.
func (o offerQuery) call(m Method) (upstream.Call, error) {
	value, err := compact(o)
	if err != nil {
		return upstream.Call{}, err
	}
	return upstream.Call{API: m.String(), Params: []upstream.Param{{Name: paramOfferQuery, Value: value}}}, nil
}

func filterList(filters []zhaohuov1.ProductFilter) (string, error) {
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

// compact encodes v as JSON without spaces and without escaping <, > and &: this is no web page.
func compact(v any) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "", fault.New(fault.Internal, "the question cannot be written as JSON").WithCause(err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte{'\n'})), nil
}

// countryDefault is the language sent by default: the upstream requires one, and refuses zh.
const countryDefault = "en"

// translated reports whether a question asks for translated texts.
func translated(language string) bool { return language != "" && language != "zh" }

// country is the upstream's word for the language of the texts (docs/PROTOCOL.md §5), not for a market.
func country(language string) string {
	if translated(language) {
		return language
	}
	return countryDefault
}

// sortWords are the orders, each as JSON text within JSON. In the key of the repurchase rate the P is a capital; in the
// answer's field it is not.
var sortWords = map[zhaohuov1.SortOrder]string{
	zhaohuov1.SortOrder_SORT_ORDER_UNSPECIFIED:     "",
	zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE:       "",
	zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC:       `{"price":"asc"}`,
	zhaohuov1.SortOrder_SORT_ORDER_PRICE_DESC:      `{"price":"desc"}`,
	zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC:      `{"monthSold":"desc"}`,
	zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC: `{"rePurchaseRate":"desc"}`,
}

// SortWord returns the upstream's word for an order; "" for its default order, false for an order it does not have.
func SortWord(s zhaohuov1.SortOrder) (string, bool) {
	word, ok := sortWords[s]
	return word, ok
}

// filterWords are the filters (docs/PROTOCOL.md §5).
var filterWords = map[zhaohuov1.ProductFilter]string{
	zhaohuov1.ProductFilter_PRODUCT_FILTER_CERTIFIED_FACTORY:       "certifiedFactory",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_SHIPS_TODAY:             "shipInToday",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_SHIPS_IN_24H:            "shipIn24Hours",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_SHIPS_IN_48H:            "shipIn48Hours",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_DROPSHIPPING:            "isOnePsale",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_FREE_SHIPPING:           "isOnePsaleFreePost",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_RETURNS_7_DAYS:          "noReason7DReturn",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS:              "new7",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_30_DAYS:             "new30",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_SELECTION_1688:          "1688Selection",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_CURATED_SUPPLY:          "jxhy",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_GLOBAL_SELECTION:        "isQqyx",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_CROSS_BORDER_SELECTION:  "isSelect",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_EXPERIENCE_5:            "totalEpScoreLv1",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_EXPERIENCE_4_5:          "totalEpScoreLv2",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_EXPERIENCE_4:            "totalEpScoreLv3",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_EXPERIENCE_BELOW_4:      "totalEpScoreLv4",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_PICKUP_24H_BELOW_95:     "getRate24HLv1",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_PICKUP_24H_95:           "getRate24HLv2",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_PICKUP_24H_99:           "getRate24HLv3",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_PICKUP_48H_BELOW_95:     "getRate48HLv1",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_PICKUP_48H_95:           "getRate48HLv2",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_PICKUP_48H_99:           "getRate48HLv3",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_QUALITY_REFUND_NONE:     "qrr0",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_QUALITY_REFUND_UP_TO_1:  "qrr1",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_QUALITY_REFUND_UP_TO_5:  "qrr5",
	zhaohuov1.ProductFilter_PRODUCT_FILTER_QUALITY_REFUND_UP_TO_10: "qrr10",
}

// FilterWord returns the upstream's word for a filter; false for one it does not have.
func FilterWord(f zhaohuov1.ProductFilter) (string, bool) {
	word, ok := filterWords[f]
	return word, ok
}
