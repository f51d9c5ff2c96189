package combo

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

var hangzhou = &zhaohuov1.FreightDestination{ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330108"}

func freightTo(quantity int64, most int32) *zhaohuov1.FreightQuestion {
	return &zhaohuov1.FreightQuestion{Destination: hangzhou, Quantity: quantity, MaxOffers: &most}
}

// yuanOf is an amount for the freight of a world.
func yuanOf(yuan int64) *money.Amount {
	amount := money.Amount(yuan) * money.Unit
	return &amount
}

// landedText is what an offer costs with its freight, or why that is not known.
func landedText(l *zhaohuov1.LandedCost) string {
	if total, ok := money.Of(l.GetTotal()); ok {
		return total.String()
	}
	return strings.TrimPrefix(l.GetUnknownReason().String(), "LANDED_UNKNOWN_REASON_")
}

func sourceTexts(offers []*zhaohuov1.SourceOffer) []string {
	var all []string
	for _, o := range offers {
		all = append(all, o.GetProduct().GetId()+" "+landedText(o.GetLanded()))
	}
	return all
}

func pricedTexts(offers []*zhaohuov1.PricedOffer) []string {
	var all []string
	for _, o := range offers {
		all = append(all, o.GetProduct().GetId()+" "+landedText(o.GetLanded()))
	}
	return all
}

// askedFreight are the products whose freight the world was asked for, in order.
func askedFreight(w *world) []string {
	var ids []string
	for _, what := range w.asked {
		if id, ok := strings.CutPrefix(what, "freight "); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// At 100 pieces 14 costs 15 and is the cheapest; with its freight it is not.
func TestSourcesAreRankedWithTheirFreight(t *testing.T) {
	w := mugMarket()
	w.freights = map[string]*money.Amount{"14": yuanOf(700), "12": yuanOf(150), "13": nil}
	answer := find(t, w, &zhaohuov1.FindSourceRequest{Keyword: "mug", Quantity: 100, MaxUpstreamCalls: proto.Int32(20), Freight: freightTo(0, 5)})
	group := answer.GetGroups()[0]
	want := []string{"12 2150", "14 2200", "13 FREIGHT_NOT_NAMED", "11 CANNOT_BE_BOUGHT"}
	if diff := gocmp.Diff(want, sourceTexts(group.GetOffers())); diff != "" {
		t.Fatal(diff)
	}
	reasons := []zhaohuov1.RankReason{group.GetOffers()[0].GetBeforeNext(), group.GetOffers()[1].GetBeforeNext(), group.GetOffers()[2].GetBeforeNext()}
	if diff := gocmp.Diff([]zhaohuov1.RankReason{
		zhaohuov1.RankReason_RANK_REASON_LOWER_LANDED_TOTAL, zhaohuov1.RankReason_RANK_REASON_LANDED_TOTAL_KNOWN, zhaohuov1.RankReason_RANK_REASON_CAN_BE_BOUGHT,
	}, reasons); diff != "" {
		t.Error(diff)
	}
	first := group.GetOffers()[0]
	landed := &zhaohuov1.LandedCost{
		Quantity: 100, Goods: cny("2000").GetPrice(), PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY, Total: cny("2150").GetPrice(),
		Freight: &zhaohuov1.FreightQuote{ProductId: "12", Quantity: 100, Amount: cny("150").GetPrice(), Basis: zhaohuov1.FreightBasis_FREIGHT_BASIS_ESTIMATE},
	}
	if !proto.Equal(first.GetLanded(), landed) || !proto.Equal(first.GetShippingPerUnit(), cny("1.50").GetPrice()) {
		t.Errorf("landed %v, shipping of one %v", first.GetLanded(), first.GetShippingPerUnit())
	}
	if group.GetOffers()[2].GetShippingPerUnit() != nil {
		t.Error("shipping was made up")
	}
	// 13 costs 2500 without freight, which is more.
	if !group.GetCheapestExact() || group.GetOpenOffers() != 0 {
		t.Errorf("exact %v, %d open", group.GetCheapestExact(), group.GetOpenOffers())
	}
	if !proto.Equal(group.GetMedianLandedTotal(), cny("2175").GetPrice()) || group.GetLandedTotalsKnown() != 2 || !proto.Equal(group.GetMedianPrice(), cny("22.50").GetPrice()) {
		t.Errorf("medians %v of %d, %v", group.GetMedianLandedTotal(), group.GetLandedTotalsKnown(), group.GetMedianPrice())
	}
	if got := answer.GetMeta(); got.GetFreightCalls() != 3 || got.GetUpstreamCalls() != int32(w.calls) || w.calls != 8 {
		t.Errorf("%d calls, %v", w.calls, got)
	}
	if notes := answer.GetMeta().GetNotes(); len(notes) != 1 || notes[0].GetKind() != zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_LANDED_UNKNOWN || len(answer.GetPartialFailures()) != 0 {
		t.Errorf("notes %v, failures %v", notes, answer.GetPartialFailures())
	}
}

// An order that is previewed names a variant that can be bought at the quantity, where the details have one.
func TestAPreviewedOrderNamesAVariant(t *testing.T) {
	w := mugMarket()
	w.previews, w.freights = true, map[string]*money.Amount{"14": yuanOf(7), "12": yuanOf(9), "13": yuanOf(8)}
	for id, d := range w.details {
		d.Skus = []*zhaohuov1.ProductSku{
			{Id: "1", Stock: proto.Int64(500)}, {Id: "2", SpecId: proto.String("few"), Stock: proto.Int64(99)}, {Id: "3", SpecId: proto.String("many"), Stock: proto.Int64(100)},
		}
		if id == "13" {
			d.Skus = d.Skus[:2]
		}
	}
	answer := find(t, w, &zhaohuov1.FindSourceRequest{Keyword: "mug", Quantity: 100, MaxUpstreamCalls: proto.Int32(30), Freight: freightTo(0, 5)})
	want := []string{"14 1507", "12 2009", "13 FREIGHT_FAILED", "11 CANNOT_BE_BOUGHT"}
	if diff := gocmp.Diff(want, sourceTexts(answer.GetGroups()[0].GetOffers())); diff != "" {
		t.Error(diff)
	}
	if got := answer.GetMeta(); int(got.GetUpstreamCalls()) != w.calls || got.GetFreightCalls() != 5 {
		t.Errorf("%d calls, %v", w.calls, got)
	}
}

// Why a total is not known: each reason, in a strategy whose budget ends.
func TestWhyATotalIsNotKnown(t *testing.T) {
	dollars := offer("25", "f", 9)
	dollars.Price.CurrencyCode = "USD"
	huge := offer("26", "g", 999_999_999)
	w := &world{
		byWords: map[string][]*zhaohuov1.Product{"mug": {
			offer("21", "a", 1), offer("22", "b", 2), offer("23", "c", 3), offer("24", "d", 4), dollars, huge, ordered("27", 8, 21), offer("28", "h", 0), offer("29", "i", 7),
		}},
		freights: map[string]*money.Amount{"21": nil},
		fails:    map[string]error{"freight 22": fault.New(fault.UpstreamUnavailable, "down")},
	}
	for _, c := range []struct {
		name   string
		budget int32
		most   int32
		want   []string
		failed []string
	}{
		{
			name: "the budget ends", budget: 5, most: 20,
			want: []string{
				"21 FREIGHT_NOT_NAMED", "22 FREIGHT_FAILED", "23 60", "24 BUDGET", "25 PRICE_UNKNOWN", "26 TOO_LARGE", "27 CANNOT_BE_BOUGHT", "28 PRICE_UNKNOWN", "29 BUDGET",
			},
			failed: []string{"estimate_freight of 22: UPSTREAM_UNAVAILABLE", "estimate_freight of 24: BUDGET_EXHAUSTED", "estimate_freight of 29: BUDGET_EXHAUSTED"},
		},
		{
			name: "enough were asked for", budget: 40, most: 3,
			want: []string{
				"21 FREIGHT_NOT_NAMED", "22 FREIGHT_FAILED", "23 60", "24 MAX_OFFERS", "25 PRICE_UNKNOWN", "26 TOO_LARGE", "27 CANNOT_BE_BOUGHT", "28 PRICE_UNKNOWN", "29 MAX_OFFERS",
			},
			failed: []string{"estimate_freight of 22: UPSTREAM_UNAVAILABLE"},
		},
	} {
		w.asked, w.calls = nil, 0
		answer := find(t, w, &zhaohuov1.FindSourceRequest{
			Keyword: "mug", MaxUpstreamCalls: &c.budget, VerifyImages: proto.Int32(1), SkipLikeness: true, Freight: freightTo(20, c.most),
		})
		if diff := gocmp.Diff(c.want, sourceTexts(answer.GetUnconfirmed())); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		failures := slices.DeleteFunc(failed(answer.GetPartialFailures()), func(f string) bool { return !strings.HasPrefix(f, freightStep) })
		if diff := gocmp.Diff(c.failed, failures); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// A refusal that means "no more" is paid for once.
func TestRefusedFreightIsAskedForOnce(t *testing.T) {
	for _, kind := range []fault.Kind{fault.UpstreamPermissionDenied, fault.UpstreamThrottled, fault.UnsupportedByDialect, fault.QuotaDayUsedUp} {
		w := mugMarket()
		for _, p := range w.byWords["mug"] {
			w.fails["freight "+p.GetId()] = fault.New(kind, "no")
		}
		answer := find(t, w, &zhaohuov1.FindSourceRequest{Keyword: "mug", Freight: freightTo(20, 5)})
		want := []string{"13 FREIGHT_FAILED", "14 FREIGHT_FAILED", "12 FREIGHT_FAILED", "11 CANNOT_BE_BOUGHT"}
		if diff := gocmp.Diff(want, sourceTexts(answer.GetGroups()[0].GetOffers())); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		if got := askedFreight(w); len(got) != 1 || answer.GetMeta().GetFreightCalls() != 1 {
			t.Errorf("%s: asked for %v", kind, got)
		}
	}
}

// The cheapest is the one that costs least with its freight; statistics say which of them include it.
func TestPricesAreComparedWithTheirFreight(t *testing.T) {
	w := &world{
		byWords: map[string][]*zhaohuov1.Product{"mug": {offer("31", "", 10), offer("32", "", 11), offer("33", "", 12), offer("34", "", 13)}},
		details: map[string]*zhaohuov1.ProductDetail{"31": tiersAt("1: 10"), "32": tiersAt("1: 11"), "33": tiersAt("1: 12"), "34": tiersAt("1: 13")},
	}
	w.freights = map[string]*money.Amount{"31": yuanOf(50), "32": yuanOf(20), "33": nil, "34": yuanOf(0)}
	for _, c := range []struct {
		name     string
		most     int32
		budget   *int32
		want     []string
		cheapest string
		exact    bool
		reason   zhaohuov1.InexactReason
		open     int32
		median   string
		calls    int
	}{
		{
			name: "two: the third and the fourth cost more without freight than the second with it", most: 2, budget: proto.Int32(40),
			want: []string{"32 240", "31 250", "33 MAX_OFFERS", "34 MAX_OFFERS"}, cheapest: "32", exact: true, median: "245", calls: 5,
		},
		{
			name: "one: the second may cost less", most: 1, budget: proto.Int32(40),
			want: []string{"31 250", "32 MAX_OFFERS", "33 MAX_OFFERS", "34 MAX_OFFERS"}, cheapest: "31",
			reason: zhaohuov1.InexactReason_INEXACT_REASON_FREIGHT_UNKNOWN, open: 2, median: "250", calls: 5,
		},
		{
			name: "by default the budget has room for freight", most: 4,
			want: []string{"32 240", "31 250", "34 260", "33 FREIGHT_NOT_NAMED"}, cheapest: "32", exact: true, median: "250", calls: 7,
		},
		{
			name: "half of a small budget is for freight", most: 4, budget: proto.Int32(3),
			want: []string{"31 250", "32 BUDGET", "33 BUDGET", "34 BUDGET"}, cheapest: "31",
			reason: zhaohuov1.InexactReason_INEXACT_REASON_BUDGET, open: 2, median: "250", calls: 3,
		},
	} {
		w.asked, w.calls = nil, 0
		answer, err := ComparePrices(t.Context(), w.ports(), &zhaohuov1.ComparePricesRequest{
			Keyword: "mug", Quantity: 20, MaxUpstreamCalls: c.budget, Freight: freightTo(20, c.most),
		})
		if err != nil {
			t.Fatal(err)
		}
		got := answer.GetSimilar()
		if diff := gocmp.Diff(c.want, pricedTexts(got.GetOffers())); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if got.GetCheapest().GetProduct().GetId() != c.cheapest || got.GetCheapestExact() != c.exact || got.GetInexactReason() != c.reason || got.GetOpenOffers() != c.open {
			t.Errorf("%s: cheapest %s, exact %v, %s, %d open", c.name, got.GetCheapest().GetProduct().GetId(), got.GetCheapestExact(), got.GetInexactReason(), got.GetOpenOffers())
		}
		landed, prices := got.GetLandedStatistics(), got.GetStatistics()
		if !proto.Equal(landed.GetMedian(), cny(c.median).GetPrice()) || !landed.GetIncludesFreight() {
			t.Errorf("%s: landed %v", c.name, landed)
		}
		if !proto.Equal(prices.GetMedian(), cny("11.50").GetPrice()) || prices.GetIncludesFreight() {
			t.Errorf("%s: prices %v", c.name, prices)
		}
		if w.calls != c.calls || answer.GetMeta().GetUpstreamCalls() != int32(c.calls) {
			t.Errorf("%s: %d calls, %v", c.name, w.calls, w.asked)
		}
	}
}

// TestTimes compares the product of a price and a number of pieces with that of big numbers.
func TestTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := money.Amount(rapid.Int64Range(0, int64(2_000_000_000*money.Unit)).Draw(t, "price"))
		pieces := rapid.Int64Range(0, 1_000_000).Draw(t, "pieces")
		want := new(big.Int).Mul(big.NewInt(int64(price)), big.NewInt(pieces))
		fits := want.Cmp(big.NewInt(int64(landedMax))) < 0
		if got, ok := times(price, pieces); ok != fits || ok && int64(got) != want.Int64() {
			t.Fatalf("%d × %d is %d, %v", price, pieces, got, ok)
		}
	})
}
