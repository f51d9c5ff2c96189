package agent

import (
	"context"
	"errors"

	"github.com/google/jsonschema-go/jsonschema"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// outcome is what the answers of all strategies have.
type outcome struct {
	about

	// Notes say what should be known about the answer, Missing which steps failed or were left out, and why.
	Notes   []string          `json:"notes,omitempty"`
	Missing map[string]string `json:"missing,omitempty"`
}

// strategy is the answer of a strategy.
type strategy interface {
	GetPartialFailures() []*zhaohuov1.PartialFailure
	GetMeta() *zhaohuov1.ComboMeta
}

// noteOutcome notes how the answer of a strategy came about.
func (c *call) noteOutcome(to *outcome, of strategy) {
	c.answered(of.GetMeta())
	for _, n := range of.GetMeta().GetNotes() {
		to.Notes = append(to.Notes, n.GetText())
	}
	for _, f := range of.GetPartialFailures() {
		if to.Missing == nil {
			to.Missing = map[string]string{}
		}
		to.Missing[f.GetStep()] = f.GetStatus().GetMessage()
	}
}

// text are the lines of what is missing and of what should be known.
func (o *outcome) text(in language) []string {
	var text []string
	for _, step := range sortedKeys(o.Missing) {
		text = append(text, in.say(without, step, o.Missing[step]))
	}
	return append(text, o.Notes...)
}

// shapeStrategy completes the schema of a strategy that may take an image.
func (s *Server) shapeStrategy(schema *jsonschema.Schema) {
	shapes(schema)
	if schema.Properties["image_url"] != nil {
		s.shapeImage(schema)
	}
}

// shapeWithFreight completes the schema of a strategy that may take an image and ask for freight.
func (s *Server) shapeWithFreight(schema *jsonschema.Schema) {
	s.shapeStrategy(schema)
	shapeFreight(schema)
}

// The usual upstream calls of strategies that may ask for freight, and the most of any.
const (
	findSourceCalls    = 8
	comparePricesCalls = 6
	strategyCallsMax   = 40
)

// shapeTrending completes the schema of a strategy that takes trends.
func (s *Server) shapeTrending(schema *jsonschema.Schema) {
	s.shapeStrategy(schema)
	shapeTrends(schema)
}

// shapeComparison completes the schema of a strategy that takes both.
func (s *Server) shapeComparison(schema *jsonschema.Schema) {
	s.shapeTrending(schema)
	shapeFreight(schema)
}

// calls are the upstream calls that a strategy is allowed.
func (c *call) calls() *int32 { return proto.Int32(int32(c.allowed)) }

// given is an optional number of a request; nil for 0, which agents do not have to name.
func given(n int32) *int32 {
	if n == 0 {
		return nil
	}
	return &n
}

// offersShown is how many offers of a group an answer has, unless the agent asks for more.
const offersShown = 10

// listed is embedded by the arguments of strategies.
type listed struct {
	Offers int `json:"offers,omitempty" jsonschema:"How many offers of each list to answer with, 1 to 50. 10 unless set."`
}

// shownOf is the shown part of a list, and how many are left out.
func shownOf[T any](all []T, in listed) (part []T, left int) {
	most := in.Offers
	if most == 0 {
		most = offersShown
	}
	most = min(most, len(all))
	return all[:most], len(all) - most
}

type findSource struct {
	Keyword string `json:"keyword,omitempty" jsonschema:"What the goods are called, at most 100 characters. Words, an image, or both."`
	pictured
	Quantity int64 `json:"quantity,omitempty" jsonschema:"The buyer's quantity: offers are ranked by what one unit costs at it."`
	Verify   int32 `json:"verify_images,omitempty" jsonschema:"Search by the images of this many of the best candidates. 3 unless set."`
	narrowed
	listed
	shown
	shipped
	bounded
}

// The searches and the freight cost calls.
func (in findSource) wanted() int {
	return in.calls(in.bounded.wanted(), findSourceCalls, strategyCallsMax)
}

// sourced is the answer of find_source.
type sourced struct {
	outcome

	Groups      []sourceGroup  `json:"groups"`
	Unconfirmed []*sourceOffer `json:"unconfirmed,omitempty"`
	// UnconfirmedLeft is how many more there are.
	UnconfirmedLeft int `json:"unconfirmed_left_out,omitempty"`
}

type sourceGroup struct {
	Offers        []*sourceOffer `json:"offers"`
	OffersLeft    int            `json:"offers_left_out,omitempty"`
	Median        *amount        `json:"median_price,omitempty"`
	Landed        *amount        `json:"median_with_freight,omitempty"`
	CheapestExact bool           `json:"cheapest_is_proven"`
	Open          int32          `json:"offers_that_may_cost_less,omitempty"`
}

type sourceOffer struct {
	*goods

	Confirmations int    `json:"confirmations,omitempty"`
	Factory       *bool  `json:"factory,omitempty"`
	BeforeNext    string `json:"ranked_before_next_by,omitempty"`
	OrderExceeds  bool   `json:"minimum_order_exceeds_quantity,omitempty"`
	NotOnSale     bool   `json:"not_on_sale,omitempty"`

	Landed *landedCost `json:"with_freight,omitempty"`
}

func (o *sourceOffer) line(in language, n int) string { return o.goods.line(in, n) + o.Landed.text(in) }

func sourceOfferOf(o *zhaohuov1.SourceOffer, detail string) *sourceOffer {
	is := &sourceOffer{
		goods:         priced(o.GetProduct(), o.GetUnitPrice(), o.GetPriceBasis(), detail).alike(o.GetLikeness(), detail),
		Confirmations: len(o.GetConfirmations()), Factory: o.Factory, OrderExceeds: o.GetMinimumOrderExceeds(), NotOnSale: o.GetNotOnSale(),
		Landed: landedOf(o.GetLanded()),
	}
	if o.GetBeforeNext() != zhaohuov1.RankReason_RANK_REASON_UNSPECIFIED {
		is.BeforeNext = short(o.GetBeforeNext().String(), "RANK_REASON_")
	}
	return is
}

func sourceOffersOf(all []*zhaohuov1.SourceOffer, in listed, detail string) (offers []*sourceOffer, left int) {
	part, left := shownOf(all, in)
	for _, o := range part {
		offers = append(offers, sourceOfferOf(o, detail))
	}
	return offers, left
}

func (s *Server) addStrategies() error {
	return errors.Join(s.addFindSource(), s.addComparePrices(), s.addAnalyzeCompetitors(), s.addExpandSelection())
}

func (s *Server) addFindSource() error {
	return add(s, tool{
		name: "find_source", title: "Who sells the same goods",
		description: "Finds who sells the same goods (找同款货源), confirmed by comparing images, and ranks the offers of each group: the first is the best source. Give words, an image, or both, and the quantity if it is known; with freight_to they are ranked by what they cost with freight. Costs up to max_upstream_calls.",
		calls:       spending{usual: findSourceCalls, most: strategyCallsMax, least: 2}, shape: s.shapeWithFreight,
	}, func(ctx context.Context, c *call, in findSource) (*answer, error) {
		image, err := c.image(in.pictured, true)
		if err != nil {
			return nil, err
		}
		got, err := c.combos.FindSource(ctx, &zhaohuov1.FindSourceRequest{
			Keyword: in.Keyword, Image: image, Quantity: in.Quantity, VerifyImages: given(in.Verify), PriceMin: in.PriceMin, PriceMax: in.PriceMax,
			CategoryId: in.Category, Sort: sorts[in.Sort], Filters: in.filters(), LanguageCode: in.Language, MaxUpstreamCalls: c.calls(), Freight: in.freight(),
		})
		if err != nil {
			return nil, err
		}
		found := &sourced{Groups: []sourceGroup{}}
		c.noteOutcome(&found.outcome, got)
		var text []string
		for i, g := range got.GetGroups() {
			group := sourceGroup{Median: amountOf(g.GetMedianPrice(), ""), Landed: amountOf(g.GetMedianLandedTotal(), ""), CheapestExact: g.GetCheapestExact(), Open: g.GetOpenOffers()}
			group.Offers, group.OffersLeft = sourceOffersOf(g.GetOffers(), in.listed, in.Detail)
			found.Groups = append(found.Groups, group)
			text = append(text, c.say(groupOf, i+1, len(g.GetOffers())))
			text = append(text, offerLines(c.language, group.Offers)...)
		}
		if len(text) == 0 {
			text = append(text, c.say(noneConfirmed))
		}
		found.Unconfirmed, found.UnconfirmedLeft = sourceOffersOf(got.GetUnconfirmed(), in.listed, in.Detail)
		if len(found.Unconfirmed) > 0 {
			text = append(text, c.say(notConfirmed, len(got.GetUnconfirmed())))
			text = append(text, offerLines(c.language, found.Unconfirmed)...)
		}
		return &answer{lines: append(text, found.text(c.language)...), structure: found}, nil
	})
}

func offerLines(in language, all []*sourceOffer) []string {
	text := make([]string, len(all))
	for i, o := range all {
		text[i] = o.line(in, i+1)
	}
	return text
}
