package drift_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/drift"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// firstID is the first of a row of ids like those of the embedded catalogue.
const firstID = 620_201_390_000

// awayID is an offer that is away at times, and awaySteps when.
func awayID(t *testing.T) (id int64, awaySteps []int64) {
	t.Helper()
	for id = firstID; len(awaySteps) == 0; id++ {
		for step := range int64(drift.Cycle) {
			if drift.Of(id, step).Away {
				awaySteps = append(awaySteps, step)
			}
		}
	}
	return id - 1, awaySteps
}

func TestStepsAreCountedFromTheEpoch(t *testing.T) {
	for _, c := range []struct {
		at     time.Time
		length time.Duration
		want   int64
	}{
		{time.Unix(0, 0), time.Second, 0},
		{time.Unix(59, 999_999_999), 10 * time.Second, 5},
		{time.Unix(60, 0), 10 * time.Second, 6},
		{time.Unix(1, 500_000_000), 500 * time.Millisecond, 3},
	} {
		if got := drift.Step(c.at, c.length); got != c.want {
			t.Errorf("Step(%v, %v) = %d, want %d", c.at, c.length, got, c.want)
		}
	}
}

// Every offer takes each price of the documented cycle for two steps, and one in eight is away for three.
func TestTheScheduleIsAsDocumented(t *testing.T) {
	const offers = 4000
	away := 0
	for id := int64(firstID); id < firstID+offers; id++ {
		counts, gone := map[int64]int{}, 0
		for step := range int64(drift.Cycle) {
			s := drift.Of(id, step)
			counts[s.Percent]++
			if s.Away {
				gone++
			}
			if drift.Of(id, step+drift.Cycle) != s || drift.Of(id, step-drift.Cycle) != s {
				t.Fatalf("%d: step %d is not that of the next cycle", id, step)
			}
			if s.Percent == drift.Of(id, step+1).Percent && s.Percent == drift.Of(id, step+2).Percent {
				t.Fatalf("%d costs the same in three steps from %d on", id, step)
			}
		}
		for _, percent := range []int64{97, 94, 88, 92, 96, 104, 110, 107, 105, 102} {
			if counts[percent] != 2 {
				t.Fatalf("%d is at %d %% in %d steps", id, percent, counts[percent])
			}
		}
		if counts[100] != 4 || gone != 0 && gone != 3 {
			t.Fatalf("%d: %d steps at 100 %%, %d away", id, counts[100], gone)
		}
		if gone > 0 {
			away++
		}
	}
	if away < offers/10 || away > offers/7 {
		t.Errorf("%d of %d offers are ever away", away, offers)
	}
}

func TestFen(t *testing.T) {
	for _, c := range []struct{ percent, price, want int64 }{
		{100, 250, 250}, {97, 250, 243}, {94, 250, 235}, {110, 250, 275}, {88, 1, 1}, {97, 50, 49}, {94, 0, 0},
	} {
		if got := (drift.State{Percent: c.percent}).Fen(c.price); got != c.want {
			t.Errorf("%d fen at %d %% are %d, want %d", c.price, c.percent, got, c.want)
		}
	}
}

func TestAllPricesOfAnOfferMoveTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(1, 100_000)
		o := &catalog.Offer{ID: rapid.Int64Range(firstID, firstID+5000).Draw(t, "id")}
		low := price.Draw(t, "price")
		o.PriceFen, o.PriceMaxFen = new(low), new(low+rapid.Int64Range(1, 900).Draw(t, "spread"))
		o.DropshipFen = new(price.Draw(t, "dropship"))
		o.Tiers = []catalog.Tier{{From: 1, PriceFen: price.Draw(t, "tier")}}
		o.SKUs = []catalog.SKU{{ID: 1, PriceFen: price.Draw(t, "sku")}, {ID: 2}}
		before := *o
		tiers, skus := slices.Clone(o.Tiers), slices.Clone(o.SKUs)
		step := rapid.Int64Range(0, 1<<40).Draw(t, "step")
		s := drift.Of(o.ID, step)
		got := drift.Offer(o, step)
		if *o.PriceFen != low || *before.PriceMaxFen != *o.PriceMaxFen || !slices.Equal(o.Tiers, tiers) || o.SKUs[0].PriceFen != skus[0].PriceFen {
			t.Fatal("the offer itself was changed")
		}
		if s.Away {
			if got != nil {
				t.Fatal("an offer that is away is there")
			}
			return
		}
		if *got.PriceFen != s.Fen(low) || *got.DropshipFen != s.Fen(*o.DropshipFen) || got.PromotionFen != nil ||
			got.Tiers[0].PriceFen != s.Fen(tiers[0].PriceFen) || got.SKUs[0].PriceFen != s.Fen(skus[0].PriceFen) || got.SKUs[1].PriceFen != 0 {
			t.Fatalf("%+v at %+v", got, s)
		}
		if got.PriceMaxFen != nil && *got.PriceMaxFen <= *got.PriceFen {
			t.Fatalf("a range from %d to %d", *got.PriceFen, *got.PriceMaxFen)
		}
	})
}

