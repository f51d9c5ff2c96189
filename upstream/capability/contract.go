package capability

import "slices"

const (
	searchService  = "zhaohuo.v1.SearchService/"
	productService = "zhaohuo.v1.ProductService/"
	categories     = "zhaohuo.v1.CategoryService/"
	comboService   = "zhaohuo.v1.ComboService/"
)

// rpc is one RPC of the contract that calls the upstream, with the fields whose offers are reported, in their order.
type rpc struct {
	name            string
	request, answer []field
}

// field is one field of an RPC. Its offer follows from what a dialect declares of its operations.
type field struct {
	path  string
	offer func(Declaration) Offer
}

// own are fields that this server handles itself. Every dialect offers them.
func own(paths ...string) []field {
	return fields("", paths, func(Declaration, string) Offer { return Full() })
}

// asked are fields that go into an operation's request. The paths are those of the operation; in the RPC, prefix stands
// before them.
func asked(operation, prefix string, paths ...string) []field {
	return fields(prefix, paths, func(d Declaration, path string) Offer { return d.request(operation, path) })
}

// answered are fields that come from an operation's answer.
func answered(operation, prefix string, paths ...string) []field {
	return fields(prefix, paths, func(d Declaration, path string) Offer { return d.answer(operation, path) })
}

func fields(prefix string, paths []string, offer func(Declaration, string) Offer) []field {
	all := make([]field, 0, len(paths))
	for _, path := range paths {
		all = append(all, field{prefix + path, func(d Declaration) Offer { return offer(d, path) }})
	}
	return all
}

// contract lists every RPC that calls the upstream. A test compares it with the contract's descriptors.
func contract() []rpc { return slices.Concat(searches(), products(), combos(), platform()) }

// platform is what is called by name. The lists of APIs say what of it a caller may use.
func platform() []rpc {
	return []rpc{{name: "zhaohuo.v1.PlatformService/Call", request: own("api", "parameters", "max_staleness"), answer: own("json")}}
}

func searches() []rpc {
	return []rpc{
		{
			name:    KeywordSearch,
			request: slices.Concat(asked(KeywordSearch, "", "keyword", "page"), asked(KeywordSearch, "", keywordCriteria()...)),
			answer:  answered(KeywordSearch, "", productList()...),
		},
		{
			name:    searchService + "BatchKeywordSearch",
			request: slices.Concat(own("keywords", "pages", "resume_token"), asked(KeywordSearch, "", keywordCriteria()...)),
		},
		{
			name:    searchService + "StreamKeywordSearch",
			request: slices.Concat(own("keyword", "max_results"), asked(KeywordSearch, "", keywordCriteria()...)),
			answer:  answered(KeywordSearch, "", productList()...),
		},
		{
			name:    ImageSearch,
			request: slices.Concat(imageSource(""), imageOptions("")),
			answer:  imageAnswer(""),
		},
		{
			name:    searchService + "UploadImageSearch",
			request: slices.Concat(own("options", "chunk"), imageOptions("options.")),
			answer:  imageAnswer("response."),
		},
		{
			name: searchService + "BatchImageSearch",
			request: slices.Concat(
				own("options", "image", "image.tag", "chunk", "end"),
				imageSource("image."), imageRegion("image."), imageOptions("options."),
			),
		},
	}
}

func products() []rpc {
	return []rpc{
		{
			name:    GetProduct,
			request: asked(GetProduct, "", "id", "language_code", "include_raw", "max_staleness", "currency", "out_member_id"),
			answer:  answered(GetProduct, "", detail()...),
		},
		{
			name: productService + "BatchGetProducts",
			request: slices.Concat(
				own("ids"), asked(GetProduct, "", "language_code", "include_raw", "max_staleness", "currency", "out_member_id"),
				own("include_descriptions"),
			),
			answer: answered(GetProduct, "results.", detail()...),
		},
		{
			name: ListSellerProducts,
			request: asked(ListSellerProducts, "", "seller_id", "keyword", "include_raw", "page", "page_size",
				"price_min", "price_max", "category_id", "sort", "filters", "language_code", "max_staleness"),
			answer: answered(ListSellerProducts, "", productList()...),
		},
		{
			name:    ListSearchFacets,
			request: asked(ListSearchFacets, "", "keyword", "language_code", "max_staleness"),
		},
		{
			name:    ListTopKeywords,
			request: asked(ListTopKeywords, "", "category_id", "language_code", "max_staleness"),
		},
		{
			name:    ListRelatedProducts,
			request: asked(ListRelatedProducts, "", "id", "page", "page_size", "language_code", "include_raw", "max_staleness"),
		},
		{
			name:    ListTopProducts,
			request: asked(ListTopProducts, "", "category_id", "rank_type", "limit", "language_code", "max_staleness"),
		},
		{
			name:    GetProductTrends,
			request: asked(GetProductTrends, "", "id", "kinds", "start_date", "end_date", "max_staleness"),
		},
		{
			name:    FindCategories,
			request: asked(FindCategories, "", "name", "language_code", "max_staleness"),
		},
		{
			name:    GetCategory,
			request: asked(GetCategory, "", "id", "language_code", "max_staleness"),
		},
		{
			name:    EstimateFreight,
			request: slices.Concat(asked(EstimateFreight, "", "id", "quantity", "skus", "skus.id", "skus.spec_id", "skus.quantity", "max_staleness"), freightDestination("")),
			answer:  answered(EstimateFreight, "", "freight", "freight.amount", "freight.free", "freight.tariff", "freight.weight_grams", "freight.size", "freight.skus"),
		},
	}
}

