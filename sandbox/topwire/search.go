package topwire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// method is one row of the registry.
type method struct {
	name string
	// searchedText returns the searched text, in which fault words are looked for.
	searchedText func(params map[string]string) string
	answer       func(*call) (payload, error)
}

// payload is an answer before it is wrapped: a list or the items of an image search, for which every shape has its own
// place, or members that stay as they are.
type payload struct {
	list    any
	items   any
	members map[string]any
}

// registry is every method the sandbox serves.
func registry() []method {
	return []method{
		{name: "com.alibaba.product.search", searchedText: flatKeyword, answer: productSearch},
		{name: "alibaba.wholesale.goods.search", searchedText: wholesaleKeyword, answer: wholesaleSearch},
		{name: "alibaba.image.search", searchedText: flatKeyword, answer: imageSearch},
		{name: "alibaba.product.getSellerProductList", searchedText: sellerKeyword, answer: sellerProducts},
		{name: "alibaba.product.get", searchedText: faultWordOfID, answer: productGet},
	}
}

// item is an offer with the tutorial's field names.
type item struct {
	ProductID        any    `json:"productId,omitempty"`
	OfferID          any    `json:"offerId,omitempty"`
	Subject          string `json:"subject,omitempty"`
	Title            string `json:"title,omitempty"`
	Price            any    `json:"price,omitempty"`
	SalePrice        any    `json:"salePrice,omitempty"`
	ImageURL         string `json:"imageUrl,omitempty"`
	MainImage        string `json:"mainImage,omitempty"`
	CompanyName      string `json:"companyName,omitempty"`
	Supplier         string `json:"supplier,omitempty"`
	MinOrderQuantity int    `json:"minOrderQuantity,omitempty"`
	DetailURL        string `json:"detailUrl"`
	SaleCount        any    `json:"saleCount,omitempty"`
	Location         string `json:"location,omitempty"`
	// Similarity is 0 to 100, in image search only.
	Similarity *float64 `json:"similarity,omitempty"`
	// facts are further members; nil for the tutorial's client, which knows none of them.
	facts map[string]any
}

// MarshalJSON writes the facts beside the other members.
func (it item) MarshalJSON() ([]byte, error) {
	type members item
	text, err := json.Marshal(members(it))
	if err != nil || len(it.facts) == 0 {
		return text, err
	}
	facts, err := json.Marshal(it.facts)
	if err != nil {
		return nil, err
	}
	return slices.Concat(text[:len(text)-1], []byte(","), facts[1:]), nil
}

// items writes offers. Shapes that real answers do not have use the tutorial's second names.
func items(c *call, offers []*catalog.Offer) []item {
	second := c.shape == SearchResponse || c.shape == Products
	list := make([]item, 0, len(offers))
	for i, o := range offers {
		it := item{
			ProductID: o.ID, Subject: o.Title, Price: c.price(o), ImageURL: market.Picture(c.Base, o),
			MinOrderQuantity: o.MinOrder, DetailURL: market.Page(c.Base, o), SaleCount: c.sold(o),
		}
		if !c.tutorial {
			it.facts = market.FlatFacts(o)
		}
		if s := o.Supplier; s != nil {
			it.CompanyName, it.Location = s.Name, s.Province+s.City
		}
		applyContentFaults(c.Faults, i, &it)
		if second {
			it.OfferID, it.Title, it.SalePrice, it.MainImage, it.Supplier = it.ProductID, it.Subject, it.Price, it.ImageURL, it.CompanyName
			it.ProductID, it.Subject, it.Price, it.ImageURL, it.CompanyName = nil, "", nil, "", ""
		}
		list = append(list, it)
	}
	if c.Faults.Has(faultword.TwiceInPage) && len(list) > 0 {
		list = append(list, list[0])
	}
	return list
}

