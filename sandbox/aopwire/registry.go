package aopwire

import (
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// crossborder is the namespace of the goods APIs.
const crossborder = "com.alibaba.fenxiao.crossborder"

// api is one row of the registry.
type api struct {
	namespace, name, version string
	// free APIs need neither token nor permission; open ones need no token; unsigned ones need no signature, token or
	// permission.
	free, open, unsigned bool
	// writes is true if it changes something.
	writes bool
	// wrapper is the form field that holds all arguments as JSON; empty for flat arguments.
	wrapper  string
	required []string
	// texts and ids are the arguments in which fault words are looked for.
	texts, ids []string
	envelope   shape
	answer     func(*call) (result, error)
	// serve answers without an envelope and without access control, because these APIs issue the tokens.
	serve func(*Dialect, *call) wire.Body
}

func (a api) id() string { return a.namespace + ":" + a.name }

// result is the answer of an API: a payload, or a refusal by the business behind the gateway.
type result struct {
	payload any
	refused *business
	// page is set when payload is a list with pages, for envelopes that use its parts.
	page *listPage
}

// business is a refusal inside the envelope, with HTTP 200.
type business struct{ code, message string }

func refusedBy(code, message string) result {
	return result{refused: &business{code, message}}
}

// registry is every API the sandbox serves.
func registry() []api {
	return slices.Concat(systemAPIs(), searchAPIs(), imageAPIs(), hintAPIs(), categoryAPIs(), rankingAPIs(), neighbourAPIs(), freightAPIs(), followAPIs(), pushAPIs(), oauthAPIs())
}

func systemAPIs() []api {
	return []api{
		{namespace: "system", name: "currentTime", version: "1", free: true, envelope: bare, answer: currentTime},
		{namespace: "system", name: "currentTimeMillis", version: "1", free: true, unsigned: true, envelope: bare, answer: currentTimeMillis},
	}
}

// searchAPIs are lists with pages, and the detail of one of their offers.
func searchAPIs() []api {
	return []api{
		{
			namespace: crossborder, name: "product.search.keywordQuery", version: "1", envelope: e1,
			wrapper: "offerQueryParam", required: []string{"keyword", "beginPage", "pageSize", "country"},
			texts: []string{"keyword"}, answer: keywordQuery,
		},
		{
			namespace: crossborder, name: "product.search.querySellerOfferList", version: "1", envelope: e1,
			wrapper: "offerQueryParam", required: []string{"beginPage", "pageSize", "country", "sellerOpenId"},
			texts: []string{"keyword", "sellerOpenId"}, answer: sellerOfferList,
		},
		{
			namespace: crossborder, name: "product.search.queryProductDetail", version: "1", envelope: e1,
			wrapper: "offerDetailParam", required: []string{"offerId", "country"},
			ids: []string{"offerId"}, answer: productDetail,
		},
	}
}

// imageAPIs are the search by photo: the photo is uploaded first, then searched by its id.
func imageAPIs() []api {
	return []api{
		{
			namespace: crossborder, name: "product.image.upload", version: "1", envelope: e2,
			wrapper: "uploadImageParam", required: []string{"imageBase64"},
			texts: []string{"outMemberId"}, answer: imageUpload,
		},
		{
			namespace: crossborder, name: "product.search.imageQuery", version: "1", envelope: e2,
			wrapper: "offerQueryParam", required: []string{"beginPage", "pageSize", "country"},
			texts: []string{"keyword"}, answer: imageQuery,
		},
	}
}

// hintAPIs are lists without totals: keywords to search for, and goods related to an offer.
func hintAPIs() []api {
	return []api{
		{
			namespace: crossborder, name: "product.search.keywordSNQuery", version: "1", envelope: e3,
			wrapper: "snParams", required: []string{"keyword", "language", "region", "currency"},
			texts: []string{"keyword"}, answer: keywordFacets,
		},
		{
			namespace: crossborder, name: "product.search.topKeyword", version: "1", envelope: e2, open: true,
			wrapper: "topSeKeywordParam", required: []string{"country", "sourceId", "hotKeywordType"},
			texts: []string{"sourceId"}, answer: topKeywords,
		},
		{
			namespace: crossborder, name: "product.related.recommend", version: "1", envelope: e1,
			wrapper: "relatedQueryParams", required: []string{"offerId", "pageNo", "pageSize", "language"},
			ids: []string{"offerId"}, answer: relatedOffers,
		},
		{
			namespace: crossborder, name: "product.search.offerRecommend", version: "1", envelope: e1,
			wrapper: "recommendOfferParam", required: []string{"beginPage", "pageSize", "country", "outMemberId"},
			texts: []string{"outMemberId"}, answer: recommendedOffers,
		},
	}
}

// categoryAPIs have flat arguments.
func categoryAPIs() []api {
	return []api{
		{
			namespace: crossborder, name: "category.translation.getById", version: "1", envelope: e1,
			required: []string{"language", "categoryId"}, ids: []string{"categoryId"}, answer: categoryByID,
		},
		{
			namespace: crossborder, name: "category.translation.getByKeyword", version: "1", envelope: e1,
			required: []string{"language", "cateName"}, texts: []string{"cateName"}, answer: categoryByKeyword,
		},
	}
}

// rankingAPIs are what the platform itself counts: rankings of goods, and the trends of one offer. The wrapper of the units
// sold is spelled so.
func rankingAPIs() []api {
	trend := func(name, wrapper string, value trendValue) api {
		return api{
			namespace: crossborder, name: name, version: "1", envelope: e3, wrapper: wrapper,
			required: []string{"offerId", "startDate", "endDate"}, ids: []string{"offerId"}, answer: trendOf(value),
		}
	}
	return []api{
		{
			namespace: crossborder, name: "product.topList.query", version: "1", envelope: e1,
			wrapper: "rankQueryParams", required: []string{"rankId", "rankType", "limit", "language"},
			texts: []string{"rankId"}, answer: topList,
		},
		trend("product.analyze.getPerdaySellQuantityTrendNew", "tendQueryParam", soldOn),
		trend("product.analyze.getThirtyDayMedianPriceTrendNew", "trendQueryParam", medianPriceOn),
		trend("product.analyze.getRepurchaseRateTrendNew", "trendQueryParam", repurchasedOn),
	}
}

// oauthAPIs check the App Secret themselves instead of a signature.
func oauthAPIs() []api {
	return []api{
		{namespace: "system.oauth2", name: "getToken", version: "1", unsigned: true, serve: getToken},
		{namespace: "system.oauth2", name: "postponeToken", version: "1", unsigned: true, serve: postponeToken},
	}
}
