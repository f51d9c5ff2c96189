package combo

import (
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// bands are groups of sorted prices: a gap wider than a third of the lower price separates two.
func bands(sorted []money.Amount, currency string) []*zhaohuov1.PriceBand {
	var all []*zhaohuov1.PriceBand
	for i, price := range sorted {
		if i == 0 || 3*(price-sorted[i-1]) > sorted[i-1] {
			if i > 0 {
				all[len(all)-1].GapAbove = (price - sorted[i-1]).Proto(currency)
			}
			all = append(all, &zhaohuov1.PriceBand{Low: price.Proto(currency)})
		}
		band := all[len(all)-1]
		band.High = price.Proto(currency)
		band.Products++
	}
	return all
}
