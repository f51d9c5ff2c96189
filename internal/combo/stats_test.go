package combo

import (
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// amounts are typical prices: mostly fen, some finer, some absurd.
func amounts() *rapid.Generator[[]money.Amount] {
	return rapid.SliceOfN(rapid.OneOf(
		rapid.Map(rapid.Int64Range(0, 5000), func(n int64) money.Amount { return money.Amount(n) * money.Fen }),
		rapid.Map(rapid.Int64Range(0, 2e9), func(n int64) money.Amount { return money.Amount(n) }),
		rapid.Map(rapid.Int64Range(0, 999_999_999_999_999_999), func(n int64) money.Amount { return money.Amount(n) }),
	), 1, 40)
}

func rat(a money.Amount) *big.Rat { return big.NewRat(int64(a), 1) }

// quantileOf is the definition of R's type 7, in rationals.
func quantileOf(sorted []money.Amount, percent int64) *big.Rat {
	h := new(big.Rat).Mul(big.NewRat(int64(len(sorted)-1), 1), big.NewRat(percent, 100))
	floor := new(big.Int).Quo(h.Num(), h.Denom()).Int64()
	fraction := new(big.Rat).Sub(h, big.NewRat(floor, 1))
	low, next := rat(sorted[floor]), rat(sorted[min(int(floor)+1, len(sorted)-1)])
	return new(big.Rat).Add(low, fraction.Mul(fraction, new(big.Rat).Sub(next, low)))
}

// fenOf rounds to the fen, half up: the floor of x/fen + 1/2.
func fenOf(x *big.Rat) money.Amount {
	n := new(big.Rat).Quo(x, rat(money.Fen))
	n.Add(n, big.NewRat(1, 2))
	return money.Amount(new(big.Int).Quo(n.Num(), n.Denom()).Int64()) * money.Fen
}

func TestStatisticsAgreeWithRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := amounts().Draw(t, "amounts")
		sorted := slices.Sorted(slices.Values(given))
		sum := new(big.Rat)
		for _, a := range sorted {
			sum.Add(sum, rat(a))
		}
		n := len(sorted)
		middle := new(big.Rat).Add(rat(sorted[(n-1)/2]), rat(sorted[n/2]))
		middle.Quo(middle, big.NewRat(2, 1))
		q := func(percent int64) money.Amount { return fenOf(quantileOf(sorted, percent)) }
		want := &zhaohuov1.PriceStatistics{
			Min: fenOf(rat(sorted[0])).Proto("CNY"), Max: fenOf(rat(sorted[n-1])).Proto("CNY"),
			Mean: fenOf(new(big.Rat).Quo(sum, big.NewRat(int64(n), 1))).Proto("CNY"), Median: fenOf(middle).Proto("CNY"),
			P5: q(5).Proto("CNY"), Q1: q(25).Proto("CNY"), Q3: q(75).Proto("CNY"), P95: q(95).Proto("CNY"),
		}
		if diff := cmp.Diff(want, statistics(sorted, "CNY"), protocmp.Transform()); diff != "" {
			t.Fatalf("of %v (-want +got):\n%s", sorted, diff)
		}
		if got, ok := median(given); !ok || got != fenOf(middle) {
			t.Fatalf("median(%v) = %v, %v", given, got, ok)
		}
		q1, q3 := quantileOf(sorted, 25), quantileOf(sorted, 75)
		reach := new(big.Rat).Mul(big.NewRat(3, 2), new(big.Rat).Sub(q3, q1))
		low, high := new(big.Rat).Sub(q1, reach), new(big.Rat).Add(q3, reach)
		f := fencesOf(sorted)
		for _, a := range sorted {
			if want := rat(a).Cmp(low) < 0 || rat(a).Cmp(high) > 0; (f.below(a) || f.above(a)) != want {
				t.Fatalf("%v is outside: %v, among %v", a, !want, sorted)
			}
		}
	})
}

func TestHistogramCountsEveryPriceOnceInRoundBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sorted := slices.Sorted(slices.Values(amounts().Draw(t, "amounts")))
		buckets := histogramOf(sorted)
		if len(buckets) > bucketsMost+2 {
			t.Fatalf("%d buckets", len(buckets))
		}
		last := len(buckets) - 1
		for i, b := range buckets {
			if b.low >= b.high || i > 0 && b.low != buckets[i-1].high || b.low%money.Fen != 0 || b.high%money.Fen != 0 {
				t.Fatalf("bucket %d of %v", i, buckets)
			}
			count := int32(0)
			for _, a := range sorted {
				if a >= b.low && (a < b.high || i == last && a == b.high) {
					count++
				}
			}
			if b.count != count {
				t.Fatalf("bucket %d of %v counts %d, want %d", i, buckets, b.count, count)
			}
		}
		if sorted[0] < buckets[0].low || sorted[len(sorted)-1] > buckets[last].high {
			t.Fatalf("%v does not contain %v", buckets, sorted)
		}
	})
}

