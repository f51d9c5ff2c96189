package agent

import (
	"cmp"
	"context"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

type comparePrices struct {
	Keyword string `json:"keyword,omitempty" jsonschema:"What the goods are called, at most 100 characters. Words, an image, or both."`
	pictured
	Quantity int64 `json:"quantity,omitempty" jsonschema:"The buyer's quantity: prices are read at it, and offers with a larger minimum order are not comparable."`
	narrowed
	trending
	listed
	shown
	shipped
	bounded
}

// A comparison, freight and trends cost calls.
func (in comparePrices) wanted() int {
	usual := cmp.Or(in.shipped.calls(0, comparePricesCalls, strategyCallsMax), comparePricesCalls)
	return min(in.beside(in.bounded, usual), strategyCallsMax)
}

// compared is the answer of compare_prices.
type compared struct {
	outcome

	// Same are the goods found by the image, Similar those found by the words.
	Same    *comparison `json:"same,omitempty"`
	Similar *comparison `json:"similar,omitempty"`
	// Recorded is what 1688 itself recorded, and no price that a buyer is offered.
	Recorded []recorded `json:"recorded_by_1688,omitempty"`
}

type comparison struct {
	Priced     int32          `json:"priced"`
	Unpriced   map[string]int `json:"unpriced,omitempty"`
	Lowest     *amount        `json:"lowest,omitempty"`
	Median     *amount        `json:"median,omitempty"`
	Highest    *amount        `json:"highest,omitempty"`
	TypicalLow *amount        `json:"typical_from,omitempty"`
	TypicalTop *amount        `json:"typical_to,omitempty"`
	Landed     *amount        `json:"median_with_freight,omitempty"`
	Cheapest   *pricedOffer   `json:"cheapest_comparable,omitempty"`
	Exact      bool           `json:"cheapest_is_proven"`
	Inexact    string         `json:"not_proven_because,omitempty"`
	Open       int32          `json:"offers_that_may_cost_less,omitempty"`
	Offers     []*pricedOffer `json:"offers"`
	OffersLeft int            `json:"offers_left_out,omitempty"`
}

type pricedOffer struct {
	*goods

	Incomparable []string    `json:"not_comparable_because,omitempty"`
	Landed       *landedCost `json:"with_freight,omitempty"`
}

func (o *pricedOffer) line(in language, n int) string { return o.goods.line(in, n) + o.Landed.text(in) }

func pricedOfferOf(o *zhaohuov1.PricedOffer, detail string) *pricedOffer {
	is := &pricedOffer{goods: priced(o.GetProduct(), o.GetPrice(), o.GetPriceBasis(), detail).alike(o.GetLikeness(), detail), Landed: landedOf(o.GetLanded())}
	for _, why := range o.GetIncomparable() {
		is.Incomparable = append(is.Incomparable, short(why.String(), "INCOMPARABLE_REASON_"))
	}
	return is
}

// comparisonOf is nil for none.
func comparisonOf(p *zhaohuov1.PriceComparison, in listed, detail string) *comparison {
	if p == nil {
		return nil
	}
	st := p.GetStatistics()
	is := &comparison{
		Priced: p.GetPriced(), Lowest: amountOf(st.GetMin(), ""), Median: amountOf(st.GetMedian(), ""), Highest: amountOf(st.GetMax(), ""),
		TypicalLow: amountOf(p.GetTypicalLow(), ""), TypicalTop: amountOf(p.GetTypicalHigh(), ""),
		Landed: amountOf(p.GetLandedStatistics().GetMedian(), ""),
		Exact:  p.GetCheapestExact(), Open: p.GetOpenOffers(), Offers: []*pricedOffer{},
	}
	for _, u := range p.GetUnpriced() {
		if is.Unpriced == nil {
			is.Unpriced = map[string]int{}
		}
		is.Unpriced[short(u.GetReason().String(), "UNPRICED_REASON_")] = int(u.GetCount())
	}
	if p.GetCheapest() != nil {
		is.Cheapest = pricedOfferOf(p.GetCheapest(), detail)
	}
	if p.GetInexactReason() != zhaohuov1.InexactReason_INEXACT_REASON_UNSPECIFIED {
		is.Inexact = short(p.GetInexactReason().String(), "INEXACT_REASON_")
	}
	part, left := shownOf(p.GetOffers(), in)
	is.OffersLeft = left
	for _, o := range part {
		is.Offers = append(is.Offers, pricedOfferOf(o, detail))
	}
	return is
}

// text are the lines of a comparison.
func (p *comparison) text(in language, name phrase) []string {
	if p == nil {
		return nil
	}
	summary := in.say(pricedOffers, in.say(name), p.Priced)
	if p.Lowest != nil && p.Median != nil && p.Highest != nil {
		summary += in.say(rangeAndMedian, p.Lowest.text(in), p.Highest.text(in), p.Median.text(in))
	}
	if p.Landed != nil {
		summary += in.say(medianLanded, p.Landed.text(in))
	}
	text := []string{summary + in.say(sentenceEnd)}
	if p.Cheapest != nil {
		how := in.say(proven)
		if !p.Exact {
			how = in.say(notProven, p.Inexact)
		}
		text = append(text, in.say(cheapestIs, how, p.Cheapest.line(in, 1)[len("1. "):]))
	}
	for i, o := range p.Offers {
		text = append(text, o.line(in, i+1))
	}
	return text
}

func (s *Server) addComparePrices() error {
	return add(s, tool{
		name: "compare_prices", title: "Compare prices",
		description: "Compares the prices of the same goods, found by an image, and of similar ones, found by words (比价): statistics, the cheapest offer and whether it is proven, and all offers; with freight_to also with freight. Costs up to max_upstream_calls.",
		calls:       spending{usual: comparePricesCalls, most: strategyCallsMax, least: 2}, shape: s.shapeComparison,
	}, func(ctx context.Context, c *call, in comparePrices) (*answer, error) {
		image, err := c.image(in.pictured, true)
		if err != nil {
			return nil, err
		}
		got, err := c.combos.ComparePrices(ctx, &zhaohuov1.ComparePricesRequest{
			Keyword: in.Keyword, Image: image, Quantity: in.Quantity, PriceMin: in.PriceMin, PriceMax: in.PriceMax,
			CategoryId: in.Category, Sort: sorts[in.Sort], Filters: in.filters(), LanguageCode: in.Language, MaxUpstreamCalls: c.calls(), Freight: in.freight(),
			Trends: in.kinds(), TrendProducts: given(in.trending.Products),
		})
		if err != nil {
			return nil, err
		}
		found := &compared{Same: comparisonOf(got.GetSame(), in.listed, in.Detail), Similar: comparisonOf(got.GetSimilar(), in.listed, in.Detail), Recorded: recordedOf(got.GetTrends())}
		c.noteOutcome(&found.outcome, got)
		text := slices.Concat(found.Same.text(c.language, sameGoods), found.Similar.text(c.language, similarGoods), recordedLines(c.language, found.Recorded))
		return &answer{lines: append(text, found.text(c.language)...), structure: found}, nil
	})
}
