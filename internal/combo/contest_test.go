package combo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// modelOffer is an offer as a plain model knows it: what its list says, and what its details would say.
type modelOffer struct {
	id string
	// low, high and bound are the prices of the list: both ends, and the least that the offer can cost.
	low, high, bound money.Amount
	// barred: the list says that it cannot be bought at the quantity.
	barred bool
	// With details: it cannot be bought at the quantity, or price is what it costs there, or price is only the least.
	gone, holds bool
	price       money.Amount
}

const aQuantity = 20

// drawRival draws an offer and its details, and adds them to a world.
func drawRival(t *rapid.T, w *world, id string) *modelOffer {
	amount := func(name string, least, most int64) money.Amount {
		return money.Amount(rapid.Int64Range(least, most).Draw(t, name)) * money.Unit
	}
	r := &modelOffer{id: id, low: amount("list", 5, 30)}
	r.high, r.bound = r.low, r.low
	p := offer(id, "", int64(r.low/money.Unit))
	if rapid.Bool().Draw(t, "is a range") {
		r.high = r.low + amount("range", 1, 10)
		p.PriceMax = r.high.Proto(money.CNY)
	}
	if rapid.IntRange(0, 3).Draw(t, "promotion") == 0 {
		r.bound -= amount("off", 1, 3)
		p.PromotionPrice = r.bound.Proto(money.CNY)
	}
	smallest := rapid.SampledFrom([]int64{0, 0, 1, aQuantity, aQuantity + 1}).Draw(t, "smallest order")
	if smallest > 0 {
		p.MinimumOrder = &smallest
	}
	r.barred = smallest > aQuantity
	r.price = r.bound
	w.byWords["mug"] = append(w.byWords["mug"], p)
	detail := &zhaohuov1.ProductDetail{Summary: &zhaohuov1.Product{Id: id}}
	w.details[id] = detail
	switch rapid.SampledFrom([]string{"steps", "steps", "steps", "one price", "variants", "nothing", "off sale", "not there", "failed"}).Draw(t, "details") {
	case "steps":
		from := rapid.Int64Range(1, aQuantity+5).Draw(t, "from")
		r.gone = from > aQuantity
		for range rapid.IntRange(1, 3).Draw(t, "steps") {
			price := r.low + amount("step", 0, 15)
			step := &zhaohuov1.PriceTier{MinQuantity: from, Price: price.Proto(money.CNY)}
			if r.bound < r.low && rapid.Bool().Draw(t, "promotion at the step") {
				price = r.bound + amount("above", 0, 5)
				step.PromotionPrice = price.Proto(money.CNY)
				regular, _ := money.Of(step.GetPrice())
				price = min(price, regular)
			}
			if from <= aQuantity {
				r.holds, r.price = true, price
			}
			detail.PriceTiers = append(detail.PriceTiers, step)
			from += rapid.Int64Range(1, 10).Draw(t, "further")
		}
	case "one price":
		r.holds, r.price = true, r.low+amount("above", 0, 10)
		detail.Skus = []*zhaohuov1.ProductSku{{Price: r.price.Proto(money.CNY)}, {Price: r.price.Proto(money.CNY)}}
	case "variants":
		least := r.low + amount("above", 0, 10)
		r.price = min(least, least-r.low+r.bound, r.bound)
		detail.Skus = []*zhaohuov1.ProductSku{{Price: (least + money.Unit).Proto(money.CNY)}, {Price: least.Proto(money.CNY)}}
		if r.bound == r.low {
			r.price = least
		}
	case "off sale":
		detail.Status, r.gone = zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE, true
	case "not there":
		delete(w.details, id)
		r.gone = true
	case "failed":
		w.fails["detail "+id] = fault.New(fault.UpstreamUnavailable, "down")
	}
	return r
}

// comparable are the rivals that are not barred and no outliers.
func comparableRivals(all []*modelOffer) []*modelOffer {
	var lows []money.Amount
	for _, r := range all {
		lows = append(lows, r.low)
	}
	slices.Sort(lows)
	f := fencesOf(lows)
	return slices.DeleteFunc(slices.Clone(all), func(r *modelOffer) bool { return r.barred || f.below(r.high) || f.above(r.low) })
}

