package market

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

// Gallery holds the pictures of goods that the market needs. It is safe for concurrent use.
type Gallery interface {
	// Nearest lists the n offers on sale whose pictures look most like p, the nearest first, out of those that wanted
	// accepts (nil accepts all). No offer is left out for being unlike. It returns before ctx ends.
	Nearest(ctx context.Context, p likeness.Fingerprint, n int, wanted func(id int64) bool) ([]Alike, error)
	// Warm prepares the search in the background; otherwise the first search does. It returns at once.
	Warm()
	// Len is the number of offers that Nearest can list.
	Len() int
	// Photo returns an offer's own picture, or [ErrNoPicture].
	Photo(ctx context.Context, id int64) (*uploads.Photo, error)
}

// ErrNoPicture means that an offer is unknown or has no picture, or that an address is not one of this platform's.
var ErrNoPicture = errors.New("market: no such image")

// PhotoAt returns the picture at an address under one of the platform's own origins, and [ErrNoPicture] for every other
// address. It never fetches anything.
func PhotoAt(ctx context.Context, g Gallery, address string, origins ...string) (*uploads.Photo, error) {
	for _, origin := range origins {
		path, own := strings.CutPrefix(address, origin)
		if id, ok := PictureID(path); own && ok {
			return g.Photo(ctx, id)
		}
	}
	return nil, ErrNoPicture
}

// Alike is an offer, with the likeness of its picture to the question's, 0 to 1.
type Alike struct {
	Offer    *catalog.Offer
	Likeness float64
}

// AskNearest answers with the offers whose pictures look most like a fingerprint. Words, prices, categories and filters
// restrict. An order other than relevance sorts only within the page, as on the platform: the page itself holds the nearest
// goods. Likeness excludes no offer, so Total counts all that meet the restrictions.
func AskNearest(ctx context.Context, c Catalogue, g Gallery, p likeness.Fingerprint, q Question) (Answer, error) {
	size := min(max(q.PageSize, 1), MaxPageSize)
	offset := (min(max(q.Page, 1), Window+1) - 1) * size
	limit := min(size, max(0, Window-offset))
	a := Answer{Total: g.Len(), PageSize: size}
	var wanted func(int64) bool
	if restricted(q) {
		offers, err := matches(ctx, c, q)
		if err != nil {
			return Answer{}, err
		}
		ids := make(map[int64]bool, len(offers))
		for _, o := range offers {
			ids[o.ID] = true
		}
		wanted = func(id int64) bool { return ids[id] }
		a.Total = len(offers)
	}
	a.Total = min(a.Total, Window)
	if limit == 0 || offset >= a.Total {
		return a, nil
	}
	nearest, err := g.Nearest(ctx, p, offset+limit, wanted)
	if err != nil {
		return Answer{}, fmt.Errorf("asking the gallery: %w", err)
	}
	page := nearest[min(offset, len(nearest)):]
	if q.Hint != "" && keyOf(q.Sort) == nil {
		slices.SortStableFunc(page, func(x, y Alike) int { return cmp.Compare(inTitle(y.Offer, q.Hint), inTitle(x.Offer, q.Hint)) })
	}
	if by := keyOf(q.Sort); by != nil {
		slices.SortStableFunc(page, func(x, y Alike) int { return compareKnown(by(x.Offer), by(y.Offer), q.Desc) })
	}
	for _, alike := range page {
		a.Offers, a.Likeness = append(a.Offers, alike.Offer), append(a.Likeness, alike.Likeness)
	}
	return a, nil
}

// inTitle counts the pairs of neighbouring characters of a hint that a title has.
func inTitle(o *catalog.Offer, hint string) int {
	runes, n := []rune(hint), 0
	for i := range len(runes) - 1 {
		if strings.Contains(o.Title, string(runes[i:i+2])) {
			n++
		}
	}
	return n
}

// restricted reports whether a question has restrictions.
func restricted(q Question) bool {
	return q.Words != "" || q.PriceMinFen != nil || q.PriceMaxFen != nil || len(q.CategoryIDs) > 0 ||
		len(q.Filters) > 0 || q.SellerOpenID != "" || len(q.Also) > 0
}

// keyOf returns the value that an order sorts by; nil for relevance.
func keyOf(s catalog.Sort) func(*catalog.Offer) *int64 {
	widened := func(v *int) *int64 {
		if v == nil {
			return nil
		}
		return new(int64(*v))
	}
	switch s {
	case catalog.SortPrice:
		return func(o *catalog.Offer) *int64 { return o.PriceFen }
	case catalog.SortSold:
		return func(o *catalog.Offer) *int64 { return widened(o.MonthSold) }
	case catalog.SortRepurchase:
		return func(o *catalog.Offer) *int64 { return widened(o.RepurchasePercent) }
	}
	return nil
}

// compareKnown puts unknown values last in both directions.
func compareKnown(a, b *int64, down bool) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	case down:
		return cmp.Compare(*b, *a)
	}
	return cmp.Compare(*a, *b)
}
