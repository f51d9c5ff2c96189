// Package aop speaks the protocol of the real 1688 gateway, gw.open.1688.com (param2). It signs and writes calls, opens
// answers, and translates between them and the contract.
//
// It sends nothing and waits for nothing: upstream.Client does that.
package aop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
)

// DefaultBaseURL is the gateway's address.
const DefaultBaseURL = "https://gw.open.1688.com"

// The bounds of the cross-border APIs (docs/PROTOCOL.md §8).
const (
	DefaultPageSizeMax = 50
	DefaultWindow      = 2000
)

// Config holds what the platform may change or has not published. The zero value is the documented state.
type Config struct {
	// BaseURL is scheme and host, without a path. Empty means DefaultBaseURL.
	BaseURL string
	// Limits bound paging. Zero means DefaultPageSizeMax and DefaultWindow.
	Limits upstream.Limits
	// Methods name the API behind each RPC. Zero means DefaultMethods.
	Methods Methods
	// SkipKeywordTranslation has keywords searched for as they are written. By default the upstream translates them first.
	SkipKeywordTranslation bool
	// SuccessCodes are the codes that mean success. Empty means envelope.DefaultSuccessCodes.
	SuccessCodes []string
	// Faults extends or overrides the table of error codes: nobody has published the complete list.
	Faults map[string]fault.Kind
	// Scopes extend or override the table of what the limit behind a code holds for.
	Scopes map[string]fault.Scope
	// Phrases classify a business refusal by words in its message, where no table has its code. They are tried in
	// order, before the built-in ones. Case is ignored; the first match counts.
	Phrases []Phrase
}

// Phrase maps words in a message to the fault they mean.
type Phrase struct {
	Words string
	Kind  fault.Kind
}

// Methods name the API behind each RPC.
type Methods struct {
	KeywordSearch, UploadImage, ImageSearch Method

	GetProduct, ListSellerProducts, ListSearchFacets, ListTopKeywords, ListRelatedProducts Method

	FindCategories, GetCategory Method

	EstimateFreight, PreviewOrder                            Method
	ListTopProducts, SalesTrend, PriceTrend, RepurchaseTrend Method

	ListPushes, ConfirmPushes Method
}

// DefaultMethods are the documented names (docs/PROTOCOL.md §4.1).
func DefaultMethods() Methods {
	return Methods{
		KeywordSearch: crossborder("product.search.keywordQuery"),
		UploadImage:   crossborder("product.image.upload"),
		ImageSearch:   crossborder("product.search.imageQuery"),

		GetProduct:          crossborder("product.search.queryProductDetail"),
		ListSellerProducts:  crossborder("product.search.querySellerOfferList"),
		ListSearchFacets:    crossborder("product.search.keywordSNQuery"),
		ListTopKeywords:     crossborder("product.search.topKeyword"),
		ListRelatedProducts: crossborder("product.related.recommend"),

		FindCategories: crossborder("category.translation.getByKeyword"),
		GetCategory:    crossborder("category.translation.getById"),

		EstimateFreight: crossborder("product.freight.estimate"),
		PreviewOrder:    Method{Namespace: "com.alibaba.trade", Name: "alibaba.createOrder.preview", Version: "1"},
		ListTopProducts: crossborder("product.topList.query"),
		SalesTrend:      crossborder("product.analyze.getPerdaySellQuantityTrendNew"),
		PriceTrend:      crossborder("product.analyze.getThirtyDayMedianPriceTrendNew"),
		RepurchaseTrend: crossborder("product.analyze.getRepurchaseRateTrendNew"),

		ListPushes:    Method{Namespace: "cn.alibaba.open", Name: "push.query.messageList", Version: "1"},
		ConfirmPushes: Method{Namespace: "cn.alibaba.open", Name: "push.message.confirm", Version: "1"},
	}
}

func (m Methods) withDefaults() Methods {
	d := DefaultMethods()
	return Methods{
		KeywordSearch: cmp.Or(m.KeywordSearch, d.KeywordSearch),
		UploadImage:   cmp.Or(m.UploadImage, d.UploadImage),
		ImageSearch:   cmp.Or(m.ImageSearch, d.ImageSearch),

		GetProduct:          cmp.Or(m.GetProduct, d.GetProduct),
		ListSellerProducts:  cmp.Or(m.ListSellerProducts, d.ListSellerProducts),
		ListSearchFacets:    cmp.Or(m.ListSearchFacets, d.ListSearchFacets),
		ListTopKeywords:     cmp.Or(m.ListTopKeywords, d.ListTopKeywords),
		ListRelatedProducts: cmp.Or(m.ListRelatedProducts, d.ListRelatedProducts),

		FindCategories: cmp.Or(m.FindCategories, d.FindCategories),
		GetCategory:    cmp.Or(m.GetCategory, d.GetCategory),

		EstimateFreight: cmp.Or(m.EstimateFreight, d.EstimateFreight),
		PreviewOrder:    cmp.Or(m.PreviewOrder, d.PreviewOrder),
		ListTopProducts: cmp.Or(m.ListTopProducts, d.ListTopProducts),
		SalesTrend:      cmp.Or(m.SalesTrend, d.SalesTrend),
		PriceTrend:      cmp.Or(m.PriceTrend, d.PriceTrend),
		RepurchaseTrend: cmp.Or(m.RepurchaseTrend, d.RepurchaseTrend),

		ListPushes:    cmp.Or(m.ListPushes, d.ListPushes),
		ConfirmPushes: cmp.Or(m.ConfirmPushes, d.ConfirmPushes),
	}
}

func crossborder(name string) Method {
	return Method{Namespace: "com.alibaba.fenxiao.crossborder", Name: name, Version: "1"}
}

// Method is one API of the gateway.
type Method struct {
	Namespace, Name, Version string
}

