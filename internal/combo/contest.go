package combo

import (
	"cmp"
	"context"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// bid is an offer that competes to be the cheapest, with its price as far as it is known.
type bid struct {
	goods *found
	price Price
	// reasons are why it is not comparable; none if it is.
	reasons []zhaohuov1.IncomparableReason
	// landed is what it costs with its freight; nil if freight was not asked for. total is the same as an amount, nil if it is not
	// known, and least the least that it can be.
	landed *zhaohuov1.LandedCost
	total  *money.Amount
	least  money.Amount
}

// standing is how comparable bids stand against each other at a quantity.
type standing struct {
	// best is the cheapest of the bids whose price holds, or if there are none, the bid that may be the lowest; nil without
	// bids.
	best *bid
	// open are the bids, without best, that may cost less than best: only a lower bound of their price is known. The lowest
	// bound comes first, ties by id.
	open []*bid
	// landed means that what counts is the total with freight.
	landed bool
}

// standingOf compares bids.
func standingOf(bids []*bid) standing {
	var holding, open []*bid
	for _, b := range bids {
		switch {
		case len(b.reasons) > 0:
		case b.price.Holds():
			holding = append(holding, b)
		default:
			open = append(open, b)
		}
	}
	byBound := func(x, y *bid) int {
		return cmp.Or(cmp.Compare(x.price.floor, y.price.floor), compareID(x.goods.id(), y.goods.id()))
	}
	slices.SortFunc(open, byBound)
	switch {
	case len(holding) > 0:
		best := slices.MinFunc(holding, byBound)
		cheaper, _ := slices.BinarySearchFunc(open, best.price.floor, func(b *bid, floor money.Amount) int { return cmp.Compare(b.price.floor, floor) })
		return standing{best: best, open: open[:cheaper]}
	case len(open) > 0:
		return standing{best: open[0], open: open[1:]}
	}
	return standing{}
}

// proven reports whether the best bid is the cheapest for certain.
func (s standing) proven() bool { return s.best != nil && s.known(s.best) && len(s.open) == 0 }

// known reports whether it is certain what the buyer pays for a bid.
func (s standing) known(b *bid) bool { return b.price.Holds() && (!s.landed || b.total != nil) }

// undecided are the bids that may be the cheapest and of which only a lower bound is known, the lowest bound first; none if
// the best bid is proven.
func (s standing) undecided() []*bid {
	if s.best != nil && !s.known(s.best) {
		return append([]*bid{s.best}, s.open...)
	}
	return s.open
}

// detailSet is the details of products that were asked for in one run.
type detailSet struct {
	known map[string]*zhaohuov1.ProductDetail
	// asked has the products that were asked for, also those without an answer. What their details do not say stays
	// unknown.
	asked map[string]bool
	// gone has the products that cannot be bought any more.
	gone map[string]bool
	// failed is set when it is no use to ask for more details in this run.
	failed bool
}

func newDetailSet() *detailSet {
	return &detailSet{known: map[string]*zhaohuov1.ProductDetail{}, asked: map[string]bool{}, gone: map[string]bool{}}
}

// next is the bid whose details may decide the contest: the lowest bound of which more can be learned; nil for none.
func (d *detailSet) next(s standing) *bid {
	for _, b := range s.undecided() {
		if !d.asked[b.goods.id()] {
			return b
		}
	}
	return nil
}

// prove asks for details until the cheapest bid is proven, or no details can decide it, or no call is left. It is branch
// and bound: the lowest bound is asked for first, so that no other order needs fewer details for certain. One is asked for
// after the other, because each answer can end the contest.
func (c *comboRun) prove(ctx context.Context, of criteria, d *detailSet, stand func() standing) {
	for ctx.Err() == nil && !d.failed && c.left() > 0 {
		next := d.next(stand())
		if next == nil {
			return
		}
		c.askFor(ctx, of, d, []*found{next.goods}, []int{min(c.left(), retries)})
	}
}

// compareByAmount orders bids by what their products cost as far as it is known, ties by id.
func compareByAmount(x, y *bid) int {
	return cmp.Or(cmp.Compare(x.price.Amount, y.price.Amount), compareID(x.goods.id(), y.goods.id()))
}

// left is how many upstream calls the run may still spend, without those that are kept for freight and trends.
func (c *comboRun) left() int {
	return int(c.meta.GetUpstreamCallBudget()-c.meta.GetUpstreamCalls()) - c.reserved - c.kept
}

// askFor asks for the details of products, each with its share of the budget, and notes what became of them.
func (c *comboRun) askFor(ctx context.Context, of criteria, d *detailSet, goods []*found, shares []int) {
	details, errs := c.requestDetails(ctx, of, goods, shares)
	for i, g := range goods {
		if shares[i] <= 0 {
			continue
		}
		id := g.id()
		d.asked[id] = true
		switch kind := fault.KindOf(errs[i]); {
		case errs[i] == nil:
			d.known[id] = details[i]
			d.gone[id] = details[i].GetStatus() == zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE
		case kind == fault.ProductNotFound:
			d.gone[id] = true
		default:
			d.failed = d.failed || endsAsking(errs[i])
		}
	}
}

// endsAsking reports whether the next call would fail as this one did: the dialect does not offer it, or there is no turn for
// it.
func endsAsking(err error) bool {
	kind := fault.KindOf(err)
	switch kind.Retry() {
	case fault.RetryLocal, fault.RetryThrottle, fault.RetryQuota:
		return true
	}
	return kind == fault.UnsupportedByDialect
}

// inexact is why the cheapest bid is not proven; unspecified if it is, or if there is none.
func (d *detailSet) inexact(s standing, quantity int64) zhaohuov1.InexactReason {
	switch {
	case s.best == nil || quantity > 0 && s.proven():
		return zhaohuov1.InexactReason_INEXACT_REASON_UNSPECIFIED
	case quantity == 0:
		return zhaohuov1.InexactReason_INEXACT_REASON_NO_QUANTITY
	case d.next(s) != nil && !d.failed:
		return zhaohuov1.InexactReason_INEXACT_REASON_BUDGET
	}
	for _, b := range s.undecided() {
		if d.known[b.goods.id()] == nil {
			return zhaohuov1.InexactReason_INEXACT_REASON_DETAILS_FAILED
		}
	}
	if s.landed && slices.ContainsFunc(s.undecided(), func(b *bid) bool { return b.total == nil }) {
		return zhaohuov1.InexactReason_INEXACT_REASON_FREIGHT_UNKNOWN
	}
	return zhaohuov1.InexactReason_INEXACT_REASON_NOT_IN_DETAILS
}
