package combo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// modelSource is a source as a plain model of the ranking knows it, in yuan. -1 is unknown.
type modelSource struct {
	id             string
	price, minimum int64
	// freight is what 20 pieces cost to send, if it is asked for.
	freight int64
	asked   bool
}

// total is what 20 pieces cost with their freight; -1 if it is not known.
func (s *modelSource) total() int64 {
	if !s.asked || s.price < 0 || s.freight < 0 {
		return -1
	}
	return 20*s.price + s.freight
}

// modelOrder is the order that the contract describes, for a search without a quantity of its own.
func modelOrder(x, y *modelSource) int {
	unknownLast := func(a, b int64) int {
		if (a < 0) != (b < 0) {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	}
	if x.total() >= 0 && y.total() >= 0 {
		return cmp.Or(cmp.Compare(x.total(), y.total()), unknownLast(x.minimum, y.minimum), cmp.Compare(x.id, y.id))
	}
	return cmp.Or(unknownLast(x.total(), y.total()), unknownLast(x.price, y.price), unknownLast(x.minimum, y.minimum), cmp.Compare(x.id, y.id))
}

// TestRanksWithFreightFollowTheModel: whichever prices, smallest orders and freights there are, known or not, and however many
// calls are allowed, the best without freight are asked for, and all are in the model's order.
func TestRanksWithFreightFollowTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{freights: map[string]*money.Amount{}, fails: map[string]error{}}
		var all []*modelSource
		for i := range rapid.IntRange(2, 8).Draw(t, "sources") {
			s := &modelSource{
				id: fmt.Sprint(100 + i), price: rapid.Int64Range(-1, 6).Draw(t, "price"),
				minimum: rapid.SampledFrom([]int64{-1, 1, 2, 20, 21}).Draw(t, "minimum"), freight: rapid.Int64Range(-2, 40).Draw(t, "freight"),
			}
			if s.price == 0 {
				s.price = -1 // No price is 0.
			}
			p := offer(s.id, "supplier "+s.id, s.price)
			if s.minimum > 0 {
				p.MinimumOrder = &s.minimum
			}
			switch s.freight {
			case -2:
				w.fails["freight "+s.id] = fault.New(fault.UpstreamUnavailable, "down")
			case -1:
				w.freights[s.id] = nil
			default:
				w.freights[s.id] = yuanOf(s.freight)
			}
			w.byWords = map[string][]*zhaohuov1.Product{"mug": append(w.byWords["mug"], p)}
			w.show("mug", p.GetImageUrl())
			all = append(all, s)
		}
		budget, most := rapid.Int32Range(2, 12).Draw(t, "budget"), rapid.Int32Range(1, 9).Draw(t, "most")
		answer, err := FindSource(context.Background(), w.ports(), &zhaohuov1.FindSourceRequest{
			Keyword: "mug", MaxUpstreamCalls: &budget, VerifyImages: proto.Int32(1), Freight: freightTo(20, most),
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(all, modelOrder)
		left := min(most, budget-2) // After the words and one image.
		for _, s := range all {
			if s.asked = left > 0 && s.price > 0 && s.minimum <= 20; s.asked {
				left--
			}
		}
		slices.SortFunc(all, modelOrder)
		var want []string
		asked := 0
		for _, s := range all {
			if s.asked {
				asked++
			}
			want = append(want, fmt.Sprintf("%s %d", s.id, s.total()))
		}
		var got []string
		for _, o := range answer.GetGroups()[0].GetOffers() {
			total := "-1"
			if amount, ok := money.Of(o.GetLanded().GetTotal()); ok {
				total = amount.String()
			}
			got = append(got, o.GetProduct().GetId()+" "+total)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if w.calls > int(budget) || answer.GetMeta().GetUpstreamCalls() != int32(w.calls) || len(askedFreight(w)) != asked || answer.GetMeta().GetFreightCalls() != int32(asked) {
			t.Fatalf("%d calls of %d, %d for freight, want %d: %v", w.calls, budget, len(askedFreight(w)), asked, answer.GetMeta())
		}
	})
}

// TestTheCheapestWithFreightIsNeverClaimedFalsely: what is said to be proven is so, whatever details and freights say that were not
// asked for.
func TestTheCheapestWithFreightIsNeverClaimedFalsely(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{byWords: map[string][]*zhaohuov1.Product{}, details: map[string]*zhaohuov1.ProductDetail{}, fails: map[string]error{}, freights: map[string]*money.Amount{}}
		var all []*modelOffer
		for i := range rapid.IntRange(1, 7).Draw(t, "offers") {
			r := drawRival(t, w, fmt.Sprint(100+i))
			all = append(all, r)
			w.freights[r.id] = rapid.Ptr(rapid.Map(rapid.Int64Range(0, 60), func(yuan int64) money.Amount { return money.Amount(yuan) * money.Unit }), true).Draw(t, "freight")
		}
		budget, most := rapid.Int32Range(1, 20).Draw(t, "budget"), rapid.Int32Range(1, 8).Draw(t, "most")
		answer, err := ComparePrices(context.Background(), w.ports(), &zhaohuov1.ComparePricesRequest{
			Keyword: "mug", Quantity: aQuantity, MaxUpstreamCalls: &budget, Freight: freightTo(0, most),
		})
		if err != nil {
			t.Fatal(err)
		}
		got := answer.GetSimilar()
		if w.calls > int(budget) || answer.GetMeta().GetUpstreamCalls() != int32(w.calls) || len(askedFreight(w)) > int(most) {
			t.Fatalf("%d calls of %d: %v", w.calls, budget, w.asked)
		}
		if got.GetCheapest() != nil && got.GetCheapestExact() == (got.GetInexactReason() != 0) {
			t.Fatalf("exact is %v, and the reason is %v", got.GetCheapestExact(), got.GetInexactReason())
		}
		for _, o := range got.GetOffers() {
			l := o.GetLanded()
			goods, _ := money.Of(l.GetGoods())
			freight, named := money.Of(l.GetFreight().GetAmount())
			total, known := money.Of(l.GetTotal())
			if known && (!named || total != goods+freight) || known == (l.GetUnknownReason() != 0) {
				t.Fatalf("%s: %v", o.GetProduct().GetId(), l)
			}
		}
		if !got.GetCheapestExact() {
			return
		}
		total, _ := money.Of(got.GetCheapest().GetLanded().GetTotal())
		for _, r := range comparableRivals(all) {
			least := aQuantity * r.price
			if freight := w.freights[r.id]; freight != nil {
				least += *freight
			}
			if !r.gone && r.id != got.GetCheapest().GetProduct().GetId() && least < total {
				t.Fatalf("%s at %s is said to be proven, and %s costs %s", got.GetCheapest().GetProduct().GetId(), total, r.id, least)
			}
		}
	})
}
