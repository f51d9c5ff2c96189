package chart

import (
	"slices"
	"time"

	"github.com/go-analyze/charts"
	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

type amount = money.Amount

// dot is one price.
type dot struct {
	at    time.Time
	price amount
}

// line is one price over time. Between its runs nothing is known.
type line struct {
	name  string
	color charts.Color
	runs  [][]dot
}

// band is the area between two prices over time; its runs are equally long.
type band struct {
	name      string
	color     charts.Color
	low, high [][]dot
}

// drawing is all that is drawn of a trend.
type drawing struct {
	times []time.Time
	// failed are the times of points with observations that failed.
	failed []time.Time
	bands  []band
	lines  []line
}

// gapFactor is how many times the usual distance two points are apart at most to be joined.
const gapFactor = 2.5

// linesOf finds what is to be drawn: the statistics, or the products where there are any.
func linesOf(trend *zhaohuov1.QueryPriceTrendResponse, w words) *drawing {
	d := &drawing{}
	for _, p := range trend.GetPoints() {
		d.times = append(d.times, p.GetTime().AsTime())
		if p.GetFailedCount() > 0 {
			d.failed = append(d.failed, p.GetTime().AsTime())
		}
	}
	statistic := func(of func(*zhaohuov1.PriceTrendPoint) *moneypb.Money) [][]dot {
		var dots []dot
		for _, p := range trend.GetPoints() {
			if price, ok := yuan(of(p)); ok {
				dots = append(dots, dot{p.GetTime().AsTime(), price})
			}
		}
		return d.runs(dots)
	}
	if len(trend.GetProducts()) == 0 {
		d.bands = []band{
			{w.all, paleBlue(), statistic((*zhaohuov1.PriceTrendPoint).GetMin), statistic((*zhaohuov1.PriceTrendPoint).GetMax)},
			{w.middle, lightBlue(), statistic((*zhaohuov1.PriceTrendPoint).GetQ1), statistic((*zhaohuov1.PriceTrendPoint).GetQ3)},
		}
	}
	d.lines = []line{{w.median, blue(), statistic((*zhaohuov1.PriceTrendPoint).GetMedian)}}
	for _, product := range trend.GetProducts() {
		d.product(product, w)
	}
	return d
}

// product adds a product's prices: a line for each basis, because prices of two bases are not to be compared.
func (d *drawing) product(product *zhaohuov1.ProductPriceTrend, w words) {
	bases := map[zhaohuov1.PriceBasis][]dot{}
	var order []zhaohuov1.PriceBasis
	foreign := false
	for _, p := range product.GetPoints() {
		price, ok := yuan(p.GetPrice())
		if !ok {
			foreign = true
			continue
		}
		basis := p.GetPriceBasis()
		if bases[basis] == nil {
			order = append(order, basis)
		}
		bases[basis] = append(bases[basis], dot{p.GetTime().AsTime(), price})
	}
	name := product.GetProductId()
	if product.GetTitle() != "" {
		name += " " + product.GetTitle()
	}
	color := productColor(len(d.lines))
	for _, basis := range order {
		d.lines = append(d.lines, line{shortened(name, nameCells) + w.bracketed(w.basis[basis]), color, d.runs(bases[basis])})
		color = productColor(len(d.lines))
	}
	if foreign || len(order) == 0 {
		why := w.unseen
		if foreign {
			why = w.foreign
		}
		d.lines = append(d.lines, line{shortened(name, nameCells) + w.bracketed(why), color, nil})
	}
}

// runs divides the dots of a line where they are not to be joined: where the trend has a point without the price between
// two of them, or they are much further apart than points usually are.
func (d *drawing) runs(dots []dot) [][]dot {
	usual := d.usual()
	var runs [][]dot
	last := -1
	for _, one := range dots {
		at, _ := slices.BinarySearchFunc(d.times, one.at, time.Time.Compare)
		joined := len(runs) > 0 && at == last+1 && float64(one.at.Sub(d.times[last])) <= gapFactor*float64(usual)
		last = at
		if joined {
			runs[len(runs)-1] = append(runs[len(runs)-1], one)
			continue
		}
		runs = append(runs, []dot{one})
	}
	return runs
}

// usual is the usual distance of two points: the median of all.
func (d *drawing) usual() time.Duration {
	var all []time.Duration
	for i := 1; i < len(d.times); i++ {
		all = append(all, d.times[i].Sub(d.times[i-1]))
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// empty reports whether there is no price at all.
func (d *drawing) empty() bool {
	return !slices.ContainsFunc(d.lines, func(l line) bool { return len(l.runs) > 0 })
}

// yuan is an amount in yuan; false for none.
func yuan(m *moneypb.Money) (amount, bool) {
	if m.GetCurrencyCode() != money.CNY {
		return 0, false
	}
	return money.Of(m)
}
