package combo

import (
	"cmp"
	"math/big"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// toFen rounds a non-negative amount to fen, half up.
func toFen(a money.Amount) money.Amount { return (a + money.Fen/2) / money.Fen * money.Fen }

// percentile is the amount below which percent of the sorted amounts lie, by linear interpolation between the closest
// ranks (R's type 7). The result is exactly whole nanos + hundredths/100.
func percentile(sorted []money.Amount, percent int) (nanos, hundredths money.Amount) {
	at := (len(sorted) - 1) * percent
	low, between := sorted[at/100], money.Amount(at%100)
	if between == 0 {
		return low, 0
	}
	step := sorted[at/100+1] - low
	// step*between/100 without overflow of 64 bits.
	nanos = low + step/100*between + step%100*between/100
	return nanos, step % 100 * between % 100
}

// quantile is a percentile rounded to fen, half up. Less than a nano never decides the rounding.
func quantile(sorted []money.Amount, percent int) money.Amount {
	nanos, _ := percentile(sorted, percent)
	return toFen(nanos)
}

// median is the middle amount, or the mean of the two middle ones, rounded to fen half up; false without amounts.
func median(amounts []money.Amount) (money.Amount, bool) {
	if len(amounts) == 0 {
		return 0, false
	}
	return quantile(slices.Sorted(slices.Values(amounts)), 50), true
}

// mean is the arithmetic mean rounded to fen, half up.
func mean(amounts []money.Amount) money.Amount {
	sum := new(big.Int)
	for _, a := range amounts {
		sum.Add(sum, big.NewInt(int64(a)))
	}
	return toFen(money.Amount(sum.Quo(sum, big.NewInt(int64(len(amounts)))).Int64()))
}

// fences are the limits of outliers: below Q1 - 1.5 IQR or above Q3 + 1.5 IQR, with exact quartiles.
type fences struct {
	// In two-hundredths of a nano, so that both are integers: 200 (Q1 - 1.5 IQR) = 5*100 Q1 - 3*100 Q3.
	low, high *big.Int
}

func fencesOf(sorted []money.Amount) fences {
	hundredfold := func(percent int) *big.Int {
		nanos, hundredths := percentile(sorted, percent)
		q := big.NewInt(int64(nanos))
		return q.Add(q.Mul(q, big.NewInt(100)), big.NewInt(int64(hundredths)))
	}
	five := func(q *big.Int) *big.Int { return new(big.Int).Mul(q, big.NewInt(5)) }
	three := func(q *big.Int) *big.Int { return new(big.Int).Mul(q, big.NewInt(3)) }
	q1, q3 := hundredfold(25), hundredfold(75)
	return fences{low: five(q1).Sub(five(q1), three(q3)), high: five(q3).Sub(five(q3), three(q1))}
}

// below reports whether an amount is below the lower fence.
func (f fences) below(a money.Amount) bool { return scaled(a).Cmp(f.low) < 0 }

// above reports whether an amount is above the upper fence.
func (f fences) above(a money.Amount) bool { return scaled(a).Cmp(f.high) > 0 }

// scaled is an amount in the unit of fences.
func scaled(a money.Amount) *big.Int {
	x := big.NewInt(int64(a))
	return x.Mul(x, big.NewInt(200))
}

// statistics describes sorted amounts, at least one.
func statistics(sorted []money.Amount, currency string) *zhaohuov1.PriceStatistics {
	return &zhaohuov1.PriceStatistics{
		Min:    toFen(sorted[0]).Proto(currency),
		Max:    toFen(sorted[len(sorted)-1]).Proto(currency),
		Mean:   mean(sorted).Proto(currency),
		Median: quantile(sorted, 50).Proto(currency),
		P5:     quantile(sorted, 5).Proto(currency),
		Q1:     quantile(sorted, 25).Proto(currency),
		Q3:     quantile(sorted, 75).Proto(currency),
		P95:    quantile(sorted, 95).Proto(currency),
	}
}

// bucketsMost is the maximum number of buckets in the typical range.
const bucketsMost = 10

// bucket is a part of a histogram, from low (included) to high (excluded, but included in the last bucket).
type bucket struct {
	low, high money.Amount
	count     int32
}

// histogram puts sorted amounts, at least one, into buckets whose bounds are multiples of a round width: 1, 2 or 5
// times a power of ten fen. The width suits the typical range. What lies outside of it shares one bucket below and one
// above, which may be wider: one expensive offer should not push all others into a single bucket.
func histogram(sorted []money.Amount, low, high money.Amount) []bucket {
	width := roundWidth(low, high)
	first, last := span(low, high, width)
	var buckets []bucket
	if lowest := sorted[0] / width * width; lowest < first {
		buckets = append(buckets, bucket{low: lowest, high: first})
	}
	for low := first; low < last; low += width {
		buckets = append(buckets, bucket{low: low, high: low + width})
	}
	if highest := sorted[len(sorted)-1]; highest > last {
		buckets = append(buckets, bucket{low: last, high: (highest + width - 1) / width * width})
	}
	at := 0
	for _, a := range sorted {
		for at < len(buckets)-1 && a >= buckets[at].high {
			at++
		}
		buckets[at].count++
	}
	return buckets
}

// roundWidth is the smallest round width with at most bucketsMost buckets between two amounts.
func roundWidth(low, high money.Amount) money.Amount {
	for tens := money.Fen; ; tens *= 10 {
		for _, digit := range []money.Amount{1, 2, 5} {
			width := digit * tens
			if first, last := span(low, high, width); (last-first)/width <= bucketsMost {
				return width
			}
		}
	}
}

// span is the multiples of width around two amounts, with at least one bucket between them.
func span(low, high, width money.Amount) (first, last money.Amount) {
	first, last = low/width*width, (high+width-1)/width*width
	return first, max(last, first+width)
}

// ratio is part divided by total, rounded half up to a thousandth; total is not 0.
func ratio(part, total int64) float64 {
	n := new(big.Int).Mul(big.NewInt(part), big.NewInt(2000))
	n.Add(n, big.NewInt(total))
	return float64(n.Quo(n, new(big.Int).Mul(big.NewInt(total), big.NewInt(2))).Int64()) / 1000
}

// commonCurrency is the currency of most products; among equals CNY, then the first by name. Prices in different
// currencies are never compared. It is empty if nothing has a price.
func commonCurrency(products []*zhaohuov1.Product) string {
	counts := map[string]int{}
	for _, p := range products {
		if amount, ok := money.Of(p.GetPrice()); ok && amount > 0 {
			counts[currencyOf(p)]++
		}
	}
	best := ""
	for name, n := range counts {
		if best == "" || cmp.Or(cmp.Compare(n, counts[best]), cnyFirst(name, best)) > 0 {
			best = name
		}
	}
	return best
}

// cnyFirst is positive if currency a goes before b.
func cnyFirst(a, b string) int {
	switch {
	case a == money.CNY:
		return 1
	case b == money.CNY:
		return -1
	}
	return cmp.Compare(b, a)
}

func currencyOf(p *zhaohuov1.Product) string {
	return cmp.Or(p.GetPrice().GetCurrencyCode(), money.CNY)
}
