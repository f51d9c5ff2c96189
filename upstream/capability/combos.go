package capability

import (
	"slices"
	"strings"
)

// A combo refuses nothing because one of its searches cannot do it. It searches without it, and applies price bounds to
// the answer itself. What is missing is noted here and in the answer's partial failures.

// combos are the strategies, and the streams of their steps. A stream has what the strategy has.
func combos() []rpc {
	var all []rpc
	for _, strategy := range strategies() {
		streamed := rpc{name: comboService + "Stream" + strategy.name, request: strategy.request}
		for _, f := range strategy.answer {
			streamed.answer = append(streamed.answer, field{"answer." + f.path, f.offer})
		}
		strategy.name = comboService + strategy.name
		all = append(all, strategy, streamed)
	}
	return all
}

// strategies have the name of their RPC without its service.
func strategies() []rpc {
	return []rpc{
		{
			name:    "FindSource",
			request: slices.Concat(own("keyword", "verify_images", "quantity"), imageSource(""), comboCriteria(), freightQuestion()),
			// A factory is known by the supplier's kinds.
			answer: []field{
				{"groups.offers.factory", supplierKinds},
				{"unconfirmed.factory", supplierKinds},
				{"groups.offers.landed", landed},
				{"unconfirmed.landed", landed},
			},
		},
		{
			name:    "ComparePrices",
			request: slices.Concat(own("keyword", "quantity", "detail_offers", "trend_products"), recordedTrends(), imageSource(""), comboCriteria(), freightQuestion()),
			answer:  []field{{"same.offers.landed", landed}, {"similar.offers.landed", landed}},
		},
		{
			name:    "AnalyzeCompetitors",
			request: slices.Concat(own("keywords", "trend_products"), recordedTrends(), imageSource(""), comboCriteria()),
		},
		{
			name:    "ExpandSelection",
			request: slices.Concat(own("seeds", "winners"), comboCriteria()),
			answer:  slices.Concat(own("winners"), []field{{"clusters", clusters}, {"related_keywords", relatedKeywords}}),
		},
	}
}

// freightQuestion is what a strategy may be asked about freight.
func freightQuestion() []field {
	return slices.Concat(fields("", []string{"freight", "freight.quantity", "freight.max_offers"}, func(d Declaration, path string) Offer {
		if !d.has(EstimateFreight) {
			return None()
		}
		return d.request(EstimateFreight, path)
	}), freightDestination("freight."))
}

// landed is what goods cost with their freight.
func landed(d Declaration) Offer { return d.answer(EstimateFreight, "freight") }

// comboCriteria are the parameters that every combo has. They go into its keyword searches and, where those have them,
// into its searches by image.
func comboCriteria() []field {
	return slices.Concat(
		[]field{{"price_min", priceBound("price_min")}, {"price_max", priceBound("price_max")}},
		asked(KeywordSearch, "", "category_id", "sort", "filters"),
		wordsOnly("facet_ids", "category_ids", "region_opp"), wordsOnly(salesFilter()...),
		asked(KeywordSearch, "", "language_code", "include_raw", "max_staleness"),
		own("max_upstream_calls", "skip_likeness"),
	)
}

// priceBound is applied by this server to what an image search found, if the dialect's image search does not have it.
func priceBound(path string) func(Declaration) Offer {
	return func(d Declaration) Offer {
		o := d.request(KeywordSearch, path)
		if !o.none() && d.request(ImageSearch, path).none() {
			return o.Noted("Searches by image do not take it: what they find is held to it by this server.")
		}
		return o
	}
}

// wordsOnly are criteria of the contract's keyword search that its search by image does not have.
func wordsOnly(paths ...string) []field {
	return fields("", paths, func(d Declaration, path string) Offer {
		o := d.request(KeywordSearch, path)
		if o.none() || strings.Contains(path, ".") { // The note stands at the field above.
			return o
		}
		return o.Noted("Searches by image do not take it: what they find is not narrowed.")
	})
}

// recordedTrends are the trends that strategies add to their answers.
func recordedTrends() []field {
	return []field{{"trends", func(d Declaration) Offer {
		if d.has(GetProductTrends) {
			return Full()
		}
		return Full().Noted("The answer has none; meta.notes says so.")
	}}}
}

func supplierKinds(d Declaration) Offer { return d.answer(KeywordSearch, "products.supplier.kinds") }

func clusters(d Declaration) Offer {
	if d.has(ListRelatedProducts) {
		return Full()
	}
	return Full().Noted("Without goods that are related upstream; meta.notes says so.")
}

func relatedKeywords(d Declaration) Offer {
	if d.has(ListTopKeywords) {
		return Full()
	}
	return None()
}