func applyContentFaults(words faultword.Set, i int, it *item) {
	if words.Has(faultword.OddPrices) {
		it.Price, it.facts = nil, nil
		if p := market.OddPrice(i); p != nil {
			it.Price = *p
		}
	}
	if words.Has(faultword.OddSold) {
		it.SaleCount = market.OddSold(i)
	}
	if id, ok := it.ProductID.(int64); ok && words.Has(faultword.TextIDs) {
		it.ProductID = market.TextID(id)
	}
}

// flatKeyword returns the searched text of the flat form.
func flatKeyword(params map[string]string) string {
	f := form{values: params}
	return f.text("q", "keyword")
}

// productSearch is the tutorial's flat form.
func productSearch(c *call) (payload, error) {
	raw := flatKeyword(c.params.Values)
	if raw == "" {
		return payload{}, missingArgument("q")
	}
	words, _ := faultword.Split(raw)
	return flatList(c, catalog.Query{Words: words})
}

// flatList reads page, prices, category and sort, and answers a list.
func flatList(c *call, query catalog.Query) (payload, error) {
	f := form{values: c.params.Values}
	q := market.Question{Query: query, Page: f.count("page", "page_no", 1), PageSize: f.count("pageSize", "page_size", 20)}
	q.PriceMinFen, q.PriceMaxFen = f.yuan("priceStart"), f.yuan("priceEnd")
	if id := f.count("categoryId", "category_id", 0); id != 0 {
		q.CategoryIDs = []int64{int64(id)}
	}
	f.order(&q.Query, "sort")
	c.onlyPriced(&q)
	if f.bad != nil {
		return payload{}, f.bad
	}
	answer, err := ask(c, q)
	if err != nil {
		return payload{}, err
	}
	return payload{list: items(c, answer.Offers)}, nil
}

// ask asks the market, with what the content fault words change.
func ask(c *call, q market.Question) (market.Answer, error) {
	answer, err := market.Ask(c.R.Context(), c.Goods, faultyQuestion(c, q))
	if errors.Is(err, context.Canceled) {
		return answer, err
	}
	if err != nil {
		return answer, fmt.Errorf("asking the catalogue: %w", err)
	}
	if c.Faults.Has(faultword.Empty) {
		answer.Total, answer.Offers = 0, nil
	}
	return answer, nil
}

// faultyQuestion changes which page is returned when a content fault word asks for it.
func faultyQuestion(c *call, q market.Question) market.Question {
	if c.Faults.Has(faultword.SamePage) {
		q.Page = 1
	}
	if rows := c.Faults.Int(faultword.CapPage); rows > 0 {
		q.PageSize = min(q.PageSize, rows)
	}
	return q
}

// form reads parameters and remembers the first wrong one.
type form struct {
	values map[string]string
	bad    error
}

// text returns the first of the named parameters that was sent.
func (f *form) text(names ...string) string {
	for _, name := range names {
		if v := f.values[name]; v != "" {
			return v
		}
	}
	return ""
}

// count reads a whole number from 1, or returns the value for an absent one. 0 is wrong.
func (f *form) count(name, alias string, absent int) int {
	text := f.text(name, alias)
	if text == "" {
		return absent
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		f.fail(name)
		return absent
	}
	return n
}

func (f *form) yuan(name string) *int64 {
	text := f.text(name)
	if text == "" {
		return nil
	}
	fen, ok := market.Fen(text)
	if !ok {
		f.fail(name)
		return nil
	}
	return &fen
}

func (f *form) order(q *catalog.Query, name string) {
	switch f.text(name) {
	case "":
	case "price_asc":
		q.Sort = catalog.SortPrice
	case "price_desc":
		q.Sort, q.Desc = catalog.SortPrice, true
	case "sale":
		q.Sort, q.Desc = catalog.SortSold, true
	default:
		f.fail(name)
	}
}

func (f *form) fail(name string) {
	if f.bad == nil {
		f.bad = badArgument(name)
	}
}
