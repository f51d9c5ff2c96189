package aop

import (
	"maps"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

type offers = map[string]capability.Offer

// Capabilities declares what AOP offers (docs/PROTOCOL.md §4): every operation, with these exceptions.
func Capabilities() capability.Declaration {
	full, none := capability.Full(), capability.None()
	activated := full.Noted("Some languages must be activated for the App Key by 1688.")
	return capability.Declaration{
		Dialect: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP,
		Operations: map[string]capability.Operation{
			capability.KeywordSearch: {
				Request: offers{"language_code": activated, "facet_ids": capability.AtMost(1)},
				Answer: listed(offers{
					"products.supplier":                           full.Noted("AOP's keyword search names no company, only what kind of seller it is, and how good."),
					"products.supplier.name":                      none,
					"products.supplier.location":                  none,
					"products.supplier.kinds":                     full,
					"products.supplier.scores":                    full,
					"products.supplier.trust_pass_years":          full,
					"products.supplier.trade_medal_level":         full,
					"products.supplier.repurchase_rate":           full,
					"products.service_rates.positive_rating_rate": none,
				}),
			},
			capability.ImageSearch: {
				Request: offers{"language_code": activated},
				Answer: listed(offers{
					"products.image_url_translated": none,
					"regions":                       full.Noted("Where the image's size is known: for images that this server sent."),
				}),
			},
			capability.GetProduct: {Answer: offers{
				"product.description_html_translated": translatedOnly(),
				"product.description_url_translated":  translatedOnly(),
				"product.image_urls_translated":       translatedOnly(),
				"product.unit_translated":             translatedOnly(),
			}},
			capability.ListSellerProducts: {Answer: listed(offers{
				"products.supplier": none, "products.minimum_order": none, "products.category_ids": none, "products.promotion_price": none,
				"products.promotion_end_time": none, "products.other_prices": none, "products.weekly_sold_count": none,
				"products.weekly_sold_at_least": none, "products.service_rates": none, "products.invoice_terms": none,
			})},
			capability.ListSearchFacets:    {},
			capability.ListTopKeywords:     {},
			capability.ListRelatedProducts: {},
			capability.ListTopProducts:     {},
			capability.GetProductTrends:    {},
			capability.FindCategories:      {},
			capability.GetCategory:         {},
			capability.EstimateFreight: {
				Request: offers{
					"destination.province_name": previewed(), "destination.city_name": previewed(), "destination.district_name": previewed(),
				},
				Answer: offers{
					"freight": full.Noted("Within China. Where the App Key may not call 1688's estimate, an order is previewed, and nothing but the amount is known."),
				},
			},
		},
	}
}

// previewed is the offer of what only an order preview takes.
func previewed() capability.Offer {
	return capability.Full().Noted("Only where an order is previewed.")
}

func translatedOnly() capability.Offer {
	return capability.Full().Noted("Only when a language other than zh is asked for.")
}

// listed adds what no list of AOP says of its products, and what all of them say under a condition.
func listed(own offers) offers {
	unpublished := capability.Full().Noted("Not published; read where it is there.")
	all := offers{
		"products.title_translated":                     translatedOnly(),
		"products.image_url_translated":                 translatedOnly(),
		"products.promotion_end_time":                   unpublished,
		"products.other_prices":                         capability.Full().Noted("Lists have prices for the members of PLUS. Details also have retail prices and those free of shipping."),
		"products.other_prices.end_time":                unpublished,
		"products.other_prices.foreign_price":           capability.None(),
		"products.supplier.id":                          capability.None(),
		"products.supplier.service_rates":               capability.None(),
		"products.service_rates.monthly_pickup48h_rate": capability.None(),
		"products.similarity":                           capability.None(),
	}
	maps.Copy(all, own)
	return all
}
