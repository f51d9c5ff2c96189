package top

import (
	"maps"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

type offers = map[string]capability.Offer

// Capabilities declares what TOP offers (docs/PROTOCOL.md §3): these operations, with these exceptions. It has no
// facets, no top keywords and no related products.
func Capabilities() capability.Declaration {
	none, chinese := capability.None(), capability.Only("zh")
	sorts := capability.Only("SORT_ORDER_RELEVANCE", "SORT_ORDER_PRICE_ASC", "SORT_ORDER_PRICE_DESC", "SORT_ORDER_SALES_DESC")
	return capability.Declaration{
		Dialect: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP,
		Operations: map[string]capability.Operation{
			capability.KeywordSearch: {
				Request: offers{"sort": sorts, "filters": none, "language_code": chinese, "facet_ids": none},
				Answer:  listed(nil),
			},
			// The image search has no pages, no bounds and no orders.
			capability.ImageSearch: {
				Request: offers{
					"page": none, "page_size": none, "sort": capability.Only("SORT_ORDER_RELEVANCE"),
					"price_min": none, "price_max": none, "filters": none, "language_code": chinese,
					"region": capability.Full().Noted("Cut out by this server before the image is sent."),
				},
				Answer: listed(offers{
					"products.similarity": capability.Full(),
					"regions": none,
				}),
			},
			capability.GetProduct: {Request: offers{"language_code": chinese}, Answer: detailed()},
			capability.ListSellerProducts: {
				Request: offers{
					"seller_id": capability.Full().Noted("The parameter's name is not published; it is configuration."),
					"sort":      sorts, "filters": none, "language_code": chinese,
				},
				Answer: listed(nil),
			},
		},
	}
}

// listed adds what no list of TOP says of its products.
func listed(own offers) offers {
	all := offers{}
	for _, field := range []string{
		"title_translated", "promotion_price", "dropshipping_price", "supplier.id", "supplier.kinds", "sold_days",
		"repurchase_rate", "badges", "similarity", "category_ids", "other_prices",
	} {
		all["products."+field] = capability.None()
	}
	maps.Copy(all, own)
	return all
}

// detailed is how far a product's detail is offered. TOP does not publish what its detail answers: what it does say is
// read.
func detailed() offers {
	unpublished := capability.Full().Noted("Not published; read where it is there.")
	return offers{
		"product":              unpublished,
		"product.summary":      capability.Full(),
		"product.video_url":    capability.None(),
		"product.weight_grams": capability.None(),
		"product.size":         capability.None(),
		"product.batch_size":   capability.None(),
	}
}
