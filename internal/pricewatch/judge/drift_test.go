package judge_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/judge"
)

// week is how many observations a week has, one every ten minutes.
const week = 7 * 24 * 6

// TestEveryEventOfAWeekIsThePlainModels lets prices drift at random, with products that come and go, prices that are not
// known, parts that cannot be seen, failures, and conditions that are edited on the way.
func TestEveryEventOfAWeekIsThePlainModels(t *testing.T) {
	var events int
	rapid.Check(t, func(t *rapid.T) {
		watch := byIDs()
		if rapid.Bool().Draw(t, "search") {
			watch = bySearch()
		}
		drift := &drift{watch: watch}
		plain := &model{watch: watch}
		var memory []byte
		for n := range rapid.SampledFrom([]int{12, 12, 60, 60, week / 7, week / 7, week / 7, week}).Draw(t, "observations") {
			if n%50 == 0 {
				watch.Conditions = drawConditions(t)
			}
			o := drift.next(t, n)
			got, next, err := judge.Judge(watch, memory, o)
			if err != nil {
				t.Fatal(err)
			}
			memory = next
			var reported []string
			for _, e := range got {
				reported = append(reported, tell(e))
			}
			if want := plain.observe(o); !slices.Equal(reported, want) {
				t.Fatalf("observation %d of %v\nconditions %v\ngot  %q\nwant %q", n, o, watch.GetConditions(), reported, want)
			}
			events += len(reported)
		}
	})
	if events == 0 {
		t.Error("no events: nothing was compared")
	}
}

func drawConditions(t *rapid.T) []*zhaohuov1.PriceCondition {
	least := func(c *zhaohuov1.PriceCondition) {
		switch rapid.IntRange(0, 2).Draw(t, "least change") {
		case 1:
			c.LeastChange = &zhaohuov1.PriceCondition_Ratio{Ratio: rapid.SampledFrom([]float64{0.01, 0.05, 0.1, 0.2, 1}).Draw(t, "ratio")}
		case 2:
			c.LeastChange = &zhaohuov1.PriceCondition_Amount{Amount: rapid.SampledFrom([]string{"0.01", "0.50", "1"}).Draw(t, "amount")}
		}
	}
	baseline := func(c *zhaohuov1.PriceCondition) {
		switch rapid.IntRange(0, 2).Draw(t, "baseline") {
		case 1:
			reference(rapid.SampledFrom([]string{"9.50", "10", "11"}).Draw(t, "reference"))(c)
		case 2:
			window(rapid.SampledFrom([]time.Duration{time.Hour, 5 * time.Hour, 3 * 24 * time.Hour, 90 * 24 * time.Hour}).Draw(t, "window"))(c)
		}
	}
	var all []*zhaohuov1.PriceCondition
	for _, kind := range []zhaohuov1.PriceEventKind{fell, rose, fell, rose} {
		if rapid.Bool().Draw(t, "price") {
			all = append(all, when(kind, least, baseline))
		}
	}
	if rapid.Bool().Draw(t, "median") {
		all = append(all, when(moved, least))
	}
	for _, kind := range []zhaohuov1.PriceEventKind{cheapest, appeared, left, gone, back} {
		if rapid.Bool().Draw(t, "other") {
			all = append(all, when(kind))
		}
	}
	return all
}

// drift makes observations. Prices walk up and down in steps of a tenth of a yuan or more.
type drift struct {
	watch   *zhaohuov1.PriceWatch
	walks   [5]int
	sandbox bool
	down    bool
}

func (d *drift) next(t *rapid.T, n int) *zhaohuov1.PriceObservation {
	due := timestamppb.New(begin().Add(time.Duration(n) * 10 * time.Minute))
	// One draw decides a lot: a week of many small ones takes too long.
	bits := rapid.Uint64().Draw(t, "observation")
	take := func(below uint64) uint64 { r := bits % below; bits /= below; return r }
	if take(60) == 1 {
		d.sandbox = !d.sandbox
	}
	if take(12) == 1 {
		d.down = !d.down
	}
	if d.down && take(3) > 0 {
		return &zhaohuov1.PriceObservation{WatchId: "w", DueTime: due, Error: &status.Status{Code: 14}}
	}
	o := &zhaohuov1.PriceObservation{WatchId: "w", DueTime: due, FetchTime: due, Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE}
	if d.sandbox {
		o.Source = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
	}
	bits = rapid.Uint64().Draw(t, "products")
	if d.watch.GetComparison() != nil && take(8) == 1 {
		o.Unseen = []string{"keyword_search"}
	}
	for i := range d.walks {
		id := strconv.Itoa(i + 1)
		d.walks[i] += int(take(5)) - 2
		switch take(12) {
		case 1, 2:
			continue
		case 3:
			o.Unseen = append(o.Unseen, id)
			continue
		case 4:
			o.Products = append(o.Products, &zhaohuov1.ObservedPrice{ProductId: id, SupplierName: "A"})
			continue
		}
		p := &zhaohuov1.ObservedPrice{ProductId: id, PriceBasis: exact, SupplierName: []string{"", "A", "B", "C", "A", "B", "C", "C"}[(i+int(take(10))/9)%8]}
		p.Price = max(money.Fen, 10*money.Unit+money.Amount(d.walks[i])*10*money.Fen).Proto(money.CNY)
		if take(9) == 1 {
			p.PriceBasis = low
		}
		o.Products = append(o.Products, p)
	}
	if take(4) > 0 && len(o.GetProducts()) > 0 && o.GetProducts()[0].GetPrice() != nil {
		o.Statistics = &zhaohuov1.PriceStatistics{Median: o.GetProducts()[0].GetPrice()}
	}
	return o
}
