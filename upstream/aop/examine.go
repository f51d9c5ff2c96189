package aop

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// dateForm is the gateway's time format, yyyyMMddHHmmssSSSZ. Go needs a point before the milliseconds; the wire has
// none.
const dateForm = "20060102150405.000-0700"

// examination describes how far calls get (docs/PROTOCOL.md §2.6). Its calls have no arguments at all: the gateway
// checks those last.
func (d dialect) examination() upstream.Examination {
	m := d.methods
	e := upstream.Examination{
		Time: upstream.Operation[struct{}, time.Time]{
			Encode: func(struct{}) (upstream.Call, error) {
				return upstream.Call{API: Method{Namespace: "system", Name: "currentTime", Version: "1"}.String()}, nil
			},
			Decode: func(_ struct{}, payload gjson.Result) (time.Time, error) { return readDate(payload) },
		},
		Keyword: upstream.Operation[upstream.KeywordProbe, *zhaohuov1.KeywordSearchResponse]{
			Encode: func(p upstream.KeywordProbe) (upstream.Call, error) {
				own := d
				own.skipTranslation = p.AsWritten
				return own.encodeKeywordSearch(d.probing(p))
			},
			Decode: func(p upstream.KeywordProbe, payload gjson.Result) (*zhaohuov1.KeywordSearchResponse, error) {
				return d.decodeKeywordSearch(d.probing(p), payload)
			},
		},
		Stopped:    stopped,
		OrderKnown: true,
	}
	// Freight is not among them: two APIs say it, and an App Key needs only one.
	seen := map[Method]bool{}
	for _, one := range []struct {
		method Method
		decode func(gjson.Result) error
	}{
		{m.KeywordSearch, decoding(d.decodeKeywordSearch, &zhaohuov1.KeywordSearchRequest{})},
		{m.UploadImage, unlikely},
		{m.ImageSearch, decoding(d.decodeImageSearch, upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}})},
		{m.GetProduct, decoding(d.decodeGetProduct, &zhaohuov1.GetProductRequest{})},
		{m.ListSellerProducts, decoding(d.decodeListSellerProducts, &zhaohuov1.ListSellerProductsRequest{})},
		{m.ListSearchFacets, decoding(d.decodeListSearchFacets, &zhaohuov1.ListSearchFacetsRequest{})},
		{m.ListTopKeywords, decoding(d.decodeListTopKeywords, &zhaohuov1.ListTopKeywordsRequest{})},
		{m.ListRelatedProducts, decoding(d.decodeListRelatedProducts, &zhaohuov1.ListRelatedProductsRequest{})},
		{m.FindCategories, decoding(d.decodeFindCategories, &zhaohuov1.FindCategoriesRequest{})},
		{m.GetCategory, decoding(d.decodeGetCategory, &zhaohuov1.GetCategoryRequest{})},
		{m.ListTopProducts, decoding(d.decodeListTopProducts, &zhaohuov1.ListTopProductsRequest{})},
		{m.SalesTrend, decoding(d.decodeGetProductTrends, trendOf(zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES))},
		{m.PriceTrend, decoding(d.decodeGetProductTrends, trendOf(zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE))},
		{m.RepurchaseTrend, decoding(d.decodeGetProductTrends, trendOf(zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE))},
	} {
		if seen[one.method] {
			continue
		}
		seen[one.method] = true
		e.Probes = append(e.Probes, upstream.Probe{
			Call:          upstream.Call{API: one.method.String()},
			Decode:        one.decode,
			TokenOptional: one.method == DefaultMethods().ListTopKeywords, // docs/PROTOCOL.md §4.1
		})
	}
	return e
}

// probing is the search of a probe: its first page, as large as the upstream has it.
func (d dialect) probing(p upstream.KeywordProbe) *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{Keyword: p.Keyword, PageSize: &d.limits.PageSizeMax}
}

// decoding adapts a decoder to check only that the answer to a probe can be read.
func decoding[Q, A any](decode func(Q, gjson.Result) (A, error), q Q) func(gjson.Result) error {
	return func(payload gjson.Result) error {
		_, err := decode(q, payload)
		return err
	}
}

// unlikely is for an API that cannot succeed without arguments: an upload without an image.
func unlikely(gjson.Result) error { return unreadable("an upload without an image cannot succeed") }

// readDate parses a time such as 20261010164552223+0800.
func readDate(payload gjson.Result) (time.Time, error) {
	text := payload.Str
	const seconds = len("20060102150405")
	if payload.Type != gjson.String || len(text) <= seconds {
		return time.Time{}, unreadable("the upstream's time was expected")
	}
	at, err := time.Parse(dateForm, text[:seconds]+"."+text[seconds:])
	if err != nil {
		return time.Time{}, unreadable("the upstream's time was expected")
	}
	return at, nil
}

// stopped returns the check that a refusal failed, by the documented codes.
func stopped(f *fault.Fault) (zhaohuov1.DiagnosisCheck, bool) {
	code := strings.ToLower(f.Meta[fault.MetaUpstreamCode])
	switch f.Kind {
	case fault.UpstreamCredentialsInvalid:
		if strings.HasPrefix(code, "gw.appkey") {
			return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, true
		}
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, true
	case fault.UpstreamClockSkew:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK, true
	case fault.UpstreamTokenInvalid:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, true
	case fault.UpstreamPermissionDenied, fault.UpstreamIPNotAllowed, fault.UpstreamAPIUnknown:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true
	case fault.UpstreamThrottled, fault.UpstreamQuotaExhausted:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true
	case fault.UpstreamArgumentRefused, fault.ProductNotFound, fault.CategoryNotFound, fault.UpstreamImageRefused, fault.UpstreamImageForgotten,
		fault.UpstreamRefused:
		// Any server in between can answer with these words. Only the business behind the gateway writes into a result,
		// and only the gateway has a code of its own for arguments.
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, f.FromResult || code == "gw.parammissing"
	default:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false
	}
}