// freightDestination is where goods are sent to.
func freightDestination(prefix string) []field {
	return asked(EstimateFreight, prefix, "destination", "destination.province_code", "destination.city_code", "destination.district_code",
		"destination.province_name", "destination.city_name", "destination.district_name")
}

// keywordCriteria are the parameters of a keyword search beside the words and the page.
func keywordCriteria() []string {
	return append([]string{
		"page_size", "price_min", "price_max", "category_id", "sort", "filters", "language_code", "include_raw", "facet_ids",
		"max_staleness", "category_ids", "region_opp",
	}, salesFilter()...)
}

// salesFilter is a bound on how often goods were sold, with its fields.
func salesFilter() []string {
	all := []string{"sales"}
	for _, period := range []string{"week", "two_weeks", "month", "all_time"} {
		path := "sales." + period
		all = append(all, path, path+".min", path+".max")
	}
	return all
}

// imageSource are the fields that say where an image comes from.
func imageSource(prefix string) []field {
	return asked(ImageSearch, prefix, "image", "image.url", "image.content", "image.id")
}

// imageOptions are the parameters of a search by image beside the image.
func imageOptions(prefix string) []field {
	return slices.Concat(
		asked(ImageSearch, prefix, "keyword", "category_id", "page", "page_size", "sort", "price_min", "price_max", "filters",
			"language_code", "include_raw", "max_staleness", "item_title", "auxiliary_text"),
		imageRegion(prefix),
	)
}

// imageRegion is a part of an image.
func imageRegion(prefix string) []field {
	return asked(ImageSearch, prefix, "region", "region.left", "region.top", "region.right", "region.bottom")
}

// imageAnswer is the answer of a search by image.
func imageAnswer(prefix string) []field {
	return slices.Concat(answered(ImageSearch, prefix, productList()...), answered(ImageSearch, prefix, "regions"))
}

// productList are the fields of the products in a list.
func productList() []string {
	return slices.Concat([]string{
		"products.id",
		"products.title",
		"products.title_translated",
		"products.image_url",
		"products.image_url_translated",
		"products.detail_url",
		"products.price",
		"products.price_max",
		"products.price_text",
		"products.promotion_price",
		"products.promotion_end_time",
		"products.dropshipping_price",
		"products.other_prices",
		"products.other_prices.kind",
		"products.other_prices.price",
		"products.other_prices.end_time",
		"products.other_prices.kind_text",
		"products.other_prices.foreign_price",
		"products.minimum_order",
		"products.sold_count",
		"products.sold_at_least",
		"products.sold_days",
		"products.weekly_sold_count",
		"products.weekly_sold_at_least",
		"products.repurchase_rate",
		"products.badges",
		"products.similarity",
		"products.category_ids",
		"products.create_time",
		"products.update_time",
		"products.invoice_terms",
		"products.invoice_terms.online",
		"products.invoice_terms.fast",
		"products.invoice_terms.types",
		"products.invoice_terms.taxpayer_type",
		"products.raw_json",
		"products.supplier",
		"products.supplier.id",
		"products.supplier.name",
		"products.supplier.location",
		"products.supplier.kinds",
		"products.supplier.scores",
		"products.supplier.scores.overall",
		"products.supplier.scores.logistics",
		"products.supplier.scores.disputes",
		"products.supplier.scores.products",
		"products.supplier.scores.after_sales",
		"products.supplier.scores.consultation",
		"products.supplier.trust_pass_years",
		"products.supplier.trade_medal_level",
		"products.supplier.repurchase_rate",
	}, serviceRates("products.supplier.service_rates"), serviceRates("products.service_rates"))
}

// serviceRates are the fields of ServiceRates under a path.
func serviceRates(path string) []string {
	all := []string{path}
	for _, name := range []string{
		"weekly_pickup24h_rate", "monthly_pickup24h_rate", "monthly_pickup48h_rate", "weekly_delayed_shipping_rate",
		"weekly_perfect_fulfillment_rate", "monthly_perfect_fulfillment_rate", "monthly_quality_return_rate", "positive_rating_rate",
	} {
		all = append(all, path+"."+name)
	}
	return all
}

// detail are the fields of a product in detail.
func detail() []string {
	return []string{
		"product.summary",
		"product.status",
		"product.status_text",
		"product.price_tiers",
		"product.skus",
		"product.attributes",
		"product.image_urls",
		"product.video_url",
		"product.description_html",
		"product.unit",
		"product.weight_grams",
		"product.size",
		"product.ships_from",
		"product.stock",
		"product.batch_size",
		"product.category_name",
		"product.mixed_order",
		"product.certificates",
		"product.cargo_number",
		"product.selling_points",
		"product.description_html_translated",
		"product.description_url_translated",
		"product.image_urls_translated",
		"product.unit_translated",
	}
}
