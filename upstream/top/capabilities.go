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
				Request: offers{
					"sort": sorts, "filters": none, "language_code": chinese, "facet_ids": none, "category_ids": none, "sales": none, "region_opp": none,
				},
				Answer: listed(nil),
			},
			// The image search has no pages, no bounds and no orders.
			capability.ImageSearch: {
				Request: offers{
					"page": none, "page_size": none, "sort": capability.Only("SORT_ORDER_RELEVANCE"),
					"price_min": none, "price_max": none, "filters": none, "language_code": chinese,
					"item_title": none, "auxiliary_text": none,
					"region": capability.Full().Noted("Cut out by this server before the image is sent."),
				},
				Answer: listed(offers{
					"products.similarity": capability.Full(),
					"regions":             none,
				}),
			},
			capability.GetProduct: {Request: offers{"language_code": chinese, "currency": none, "out_member_id": none}, Answer: detailed()},
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

// unpublished is the offer of what TOP does not document. What a service does say is read.
func unpublished() capability.Offer {
	return capability.Full().Noted("Not published; read where it is there.")
}

// listed adds what no list of TOP says of its products, and what its documents do not mention.
func listed(own offers) offers {
	all := offers{
		"products.title_translated":           capability.None(),
		"products.image_url_translated":       capability.None(),
		"products.similarity":                 capability.None(),
		"products.other_prices.foreign_price": capability.None(),
	}
	for _, field := range []string{
		"promotion_price", "promotion_end_time", "dropshipping_price", "other_prices", "sold_days", "weekly_sold_count", "weekly_sold_at_least",
		"repurchase_rate", "badges", "category_ids", "create_time", "update_time", "invoice_terms", "service_rates", "supplier.id",
		"supplier.kinds", "supplier.scores", "supplier.trust_pass_years", "supplier.trade_medal_level", "supplier.repurchase_rate",
		"supplier.service_rates",
	} {
		all["products."+field] = unpublished()
	}
	maps.Copy(all, own)
	return all
}

// detailed is how far a product's detail is offered. TOP does not publish what its detail answers.
func detailed() offers {
	return offers{
		"product":                             unpublished(),
		"product.summary":                     capability.Full(),
		"product.description_html_translated": capability.None(),
		"product.description_url_translated":  capability.None(),
		"product.image_urls_translated":       capability.None(),
		"product.unit_translated":             capability.None(),
	}
}
