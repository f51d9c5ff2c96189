package topwire

import (
	"encoding/json"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// optionName is the one parameter of the real wholesale search.
const optionName = "param_search_goods_option"

// option is its value. What sort_by and product_refine_tags may hold is not published. Here they are the tutorial's sort
// words and the platform's filter words.
type option struct {
	Keyword      string   `json:"keyword"`
	PriceFrom    *int64   `json:"price_from_cent"`
	PriceTo      *int64   `json:"price_to_cent"`
	SortBy       string   `json:"sort_by"`
	PageNo       *int     `json:"page_no"`
	PageSize     *int     `json:"page_size"`
	CategoryID   int64    `json:"category_id"`
	MinOrderFrom *int     `json:"min_order_from"`
	MinOrderTo   *int     `json:"min_order_to"`
	RefineTags   []string `json:"product_refine_tags"`
}

// goods is a row of the real answer. Its place and names are those that public clients read.
type goods struct {
	ID           any    `json:"id"`
	Subject      string `json:"subject"`
	ThumbURL     string `json:"thumb_url"`
	Currency     string `json:"currency"`
	MOQ          int    `json:"moq,omitempty"`
	MinPriceCent *int64 `json:"min_price_cent,omitempty"`
	MaxPriceCent *int64 `json:"max_price_cent,omitempty"`
	Unit         string `json:"unit"`
}

// wholesaleKeyword returns the searched text of either form.
func wholesaleKeyword(params map[string]string) string {
	var o option
	if text, sent := params[optionName]; sent && json.Unmarshal([]byte(text), &o) == nil {
		return o.Keyword
	}
	return flatKeyword(params)
}

// wholesaleSearch answers the JSON form when it is sent, and the tutorial's flat form otherwise.
func wholesaleSearch(c *call) (payload, error) {
	text, sent := c.params.Values[optionName]
	if !sent {
		return productSearch(c)
	}
	var o option
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return payload{}, badArgument(optionName)
	}
	q, err := o.question()
	if err != nil {
		return payload{}, err
	}
	answer, err := ask(c, q)
	if err != nil {
		return payload{}, err
	}
	rows := make([]goods, 0, len(answer.Offers))
	for _, offer := range answer.Offers {
		row := goods{
			ID: offer.ID, Subject: offer.Title, ThumbURL: market.Picture(c.Base, offer), Currency: "CNY",
			MOQ: offer.MinOrder, MinPriceCent: offer.PriceFen, MaxPriceCent: offer.PriceMaxFen, Unit: "piece",
		}
		if row.MaxPriceCent == nil {
			row.MaxPriceCent = row.MinPriceCent
		}
		if c.Faults.Has(faultword.TextIDs) {
			row.ID = market.TextID(offer.ID)
		}
		rows = append(rows, row)
	}
	return payload{members: map[string]any{"wholesale_goods_search_result": map[string]any{
		"result_code": "200", "result_memo": "success",
		"result": map[string]any{"items": map[string]any{"goods_summary": rows}},
	}}}, nil
}

func (o option) question() (market.Question, error) {
	if o.Keyword == "" {
		return market.Question{}, missingArgument("keyword")
	}
	words, _ := faultword.Split(o.Keyword)
	q := market.Question{
		Query: catalog.Query{Words: words, PriceMinFen: o.PriceFrom, PriceMaxFen: o.PriceTo, Filters: o.RefineTags},
		Page:  1, PageSize: 20,
	}
	for name, at := range map[string]struct {
		sent *int
		to   *int
	}{"page_no": {o.PageNo, &q.Page}, "page_size": {o.PageSize, &q.PageSize}} {
		if at.sent == nil {
			continue
		}
		if *at.sent < 1 {
			return q, badArgument(name)
		}
		*at.to = *at.sent
	}
	if o.CategoryID != 0 {
		q.CategoryIDs = []int64{o.CategoryID}
	}
	if o.MinOrderFrom != nil {
		q.Also = append(q.Also, func(offer *catalog.Offer) bool { return offer.MinOrder >= *o.MinOrderFrom })
	}
	if o.MinOrderTo != nil {
		q.Also = append(q.Also, func(offer *catalog.Offer) bool { return offer.MinOrder <= *o.MinOrderTo })
	}
	f := form{values: map[string]string{"sort_by": o.SortBy}}
	f.order(&q.Query, "sort_by")
	return q, f.bad
}
