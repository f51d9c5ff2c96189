package upstream

// What each dialect offers in searches by picture: rows of the matrix.

// imageSource is where an image may come from. prefix stands before the field's name.
func imageSource(prefix string) []capability {
	return []capability{
		{prefix + "image", full, full},
		{prefix + "image.url", full, full},
		{prefix + "image.content", full, full},
		{prefix + "image.id", full, full},
	}
}

// imageOptions are what may be asked beside a picture. TOP's image search has neither pages nor bounds nor orders.
func imageOptions(prefix string) []capability {
	rows := []capability{
		{"keyword", full, full},
		{"category_id", full, full},
		{"page", full, none},
		{"page_size", full, none},
		{"sort", full, only("SORT_ORDER_RELEVANCE")},
		{"price_min", full, none},
		{"price_max", full, none},
		{"filters", full, none},
		{"language_code", full.but("Some languages must be activated for the App Key by 1688."), only("zh")},
		{"include_raw", full, full},
		{"max_staleness", full, full},
	}
	for i := range rows {
		rows[i].field = prefix + rows[i].field
	}
	return append(rows, region(prefix)...)
}

// region is a part of an image.
func region(prefix string) []capability {
	cutOut := full.but("Cut out by this server before the image is sent.")
	var rows []capability
	for _, field := range []string{"region", "region.left", "region.top", "region.right", "region.bottom"} {
		rows = append(rows, capability{prefix + field, full, cutOut})
	}
	return rows
}

// imageAnswer is what an answer to a search by image says. prefix stands before the field's name.
func imageAnswer(prefix string) []capability {
	const sent = "Where the image's size is known: for images that this server sent."
	rows := append(products(
		capability{"similarity", none, full},
		capability{"sold_count", full, none},
		capability{"sold_at_least", full, none},
	), capability{"regions", full.but(sent), none})
	for i := range rows {
		rows[i].field = prefix + rows[i].field
	}
	return rows
}