// shop has offers that cost 10.00, one of which is away at times.
func shop(t *testing.T) (goods *catalog.Catalog, away int64, awaySteps []int64) {
	t.Helper()
	away, awaySteps = awayID(t)
	var offers []*catalog.Offer
	for i := range int64(12) {
		offers = append(offers, &catalog.Offer{
			ID: away + i, Title: "保温杯", Supplier: &catalog.Supplier{OpenID: "s", Name: "厂"}, PriceFen: new(int64(1000)),
			Status: "published", TopCategory: 1, ThirdCategory: 100,
		})
	}
	goods, err := catalog.New(offers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := goods.Close(); err != nil {
			t.Error(err)
		}
	})
	return goods, away, awaySteps
}

// A search bounds and orders by the prices of the step, and leaves out what is away.
func TestSearchIsOfTheStep(t *testing.T) {
	goods, away, _ := shop(t)
	for step := range int64(drift.Cycle) {
		now := drift.Goods(goods, step)
		page, err := now.Search(t.Context(), catalog.Query{Words: "保温杯", Sort: catalog.SortPrice, PriceMaxFen: new(int64(1000))})
		if err != nil {
			t.Fatal(err)
		}
		var want []int64
		for id := away; id < away+12; id++ {
			if s := drift.Of(id, step); !s.Away && s.Fen(1000) <= 1000 {
				want = append(want, id)
			}
		}
		slices.SortStableFunc(want, func(a, b int64) int { return int(drift.Of(a, step).Percent - drift.Of(b, step).Percent) })
		var got []int64
		for _, o := range page.Offers {
			got = append(got, o.ID)
			if *o.PriceFen != drift.Of(o.ID, step).Fen(1000) {
				t.Errorf("step %d: %d costs %d", step, o.ID, *o.PriceFen)
			}
		}
		if !slices.Equal(got, want) || page.Total != len(want) {
			t.Errorf("step %d: found %v of %d, want %v", step, got, page.Total, want)
		}
	}
}

func TestWhatIsAwayIsNowhere(t *testing.T) {
	goods, away, awaySteps := shop(t)
	other := away + 1
	for step := range int64(drift.Cycle) {
		now := drift.Goods(goods, step)
		isAway := slices.Contains(awaySteps, step)
		if _, ok := now.Offer(away); ok == isAway {
			t.Errorf("step %d: the offer is there: %v", step, ok)
		}
		related := now.Related(other, 100)
		if slices.ContainsFunc(related, func(o *catalog.Offer) bool { return o.ID == away }) == isAway {
			t.Errorf("step %d: among the related goods it is the other way round", step)
		}
		if few := now.Related(other, 2); !slices.EqualFunc(few, related[:2], func(a, b *catalog.Offer) bool { return a.ID == b.ID }) {
			t.Errorf("step %d: two related goods are not the first two", step)
		}
		near, err := drift.Pictures(wall{Catalog: goods}, step).Nearest(t.Context(), likeness.Fingerprint{}, 3, nil)
		if err != nil || len(near) != 3 {
			t.Fatal(near, err)
		}
		if (near[0].Offer.ID == away) == isAway || *near[0].Offer.PriceFen != drift.Of(near[0].Offer.ID, step).Fen(1000) {
			t.Errorf("step %d: the nearest is %d at %d", step, near[0].Offer.ID, *near[0].Offer.PriceFen)
		}
	}
	if _, ok := drift.Goods(goods, 0).Offer(1); ok {
		t.Error("an offer that the catalogue does not have")
	}
}

// wall is a gallery in which offers are the nearer the earlier they stand in the catalogue.
type wall struct {
	*catalog.Catalog
	market.Gallery
}

func (w wall) Nearest(_ context.Context, _ likeness.Fingerprint, n int, wanted func(int64) bool) ([]market.Alike, error) {
	var near []market.Alike
	for _, o := range w.Offers() {
		if len(near) < n && wanted(o.ID) {
			near = append(near, market.Alike{Offer: o})
		}
	}
	return near, nil
}
