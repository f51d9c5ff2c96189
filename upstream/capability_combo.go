package upstream

import "slices"

// Strategies refuse nothing that one dialect lacks: they ask without it, and hold what comes to the bounds themselves.
// What is missing then stands here, and in an answer's partial failures.

// comboOperation is what is offered of one strategy beside what all of them take.
func comboOperation(name string, own []capability, more ...capability) operation {
	heldHere := full.but("Searches by image do not take it: what they find is held to it by this server.")
	facets := full.upTo(1)
	facets.note += " Searches by image do not take it: what they find is not narrowed."
	return operation{
		rpc: "zhaohuo.v1.ComboService/" + name,
		request: slices.Concat(own, more, []capability{
			{"price_min", full, heldHere},
			{"price_max", full, heldHere},
			{"category_id", full, full},
			{"sort", full, only("SORT_ORDER_RELEVANCE", "SORT_ORDER_PRICE_ASC", "SORT_ORDER_PRICE_DESC", "SORT_ORDER_SALES_DESC")},
			{"filters", full, none},
			{"facet_ids", facets, none},
			{"language_code", full.but("Some languages must be activated for the App Key by 1688."), only("zh")},
			{"include_raw", full, full},
			{"max_staleness", full, full},
			{"max_upstream_calls", full, full},
			{"skip_likeness", full, full},
		}),
	}
}

func findSource() operation {
	o := comboOperation("FindSource", []capability{{"keyword", full, full}, {"verify_images", full, full}}, imageSource("")...)
	o.response = []capability{
		{"groups.offers.factory", full, none},
		{"unconfirmed.factory", full, none},
	}
	return o
}

func expandSelection() operation {
	o := comboOperation("ExpandSelection", []capability{{"seeds", full, full}, {"winners", full, full}})
	o.response = []capability{
		{"winners", full, full},
		{"clusters", full, full.but("Without goods that are related upstream; partial_failures says so.")},
		{"related_keywords", full, none},
	}
	return o
}
