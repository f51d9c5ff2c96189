package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	moneypb "google.golang.org/genproto/googleapis/type/money"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

const (
	// trendRows is how high a drawn trend is, and trendWidest how many columns it has at most.
	trendRows   = 9
	trendWidest = 100
	// usualWidth is the width of a line where there is no terminal.
	usualWidth = 80
)

// The marks of a trend. The last three are: between two observations, nothing observed, an observation that failed.
const (
	markMedian  = "●"
	markRange   = "│"
	markBetween = "·"
	markNothing = " "
	markFailed  = "×"
)

// trendColumn is one column of a drawn trend.
type trendColumn struct {
	low, middle, high money.Amount
	// priced: it has prices; between: they are those of the observation nearest to it.
	priced, between bool
	failed          bool
}

// writeTrend draws the median over time, with the lowest and the highest price. Where nothing was observed, nothing is drawn.
func (s *session) writeTrend(trend *zhaohuov1.QueryPriceTrendResponse, interval time.Duration) error {
	points := trend.GetPoints()
	if !slices.ContainsFunc(points, func(p *zhaohuov1.PriceTrendPoint) bool { return p.GetMedian() != nil }) {
		return nil
	}
	low, high := trendRange(points)
	labels := []string{"¥" + high.String(), "¥" + low.String()}
	margin := max(uniseg.StringWidth(labels[0]), uniseg.StringWidth(labels[1]))
	width := terminalWidth(s.Stdout)
	if width == 0 {
		width = usualWidth
	}
	columns := trendColumns(points, trendStep(trend.GetResolution(), interval), max(min(width-margin-3, trendWidest), 1))
	var b strings.Builder
	b.WriteString("\n")
	for row := range trendRows {
		label := ""
		switch {
		case row == 0 && high > low:
			label = labels[0]
		case row == trendRows-1 && high > low, row == trendRows/2 && high == low:
			label = labels[1]
		}
		b.WriteString(strings.Repeat(" ", margin-uniseg.StringWidth(label)) + label + " ┤" + trendRow(columns, row, low, high) + "\n")
	}
	if slices.ContainsFunc(columns, func(c trendColumn) bool { return c.failed }) {
		marks := make([]string, len(columns))
		for i, c := range columns {
			marks[i] = map[bool]string{true: markFailed, false: markNothing}[c.failed]
		}
		b.WriteString(strings.Repeat(" ", margin+2) + strings.TrimRight(strings.Join(marks, ""), " ") + "\n")
	}
	b.WriteString(strings.Repeat(" ", margin+1) + "└" + strings.Repeat("─", len(columns)) + "\n")
	from, to := localTime(points[0].GetTime().AsTime()), localTime(points[len(points)-1].GetTime().AsTime())
	b.WriteString(strings.Repeat(" ", margin+2) + from + strings.Repeat(" ", max(len(columns)-len(from)-len(to), 2)) + to + "\n")
	if _, err := s.Stdout.Write([]byte(b.String())); err != nil {
		return err
	}
	return s.printEnd("● median  │ lowest to highest  · between two observations  × failed; blank: not observed\n")
}

// trendRange is the range of all prices.
func trendRange(points []*zhaohuov1.PriceTrendPoint) (low, high money.Amount) {
	known := false
	for _, p := range points {
		for _, price := range []*moneypb.Money{p.GetMin(), p.GetMedian(), p.GetMax()} {
			amount, ok := money.Of(price)
			if !ok {
				continue
			}
			if !known {
				low, high, known = amount, amount, true
			}
			low, high = min(low, amount), max(high, amount)
		}
	}
	return low, high
}

// trendStep is the usual time from one point to the next.
func trendStep(r zhaohuov1.PriceResolution, interval time.Duration) time.Duration {
	switch r {
	case zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR:
		return max(time.Hour, interval)
	case zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY:
		return max(24*time.Hour, interval)
	}
	return interval
}

// trendColumns puts the points into columns of equal time, counted from the last point back. A column is as wide as the usual
// time between points, or wider where there are more than widest. One without a point of its own, since observations do not
// come exactly in time, is between two observations; a longer time without any is left blank.
func trendColumns(points []*zhaohuov1.PriceTrendPoint, step time.Duration, widest int) []trendColumn {
	first, last := points[0].GetTime().AsTime(), points[len(points)-1].GetTime().AsTime()
	step = max(step, time.Second, last.Sub(first)/time.Duration(max(widest-1, 1)))
	columns := make([]trendColumn, min(int(last.Sub(first)/step)+1, widest))
	medians := make([][]money.Amount, len(columns))
	for _, p := range points {
		back := int((last.Sub(p.GetTime().AsTime()) + step/2) / step)
		at := max(len(columns)-1-back, 0)
		c := &columns[at]
		c.failed = c.failed || p.GetFailedCount() > 0
		low, _ := money.Of(p.GetMin())
		high, _ := money.Of(p.GetMax())
		middle, ok := money.Of(p.GetMedian())
		if !ok {
			continue
		}
		if !c.priced {
			c.low, c.high, c.priced = low, high, true
		}
		c.low, c.high = min(c.low, low), max(c.high, high)
		medians[at] = append(medians[at], middle)
	}
	for i := range columns {
		if all := medians[i]; len(all) > 0 {
			slices.Sort(all)
			columns[i].middle = all[len(all)/2]
		}
	}
	for i := 1; i+1 < len(columns); i++ {
		before, c, after := columns[i-1], &columns[i], columns[i+1]
		if !c.priced && !c.failed && before.priced && !before.between && after.priced {
			*c = before
			c.failed, c.between = false, true
		}
	}
	return columns
}

// trendRow is one row of a drawn trend, the highest being 0.
func trendRow(columns []trendColumn, row int, low, high money.Amount) string {
	at := func(price money.Amount) int {
		if high == low {
			return trendRows / 2
		}
		return int((float64(high-price) / float64(high-low) * (trendRows - 1)) + 0.5)
	}
	var b strings.Builder
	for _, c := range columns {
		switch {
		case !c.priced:
			b.WriteString(markNothing)
		case c.between && row == at(c.middle):
			b.WriteString(markBetween)
		case c.between:
			b.WriteString(markNothing)
		case row == at(c.middle):
			b.WriteString(markMedian)
		case row >= at(c.high) && row <= at(c.low):
			b.WriteString(markRange)
		default:
			b.WriteString(markNothing)
		}
	}
	return strings.TrimRight(b.String(), " ")
}
