package top

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// paramWholesale is the only parameter of alibaba.wholesale.goods.search; keyWholesale is the member with its answer.
const (
	paramWholesale = "param_search_goods_option"
	keyWholesale   = "wholesale_goods_search_result"
)

// wholesaleOption is the parameter's value. Unset criteria are left out (docs/PROTOCOL.md §1). The words of sort_by are
// not published; the tutorial's are sent.
type wholesaleOption struct {
	Keyword    string      `json:"keyword"`
	CategoryID json.Number `json:"category_id,omitempty"`
	PriceFrom  *int64      `json:"price_from_cent,omitempty"`
	PriceTo    *int64      `json:"price_to_cent,omitempty"`
	SortBy     string      `json:"sort_by,omitempty"`
	PageNo     int32       `json:"page_no"`
	PageSize   int32       `json:"page_size"`
}

func (k keywordSearch) wholesaleOption(q *zhaohuov1.KeywordSearchRequest, sort string) (string, error) {
	from, err := fen("price_min", q.GetPriceMin())
	if err != nil {
		return "", err
	}
	to, err := fen("price_max", q.GetPriceMax())
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err = encoder.Encode(wholesaleOption{
		Keyword:    q.GetKeyword(),
		CategoryID: json.Number(q.GetCategoryId()),
		PriceFrom:  from,
		PriceTo:    to,
		SortBy:     sort,
		PageNo:     pageNumber(q),
		PageSize:   k.pageSize(q),
	})
	if err != nil { // Fails only if the category is no number.
		return "", fault.Invalid("category_id", "string.pattern", "must be decimal digits").WithCause(err)
	}
	return string(bytes.TrimSpace(b.Bytes())), nil
}

// fen converts a price of the contract to integer fen; nil for no bound.
func fen(field, price string) (*int64, error) {
	if price == "" {
		return nil, nil
	}
	a, ok := money.Parse(price)
	if !ok || a%money.Fen != 0 {
		return nil, fault.Invalid(field, "string.pattern", "must be a decimal in yuan with at most 2 places")
	}
	n := int64(a / money.Fen)
	return &n, nil
}

// wholesaleSuccess is the result_code of success in public clients.
const wholesaleSuccess = "20010000"

// wholesaleRefusal reads the result code, which only the wholesale search has.
func (t tables) wholesaleRefusal(result gjson.Result) (refusal, bool) {
	code := normal.Text(result.Get("result_code"))
	if code == "" || code == wholesaleSuccess || slices.Contains(t.successCodes, code) {
		return refusal{}, false
	}
	return refusal{code: code, message: normal.Text(result.Get("result_memo")), business: true}, true
}

// readWholesaleRow reads a row of the wholesale search. Its prices are in hundredths of their currency.
func readWholesaleRow(row gjson.Result) (*zhaohuov1.Product, bool) {
	if !row.IsObject() {
		return nil, false
	}
	id, ok := normal.ID(row.Get("id"))
	if !ok {
		return nil, false
	}
	p := &zhaohuov1.Product{
		Id:           id,
		Title:        normal.Text(row.Get("subject")),
		ImageUrl:     address(row.Get("thumb_url")),
		DetailUrl:    address(row.Get("detail_url")),
		MinimumOrder: positive(row.Get("moq")),
	}
	price := normal.Fen(row.Get("min_price_cent"))
	if most := normal.Fen(row.Get("max_price_cent")); price.Known && most.Known {
		price.High = max(price.Low, most.High)
	}
	currency := normal.Text(row.Get("currency"))
	if currency == "" {
		currency = money.CNY
	}
	setPrice(p, price, currency)
	return p, true
}

func setPrice(p *zhaohuov1.Product, price normal.PriceRange, currency string) {
	if !price.Known {
		if price.Text != "" {
			p.PriceText = &price.Text
		}
		return
	}
	p.Price = price.Low.Proto(currency)
	if price.IsRange() {
		p.PriceMax = price.High.Proto(currency)
	}
}

func address(r gjson.Result) *string {
	if s, ok := normal.URL(r); ok {
		return &s
	}
	return nil
}

// positive reads a count for which 0 makes no sense.
func positive(r gjson.Result) *int64 {
	if n, _, known := normal.Count(r); known && n > 0 {
		return &n
	}
	return nil
}
