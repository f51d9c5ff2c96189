package combo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

func TestBands(t *testing.T) {
	type row struct {
		Low, High, Gap string
		Products       int32
	}
	for _, c := range []struct {
		name   string
		sorted []money.Amount
		want   []row
	}{
		{"no prices", nil, nil},
		{"one price", yuan("3", "3"), []row{{"3", "3", "", 2}}},
		{"close prices are one band", yuan("10", "11", "12", "13", "14", "15"), []row{{"10", "15", "", 6}}},
		{"twice the price is another band", yuan("3", "6"), []row{{"3", "3", "3", 1}, {"6", "6", "", 1}}},
		{"two levels", yuan("3", "4", "5", "9", "9"), []row{{"3", "5", "4", 3}, {"9", "9", "", 2}}},
		{
			"three levels of goods and an absurd price", yuan("1", "1.10", "1.20", "20", "21", "22", "22", "48", "50", "52", "999999"),
			[]row{{"1", "1.20", "18.80", 3}, {"20", "22", "26", 4}, {"48", "52", "999947", 3}, {"999999", "999999", "", 1}},
		},
	} {
		var got []row
		for _, b := range bands(c.sorted, money.CNY) {
			low, _ := money.Of(b.Low)
			high, _ := money.Of(b.High)
			r := row{Low: low.String(), High: high.String(), Products: b.Products}
			if gap, ok := money.Of(b.GapAbove); ok {
				r.Gap = gap.String()
			}
			got = append(got, r)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// Markets as they are: prices without any gap, with a long tail, and with one price that is not for the goods. None of
// them is one band, and in none most bands are single offers.
func TestBandsOfSkewedMarkets(t *testing.T) {
	draw := rand.New(rand.NewPCG(1688, 1))
	even := func(i int) float64 { return 7 + float64(i)*71/79 }
	logNormal := func(int) float64 { return 20 * math.Exp(0.8*draw.NormFloat64()) }
	pareto := func(int) float64 { return 5 / math.Pow(1-draw.Float64(), 1/1.2) }
	for _, c := range []struct {
		name        string
		price       func(int) float64
		extra       []money.Amount
		least, most int
	}{
		{"evenly from 7 to 78", even, nil, 3, 5},
		{"evenly from 7 to 78, and a deposit of one fen", even, yuan("0.01"), 4, 6},
		{"evenly from 7 to 78, and a machine", even, yuan("99999999"), 4, 6},
		{"log-normal", logNormal, nil, 4, bandsMost},
		{"a long tail", pareto, nil, 4, bandsMost},
	} {
		prices := slices.Clone(c.extra)
		for i := range 80 {
			prices = append(prices, max(1, money.Amount(math.Round(100*c.price(i))))*money.Fen)
		}
		slices.Sort(prices)
		got := bands(prices, money.CNY)
		largest, single := int32(0), 0
		for _, b := range got {
			largest = max(largest, b.GetProducts())
			if b.GetProducts() == 1 {
				single++
			}
		}
		if len(got) < c.least || len(got) > c.most || largest > 48 || single > len(got)/2 {
			t.Errorf("%s: %d bands, the largest has %d of %d prices, %d have one: %v", c.name, len(got), largest, len(prices), single, got)
		}
	}
}

// Every price is in one band, bands do not overlap, and no other division into as many bands has less spread inside.
func TestBandsAreTheBestDivision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.SliceOfN(rapid.Int64Range(1, 20_000), 1, 12).Draw(t, "fen")
		prices := make([]money.Amount, len(fen))
		for i, n := range fen {
			prices[i] = money.Amount(n) * money.Fen
		}
		slices.Sort(prices)
		got := bands(prices, money.CNY)
		at := 0
		var ends []int
		for _, b := range got {
			low, _ := money.Of(b.GetLow())
			high, _ := money.Of(b.GetHigh())
			part := prices[at : at+int(b.GetProducts())]
			if low != part[0] || high != part[len(part)-1] || at > 0 && prices[at-1] == part[0] {
				t.Fatalf("band %v of %v", b, prices)
			}
			at += len(part)
			ends = append(ends, at)
		}
		if at != len(prices) || len(got) > bandsMost {
			t.Fatalf("%d of %d prices in %d bands", at, len(prices), len(got))
		}
		spread := squares(prices, ends)
		if least := leastSquares(prices, len(got)); spread > least+1e-9 {
			t.Fatalf("%v has a spread of %v, another division has %v", got, spread, least)
		}
		allowed := bandSpread * bandSpread * float64(len(prices))
		if len(got) < bandsMost && spread > allowed+1e-9 {
			t.Fatalf("%v has a spread of %v, allowed are %v", got, spread, allowed)
		}
		if len(got) > 1 && leastSquares(prices, len(got)-1) <= allowed-1e-9 {
			t.Fatalf("%d bands are enough for %v, not %v", len(got)-1, prices, got)
		}
	})
}

// squares is the sum of squared distances of logarithms from the mean of their band; ends are the bands' ends.
func squares(prices []money.Amount, ends []int) float64 {
	total, begin := 0.0, 0
	for _, end := range ends {
		mean := 0.0
		for _, p := range prices[begin:end] {
			mean += math.Log(float64(p)) / float64(end-begin)
		}
		for _, p := range prices[begin:end] {
			total += math.Pow(math.Log(float64(p))-mean, 2)
		}
		begin = end
	}
	return total
}

// leastSquares tries all divisions into bands that part no equal prices.
func leastSquares(prices []money.Amount, count int) float64 {
	least := math.Inf(1)
	var try func(ends []int, from int)
	try = func(ends []int, from int) {
		if len(ends) == count-1 {
			least = min(least, squares(prices, append(slices.Clone(ends), len(prices))))
			return
		}
		for at := from; at < len(prices); at++ {
			if prices[at] != prices[at-1] {
				try(append(slices.Clone(ends), at), at+1)
			}
		}
	}
	try(nil, 1)
	return least
}
