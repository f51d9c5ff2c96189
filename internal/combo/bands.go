package combo

import (
	"math"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

const (
	// bandsMost is the maximum number of price bands.
	bandsMost = 8
	// bandSpread is how far the prices of a market may lie from the middle of their band, as the standard deviation of
	// their logarithms: about a fifth. Unlike a share of the total variance, it does not change when one price is absurd,
	// so one such price does not join all others in one band.
	bandSpread = 0.18
)

// level is one price of a market, with the number of goods that have it.
type level struct {
	price money.Amount
	count int32
}

// bands divides sorted prices, all above zero, into bands of prices that lie close together: see [naturalBreaks].
func bands(sorted []money.Amount, currency string) []*zhaohuov1.PriceBand {
	var levels []level
	for _, price := range sorted {
		if n := len(levels); n == 0 || levels[n-1].price != price {
			levels = append(levels, level{price: price})
		}
		levels[len(levels)-1].count++
	}
	var all []*zhaohuov1.PriceBand
	first := 0
	for _, end := range naturalBreaks(levels) {
		band := &zhaohuov1.PriceBand{Low: levels[first].price.Proto(currency), High: levels[end-1].price.Proto(currency)}
		for _, l := range levels[first:end] {
			band.Products += l.count
		}
		if end < len(levels) {
			band.GapAbove = (levels[end].price - levels[end-1].price).Proto(currency)
		}
		all = append(all, band)
		first = end
	}
	return all
}

// naturalBreaks are the ends (excluded) of the fewest groups of levels whose logarithms have a standard deviation of at
// most [bandSpread] inside groups, but at most [bandsMost] groups. Of all divisions into that many groups it is the one
// with the least variance inside groups (Fisher's and Jenks's natural breaks), found by dynamic programming.
func naturalBreaks(levels []level) []int {
	n := len(levels)
	if n == 0 {
		return nil
	}
	spread := spreadOf(levels)
	allowed := bandSpread * bandSpread * spread.weight[n]
	// least[end] is the least sum of squares of the levels before end in the groups so far; last[k][end] is where the last
	// of k+1 groups begins.
	least := make([]float64, n+1)
	for end := range least {
		least[end] = spread.within(0, end)
	}
	last := [][]int{make([]int, n+1)}
	for least[n] > allowed && len(last) < min(bandsMost, n) {
		next, begins := make([]float64, n+1), make([]int, n+1)
		for end := 1; end <= n; end++ {
			next[end] = math.Inf(1)
			for begin := range end {
				if sum := least[begin] + spread.within(begin, end); sum < next[end] {
					next[end], begins[end] = sum, begin
				}
			}
		}
		least, last = next, append(last, begins)
	}
	ends := make([]int, 0, len(last))
	for k, end := len(last)-1, n; end > 0; k-- {
		ends = append([]int{end}, ends...)
		end = last[k][end]
	}
	return ends
}

// spread gives the sum of squares of neighbouring levels' logarithms in constant time. Its slices hold sums over the
// levels before each index.
type spread struct{ weight, sum, squares []float64 }

func spreadOf(levels []level) spread {
	n := len(levels)
	s := spread{make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)}
	for i, l := range levels {
		// Relative to the lowest price, so that the sums stay small and exact enough.
		x, w := math.Log(float64(l.price)/float64(levels[0].price)), float64(l.count)
		s.weight[i+1], s.sum[i+1], s.squares[i+1] = s.weight[i]+w, s.sum[i]+w*x, s.squares[i]+w*x*x
	}
	return s
}

// within is the sum of the squared distances of levels from their mean.
func (s spread) within(begin, end int) float64 {
	if end-begin < 2 {
		return 0
	}
	weight, sum := s.weight[end]-s.weight[begin], s.sum[end]-s.sum[begin]
	return max(0, s.squares[end]-s.squares[begin]-sum*sum/weight)
}