// knownBest is the lowest price that holds, by the details of the offers asked for; 0 for none. It is proven if no other
// offer can cost less, as far as is known then.
func knownBest(rivals []*modelOffer, asked []string) (best money.Amount, proven bool) {
	for _, r := range rivals {
		if slices.Contains(asked, r.id) && !r.gone && r.holds && (best == 0 || r.price < best) {
			best = r.price
		}
	}
	proven = best > 0
	for _, r := range rivals {
		known := slices.Contains(asked, r.id)
		switch {
		case known && (r.gone || r.holds):
		case known:
			proven = proven && r.price >= best
		default:
			proven = proven && r.bound >= best
		}
	}
	return best, proven
}

// The cheapest at a quantity is that of a plain model. Whatever the budget: it is kept, nothing false is claimed, and no
// call is spent once the cheapest is proven.
func TestTheCheapestAtAQuantity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{byWords: map[string][]*zhaohuov1.Product{}, details: map[string]*zhaohuov1.ProductDetail{}, fails: map[string]error{}}
		var all []*modelOffer
		for i := range rapid.IntRange(1, 9).Draw(t, "offers") {
			all = append(all, drawRival(t, w, fmt.Sprint(100+i)))
		}
		budget := rapid.SampledFrom([]int32{1, 2, 3, 4, 6, 40}).Draw(t, "budget")
		answer, err := ComparePrices(context.Background(), w.ports(), &zhaohuov1.ComparePricesRequest{
			Keyword: "mug", Quantity: aQuantity, MaxUpstreamCalls: proto.Int32(budget),
		})
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		rivals := comparableRivals(all)
		for _, question := range w.asked[1:] {
			if _, proven := knownBest(rivals, asked); proven {
				t.Fatalf("%q was asked after the cheapest was proven by %v", question, asked)
			}
			asked = append(asked, strings.TrimPrefix(question, "detail "))
		}
		if w.calls > int(budget) || answer.GetMeta().GetUpstreamCalls() != int32(w.calls) {
			t.Fatalf("%d calls of %d, told are %d", w.calls, budget, answer.GetMeta().GetUpstreamCalls())
		}
		got := answer.GetSimilar()
		best, proven := knownBest(rivals, asked)
		price, _ := money.Of(got.GetCheapest().GetPrice())
		if best > 0 && price != best {
			t.Fatalf("the cheapest is %v at %v, want %v", got.GetCheapest().GetProduct().GetId(), price, best)
		}
		if got.GetCheapestExact() != proven {
			t.Fatalf("exact is %v at %v, want %v", got.GetCheapestExact(), price, proven)
		}
		if reported := got.GetInexactReason() != 0; reported == proven && got.GetCheapest() != nil {
			t.Fatalf("exact is %v, and the reason is %v", proven, got.GetInexactReason())
		}
		var everything []string
		for _, r := range rivals {
			everything = append(everything, r.id)
		}
		final, certain := knownBest(rivals, everything)
		if proven && price != final {
			t.Fatalf("%v is claimed to be the lowest, but it is %v", price, final)
		}
		if budget == 40 && (best != final || proven != certain) {
			t.Fatalf("with all calls: %v, proven %v; want %v, %v", best, proven, final, certain)
		}
	})
}

// A failure that means "no turn" ends the contest: the next call would get none either.
func TestNoTurnEndsTheContest(t *testing.T) {
	w := shop()
	w.fails["detail 12"] = fault.New(fault.UpstreamThrottled, "too fast")
	answer, err := ComparePrices(t.Context(), w.ports(), &zhaohuov1.ComparePricesRequest{Quantity: 40, MaxUpstreamCalls: proto.Int32(40)})
	if err != nil {
		t.Fatal(err)
	}
	same := answer.GetSame()
	if w.calls != 3 || same.GetCheapestExact() || same.GetInexactReason() != zhaohuov1.InexactReason_INEXACT_REASON_DETAILS_FAILED ||
		same.GetCheapest().GetProduct().GetId() != "12" || same.GetCheapest().GetPriceBasis() != zhaohuov1.PriceBasis_PRICE_BASIS_LIST {
		t.Errorf("%d calls, %v", w.calls, same.GetCheapest())
	}
}
