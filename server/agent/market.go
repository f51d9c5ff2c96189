package agent

import (
	"context"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// analyzeCalls is what an analysis may usually spend.
const analyzeCalls = 12

type analyzeCompetitors struct {
	pictured
	Keywords int32 `json:"keywords,omitempty" jsonschema:"How many searches by words, 1 to 5. 2 unless set."`
	narrowed
	trending
	listed
	shown
	bounded
}

func (a analyzeCompetitors) wanted() int { return a.beside(a.bounded, analyzeCalls) }

// analyzed is the answer of analyze_competitors.
type analyzed struct {
	outcome

	Competitors     []*goods       `json:"competitors"`
	CompetitorsLeft int            `json:"competitors_left_out,omitempty"`
	Words           []string       `json:"words,omitempty"`
	Synonyms        []string       `json:"synonyms,omitempty"`
	Market          *marketSummary `json:"market,omitempty"`
	// Recorded is what 1688 itself recorded of what sells most.
	Recorded []recorded `json:"recorded_by_1688,omitempty"`
}

type marketSummary struct {
	Products  int32          `json:"products"`
	Suppliers []portion      `json:"suppliers,omitempty"`
	Locations []portion      `json:"locations,omitempty"`
	Bands     []band         `json:"price_bands,omitempty"`
	Cheapest  []cheapestAt   `json:"cheapest_by_quantity,omitempty"`
	LeftOut   map[string]int `json:"left_out,omitempty"`
}

type portion struct {
	Name     string  `json:"name"`
	ID       string  `json:"supplier_id,omitempty"`
	Products int32   `json:"products"`
	Share    float64 `json:"share"`
}

type band struct {
	Low      *amount `json:"from,omitempty"`
	High     *amount `json:"to,omitempty"`
	Products int32   `json:"products"`
}

type cheapestAt struct {
	Quantity int64   `json:"from_quantity"`
	ID       string  `json:"id"`
	Price    *amount `json:"price,omitempty"`
}

// portionsShown is how many suppliers and locations an answer has.
const portionsShown = 5

func portionsOf(all []*zhaohuov1.MarketShare) []portion {
	var list []portion
	for _, s := range all[:min(portionsShown, len(all))] {
		list = append(list, portion{s.GetName(), s.GetSupplierId(), s.GetProducts(), s.GetShare()})
	}
	return list
}

func marketOf(m *zhaohuov1.CompetitorMarket) *marketSummary {
	if m == nil {
		return nil
	}
	is := &marketSummary{Products: m.GetProducts(), Suppliers: portionsOf(m.GetSuppliers()), Locations: portionsOf(m.GetLocations())}
	for _, b := range m.GetPriceBands() {
		is.Bands = append(is.Bands, band{amountOf(b.GetLow(), ""), amountOf(b.GetHigh(), ""), b.GetProducts()})
	}
	for _, c := range m.GetCheapest() {
		is.Cheapest = append(is.Cheapest, cheapestAt{c.GetQuantity(), c.GetProduct().GetId(), amountOf(c.GetPrice(), basisOf(c.GetPriceBasis()))})
	}
	for _, l := range m.GetLeftOut() {
		if is.LeftOut == nil {
			is.LeftOut = map[string]int{}
		}
		is.LeftOut[short(l.GetReason().String(), "LEFT_OUT_REASON_")] = int(l.GetCount())
	}
	return is
}

func alikeOf(all []*zhaohuov1.AlikeProduct, in listed, detail string) (list []*goods, left int) {
	list = []*goods{}
	part, left := shownOf(all, in)
	for _, a := range part {
		list = append(list, goodsOf(a.GetProduct(), detail).alike(a.GetLikeness(), detail))
	}
	return list, left
}

func (s *Server) addAnalyzeCompetitors() error {
	return add(s, tool{
		name: "analyze_competitors", title: "Who competes, and the market",
		description: "Analyses who competes with the goods on an image (竞品分析): goods that look alike, the words buyers search them by, suppliers, price bands, and the cheapest offer by quantity. Costs up to max_upstream_calls.",
		calls:       spending{usual: analyzeCalls, most: 60, least: 2}, shape: s.shapeTrending,
	}, func(ctx context.Context, c *call, in analyzeCompetitors) (*answer, error) {
		image, err := c.image(in.pictured, false)
		if err != nil {
			return nil, err
		}
		got, err := c.combos.AnalyzeCompetitors(ctx, &zhaohuov1.AnalyzeCompetitorsRequest{
			Image: image, Keywords: given(in.Keywords), PriceMin: in.PriceMin, PriceMax: in.PriceMax,
			CategoryId: in.Category, Sort: sorts[in.Sort], Filters: in.filters(), LanguageCode: in.Language, MaxUpstreamCalls: c.calls(),
			Trends: in.kinds(), TrendProducts: given(in.trending.Products),
		})
		if err != nil {
			return nil, err
		}
		found := &analyzed{Synonyms: got.GetSynonyms(), Market: marketOf(got.GetMarket()), Recorded: recordedOf(got.GetTrends())}
		c.noteOutcome(&found.outcome, got)
		found.Competitors, found.CompetitorsLeft = alikeOf(got.GetCompetitors(), in.listed, in.Detail)
		for _, w := range got.GetWords() {
			found.Words = append(found.Words, w.GetWord())
		}
		text := append([]string{c.say(competitors, len(got.GetCompetitors()))}, lines(c.language, found.Competitors)...)
		if len(found.Words) > 0 {
			text = append(text, c.say(buyersWords, strings.Join(found.Words, "; ")))
		}
		if m := found.Market; m != nil {
			text = append(text, c.say(marketSize, m.Products))
			for _, b := range m.Bands {
				if b.Low != nil && b.High != nil {
					text = append(text, c.say(bandSize, b.Low.text(c.language), b.High.text(c.language), b.Products))
				}
			}
			for _, at := range m.Cheapest {
				if at.Price != nil {
					text = append(text, c.say(cheapestFrom, at.Quantity, at.ID, at.Price.text(c.language)))
				}
			}
		}
		text = append(text, recordedLines(c.language, found.Recorded)...)
		return &answer{lines: append(text, found.text(c.language)...), structure: found}, nil
	})
}

type expandSelection struct {
	Seeds   []string `json:"seeds" jsonschema:"Words to start from, 1 to 5, each at most 100 characters."`
	Winners int32    `json:"winners,omitempty" jsonschema:"Search by the images of this many of the best sellers. 3 unless set."`
	narrowed
	listed
	shown
	bounded
}

// expanded is the answer of expand_selection.
type expanded struct {
	outcome

	Winners  []*goods  `json:"best_sellers"`
	Clusters []cluster `json:"look_alikes"`
	Related  []string  `json:"related_keywords,omitempty"`
}

type cluster struct {
	Of           string   `json:"of"`
	Products     []*goods `json:"products"`
	ProductsLeft int      `json:"products_left_out,omitempty"`
	Low          *amount  `json:"price_from,omitempty"`
	High         *amount  `json:"price_to,omitempty"`
	Suppliers    int32    `json:"suppliers"`
	Unknown      int32    `json:"products_of_unknown_suppliers,omitempty"`
}

func (s *Server) addExpandSelection() error {
	return add(s, tool{
		name: "expand_selection", title: "What else to sell",
		description: "Finds what else to sell, from words that sell (选品拓展): best sellers, and goods that look like them in clusters. Costs up to max_upstream_calls.",
		calls:       spending{usual: 12, most: 60, least: 2}, shape: s.shapeStrategy,
	}, func(ctx context.Context, c *call, in expandSelection) (*answer, error) {
		got, err := c.combos.ExpandSelection(ctx, &zhaohuov1.ExpandSelectionRequest{
			Seeds: in.Seeds, Winners: given(in.Winners), PriceMin: in.PriceMin, PriceMax: in.PriceMax,
			CategoryId: in.Category, Sort: sorts[in.Sort], Filters: in.filters(), LanguageCode: in.Language, MaxUpstreamCalls: c.calls(),
		})
		if err != nil {
			return nil, err
		}
		found := &expanded{Winners: goodsOfAll(got.GetWinners(), in.Detail), Clusters: []cluster{}, Related: got.GetRelatedKeywords()}
		c.noteOutcome(&found.outcome, got)
		text := append([]string{c.say(bestSellers, len(found.Winners))}, lines(c.language, found.Winners)...)
		for _, k := range got.GetClusters() {
			is := cluster{Of: k.GetWinnerId(), Low: amountOf(k.GetPriceLow(), ""), High: amountOf(k.GetPriceHigh(), ""), Suppliers: k.GetSuppliers(), Unknown: k.GetUnknownSuppliers()}
			is.Products, is.ProductsLeft = alikeOf(k.GetProducts(), in.listed, in.Detail)
			found.Clusters = append(found.Clusters, is)
			text = append(text, c.say(lookAlikes, is.Of, len(k.GetProducts())))
			text = append(text, lines(c.language, is.Products)...)
		}
		if len(found.Related) > 0 {
			text = append(text, c.say(relatedWords, strings.Join(found.Related, "; ")))
		}
		return &answer{lines: append(text, found.text(c.language)...), structure: found}, nil
	})
}
