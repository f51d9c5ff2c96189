package catalog

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
)

// Search answers a question with published offers in a total order: equal ranks are ordered by id. It fails only when ctx
// ends or the index fails.
func (c *Catalog) Search(ctx context.Context, q Query) (Page, error) {
	asked := terms(q.Words)
	if q.Words != "" && len(asked) == 0 {
		return Page{}, nil
	}
	numbers, err := c.candidates(ctx, q, asked)
	if err != nil {
		return Page{}, err
	}
	hits := make([]hit, 0, len(numbers))
	for _, n := range numbers {
		l := &c.listed[n]
		now := l.offer
		if q.Present != nil {
			now = q.Present(now)
		}
		if now != nil && meets(now, q) {
			hits = append(hits, hit{listing: l, now: now, key: key(l, now, q, asked)})
		}
	}
	// Sorting thousands of matches is the expensive part, so check first that the caller still waits.
	if err := ctx.Err(); err != nil {
		return Page{}, err
	}
	slices.SortFunc(hits, order(q))
	return page(hits, q), nil
}

// candidates returns the numbers of the offers that match the words, or else the seller.
func (c *Catalog) candidates(ctx context.Context, q Query, asked [][]string) ([]int, error) {
	if len(asked) > 0 {
		return c.index.find(ctx, asked, q.ChineseTitles)
	}
	if q.SellerOpenID != "" {
		return c.bySeller[q.SellerOpenID], nil
	}
	all := make([]int, len(c.listed))
	for i := range all {
		all[i] = i
	}
	return all, nil
}

// meets checks every restriction except the words.
func meets(o *Offer, q Query) bool {
	if q.SellerOpenID != "" && o.Supplier.OpenID != q.SellerOpenID {
		return false
	}
	if (q.PriceMinFen != nil || q.PriceMaxFen != nil) && o.PriceFen == nil {
		return false
	}
	if q.PriceMinFen != nil && *o.PriceFen < *q.PriceMinFen || q.PriceMaxFen != nil && *o.PriceFen > *q.PriceMaxFen {
		return false
	}
	for _, f := range q.Filters {
		if !slices.Contains(o.Filters, f) {
			return false
		}
	}
	if len(q.CategoryIDs) == 0 {
		return true
	}
	for _, id := range q.CategoryIDs {
		if id != 0 && (id == o.TopCategory || id == o.SecondCategory || id == o.ThirdCategory) {
			return true
		}
	}
	return false
}

// hit is a match and the value by which it is ordered; a nil key is an unknown value.
type hit struct {
	*listing
	now *Offer
	key *int64
}

func key(l *listing, o *Offer, q Query, asked [][]string) *int64 {
	switch q.Sort {
	case SortPrice:
		return o.PriceFen
	case SortSold:
		return widen(o.MonthSold)
	case SortRepurchase:
		return widen(o.RepurchasePercent)
	}
	r := relevance(l, asked)
	return &r
}

// order compares hits: known before unknown, then by key, then by id. With relevance, the best always comes first.
func order(q Query) func(a, b hit) int {
	down := q.Desc || !slices.Contains([]Sort{SortPrice, SortSold, SortRepurchase}, q.Sort)
	return func(a, b hit) int {
		byID := cmp.Compare(a.offer.ID, b.offer.ID)
		switch {
		case a.key == nil && b.key == nil:
			return byID
		case a.key == nil:
			return 1
		case b.key == nil:
			return -1
		case down:
			return cmp.Or(cmp.Compare(*b.key, *a.key), byID)
		}
		return cmp.Or(cmp.Compare(*a.key, *b.key), byID)
	}
}

// relevance grows with every term that stands unbroken in a title, more when it stands near the beginning, and a little
// with sales. It uses integers only, so that all machines agree.
func relevance(l *listing, asked [][]string) int64 {
	score := l.popularity
	for _, term := range asked {
		text := joined(term)
		at := strings.Index(l.zh, text)
		if at < 0 {
			at = strings.Index(l.en, text)
		}
		if at >= 0 {
			score += 400 - min(at, 200)
		}
	}
	return int64(score)
}

// popularity is what sales add to relevance. Twice the sales weigh as much as a place eight characters nearer to the
// beginning of the title.
func popularity(o *Offer) int {
	if o.MonthSold == nil {
		return 0
	}
	return 8 * bits.Len(uint(max(*o.MonthSold, 0)))
}

func page(hits []hit, q Query) Page {
	p := Page{Total: len(hits)}
	from := min(max(q.Offset, 0), len(hits))
	to := len(hits)
	if q.Limit > 0 && q.Limit < to-from {
		to = from + q.Limit
	}
	p.Offers = make([]*Offer, 0, to-from)
	for _, h := range hits[from:to] {
		p.Offers = append(p.Offers, h.now)
	}
	return p
}

func widen(v *int) *int64 {
	if v == nil {
		return nil
	}
	w := int64(*v)
	return &w
}