// String is the API's id in the platform's documentation: "namespace:name-version".
func (m Method) String() string { return m.Namespace + ":" + m.Name + "-" + m.Version }

// ParseMethod parses an API's id, "namespace:name-version".
func ParseMethod(id string) (Method, error) {
	namespace, rest, _ := strings.Cut(id, ":")
	dash := strings.LastIndexByte(rest, '-')
	if namespace == "" || dash < 1 || dash == len(rest)-1 || strings.ContainsAny(id, "/?# ") || strings.Contains(rest, ":") {
		return Method{}, fmt.Errorf("%q is no API id of the form namespace:name-version", id)
	}
	return Method{Namespace: namespace, Name: rest[:dash], Version: rest[dash+1:]}, nil
}

// path is what is signed, and the end of the API's address: no host, no /openapi/ (docs/PROTOCOL.md §2.3).
func (m Method) path(appKey string) string {
	return "param2/" + m.Version + "/" + m.Namespace + "/" + m.Name + "/" + appKey
}

// New builds the dialect.
func New(c Config) *upstream.Dialect {
	c = c.withDefaults()
	d := dialect{limits: c.Limits, methods: c.Methods, skipTranslation: c.SkipKeywordTranslation}
	return &upstream.Dialect{
		ID:   zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP,
		Wire: newWire(c),
		KeywordSearch: upstream.Operation[*zhaohuov1.KeywordSearchRequest, *zhaohuov1.KeywordSearchResponse]{
			Encode: d.encodeKeywordSearch,
			Decode: d.decodeKeywordSearch,
		},
		UploadImage: upstream.Operation[upstream.Photo, string]{Encode: d.encodeUpload, Decode: decodeUpload},
		Regions:     true,
		ImageSearch: upstream.Operation[upstream.ImageQuestion, *zhaohuov1.ImageSearchResponse]{
			Encode: d.encodeImageSearch,
			Decode: d.decodeImageSearch,
		},
		GetProduct: upstream.Operation[*zhaohuov1.GetProductRequest, *zhaohuov1.GetProductResponse]{
			Encode: d.encodeGetProduct,
			Decode: d.decodeGetProduct,
		},
		ListSellerProducts: upstream.Operation[*zhaohuov1.ListSellerProductsRequest, *zhaohuov1.ListSellerProductsResponse]{
			Encode: d.encodeListSellerProducts,
			Decode: d.decodeListSellerProducts,
		},
		ListSearchFacets: upstream.Operation[*zhaohuov1.ListSearchFacetsRequest, *zhaohuov1.ListSearchFacetsResponse]{
			Encode: d.encodeListSearchFacets,
			Decode: d.decodeListSearchFacets,
		},
		ListTopKeywords: upstream.Operation[*zhaohuov1.ListTopKeywordsRequest, *zhaohuov1.ListTopKeywordsResponse]{
			Encode: d.encodeListTopKeywords,
			Decode: d.decodeListTopKeywords,
		},
		ListRelatedProducts: upstream.Operation[*zhaohuov1.ListRelatedProductsRequest, *zhaohuov1.ListRelatedProductsResponse]{
			Encode: d.encodeListRelatedProducts,
			Decode: d.decodeListRelatedProducts,
		},
		ListTopProducts: upstream.Operation[*zhaohuov1.ListTopProductsRequest, *zhaohuov1.ListTopProductsResponse]{
			Encode: d.encodeListTopProducts,
			Decode: d.decodeListTopProducts,
		},
		GetProductTrends: upstream.Operation[*zhaohuov1.GetProductTrendsRequest, *zhaohuov1.GetProductTrendsResponse]{
			Encode: d.encodeGetProductTrends,
			Decode: d.decodeGetProductTrends,
		},
		FindCategories: upstream.Operation[*zhaohuov1.FindCategoriesRequest, *zhaohuov1.FindCategoriesResponse]{
			Encode: d.encodeFindCategories,
			Decode: d.decodeFindCategories,
		},
		GetCategory: upstream.Operation[*zhaohuov1.GetCategoryRequest, *zhaohuov1.GetCategoryResponse]{
			Encode: d.encodeGetCategory,
			Decode: d.decodeGetCategory,
		},
		EstimateFreight: upstream.Operation[*zhaohuov1.EstimateFreightRequest, *zhaohuov1.EstimateFreightResponse]{
			Encode: d.encodeEstimateFreight,
			Decode: d.decodeEstimateFreight,
		},
		PreviewFreight: upstream.Operation[*zhaohuov1.EstimateFreightRequest, *zhaohuov1.EstimateFreightResponse]{
			Encode: d.encodePreviewFreight,
			Decode: d.decodePreviewFreight,
		},
		CallAPI:      upstream.Operation[*zhaohuov1.CallRequest, *zhaohuov1.CallResponse]{Encode: encodeCall, Decode: form.DecodeCall},
		Pushes:       d.pushes(),
		Examination:  d.examination(),
		Reads:        offer.Names(),
		Capabilities: Capabilities(),
	}
}

func (c Config) withDefaults() Config {
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.Limits.PageSizeMax <= 0 {
		c.Limits.PageSizeMax = DefaultPageSizeMax
	}
	if c.Limits.Window <= 0 {
		c.Limits.Window = DefaultWindow
	}
	c.Methods = c.Methods.withDefaults()
	if len(c.SuccessCodes) == 0 {
		c.SuccessCodes = envelope.DefaultSuccessCodes
	}
	c.SuccessCodes = slices.Clone(c.SuccessCodes)
	return c
}

// dialect holds what encoding and decoding need.
type dialect struct {
	limits  upstream.Limits
	methods Methods
	// skipTranslation: keywords are searched for as they are written.
	skipTranslation bool
}
