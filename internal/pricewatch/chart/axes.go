package chart

import (
	"time"

	"github.com/go-analyze/charts"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// priceAxis is a range of prices with lines at multiples of a step.
type priceAxis struct{ low, high, step amount }

// priceSteps is about how many steps an axis has.
const priceSteps = 5

// axis is the range that all prices are in. It does not begin at zero: small changes are to be seen.
func (d *drawing) axis() priceAxis {
	low, high, known := amount(0), amount(0), false
	take := func(runs [][]dot) {
		for _, run := range runs {
			for _, one := range run {
				if !known {
					low, high, known = one.price, one.price, true
				}
				low, high = min(low, one.price), max(high, one.price)
			}
		}
	}
	for _, b := range d.bands {
		take(b.low)
		take(b.high)
	}
	for _, l := range d.lines {
		take(l.runs)
	}
	spread := high - low
	if spread == 0 {
		spread = max(high/10, priceSteps*money.Fen)
	}
	step := roundStep(spread / priceSteps)
	a := priceAxis{low / step * step, (high + step - 1) / step * step, step}
	if a.low == a.high || high == low { // One price: it is drawn in the middle.
		a.low, a.high = max(a.low-step, 0), a.high+step
	}
	return a
}

// roundStep is the next larger of 1, 2, 5, 10, … fen.
func roundStep(least amount) amount {
	for step := money.Fen; ; step *= 10 {
		for _, times := range []amount{1, 2, 5} {
			if step*times >= least {
				return step * times
			}
		}
	}
}

// span is the time that is drawn.
func (d *drawing) span() (from, to time.Time) {
	if len(d.times) == 0 {
		return time.Unix(0, 0), time.Unix(1, 0)
	}
	from, to = d.times[0], d.times[len(d.times)-1]
	if from.Equal(to) {
		return from.Add(-time.Minute), to.Add(time.Minute)
	}
	return from, to
}

// timeSteps are the distances of the lines at times, with the form of the times.
func timeSteps() []struct {
	step time.Duration
	form string
} {
	const day = 24 * time.Hour
	return []struct {
		step time.Duration
		form string
	}{
		{time.Second, time.TimeOnly},
		{5 * time.Second, time.TimeOnly},
		{15 * time.Second, time.TimeOnly},
		{time.Minute, clock},
		{5 * time.Minute, clock},
		{15 * time.Minute, clock},
		{time.Hour, dayClock},
		{3 * time.Hour, dayClock},
		{6 * time.Hour, dayClock},
		{12 * time.Hour, dayClock},
		{day, time.DateOnly},
		{2 * day, time.DateOnly},
		{5 * day, time.DateOnly},
		{10 * day, time.DateOnly},
		{30 * day, time.DateOnly},
		{90 * day, time.DateOnly},
		{365 * day, time.DateOnly},
	}
}

const (
	clock    = "15:04"
	dayClock = "01-02 15:04"
	// timesMax is how many times stand below the plot at most, unless it is of very many years.
	timesMax = 7
)

// axes draws lines at prices and times, and says which they are.
func (p *picture) axes(empty bool) {
	p.LineStroke([]charts.Point{{X: plotLeft, Y: p.bottom}, {X: plotRight, Y: p.bottom}}, gray(), 1)
	if empty {
		return
	}
	for price := p.axis.low; price <= p.axis.high; price += p.axis.step {
		y := p.y(price)
		if price > p.axis.low {
			p.LineStroke([]charts.Point{{X: plotLeft, Y: y}, {X: plotRight, Y: y}}, paleGray(), 1)
		}
		text := "¥" + price.String()
		p.Text(text, plotLeft-8-textWidth(text, smallSize), y+4, 0, font(smallSize, gray()))
	}
	steps := timeSteps()
	chosen := steps[len(steps)-1]
	for _, one := range steps {
		if p.to.Sub(p.from)/one.step < timesMax {
			chosen = one
			break
		}
	}
	_, offset := p.from.In(chinaday.Zone()).Zone()
	shift := time.Duration(offset) * time.Second
	first := p.from.Add(shift).Truncate(chosen.step).Add(-shift)
	for at := first; !at.After(p.to); at = at.Add(chosen.step) {
		if at.Before(p.from) {
			continue
		}
		x := p.x(at)
		p.LineStroke([]charts.Point{{X: x, Y: p.bottom}, {X: x, Y: p.bottom + 5}}, gray(), 1)
		p.centered(at.In(chinaday.Zone()).Format(chosen.form), x, p.bottom+22, font(smallSize, gray()))
	}
}
