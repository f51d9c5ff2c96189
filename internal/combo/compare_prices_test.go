package combo

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// ordered is an offer with a minimum order.
func ordered(id string, yuan, minimum int64) *zhaohuov1.Product {
	p := offer(id, "", yuan)
	p.MinimumOrder = &minimum
	return p
}

func worded(id, priceText string) *zhaohuov1.Product {
	p := offer(id, "", 0)
	if priceText != "" {
		p.PriceText = &priceText
	}
	return p
}

// shop is a world of mugs. The caller's image finds mugs 11 to 15, one of them without an image to compare, and a
// spoon. The words find mug 11 under another form of its id, another mug, and other products.
func shop() *world {
	dollars := offer("24", "", 3)
	dollars.Price.CurrencyCode = "USD"
	w := &world{
		byPicture: map[string][]*zhaohuov1.Product{"own": {
			ordered("11", 10, 50), ordered("12", 11, 2), offer("13", "", 12), worded("14", "面议"), offer("15", "", 13), offer("99", "", 1),
		}},
		byWords: map[string][]*zhaohuov1.Product{"mug": {
			offer("0011", "", 10), offer("16", "", 90), ordered("21", 20, 1), offer("22", "", 22), worded("23", "Negotiable"), dollars,
			worded("25", ""), worded("26", "¥12 or so"), offer("22", "", 22),
		}},
		details: map[string]*zhaohuov1.ProductDetail{
			"12": {
				Summary:    &zhaohuov1.Product{Id: "12", Supplier: &zhaohuov1.Supplier{Name: proto.String("Anhe")}},
				PriceTiers: []*zhaohuov1.PriceTier{{MinQuantity: 2, Price: offer("", "", 14).GetPrice()}, {MinQuantity: 40, Price: offer("", "", 9).GetPrice()}},
			},
			"13": {Summary: &zhaohuov1.Product{Id: "13"}},
		},
		fails: map[string]error{},
	}
	w.show("mug", "own", "pic:11", "pic:0011", "pic:12", "pic:13", "pic:14", "pic:16")
	w.show("spoon", "pic:99", "pic:21")
	w.show("bowl", "pic:22", "pic:23", "pic:24", "pic:25", "pic:26")
	return w
}

// summary is a short form of a comparison.
type summary struct {
	Priced                          int32
	Unpriced                        map[string]int32
	Median, Low, High               string
	Cheapest                        string
	Exact                           bool
	Inexact                         string // why, if a quantity was asked for
	Open                            int32
	Offers, Outliers, NotComparable []string
}

func short(c *zhaohuov1.PriceComparison) *summary {
	if c == nil {
		return nil
	}
	amount := func(m interface {
		GetUnits() int64
		GetNanos() int32
	},
	) string {
		return (money.Amount(m.GetUnits())*money.Unit + money.Amount(m.GetNanos())).String()
	}
	s := &summary{
		Priced: c.Priced, Median: amount(c.GetStatistics().GetMedian()), Low: amount(c.TypicalLow), High: amount(c.TypicalHigh),
		Cheapest: c.GetCheapest().GetProduct().GetId(), Exact: c.CheapestExact, Open: c.OpenOffers,
	}
	if c.InexactReason > zhaohuov1.InexactReason_INEXACT_REASON_NO_QUANTITY {
		s.Inexact = c.InexactReason.String()[len("INEXACT_REASON_"):]
	}
	for _, u := range c.Unpriced {
		if s.Unpriced == nil {
			s.Unpriced = map[string]int32{}
		}
		s.Unpriced[u.Reason.String()[len("UNPRICED_REASON_"):]] = u.Count
	}
	listed := map[string]int32{}
	for _, u := range c.UnpricedProducts {
		listed[u.Reason.String()[len("UNPRICED_REASON_"):]]++
	}
	if !maps.Equal(listed, s.Unpriced) {
		s.Unpriced["listed"] = -1 // The goods without a price are counted in one way and listed in another.
	}
	for _, o := range c.Offers {
		s.Offers = append(s.Offers, o.Product.Id+" "+amount(o.Price))
		for _, reason := range o.Incomparable {
			s.NotComparable = append(s.NotComparable, o.Product.Id+" "+reason.String()[len("INCOMPARABLE_REASON_"):])
		}
	}
	for _, p := range c.Outliers {
		s.Outliers = append(s.Outliers, p.Id)
	}
	return s
}

