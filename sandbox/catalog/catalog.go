package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// StatusPublished is the status of offers on sale; all others are found by id only.
const StatusPublished = "published"

// Catalog is a searchable set of offers. It is safe for concurrent use; offers must not be changed after New.
type Catalog struct {
	offers []*Offer // by id
	byID   map[int64]*Offer

	listed     []listing // published offers
	bySeller   map[string][]int
	categories []Category
	sold       map[int64]int // pieces sold per category, to rank its keywords
	index      *index
}

// listing is a published offer, prepared for search.
type listing struct {
	offer *Offer
	// zh and en are the tokens of the titles. A space stands before and after each token.
	zh, en     string
	popularity int
}

// New checks and indexes offers. It refuses an offer without id, title or supplier, and an id used twice.
// Close must be called when the catalogue is no longer needed.
func New(offers []*Offer) (*Catalog, error) {
	c := &Catalog{
		byID:     make(map[int64]*Offer, len(offers)),
		bySeller: map[string][]int{},
		sold:     map[int64]int{},
	}
	for i, o := range offers {
		if err := check(o); err != nil {
			return nil, fmt.Errorf("offer %d of the catalogue: %w", i+1, err)
		}
		if c.byID[o.ID] != nil {
			return nil, fmt.Errorf("offer %d of the catalogue: id %d is used twice", i+1, o.ID)
		}
		c.byID[o.ID] = o
	}
	c.offers = slices.Clone(offers)
	slices.SortFunc(c.offers, func(a, b *Offer) int { return cmp.Compare(a.ID, b.ID) })
	if err := c.list(); err != nil {
		return nil, err
	}
	c.categories = tree(c.offers)
	return c, nil
}

func check(o *Offer) error {
	switch {
	case o == nil:
		return errors.New("is nil")
	case o.ID <= 0:
		return fmt.Errorf("id %d is not positive", o.ID)
	case strings.TrimSpace(o.Title) == "":
		return fmt.Errorf("offer %d has no title", o.ID)
	case o.Supplier == nil:
		return fmt.Errorf("offer %d has no supplier", o.ID)
	}
	return nil
}

func (c *Catalog) list() error {
	var titles [][2]string
	for _, o := range c.offers {
		if o.Status != StatusPublished {
			continue
		}
		l := listing{offer: o, zh: joined(tokens(o.Title)), en: joined(tokens(o.TitleEN)), popularity: popularity(o)}
		if id := o.Supplier.OpenID; id != "" {
			c.bySeller[id] = append(c.bySeller[id], len(c.listed))
		}
		if o.MonthSold != nil {
			for _, id := range categoriesOf(o) {
				c.sold[id] += *o.MonthSold
			}
		}
		c.listed = append(c.listed, l)
		titles = append(titles, [2]string{l.zh, l.en})
	}
	var err error
	c.index, err = newIndex(context.Background(), titles)
	return err
}

// Close frees the index. The catalogue must not be searched afterwards.
func (c *Catalog) Close() error { return c.index.close() }

// Offer finds an offer by id, on sale or not.
func (c *Catalog) Offer(id int64) (*Offer, bool) {
	o, ok := c.byID[id]
	return o, ok
}

// Offers lists all offers by id, on sale or not. The caller may change the list.
func (c *Catalog) Offers() []*Offer { return slices.Clone(c.offers) }

// Published lists the offers on sale by id. The caller may change the list.
func (c *Catalog) Published() []*Offer {
	out := make([]*Offer, len(c.listed))
	for i := range c.listed {
		out[i] = c.listed[i].offer
	}
	return out
}

// Related lists at most limit other published offers of the same category, the most popular first. An unknown id has none.
func (c *Catalog) Related(id int64, limit int) []*Offer {
	o, ok := c.byID[id]
	if !ok || limit <= 0 {
		return nil
	}
	own := leaf(o)
	var near []listing
	for _, l := range c.listed {
		if l.offer != o && own != 0 && leaf(l.offer) == own {
			near = append(near, l)
		}
	}
	slices.SortFunc(near, func(a, b listing) int {
		return cmp.Or(cmp.Compare(b.popularity, a.popularity), cmp.Compare(a.offer.ID, b.offer.ID))
	})
	out := make([]*Offer, 0, min(limit, len(near)))
	for _, l := range near[:min(limit, len(near))] {
		out = append(out, l.offer)
	}
	return out
}

// joined writes tokens so that a run of tokens is found as a substring that begins and ends between tokens.
func joined(tokens []string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, t := range tokens {
		b.WriteString(t)
		b.WriteByte(' ')
	}
	return b.String()
}

// leaf returns an offer's deepest category, 0 when it has none.
func leaf(o *Offer) int64 {
	return cmp.Or(o.ThirdCategory, o.SecondCategory, o.TopCategory)
}

func categoriesOf(o *Offer) []int64 {
	return slices.DeleteFunc([]int64{o.TopCategory, o.SecondCategory, o.ThirdCategory}, func(id int64) bool { return id == 0 })
}
