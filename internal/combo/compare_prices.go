package combo

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	// compareCalls is the default budget of ComparePrices without freight and trends.
	compareCalls = 6
	// compareCallsMax is the largest budget that a request may name, and so the largest default.
	compareCallsMax = 40
)

// ComparePricesCalls is how many upstream calls a comparison may spend.
func ComparePricesCalls(q *zhaohuov1.ComparePricesRequest) int {
	return int(orElse(q.MaxUpstreamCalls, compareCalls+freightCalls(q.GetFreight())))
}

// ComparePrices compares the prices of the product in the caller's image, and of products found by keyword. A product
// that shows the same as the image belongs to the first group, whatever found it. A product found by image whose
// likeness shows something else belongs to neither. Every product counts once.
func ComparePrices(ctx context.Context, p Ports, q *zhaohuov1.ComparePricesRequest) (*zhaohuov1.ComparePricesResponse, error) {
	trends, learned := p.trendsAsked(q), newDetailSet()
	c := &comparison{
		comboRun: begin(p, min(trends.budget(q.MaxUpstreamCalls, compareCalls+freightCalls(q.GetFreight())), compareCallsMax)), criteria: criteriaOf(q),
		words: strings.TrimSpace(q.GetKeyword()), quantity: q.GetQuantity(), lookIndex: newLookIndex(p),
		learned: learned, freights: freightsOf(q.GetFreight(), q.GetQuantity(), q.GetMaxStaleness(), learned), now: time.Now(),
	}
	if c.words == "" && p.Picture == nil {
		return nil, nothingAsked()
	}
	if p.Picture != nil {
		c.noteWordsOnly(c.criteria)
	}
	c.allot(int(q.GetDetailOffers()), trends)
	c.search(ctx)
	if p.Picture != nil {
		c.withoutLikeness(q.GetSkipLikeness())
		c.look(ctx, c.lookIndex, p.Picture, c.goods.all)
		c.noteUnseen(c.lookIndex)
	}
	c.part()
	c.reserve(c.freights, len(c.same)+len(c.similar))
	c.askDetails(ctx, int(q.GetDetailOffers()))
	if c.freights != nil {
		c.askFreight(ctx)
	}
	recorded := c.askTrends(ctx, trends, c.cheapestFirst())
	meta, err := c.end()
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ComparePricesResponse{PartialFailures: c.failures, Meta: meta, Trends: recorded}
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
	// same and similar are the two groups.
	same, similar []*found
	learned       *detailSet
	// freights is nil if freight is not asked for.
	freights *freights
	// now is when the run began; promotions that ended before are over.
	now time.Time
	// The shares of the budget.
	forPicture, forWords int
	// Whether the searches succeeded.
	pictureFound, wordsFound bool
}

// allot divides the budget: the image, the words, then the details and the trends that were asked for. What is left after
// the searches is for details that decide which offer is the cheapest, and for retries.
func (c *comparison) allot(details int, trends trendQuestion) {
	var requests [2]callRequest
	if c.ports.Picture != nil {
		requests[0] = once(c.ports.Picture.cost())
	}
	if c.words != "" {
		requests[1] = once(1)
	}
	shares := allot(int(c.meta.GetUpstreamCallBudget()),
		slices.Concat(requests[:], slices.Repeat([]callRequest{once(1)}, details), trends.requests(trends.products))...)
	c.forPicture, c.forWords = shares[0], shares[1]
	for _, share := range shares[2+details:] {
		c.kept += min(share, 1)
	}
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
// it for. A product that only the image found, and whose likeness shows something else, is in neither.
func (c *comparison) part() {
	like := c.lookIndex.asOwn(c.goods.all)
	for _, f := range c.goods.all {
		_, measured := c.lookIndex.toOwn(f.id())
		switch {
		case slices.Contains(like, f) || !measured && f.foundBy(ImageStep):
			c.same = append(c.same, f)
		case f.foundBy(KeywordStep):
			c.similar = append(c.similar, f)
		}
	}
}

// foundBy reports whether a step found it.
func (f *found) foundBy(step string) bool {
	return slices.ContainsFunc(f.by, func(by *zhaohuov1.FoundBy) bool { return by.GetStep() == step })
}

// askDetails requests the details that decide which offer of each group is the cheapest at the quantity, then those of as
// many of the cheapest comparable offers as were asked for.
func (c *comparison) askDetails(ctx context.Context, wanted int) {
	c.proveGroups(ctx, standingOf)
	var candidates []*bid
	for _, goods := range c.groups() {
		bids, _ := c.bids(goods)
		candidates = append(candidates, slices.DeleteFunc(bids, func(b *bid) bool { return len(b.reasons) > 0 })...)
	}
	slices.SortFunc(candidates, compareByAmount)
	var chosen []*found
	for _, b := range candidates[:min(len(candidates), wanted)] {
		if !c.learned.asked[b.goods.id()] {
			chosen = append(chosen, b.goods)
		}
	}
	c.askFor(ctx, c.criteria, c.learned, chosen, allot(c.left(), slices.Repeat([]callRequest{once(1)}, len(chosen))...))
}

func (c *comparison) groups() [][]*found { return [][]*found{c.same, c.similar} }

// proveGroups asks for details until the cheapest of each group is proven at the quantity.
func (c *comparison) proveGroups(ctx context.Context, stand func([]*bid) standing) {
	if c.quantity == 0 {
		return
	}
	for _, goods := range c.groups() {
		c.prove(ctx, c.criteria, c.learned, func() standing {
			bids, _ := c.bids(goods)
			return stand(bids)
		})
	}
}

// askFreight asks for the freight of the best offers of each group: the best one without freight, then the cheapest. Then it asks
// for details that decide which offer is the cheapest with freight.
func (c *comparison) askFreight(ctx context.Context) {
	var goods []*found
	for _, group := range c.groups() {
		bids, _ := c.bids(group)
		best := standingOf(bids).best
		slices.SortFunc(bids, func(x, y *bid) int { return cmp.Or(trueFirst(x == best, y == best), compareByAmount(x, y)) })
		for _, b := range bids {
			if waits(b.landed) {
				goods = append(goods, b.goods)
			}
		}
	}
	c.comboRun.askFreight(ctx, c.freights, goods)
	c.proveGroups(ctx, c.freights.standing)
}