func TestComparePrices(t *testing.T) {
	for _, c := range []struct {
		name          string
		q             *zhaohuov1.ComparePricesRequest
		skipPicture   bool
		same, similar *summary
		calls         int32
		failures      []string
	}{
		{
			name: "an image and words: every product once, where it belongs", q: &zhaohuov1.ComparePricesRequest{Keyword: "mug"},
			same: &summary{
				Priced: 5, Unpriced: map[string]int32{"NEGOTIABLE": 1}, Median: "12", Low: "10", High: "13", Cheapest: "11",
				Offers: []string{"11 10", "12 11", "13 12", "15 13", "16 90"}, Outliers: []string{"16"}, NotComparable: []string{"16 OUTLIER"},
			},
			similar: &summary{
				Priced: 2, Unpriced: map[string]int32{"ABSENT": 1, "NEGOTIABLE": 1, "UNREADABLE": 1, "CURRENCY": 1}, Median: "21", Low: "20", High: "22", Cheapest: "21",
				Offers: []string{"21 20", "22 22"},
			},
			calls: 3, failures: []string{"measure_likeness of 15"},
		},
		{
			name: "a quantity: larger orders are not comparable, tiers are read at it", q: &zhaohuov1.ComparePricesRequest{Quantity: 40, DetailOffers: 2},
			same: &summary{
				Priced: 4, Unpriced: map[string]int32{"NEGOTIABLE": 1}, Median: "11", Low: "9", High: "13", Cheapest: "12", Exact: true,
				Offers: []string{"12 9", "11 10", "13 12", "15 13"}, NotComparable: []string{"11 MINIMUM_ORDER"},
			},
			calls: 4, failures: []string{"measure_likeness of 15"},
		},
		{
			name: "the budget ends before the cheapest is proven: offers that may cost less are not claimed to", q: &zhaohuov1.ComparePricesRequest{Quantity: 10, DetailOffers: 2, MaxUpstreamCalls: proto.Int32(3)},
			same: &summary{
				Priced: 4, Unpriced: map[string]int32{"NEGOTIABLE": 1}, Median: "12.50", Low: "10", High: "14", Cheapest: "12", Inexact: "BUDGET", Open: 2,
				Offers: []string{"11 10", "13 12", "15 13", "12 14"}, NotComparable: []string{"11 MINIMUM_ORDER"},
			},
			calls: 3, failures: []string{"measure_likeness of 15", "get_product of 13", "get_product of 15"},
		},
		{
			name: "without likeness the upstream's word counts", q: &zhaohuov1.ComparePricesRequest{SkipLikeness: true},
			same: &summary{
				Priced: 5, Unpriced: map[string]int32{"NEGOTIABLE": 1}, Median: "11", Low: "10", High: "13", Cheapest: "11",
				Offers: []string{"99 1", "11 10", "12 11", "13 12", "15 13"}, Outliers: []string{"99"}, NotComparable: []string{"99 OUTLIER"},
			},
			calls: 2,
		},
		{
			name: "words alone", q: &zhaohuov1.ComparePricesRequest{Keyword: "mug", PriceMax: "50"}, skipPicture: true,
			similar: &summary{Priced: 4, Median: "15", Low: "3", High: "22", Cheapest: "24"},
			calls:   1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := shop()
			ports := w.ports()
			if c.skipPicture {
				ports.Picture = nil
				// A bound is in yuan, and a product without a price is outside of all bounds.
				w.byWords["mug"] = slices.DeleteFunc(w.byWords["mug"], func(p *zhaohuov1.Product) bool { return p.GetPrice().GetCurrencyCode() == "USD" })
				c.similar = &summary{Priced: 3, Median: "20", Low: "10", High: "22", Cheapest: "11", Offers: []string{"11 10", "21 20", "22 22"}}
			}
			answer, err := ComparePrices(t.Context(), ports, c.q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.same, short(answer.Same)); diff != "" {
				t.Errorf("same (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.similar, short(answer.Similar)); diff != "" {
				t.Errorf("similar (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.failures, stepsOf(answer.PartialFailures)); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
			if answer.Meta.UpstreamCalls != c.calls {
				t.Errorf("%d calls, want %d", answer.Meta.UpstreamCalls, c.calls)
			}
		})
	}
}

func stepsOf(failures []*zhaohuov1.PartialFailure) []string {
	var steps []string
	for _, f := range failures {
		steps = append(steps, f.Step)
	}
	return steps
}

func TestComparePricesGivesWhatItHas(t *testing.T) {
	down := fault.New(fault.UpstreamUnavailable, "down")
	slow := fault.New(fault.UpstreamThrottled, "too fast")
	q := &zhaohuov1.ComparePricesRequest{Keyword: "mug", DetailOffers: 2}
	for _, c := range []struct {
		name          string
		fails         map[string]error
		want          fault.Kind // of the run
		failures      []string
		same, similar int32
	}{
		{"the image: words stand, those that look like it apart", map[string]error{"own": down}, 0, []string{ImageStep, "get_product of 21"}, 2, 2},
		{"the words", map[string]error{"mug": down}, 0, []string{KeywordStep, "measure_likeness of 15"}, 4, -1},
		{"a detail", map[string]error{"detail 11": slow}, 0, []string{"measure_likeness of 15", "get_product of 11"}, 5, 2},
		{"the caller's image cannot be looked at", map[string]error{"look own": down}, 0, []string{"measure_likeness of caller", "measure_likeness of 15"}, 5, 3},
		{"everything: the first cause", map[string]error{"own": slow, "mug": down}, fault.UpstreamThrottled, nil, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := shop()
			w.details["11"] = &zhaohuov1.ProductDetail{}
			w.fails = c.fails
			answer, err := ComparePrices(t.Context(), w.ports(), q)
			if c.want != 0 {
				if fault.KindOf(err) != c.want {
					t.Fatalf("error %v, want %v", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := []int32{-1, -1}
			for i, part := range []*zhaohuov1.PriceComparison{answer.Same, answer.Similar} {
				if part != nil {
					got[i] = part.Priced
				}
			}
			if diff := cmp.Diff([]int32{c.same, c.similar}, got); diff != "" {
				t.Errorf("priced (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.failures, stepsOf(answer.PartialFailures)); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComparePricesOfNothing(t *testing.T) {
	_, err := ComparePrices(t.Context(), (&world{}).ports(), &zhaohuov1.ComparePricesRequest{Keyword: "  "})
	if fault.KindOf(err) != fault.InvalidField {
		t.Errorf("neither words nor an image: %v", err)
	}
	answer, err := ComparePrices(t.Context(), (&world{}).ports(), &zhaohuov1.ComparePricesRequest{Keyword: "nothing"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&zhaohuov1.PriceComparison{}, answer.Similar, protocmp.Transform()); diff != "" {
		t.Errorf("nothing found (-want +got):\n%s", diff)
	}
}

func TestComparePricesDependsOnNoTiming(t *testing.T) {
	ask := func(t *testing.T, w *world) *zhaohuov1.ComparePricesResponse {
		t.Helper()
		answer, err := ComparePrices(t.Context(), w.ports(), &zhaohuov1.ComparePricesRequest{
			Keyword: "mug", Quantity: 5, DetailOffers: 3, MaxUpstreamCalls: proto.Int32(7),
		})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	want := ask(t, shop())
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			w := shop()
			w.shuffle = rand.New(rand.NewPCG(seed, 1))
			if diff := cmp.Diff(want, ask(t, w), protocmp.Transform()); diff != "" {
				t.Errorf("seed %d:\n%s", seed, diff)
			}
		})
	}
}
