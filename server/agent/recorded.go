package agent

import (
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// trendNames are what 1688 itself records of goods, by the names that agents use.
var trendNames = map[string]zhaohuov1.ProductTrendKind{
	"sales":      zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES,
	"price":      zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE,
	"repurchase": zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE,
}

// trendProducts is of how many products an answer has trends, unless the agent asks for more.
const trendProducts = 3

// trending is embedded by the arguments of strategies that take trends.
type trending struct {
	Trends   []string `json:"trends,omitempty" jsonschema:"Also what 1688 itself recorded in the last four weeks. Each costs a call for each product."`
	Products int32    `json:"trend_products,omitempty" jsonschema:"Of how many products, 1 to 5. 3 unless set."`
}

func (t trending) kinds() []zhaohuov1.ProductTrendKind {
	var kinds []zhaohuov1.ProductTrendKind
	for _, name := range t.Trends {
		kinds = append(kinds, trendNames[name])
	}
	return kinds
}

// beside is how many upstream calls a strategy with trends may spend: what the agent named, or the usual number and those of
// the trends.
func (t trending) beside(b bounded, usual int) int {
	if b.MaxUpstreamCalls > 0 {
		return b.MaxUpstreamCalls
	}
	products := int(t.Products)
	if products == 0 {
		products = trendProducts
	}
	return usual + len(t.Trends)*products
}

// shapeTrends completes the schema of the trends.
func shapeTrends(schema *jsonschema.Schema) {
	p := schema.Properties["trends"]
	p.Types, p.Type, p.UniqueItems = nil, "array", true
	p.Items.Enum = anyOf(sortedKeys(trendNames))
	p = schema.Properties["trend_products"]
	p.Minimum, p.Maximum = jsonschema.Ptr(1.0), jsonschema.Ptr(5.0)
}

// recorded is what 1688 itself recorded of a product. What it has no value for is absent.
type recorded struct {
	ID         string   `json:"id"`
	Sold       *int64   `json:"sold,omitempty"`
	First      *amount  `json:"first_median_price,omitempty"`
	Last       *amount  `json:"last_median_price,omitempty"`
	Repurchase *float64 `json:"repurchase_rate,omitempty"`
	// Missing are the trends that could not be fetched.
	Missing []string `json:"missing,omitempty"`
}

func recordedOf(all []*zhaohuov1.RecordedTrends) []recorded {
	var list []recorded
	for _, r := range all {
		is := recorded{
			ID: r.GetProductId(), Sold: r.UnitsSold, First: amountOf(r.GetFirstMedianPrice(), ""), Last: amountOf(r.GetLastMedianPrice(), ""),
			Repurchase: r.RepurchaseRate,
		}
		for _, trend := range r.GetTrends() {
			if trend.GetError() != nil {
				is.Missing = append(is.Missing, short(trend.GetKind().String(), "PRODUCT_TREND_KIND_"))
			}
		}
		list = append(list, is)
	}
	return list
}

// recordedLines say it in text.
func recordedLines(in language, all []recorded) []string {
	var text []string
	for _, r := range all {
		parts := []string{in.say(recordedOf1688, r.ID)}
		if r.Sold != nil {
			parts = append(parts, in.say(soldCount, *r.Sold, ""))
		}
		if r.First != nil && r.Last != nil {
			parts = append(parts, in.say(recordedMedian, r.First.text(in), r.Last.text(in)))
		}
		if r.Repurchase != nil {
			parts = append(parts, in.say(recordedRepurchase, *r.Repurchase*100))
		}
		if len(parts) == 1 {
			parts = append(parts, in.say(recordedNothing))
		}
		text = append(text, strings.Join(parts, " | "))
	}
	return text
}
