package judge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/judge"
)

const (
	fell      = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL
	rose      = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE
	cheapest  = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_NEW_CHEAPEST
	appeared  = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_APPEARED
	left      = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_LEFT
	moved     = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_MEDIAN_MOVED
	gone      = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE
	back      = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK
	failing   = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_FAILING
	recovered = zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_RECOVERED

	exact = zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
	low   = zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE
)

// begin is when observation 0 is due; the others follow every ten minutes.
func begin() time.Time { return time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC) }

// when is a condition.
func when(kind zhaohuov1.PriceEventKind, change ...func(*zhaohuov1.PriceCondition)) *zhaohuov1.PriceCondition {
	c := &zhaohuov1.PriceCondition{Kind: kind}
	for _, f := range change {
		f(c)
	}
	return c
}

func by(ratio float64) func(*zhaohuov1.PriceCondition) {
	return func(c *zhaohuov1.PriceCondition) { c.LeastChange = &zhaohuov1.PriceCondition_Ratio{Ratio: ratio} }
}

func byYuan(amount string) func(*zhaohuov1.PriceCondition) {
	return func(c *zhaohuov1.PriceCondition) { c.LeastChange = &zhaohuov1.PriceCondition_Amount{Amount: amount} }
}

func reference(price string) func(*zhaohuov1.PriceCondition) {
	return func(c *zhaohuov1.PriceCondition) {
		c.Baseline, c.ReferencePrice = zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE, price
	}
}

func window(d time.Duration) func(*zhaohuov1.PriceCondition) {
	return func(c *zhaohuov1.PriceCondition) {
		c.Baseline, c.Window = zhaohuov1.PriceBaseline_PRICE_BASELINE_WINDOW_LOWEST, durationpb.New(d)
	}
}

// byIDs watches products, and bySearch a comparison.
func byIDs(conditions ...*zhaohuov1.PriceCondition) *zhaohuov1.PriceWatch {
	return &zhaohuov1.PriceWatch{
		DisplayName: "cups", Conditions: conditions,
		Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"1", "2", "3"}}},
	}
}

func bySearch(conditions ...*zhaohuov1.PriceCondition) *zhaohuov1.PriceWatch {
	return &zhaohuov1.PriceWatch{
		DisplayName: "cups", Conditions: conditions,
		Target: &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "保温杯"}},
	}
}

// saw is an observation. A product is "id price", "id price basis supplier"; "-" is not known. "unseen x", "median 9.50" and
// "sandbox" describe the rest; "failed" makes it fail.
func saw(t *testing.T, n int, what ...string) *zhaohuov1.PriceObservation {
	t.Helper()
	due := begin().Add(time.Duration(n) * 10 * time.Minute)
	o := &zhaohuov1.PriceObservation{
		WatchId: "w", DueTime: timestamppb.New(due), FetchTime: timestamppb.New(due.Add(time.Second)), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE,
	}
	for _, text := range what {
		switch f := strings.Fields(text); f[0] {
		case "failed":
			return &zhaohuov1.PriceObservation{WatchId: "w", DueTime: o.DueTime, Error: &status.Status{Code: 14, Message: "down"}}
		case "sandbox":
			o.Source = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
		case "unseen":
			o.Unseen = append(o.Unseen, f[1])
		case "median":
			o.Statistics = &zhaohuov1.PriceStatistics{Median: yuan(t, f[1]).Proto(money.CNY)}
		default:
			o.Products = append(o.Products, product(t, f))
		}
	}
	return o
}

func product(t *testing.T, f []string) *zhaohuov1.ObservedPrice {
	t.Helper()
	p := &zhaohuov1.ObservedPrice{ProductId: f[0], Title: "cup " + f[0]}
	if f[1] != "-" {
		p.Price, p.PriceBasis = yuan(t, f[1]).Proto(money.CNY), exact
	}
	if len(f) > 2 && f[2] == "low" {
		p.PriceBasis = low
	}
	if len(f) > 2 && f[2] == "dollars" {
		p.Price.CurrencyCode = "USD"
	}
	if len(f) > 3 && f[3] != "-" {
		p.SupplierName = f[3]
	}
	if len(f) > 4 {
		p.SupplierId = f[4]
	}
	return p
}

func yuan(t *testing.T, text string) money.Amount {
	t.Helper()
	amount, ok := money.Parse(text)
	if !ok {
		t.Fatalf("%q is no amount", text)
	}
	return amount
}

// tell is an event in short: kind, product or supplier, and what it compares, each with the number of its observation.
func tell(e *zhaohuov1.PriceEvent) string {
	parts := []string{strings.TrimPrefix(e.GetKind().String(), "PRICE_EVENT_KIND_")}
	if e.GetProductId() != "" {
		parts = append(parts, e.GetProductId())
	} else if e.GetSupplierName() != "" {
		parts = append(parts, e.GetSupplierName())
	}
	parts = append(parts, place(e.GetBefore())+" > "+place(e.GetAfter()))
	if e.ChangeRatio != nil {
		parts = append(parts, fmt.Sprint(e.GetChangeRatio()))
	}
	return strings.Join(parts, " ")
}

func place(p *zhaohuov1.PricePoint) string {
	if p == nil {
		return "nothing"
	}
	text := fmt.Sprintf("#%d", p.GetDueTime().AsTime().Sub(begin())/(10*time.Minute))
	if p.GetProductId() != "" {
		text = p.GetProductId() + text
	}
	if amount, ok := money.Of(p.GetPrice()); ok {
		text += " " + amount.String()
	}
	return text
}

// run judges observations one after the other and gives the events as "n: event".
func run(t *testing.T, watch *zhaohuov1.PriceWatch, observations ...*zhaohuov1.PriceObservation) []string {
	t.Helper()
	var got []string
	var memory []byte
	for _, o := range observations {
		events, next, err := judge.Judge(watch, memory, o)
		if err != nil {
			t.Fatal(err)
		}
		memory = next
		for _, e := range events {
			got = append(got, tell(e))
		}
	}
	return got
}
