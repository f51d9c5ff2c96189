package combo

import (
	"cmp"
	"context"
	"slices"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// compareCalls is the default budget of ComparePrices.
const compareCalls = 6

// ComparePricesCalls is how many upstream calls a comparison may spend.
func ComparePricesCalls(q *zhaohuov1.ComparePricesRequest) int {
	return int(orElse(q.MaxUpstreamCalls, compareCalls))
}

// ComparePrices compares the prices of the product in the caller's image, and of products found by keyword. A product
// that shows the same as the image belongs to the first group, whatever found it. A product found by image whose
// likeness shows something else belongs to neither. Every product counts once.
func ComparePrices(ctx context.Context, p Ports, q *zhaohuov1.ComparePricesRequest) (*zhaohuov1.ComparePricesResponse, error) {
	c := &comparison{
		comboRun: begin(p, int32(ComparePricesCalls(q))), criteria: criteriaOf(q),
		words: strings.TrimSpace(q.GetKeyword()), quantity: q.GetQuantity(), lookIndex: newLookIndex(p),
	}
	if c.words == "" && p.Picture == nil {
		return nil, nothingAsked()
	}
	if p.Picture != nil {
		c.noteFacets(c.criteria)
	}
	c.allot(int(q.GetDetailOffers()))
	c.search(ctx)
	if p.Picture != nil {
		c.withoutLikeness(q.GetSkipLikeness())
		c.look(ctx, c.lookIndex, p.Picture, c.goods.all)
		c.noteUnseen(c.lookIndex)
	}
	c.part()
	c.askDetails(ctx)
	meta, err := c.end()
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ComparePricesResponse{PartialFailures: c.failures, Meta: meta}
	if p.Picture != nil && (c.pictureFound || len(c.same) > 0) {
		answer.Same = c.compare(c.same)
	}
	if c.words != "" && c.wordsFound {
		answer.Similar = c.compare(c.similar)
	}
	return answer, nil
}

// comparison is one run of ComparePrices.
type comparison struct {
	*comboRun
	criteria  criteria
	words     string
	quantity  int64
	lookIndex *lookIndex
	goods     goodsSet
	// same and similar are the two groups; unlike are products measured to show something else than the caller's image.
	same, similar, unlike []*found
	tiers                 map[string][]*zhaohuov1.PriceTier
	// The shares of the budget.
	forPicture, forWords int
	forDetails           []int
	// Whether the searches succeeded.
	pictureFound, wordsFound bool
}

// allot divides the budget: the image, the words, then details.
func (c *comparison) allot(details int) {
	var requests [2]callRequest
	if c.ports.Picture != nil {
		requests[0] = once(c.ports.Picture.cost())
	}
	if c.words != "" {
		requests[1] = once(1)
	}
	shares := allot(int(c.meta.GetUpstreamCallBudget()), append(requests[:], slices.Repeat([]callRequest{once(1)}, details)...)...)
	c.forPicture, c.forWords, c.forDetails = shares[0], shares[1], shares[2:]
}

// search runs the request's own searches.
func (c *comparison) search(ctx context.Context) {
	var byPicture, byWords []*zhaohuov1.Product
	var steps []step
	if c.ports.Picture != nil {
		steps = append(steps, c.byPicture(ImageStep, c.forPicture, c.ports.imageQuestion(c.criteria, wordsPage), *c.ports.Picture, &byPicture))
	}
	if c.words != "" {
		steps = append(steps, c.byKeyword(KeywordStep, c.forWords, c.ports.keywordQuestion(c.words, c.criteria, wordsPage), &byWords))
	}
	succeeded := c.run(ctx, steps...)
	c.pictureFound = c.ports.Picture != nil && succeeded[0]
	c.wordsFound = c.words != "" && succeeded[len(succeeded)-1]
	c.goods.add(&zhaohuov1.FoundBy{Step: ImageStep, ImageOf: CallersImage}, c.criteria.admitted(byPicture)...)
	c.goods.add(&zhaohuov1.FoundBy{Step: KeywordStep}, c.criteria.admitted(byWords)...)
}

// part assigns each product to its group. A product whose image could not be compared counts as what the search found
// it for.
func (c *comparison) part() {
	like := c.lookIndex.asOwn(c.goods.all)
	for _, f := range c.goods.all {
		_, measured := c.lookIndex.toOwn(f.id())
		switch {
		case slices.Contains(like, f) || !measured && f.foundBy(ImageStep):
			c.same = append(c.same, f)
			continue
		case measured:
			c.unlike = append(c.unlike, f)
		}
		if f.foundBy(KeywordStep) {
			c.similar = append(c.similar, f)
		}
	}
}

// foundBy reports whether a step found it.
func (f *found) foundBy(step string) bool {
	return slices.ContainsFunc(f.by, func(by *zhaohuov1.FoundBy) bool { return by.GetStep() == step })
}

// askDetails requests the details of the cheapest comparable offers.
func (c *comparison) askDetails(ctx context.Context) {
	if len(c.forDetails) == 0 {
		return
	}
	var offers []*zhaohuov1.PricedOffer
	for _, goods := range [][]*found{c.same, c.similar} {
		for _, o := range c.compare(goods).GetOffers() {
			if len(o.GetIncomparable()) == 0 {
				offers = append(offers, o)
			}
		}
	}
	slices.SortFunc(offers, compareByPrice)
	chosen := make([]*found, min(len(offers), len(c.forDetails)))
	for i := range chosen {
		chosen[i] = c.goods.get(offers[i].GetProduct().GetId())
	}
	c.tiers = c.details(ctx, c.criteria, chosen, c.forDetails)
}

// compareByPrice orders by price, ties by id.
func compareByPrice(a, b *zhaohuov1.PricedOffer) int {
	return cmp.Or(
		cmp.Compare(a.GetPrice().GetUnits(), b.GetPrice().GetUnits()),
		cmp.Compare(a.GetPrice().GetNanos(), b.GetPrice().GetNanos()),
		compareID(a.GetProduct().GetId(), b.GetProduct().GetId()),
	)
}
