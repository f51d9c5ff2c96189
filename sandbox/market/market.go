// Package market is what both dialects share about goods: the platform's rules of windows and pages, and the parts of an
// offer that both write alike (prices as text, pictures, links, translated titles).
//
// It does not search (the catalogue does) and writes no wire format.
package market

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
)

// Window is how many rows of one question the platform shows, and the highest total that it states.
const Window = 2000

// MaxPageSize is the largest page. Larger page sizes are reduced to it without an error.
const MaxPageSize = 50

// Catalogue is what the market needs of a catalogue. It is safe for concurrent use and returns offers that nobody changes.
type Catalogue interface {
	// Search answers one page of a question, with the count of all matches. It returns before ctx ends.
	Search(ctx context.Context, q catalog.Query) (catalog.Page, error)
	// Offer returns one offer by its id, on sale or not.
	Offer(id int64) (*catalog.Offer, bool)
	// Related lists at most limit other goods of the offer's kind, best first.
	Related(id int64, limit int) []*catalog.Offer
	// Categories lists the tree, parents first. TopKeywords lists the most searched keywords of a branch; 0 is all.
	Categories() []catalog.Category
	TopKeywords(categoryID int64) []catalog.Keyword
}

// Find returns an offer by its id. A reserved id of a fault word returns some offer, so that there is an answer to change.
func Find(ctx context.Context, c Catalogue, id int64) (*catalog.Offer, bool, error) {
	if _, reserved := faultword.OfferID(id); !reserved {
		o, ok := c.Offer(id)
		return o, ok, nil
	}
	page, err := c.Search(ctx, catalog.Query{Limit: 1})
	if err != nil || len(page.Offers) == 0 {
		return nil, false, err
	}
	dressed := *page.Offers[0]
	dressed.ID = id
	return &dressed, true, nil
}

// Question is a search with the platform's page numbers and with restrictions that a catalogue does not know.
type Question struct {
	catalog.Query
	// Page counts from 1. PageSize is as requested; it is capped at MaxPageSize.
	Page, PageSize int
	// Also holds further restrictions. An offer must meet all of them.
	Also []func(*catalog.Offer) bool
	// Hint is words about a picture. It excludes nothing: the goods of a page whose titles have more of it come first, unless
	// another order is asked for.
	Hint string
}

// Answer is one page.
type Answer struct {
	// Total is the number of matches, at most Window.
	Total int
	// PageSize is the size that was really used.
	PageSize int
	Offers   []*catalog.Offer
	// Likeness holds the likeness of each offer's picture to the one in the question, 0 to 1; nil without a picture in the
	// question.
	Likeness []float64
}

// TotalPages is computed as the platform does it. It is one too many when the last page is full.
func (a Answer) TotalPages() int {
	return a.Total/a.PageSize + 1
}

// Ask asks the catalogue. A page beyond the window or beyond the matches is empty, without an error.
func Ask(ctx context.Context, c Catalogue, q Question) (Answer, error) {
	size := min(max(q.PageSize, 1), MaxPageSize)
	offset := (min(max(q.Page, 1), Window+1) - 1) * size
	limit := min(size, max(0, Window-offset))
	if len(q.Also) > 0 {
		return askAll(ctx, c, q, size, offset, limit)
	}
	// An empty page still needs the total, so one row is requested and dropped.
	q.Offset, q.Limit = offset, max(limit, 1)
	page, err := c.Search(ctx, q.Query)
	if err != nil {
		return Answer{}, err
	}
	if limit == 0 {
		page.Offers = nil
	}
	return Answer{Total: min(page.Total, Window), PageSize: size, Offers: page.Offers}, nil
}

// askAll filters all matches itself.
func askAll(ctx context.Context, c Catalogue, q Question, size, offset, limit int) (Answer, error) {
	kept, err := matches(ctx, c, q)
	if err != nil {
		return Answer{}, err
	}
	from := min(offset, len(kept))
	to := min(offset+limit, len(kept))
	return Answer{Total: min(len(kept), Window), PageSize: size, Offers: kept[from:to]}, nil
}

// matches lists every offer that meets a question, in its order.
func matches(ctx context.Context, c Catalogue, q Question) ([]*catalog.Offer, error) {
	const batch = 1000
	var kept []*catalog.Offer
	for q.Offset, q.Limit = 0, batch; ; q.Offset += batch {
		page, err := c.Search(ctx, q.Query)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Offers {
			if !slices.ContainsFunc(q.Also, func(meets func(*catalog.Offer) bool) bool { return !meets(o) }) {
				kept = append(kept, o)
			}
		}
		if len(page.Offers) < batch {
			return kept, nil
		}
	}
}

// Draw returns a stable number in [0, n) for an offer and a purpose. It fills fields that the platform's answers have and
// the catalogue does not.
func Draw(o *catalog.Offer, purpose string, n int) int {
	h := fnv.New32a()
	h.Write([]byte(purpose))
	h.Write(strconv.AppendInt(nil, o.ID, 10))
	return int(h.Sum32() % uint32(n))
}
