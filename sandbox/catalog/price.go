package catalog

// price draws the price of an offer and its form: one price, a range over variants, tiers by quantity, or only on request.
func price(d *dice, o *Offer, g *goods, f *firm) {
	form := d.below(100)
	if form < 4 {
		return // 面议
	}
	low := roundUp(d, int64(g.priceFen)*int64(f.priceLevel)/100*int64(d.between(97, 103))/100)
	o.PriceFen = &low
	switch {
	case form < 16:
		high := roundUp(d, low*int64(d.between(115, 160))/100)
		if high > low {
			o.PriceMaxFen = &high
		}
	case form < 34:
		o.Tiers = tiers(d, low, o.MinOrder)
		high := o.Tiers[0].PriceFen
		o.PriceMaxFen = &high
	}
	top := low
	if o.PriceMaxFen != nil {
		top = *o.PriceMaxFen
	}
	if d.chance(55) {
		single := roundUp(d, top*int64(d.between(103, 120))/100)
		o.DropshipFen = &single
	}
	if d.chance(12) {
		off := max(1, low*int64(d.between(85, 96))/100)
		o.PromotionFen = &off
	}
}

// roundUp rounds up to a price that suppliers would write, at least one fen.
func roundUp(d *dice, fen int64) int64 {
	step := int64(pick(d, []int{5, 10, 10, 50}))
	if fen < 500 {
		step = 1
	}
	return max(1, (fen+step-1)/step*step)
}

// tiers draws two or three prices that fall strictly to low as the quantity grows.
func tiers(d *dice, low int64, minOrder int) []Tier {
	n := d.between(2, 3)
	out := make([]Tier, n)
	from, above := minOrder, low
	for i := n - 1; i >= 0; i-- {
		out[i].PriceFen = above
		above += max(1, above*int64(d.between(3, 9))/100)
	}
	for i := range out {
		out[i].From = from
		from *= pick(d, []int{5, 10, 20})
	}
	return out
}

// skus makes the variants: the goods' own colour first, then others of the kind, each in every option.
func skus(d *dice, v *vocabulary, o *Offer, g *goods) []SKU {
	colours := []string{g.colour[1]}
	for _, c := range sample(d, g.kind.Colours, d.between(0, 3)) {
		if c != g.colour[1] {
			colours = append(colours, c)
		}
	}
	var out []SKU
	for _, c := range colours {
		for _, value := range g.option.values {
			s := SKU{
				SpecID:      d.hex(32),
				Stock:       d.between(0, 9000),
				WeightGrams: o.WeightGrams,
				Attributes: []Attribute{
					attribute(phrase{"颜色", "colour"}, phrase{v.Colours[c], c}),
					attribute(g.option.name, value),
				},
			}
			out = append(out, s)
		}
	}
	for i := range out {
		out[i].PriceFen = variantPrice(o, i, len(out))
	}
	return out
}

// variantPrice rises evenly from the lowest to the highest price of a range. With tiers, every variant costs the price of
// the smallest quantity. It is 0 when the price is on request.
func variantPrice(o *Offer, i, n int) int64 {
	switch {
	case o.PriceFen == nil:
		return 0
	case len(o.Tiers) > 0:
		return o.Tiers[0].PriceFen
	case o.PriceMaxFen == nil || n < 2:
		return *o.PriceFen
	}
	return *o.PriceFen + (*o.PriceMaxFen-*o.PriceFen)*int64(i)/int64(n-1)
}
