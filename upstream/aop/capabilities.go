package aop

import (
	"maps"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

type offers = map[string]capability.Offer

// Capabilities declares what AOP offers (docs/PROTOCOL.md §4): every operation, with these exceptions.
func Capabilities() capability.Declaration {
	activated := capability.Full().Noted("Some languages must be activated for the App Key by 1688.")
	return capability.Declaration{
		Dialect: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP,
		Operations: map[string]capability.Operation{
			capability.KeywordSearch: {
				Request: offers{"language_code": activated, "facet_ids": capability.AtMost(1)},
				Answer: listed(offers{
					"products.supplier":          capability.Full().Noted("AOP's keyword search names no company, only what kind of seller it is."),
					"products.supplier.name":     capability.None(),
					"products.supplier.location": capability.None(),
					"products.supplier.kinds":    capability.Full(),
				}),
			},
			capability.ImageSearch: {
				Request: offers{"language_code": activated},
				Answer: listed(offers{
					"regions": capability.Full().Noted("Where the image's size is known: for images that this server sent."),
				}),
			},
			capability.GetProduct: {},
			capability.ListSellerProducts: {
				Answer: listed(offers{"products.supplier": capability.None(), "products.minimum_order": capability.None()}),
			},
			capability.ListSearchFacets:    {},
			capability.ListTopKeywords:     {},
			capability.ListRelatedProducts: {},
		},
	}
}

// listed adds what no list of AOP says of its products, and what all of them say under a condition.
func listed(own offers) offers {
	all := offers{
		"products.title_translated": capability.Full().Noted("Only when a language other than zh is asked for."),
		"products.supplier.id":      capability.None(),
		"products.similarity":       capability.None(),
		"products.other_prices":     capability.None(),
	}
	maps.Copy(all, own)
	return all
}
