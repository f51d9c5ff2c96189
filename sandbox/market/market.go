// Package market is the goods as both dialects see them: questions with the platform's window and page rules put to the
// catalogue, and the parts of an offer that both write in the same way (prices as text, pictures, links, translated titles).
//
// It finds nothing by itself (the catalogue searches) and writes no wire format.
package market

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
)

// Window is how many rows of one question the platform ever shows, and the highest total it admits to.
const Window = 2000

// MaxPageSize caps a page silently.
const MaxPageSize = 50

// Catalogue is what the market needs of a catalogue. It is safe for concurrent use and returns offers nobody changes.
type Catalogue interface {
	// Search answers one page of a question, with the count of all matches. It returns before ctx ends.
	Search(ctx context.Context, q catalog.Query) (catalog.Page, error)
	// Offer is one offer by its id, on sale or not.
	Offer(id int64) (*catalog.Offer, bool)
	// Related lists at most limit other goods of the offer's kind, best first.
	Related(id int64, limit int) []*catalog.Offer
	// Categories lists the tree, parents first; TopKeywords what is searched for in a branch of it, 0 being all.
	Categories() []catalog.Category
	TopKeywords(categoryID int64) []catalog.Keyword
}

// Find is an offer by its id. A reserved id of a fault word stands for some offer, so that there is an answer to spoil.
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

// Question is a search with the platform's own page numbers and the restrictions a catalogue does not know.
type Question struct {
	catalog.Query
	// Page counts from 1; PageSize is as asked, above MaxPageSize it is capped.
	Page, PageSize int
	// Also are further restrictions, all of which an offer must meet.
	Also []func(*catalog.Offer) bool
}

// Answer is one page.
type Answer struct {
	// Total is the number of matches, at most Window.
	Total int
	// PageSize is the size really served.
	PageSize int
	Offers   []*catalog.Offer
	// Likeness is of each offer's picture to the one asked for, 0 to 1; nil unless a picture was asked for.
	Likeness []float64
}

// TotalPages is the platform's own sum, which is one too many whenever the last page is full.
func (a Answer) TotalPages() int {
	return a.Total/a.PageSize + 1
}

// Ask puts a question to the catalogue. A page beyond the window, or beyond the matches, is empty and no error.
func Ask(ctx context.Context, c Catalogue, q Question) (Answer, error) {
	size := min(max(q.PageSize, 1), MaxPageSize)
	offset := (min(max(q.Page, 1), Window+1) - 1) * size
	limit := min(size, max(0, Window-offset))
	if len(q.Also) > 0 {
		return askAll(ctx, c, q, size, offset, limit)
	}
	// An empty page still needs the total, so one row is asked for and dropped.
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

// askAll sieves all matches here.
func askAll(ctx context.Context, c Catalogue, q Question, size, offset, limit int) (Answer, error) {
	kept, err := matches(ctx, c, q)
	if err != nil {
		return Answer{}, err
	}
	from := min(offset, len(kept))
	to := min(offset+limit, len(kept))
	return Answer{Total: min(len(kept), Window), PageSize: size, Offers: kept[from:to]}, nil
}

// matches is every offer that meets a question, in its order.
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

// Draw is a stable number in [0, n) for an offer and a purpose: what the catalogue does not say, the platform's answers
// still hold.
func Draw(o *catalog.Offer, purpose string, n int) int {
	h := fnv.New32a()
	h.Write([]byte(purpose))
	h.Write(strconv.AppendInt(nil, o.ID, 10))
	return int(h.Sum32() % uint32(n))
}
