package topwire

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/url"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

// price writes what an offer costs. It is a range or a text, as on the platform. For the tutorial's client, which
// calculates with prices without converting them, it is the lowest price as a number, and absent when there is none.
func (c *call) price(o *catalog.Offer) any {
	switch {
	case !c.tutorial:
		return market.Span(o)
	case o.PriceFen == nil:
		return nil
	}
	return c.yuan(*o.PriceFen)
}

// yuan writes fen as yuan: a text, or a number for the tutorial's client, for which 0 means no price.
func (c *call) yuan(fen int64) any {
	switch {
	case !c.tutorial:
		return market.Yuan(fen)
	case fen == 0:
		return nil
	}
	return json.Number(market.Yuan(fen))
}

// sold writes the sold count: a number, or a lower bound such as "800+". For the tutorial's client it is always a number,
// since the client sorts by it.
func (c *call) sold(o *catalog.Offer) any {
	if c.tutorial && o.MonthSold != nil {
		return *o.MonthSold
	}
	return market.Sold(o)
}

// onlyPriced leaves out goods whose price is on request. The tutorial's client cannot read a row without a price.
func (c *call) onlyPriced(q *market.Question) {
	if c.tutorial && q.PriceMinFen == nil {
		q.PriceMinFen = new(int64)
	}
}

// placeholderPhoto returns the picture that another address means: that of goods that meet q, always the same for one
// address. It fails with [market.ErrNoPicture] when it is no web address or no goods meet q.
func (c *call) placeholderPhoto(address string, q catalog.Query) (*uploads.Photo, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Host == c.R.Host {
		return nil, market.ErrNoPicture
	}
	q.Limit = 1
	page, err := c.Goods.Search(c.R.Context(), q)
	if err == nil && page.Total == 0 {
		return nil, market.ErrNoPicture
	}
	if err == nil {
		h := fnv.New32a()
		_, _ = h.Write([]byte(address))
		q.Offset = int(h.Sum32() % uint32(page.Total))
		page, err = c.Goods.Search(c.R.Context(), q)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the catalogue: %w", err)
	}
	return c.Gallery.Photo(c.R.Context(), page.Offers[0].ID)
}
