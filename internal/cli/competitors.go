package cli

import (
	"cmp"
	"strconv"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// competitorsCommand analyses who competes with the product in an image.
type competitorsCommand struct {
	Picture  []string `arg:"" optional:"" name:"image" help:"Image of the goods: a file, an address, an image id, or a link to a product on 1688."`
	Keywords *int32   `name:"keywords" placeholder:"N" help:"Search by the head noun of the goods with N qualifiers, one at a time, 1 to 5 (default 2)."`

	comboPicture    `embed:""`
	comboCriteria   `embed:""`
	recordedOptions `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *competitorsCommand) Run(s *session) error {
	question := func(filters []zhaohuov1.ProductFilter) (*zhaohuov1.AnalyzeCompetitorsRequest, error) {
		image, err := c.onlyImage(s)
		if err != nil {
			return nil, err
		}
		return &zhaohuov1.AnalyzeCompetitorsRequest{
			Image: image, Keywords: c.Keywords, PriceMin: c.MinPrice, PriceMax: c.MaxPrice, CategoryId: c.Category,
			MaxUpstreamCalls: c.MaxCalls, SkipLikeness: c.SkipLikeness,
			Sort: c.order(), Filters: filters, FacetIds: c.Facet, LanguageCode: c.Language,
			Trends: c.kinds(), TrendProducts: c.TrendProducts,
		}, nil
	}
	return runCombo(s, c.Target, c.comboCriteria, zhaohuov1.ComboServiceClient.StreamAnalyzeCompetitors, question, competitorsParts, c.write)
}

// onlyImage is the image that the request names.
func (c *competitorsCommand) onlyImage(s *session) (*zhaohuov1.ImageSource, error) {
	found, other, err := pictureAndWords(c.Picture)
	if err != nil {
		return nil, err
	}
	if other != "" {
		return nil, usage("%s: this is not an image: give a file, an address, an image id, or a link to a product on 1688", other)
	}
	image, err := c.picture(s, c.Target, found)
	if err == nil && image == nil {
		err = usage("give an image: a file, an address, an image id, or a link to a product on 1688")
	}
	return image, err
}

// write writes the answer as tables.
func (c *competitorsCommand) write(s *session, answer *zhaohuov1.AnalyzeCompetitorsResponse) error {
	s.print("competitors: %d\n", len(answer.GetCompetitors()))
	shown, more := tail(answer.GetCompetitors(), c.All)
	if err := alikePage(shown).writeGoods(s); err != nil {
		return err
	}
	if err := s.writeMore(more, "competitor", "competitors"); err != nil {
		return err
	}
	if err := s.writeWords(answer, c.All); err != nil {
		return err
	}
	if err := s.writeMarket(answer.GetMarket()); err != nil {
		return err
	}
	if err := s.writeRecorded("\n", answer.GetTrends(), "\n"); err != nil {
		return err
	}
	return s.comboFooter(answer.GetMeta())
}

// writeWords writes the words that the goods were searched by, and why; with all also those that were not searched.
func (s *session) writeWords(answer *zhaohuov1.AnalyzeCompetitorsResponse, all bool) error {
	var words [][]string
	for _, w := range answer.GetWords() {
		if all || w.GetSearched() {
			words = append(words, []string{w.GetWord(), strconv.Itoa(int(w.GetTitles())), percentText(w.GetShare()), s.knownText(&w.Searched), w.GetWhy()})
		}
	}
	s.print("\nsearched words\n")
	columns := []column{{title: "WORDS"}, {title: "TITLES", right: true}, {title: "SHARE", right: true}, {title: "SEARCHED"}, {title: "WHY", widest: 80, grows: true}}
	if err := writeTable(s, columns, words); err != nil {
		return err
	}
	if names := answer.GetSynonyms(); len(names) > 0 {
		s.print("also called: %s\n", plain(strings.Join(names, ", ")))
	}
	return nil
}

// leftOutText says why goods are not in the market.
func leftOutText(reason zhaohuov1.LeftOutReason) string {
	switch reason {
	case zhaohuov1.LeftOutReason_LEFT_OUT_REASON_OTHER_NAME:
		return "%d with another name"
	case zhaohuov1.LeftOutReason_LEFT_OUT_REASON_UNLIKE:
		return "%d with another name that look different"
	case zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ACCESSORY:
		return "%d parts or accessories"
	case zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ONLY_ALIKE:
		return "%d with another name that only look alike"
	case zhaohuov1.LeftOutReason_LEFT_OUT_REASON_UNSPECIFIED:
	}
	return "%d for another reason"
}

func (s *session) writeMarket(m *zhaohuov1.CompetitorMarket) error {
	s.print("\nmarket: %d goods, %d without a price, sales of %d unknown", m.GetProducts(), m.GetUnpriced(), m.GetUnknownSales())
	if m.TopTenthSalesShare != nil {
		s.print("; the best-selling tenth has %s of sales", percentText(m.GetTopTenthSalesShare()))
	}
	if left := m.GetLeftOut(); len(left) > 0 {
		var reasons []string
		for _, l := range left {
			reasons = append(reasons, s.words.say(leftOutText(l.GetReason()), l.GetCount()))
		}
		s.print("\nleft out: %s", strings.Join(reasons, ", "))
	}
	s.print("\n\nsuppliers (unknown for %d goods)\n", m.GetUnknownSuppliers())
	if err := s.writeShares("SUPPLIER", m.GetSuppliers()); err != nil {
		return err
	}
	s.print("\nlocations (unknown for %d goods)\n", m.GetUnknownLocations())
	if err := s.writeShares("LOCATION", m.GetLocations()); err != nil {
		return err
	}
	bands := make([][]string, len(m.GetPriceBands()))
	for i, b := range m.GetPriceBands() {
		gapAbove := ""
		if b.GetGapAbove() != nil {
			gapAbove = moneyText(b.GetGapAbove())
		}
		bands[i] = []string{moneyText(b.GetLow()), moneyText(b.GetHigh()), strconv.Itoa(int(b.GetProducts())), gapAbove}
	}
	s.print("\nprice bands\n")
	if err := writeTable(s, []column{{title: "FROM", right: true}, {title: "TO", right: true}, {title: "GOODS", right: true}, {title: "GAP ABOVE", right: true}}, bands); err != nil {
		return err
	}
	cheapest := make([][]string, len(m.GetCheapest()))
	for i, c := range m.GetCheapest() {
		p := c.GetProduct()
		cheapest[i] = []string{
			strconv.FormatInt(c.GetQuantity(), 10), moneyText(c.GetPrice()), p.GetId(), titleText(p), cmp.Or(p.GetSupplier().GetName(), unknown),
		}
	}
	s.print("\ncheapest by quantity\n")
	return writeTable(s, []column{{title: "FROM", right: true}, {title: "PRICE", right: true}, {title: "ID"}, {title: "TITLE", widest: 36, grows: true}, {title: "SUPPLIER", widest: 28}}, cheapest)
}

func (s *session) writeShares(title string, shares []*zhaohuov1.MarketShare) error {
	if len(shares) == 0 {
		return nil
	}
	rows := make([][]string, len(shares))
	for i, share := range shares {
		rows[i] = []string{share.GetName(), strconv.Itoa(int(share.GetProducts())), percentText(share.GetShare())}
	}
	return writeTable(s, []column{{title: title, widest: 40}, {title: "GOODS", right: true}, {title: "SHARE", right: true}}, rows)
}
