package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// compareCommand compares prices.
type compareCommand struct {
	Words    []string `arg:"" optional:"" name:"words" help:"What the goods are called; Chinese finds most. Or an image of them: a file, an address, an image id, or a link to a product on 1688."`
	Quantity int64    `name:"quantity" placeholder:"N" help:"Order quantity. Offers with a larger minimum order are not comparable. Details are fetched until the cheapest at it is certain, as far as --max-calls allows."`
	Details  int32    `name:"details" placeholder:"N" help:"Fetch price tiers for the N cheapest offers in any case, 0 to 20. Each costs an upstream call."`

	comboPicture    `embed:""`
	comboFreight    `embed:""`
	comboCriteria   `embed:""`
	recordedOptions `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *compareCommand) Run(s *session) error {
	question := func(filters []zhaohuov1.ProductFilter) (*zhaohuov1.ComparePricesRequest, error) {
		words, image, err := c.imageOrWords(s, c.Target, c.Words)
		if err != nil {
			return nil, err
		}
		freight, err := c.freight(c.Quantity)
		if err != nil {
			return nil, err
		}
		return &zhaohuov1.ComparePricesRequest{
			Keyword: words, Image: image, Quantity: c.Quantity, DetailOffers: c.Details, PriceMin: c.MinPrice,
			PriceMax: c.MaxPrice, CategoryId: c.Category, MaxUpstreamCalls: c.MaxCalls, SkipLikeness: c.SkipLikeness,
			Sort: c.order(), Filters: filters, FacetIds: c.Facet, LanguageCode: c.Language, Freight: freight,
			Trends: c.kinds(), TrendProducts: c.TrendProducts,
		}, nil
	}
	return runCombo(s, c.Target, c.comboCriteria, zhaohuov1.ComboServiceClient.StreamComparePrices, question, compareParts, c.write)
}

// write writes the answer as tables.
func (c *compareCommand) write(s *session, answer *zhaohuov1.ComparePricesResponse) error {
	for _, part := range []struct {
		title      string
		comparison *zhaohuov1.PriceComparison
	}{{s.words.say("the same goods, by image"), answer.GetSame()}, {s.words.say("similar goods, by words"), answer.GetSimilar()}} {
		if part.comparison == nil {
			continue
		}
		if err := s.writeComparison(part.title, part.comparison, c.Quantity, c.All); err != nil {
			return err
		}
	}
	if err := s.writeRecorded("", answer.GetTrends(), "\n"); err != nil {
		return err
	}
	return s.comboFooter(answer.GetMeta())
}

func (s *session) writeComparison(title string, c *zhaohuov1.PriceComparison, quantity int64, all bool) error {
	s.print("%s: %d priced%s\n", title, c.GetPriced(), s.unpricedText(c.GetUnpriced()))
	if c.GetStatistics() == nil {
		fmt.Fprintln(s.Stdout)
		return nil
	}
	st := c.GetStatistics()
	s.print("median %s, mean %s, from %s to %s; typical %s to %s\n", moneyText(st.GetMedian()), moneyText(st.GetMean()),
		moneyText(st.GetMin()), moneyText(st.GetMax()), moneyText(c.GetTypicalLow()), moneyText(c.GetTypicalHigh()))
	s.print("5 %% below %s, quartiles %s and %s, 5 %% above %s\n",
		moneyText(st.GetP5()), moneyText(st.GetQ1()), moneyText(st.GetQ3()), moneyText(st.GetP95()))
	if landed := c.GetLandedStatistics(); landed != nil {
		s.print("with freight: median %s, from %s to %s\n", moneyText(landed.GetMedian()), moneyText(landed.GetMin()), moneyText(landed.GetMax()))
	}
	if best := c.GetCheapest(); best != nil {
		price := s.buyersPrice(best.GetProduct(), best.GetPrice(), best.GetPriceBasis(), quantity)
		s.print("cheapest comparable: %s, %s%s\n", plain(best.GetProduct().GetId()), price, s.landedWords(best.GetLanded()))
		s.writeCertainty(c, quantity)
	}
	most := int32(1)
	for _, b := range c.GetHistogram() {
		most = max(most, b.GetCount())
	}
	buckets := make([][]string, len(c.GetHistogram()))
	for i, b := range c.GetHistogram() {
		buckets[i] = []string{moneyText(b.GetLow()), moneyText(b.GetHigh()), strconv.Itoa(int(b.GetCount())), strings.Repeat("#", int(20*b.GetCount()/most))}
	}
	if err := writeTable(s, []column{{title: "FROM", right: true}, {title: "TO", right: true}, {title: "GOODS", right: true}, {title: ""}}, buckets); err != nil {
		return err
	}
	shown, more := tail(c.GetOffers(), all)
	if err := s.writePriced(shown, quantity); err != nil {
		return err
	}
	if err := s.writeMore(more, "offer", "offers"); err != nil {
		return err
	}
	fmt.Fprintln(s.Stdout)
	return nil
}

// writeCertainty says whether the cheapest offer is proven. Servers that are older do not say it.
func (s *session) writeCertainty(c *zhaohuov1.PriceComparison, quantity int64) {
	if !c.GetCheapestExact() && c.GetInexactReason() == zhaohuov1.InexactReason_INEXACT_REASON_UNSPECIFIED {
		return
	}
	why := s.inexactWords(c.GetInexactReason(), quantity)
	if open := c.GetOpenOffers(); open > 0 {
		why = s.words.say("%s; %s", s.openWords(open), why)
	}
	s.print("  %s\n", why)
}

func (s *session) writePriced(offers []*zhaohuov1.PricedOffer, quantity int64) error {
	columns := []column{
		{title: "ID"},
		{title: "TITLE", widest: 36, grows: true},
		{title: "PRICE"},
		{title: "BY QUANTITY", widest: 40},
		{title: "MOQ", right: true},
		{title: "EVIDENCE"},
		{title: "SUPPLIER", widest: 28},
		{title: "NOT COMPARABLE"},
	}
	withFreight := slices.ContainsFunc(offers, func(o *zhaohuov1.PricedOffer) bool { return o.GetLanded() != nil })
	if withFreight {
		columns = append(columns, landedColumns()...)
	}
	rows := make([][]string, len(offers))
	for i, o := range offers {
		p := o.GetProduct()
		var tiers, why []string
		for _, t := range o.GetTiers() {
			tiers = append(tiers, fmt.Sprintf("%d: %s", t.GetMinQuantity(), moneyText(t.GetPrice())))
		}
		for _, reason := range o.GetIncomparable() {
			why = append(why, s.words.say(plainName(reason.String(), "INCOMPARABLE_REASON_")))
		}
		rows[i] = []string{
			p.GetId(), titleText(p), s.buyersPrice(p, o.GetPrice(), o.GetPriceBasis(), quantity), strings.Join(tiers, ", "), countText(p.MinimumOrder, false),
			s.likenessWords(o.GetLikeness()), cmp.Or(p.GetSupplier().GetName(), unknown), strings.Join(why, ", "),
		}
		if withFreight {
			rows[i] = append(rows[i], s.landedCells(o.GetLanded())...)
		}
	}
	return writeTable(s, columns, rows)
}

// basisText is the basis of a price.
func (s *session) basisText(b zhaohuov1.PriceBasis) string {
	switch b {
	case zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY:
		return s.words.say("exact")
	case zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS:
		return s.words.say("from, by quantity")
	case zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE:
		return s.words.say("from, of a range")
	case zhaohuov1.PriceBasis_PRICE_BASIS_LIST:
		return s.words.say("list price")
	case zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION:
		return s.words.say("promotion")
	}
	return unknown
}

// unpricedText is how many products have no price, and why.
func (s *session) unpricedText(causes []*zhaohuov1.UnpricedCount) string {
	var b strings.Builder
	for _, u := range causes {
		b.WriteString(s.words.say(", %d %s", u.GetCount(), s.words.say(plainName(u.GetReason().String(), "UNPRICED_REASON_"))))
	}
	return b.String()
}