// histogramOf is the histogram of sorted amounts whose typical range is that of the amounts inside their fences.
func histogramOf(sorted []money.Amount) []bucket {
	f := fencesOf(sorted)
	inside := slices.DeleteFunc(slices.Clone(sorted), func(a money.Amount) bool { return f.below(a) || f.above(a) })
	return histogram(sorted, inside[0], inside[len(inside)-1])
}

func yuan(texts ...string) []money.Amount {
	all := make([]money.Amount, len(texts))
	for i, text := range texts {
		all[i], _ = money.Parse(text)
	}
	return all
}

func TestQuantiles(t *testing.T) {
	for _, c := range []struct {
		name    string
		sorted  []money.Amount
		percent int
		want    string
	}{
		{"one price is every percentile", yuan("9.90"), 5, "9.90"},
		{"even: the mean of the two middle ones", yuan("1", "2", "3", "10"), 50, "2.50"},
		{"odd: the middle one", yuan("1", "2", "10"), 50, "2"},
		{"R: quantile(c(1,2,3,10), .25) is 1.75", yuan("1", "2", "3", "10"), 25, "1.75"},
		{"R: quantile(c(1,2,3,10), .95) is 8.95", yuan("1", "2", "3", "10"), 95, "8.95"},
		{"half a fen goes up", yuan("0.01", "0.02"), 50, "0.02"},
		{"less than half a fen goes down", yuan("0.01", "0.018"), 50, "0.01"},
		{"finer than a fen", yuan("0.125"), 50, "0.13"},
	} {
		if got := quantile(c.sorted, c.percent).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if _, ok := median(nil); ok {
		t.Error("got a median without amounts")
	}
}

func TestHistogramBuckets(t *testing.T) {
	type row struct {
		Low, High string
		Count     int32
	}
	for _, c := range []struct {
		name   string
		sorted []money.Amount
		want   []row
	}{
		{"one price", yuan("9.90"), []row{{"9.90", "9.91", 1}}},
		{"the last includes its upper bound", yuan("10", "12", "15", "20"), []row{{"10", "11", 1}, {"11", "12", 0}, {"12", "13", 1}, {"13", "14", 0}, {"14", "15", 0}, {"15", "16", 1}, {"16", "17", 0}, {"17", "18", 0}, {"18", "19", 0}, {"19", "20", 1}}},
		{"widths are 1, 2, 5", yuan("0", "10", "20", "40"), []row{{"0", "5", 1}, {"5", "10", 0}, {"10", "15", 1}, {"15", "20", 0}, {"20", "25", 1}, {"25", "30", 0}, {"30", "35", 0}, {"35", "40", 1}}},
		{"an outlier does not widen the others' buckets", yuan("10", "10.10", "10.20", "10.30", "10.40", "9999"), []row{{"10", "10.05", 1}, {"10.05", "10.10", 0}, {"10.10", "10.15", 1}, {"10.15", "10.20", 0}, {"10.20", "10.25", 1}, {"10.25", "10.30", 0}, {"10.30", "10.35", 1}, {"10.35", "10.40", 0}, {"10.40", "9999", 2}}},
	} {
		var got []row
		for _, b := range histogramOf(c.sorted) {
			got = append(got, row{b.low.String(), b.high.String(), b.count})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestCommonCurrency(t *testing.T) {
	in := func(codes ...string) []*zhaohuov1.Product {
		var all []*zhaohuov1.Product
		for _, code := range codes {
			p := &zhaohuov1.Product{}
			if code != "-" {
				p.Price = money.Unit.Proto(code)
			}
			all = append(all, p)
		}
		return all
	}
	for _, c := range []struct {
		products []*zhaohuov1.Product
		want     string
	}{
		{in(), ""}, {in("-", "-"), ""}, {in("USD", "USD", "CNY"), "USD"}, {in("USD", "CNY"), "CNY"}, {in("USD", "EUR", "-"), "EUR"}, {in(""), "CNY"},
	} {
		if got := commonCurrency(c.products); got != c.want {
			t.Errorf("commonCurrency(%v) = %q, want %q", c.products, got, c.want)
		}
	}
}

func TestRatio(t *testing.T) {
	for _, c := range []struct {
		part, total int64
		want        float64
	}{{1, 3, 0.333}, {2, 3, 0.667}, {1, 2000, 0.001}, {1, 2001, 0}, {7, 7, 1}, {0, 9, 0}, {1 << 61, 1 << 62, 0.5}} {
		if got := ratio(c.part, c.total); got != c.want {
			t.Errorf("ratio(%d, %d) = %v, want %v", c.part, c.total, got, c.want)
		}
	}
}
