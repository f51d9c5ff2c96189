package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// sourceCommand finds sellers of the same product.
type sourceCommand struct {
	Words    []string `arg:"" optional:"" name:"words" help:"What the goods are called; Chinese finds most. Or an image of them: a file, an address, an image id, or a link to a product on 1688."`
	Quantity int64    `name:"quantity" placeholder:"N" help:"Order quantity. Offers are ranked by what one unit costs at it; details of the cheapest are fetched for that, as far as --max-calls allows."`
	Verify   *int32   `name:"verify" placeholder:"N" help:"Search by the images of the N best candidates, 1 to 10 (default 3)."`

	comboPicture  `embed:""`
	comboFreight  `embed:""`
	comboCriteria `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *sourceCommand) Run(s *session) error {
	question := func(filters []zhaohuov1.ProductFilter) (*zhaohuov1.FindSourceRequest, error) {
		words, image, err := c.imageOrWords(s, c.Target, c.Words)
		if err != nil {
			return nil, err
		}
		freight, err := c.freight(c.Quantity)
		if err != nil {
			return nil, err
		}
		return &zhaohuov1.FindSourceRequest{
			Keyword: words, Image: image, VerifyImages: c.Verify, Quantity: c.Quantity, PriceMin: c.MinPrice, PriceMax: c.MaxPrice,
			CategoryId: c.Category, MaxUpstreamCalls: c.MaxCalls, SkipLikeness: c.SkipLikeness,
			Sort: c.order(), Filters: filters, FacetIds: c.Facet, LanguageCode: c.Language, Freight: freight,
		}, nil
	}
	return runCombo(s, c.Target, c.comboCriteria, zhaohuov1.ComboServiceClient.StreamFindSource, question, sourceParts, c.write)
}

// write writes the answer as tables.
func (c *sourceCommand) write(s *session, answer *zhaohuov1.FindSourceResponse) error {
	return s.writeSources(answer, c.Quantity, c.All)
}

func (s *session) writeSources(answer *zhaohuov1.FindSourceResponse, quantity int64, all bool) error {
	for i, group := range answer.GetGroups() {
		s.print("goods %d: %s, median %s\n", i+1, counted(s.words, len(group.GetOffers()), "confirmed offer", "confirmed offers"), moneyText(group.GetMedianPrice()))
		if group.GetMedianLandedTotal() != nil {
			s.print("with freight: median %s of %s\n", moneyText(group.GetMedianLandedTotal()), counted(s.words, int(group.GetLandedTotalsKnown()), "offer", "offers"))
		}
		s.writeFirst(group, quantity)
		if err := s.writeOffers(group.GetOffers(), quantity); err != nil {
			return err
		}
		fmt.Fprintln(s.Stdout)
	}
	if len(answer.GetGroups()) == 0 {
		s.print("nothing is confirmed\n")
	}
	if len(answer.GetUnconfirmed()) > 0 {
		s.print("not confirmed: %s\n", counted(s.words, len(answer.GetUnconfirmed()), "offer", "offers"))
		shown, more := tail(answer.GetUnconfirmed(), all)
		if err := s.writeOffers(shown, quantity); err != nil {
			return err
		}
		if err := s.writeMore(more, "offer", "offers"); err != nil {
			return err
		}
	}
	return s.comboFooter(answer.GetMeta())
}

// writeFirst says which offer is first, and why.
func (s *session) writeFirst(group *zhaohuov1.SourceGroup, quantity int64) {
	first := group.GetOffers()[0]
	p := first.GetProduct()
	price := s.buyersPrice(p, first.GetUnitPrice(), first.GetPriceBasis(), quantity)
	if landed := s.landedWords(first.GetLanded()); landed != "" {
		s.print("first: %s, %s%s\n", plain(p.GetId()), plain(price), landed)
	} else {
		s.print("first: %s, %s; shipping is not known\n", plain(p.GetId()), plain(price))
	}
	why := s.rankWords(first.GetBeforeNext(), quantity)
	switch {
	case group.GetCheapestExact():
		why = s.words.say("%s; %s", why, s.words.say("no other offer can cost less at %s", s.pieces(quantity)))
	case group.GetOpenOffers() > 0:
		why = s.words.say("%s; %s", why, s.openWords(group.GetOpenOffers()))
	}
	s.print("  why first: %s\n", why)
}

func (s *session) writeOffers(offers []*zhaohuov1.SourceOffer, quantity int64) error {
	columns := []column{
		{title: "ID"},
		{title: "TITLE", widest: 36, grows: true},
		{title: "PRICE"},
		{title: "OF MEDIAN", right: true},
		{title: "MOQ", right: true},
		{title: "SOLD", right: true},
		{title: "REPURCHASE", right: true},
		{title: "FACTORY"},
		{title: "SUPPLIER", widest: 28},
		{title: "CONFIRMED BY", right: true},
		{title: "EVIDENCE"},
	}
	withFreight := slices.ContainsFunc(offers, func(o *zhaohuov1.SourceOffer) bool { return o.GetLanded() != nil })
	if withFreight {
		columns = append(columns, landedColumns()...)
	}
	rows := make([][]string, len(offers))
	for i, o := range offers {
		p := o.GetProduct()
		beside := unknown
		if o.GetRelativePrice() != nil {
			beside = percentText(o.GetRelativePrice().GetRatio())
		}
		rows[i] = []string{
			p.GetId(), titleText(p), s.buyersPrice(p, o.GetUnitPrice(), o.GetPriceBasis(), quantity), beside, countText(p.MinimumOrder, false),
			countText(p.SoldCount, p.GetSoldAtLeast()), shareText(p.RepurchaseRate), s.knownText(o.Factory),
			cmp.Or(p.GetSupplier().GetName(), unknown), strconv.Itoa(len(o.GetConfirmations())), s.likenessWords(o.GetLikeness()),
		}
		if withFreight {
			rows[i] = append(rows[i], s.landedCells(o.GetLanded())...)
		}
	}
	return writeTable(s, columns, rows)
}
