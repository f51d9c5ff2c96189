// Package chart draws a price trend as an SVG picture: the range of all prices and their median over time, or the prices of
// single products. Text stays text, so that Chinese is drawn by the viewer's own font. A picture refers to nothing outside
// itself and has no script. The package does not fetch trends.
package chart

import (
	"time"

	"github.com/go-analyze/charts"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Options are what is drawn.
type Options struct {
	// Title is the picture's title, any text; empty for a general one.
	Title string
	// Trend is what QueryPriceTrend answered.
	Trend *zhaohuov1.QueryPriceTrendResponse
	// Chinese has the texts of the picture in Chinese, and otherwise in English.
	Chinese bool
}

// The picture's measures, in pixels.
const (
	width      = 960
	plotHeight = 320
	plotLeft   = 84
	plotRight  = width - 28
	lineHeight = 20
	// titleAt and noteAt are the base lines of the texts above the legend.
	titleAt  = 34
	noteAt   = 58
	legendAt = 84
	// axisHeight is the room for the times below the plot.
	axisHeight = 44
)

// picture is a picture that is being drawn.
type picture struct {
	*charts.Painter

	words words
	from  time.Time
	to    time.Time
	axis  priceAxis
	// top and bottom are the plot's edges.
	top, bottom int
}

// SVG draws a trend. Prices that are not in yuan are left out, which the legend says.
func SVG(o Options) ([]byte, error) {
	w := english
	if o.Chinese {
		w = chinese
	}
	drawn := linesOf(o.Trend, w)
	legend := newLegend(drawn, w)
	top := legendAt + legend.rows*lineHeight
	height := top + plotHeight + axisHeight
	p := &picture{
		Painter: charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: width, Height: height}),
		words:   w, top: top, bottom: top + plotHeight, axis: drawn.axis(),
	}
	p.from, p.to = drawn.span()
	p.FilledRect(0, 0, width, height, charts.ColorWhite, charts.ColorWhite, 0)
	p.Text(fitted(o.title(w), width-2*margin, titleSize), margin, titleAt, 0, font(titleSize, ink()))
	p.Text(fitted(o.note(w), width-2*margin, smallSize), margin, noteAt, 0, font(smallSize, gray()))
	p.legend(legend)
	p.axes(drawn.empty())
	p.bands(drawn)
	for _, line := range drawn.lines {
		p.line(line)
	}
	p.failures(drawn)
	if drawn.empty() {
		p.centered(w.empty, (plotLeft+plotRight)/2, (p.top+p.bottom)/2, font(textSize, gray()))
	}
	return p.Bytes()
}

func (o Options) title(w words) string {
	if o.Title != "" {
		return o.Title
	}
	return w.title
}

// note says what the prices are.
func (o Options) note(w words) string {
	text := w.prices + w.separator + w.zone
	if one := w.resolution[o.Trend.GetResolution()]; one != "" {
		text += w.separator + one
	}
	if o.Trend.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
		text = w.sandbox + w.separator + text
	}
	return text
}

// x is where a time is.
func (p *picture) x(at time.Time) int {
	return plotLeft + int(float64(plotRight-plotLeft)*float64(at.Sub(p.from))/float64(p.to.Sub(p.from)))
}

// y is where a price is.
func (p *picture) y(price amount) int {
	return p.bottom - int(plotHeight*float64(price-p.axis.low)/float64(p.axis.high-p.axis.low))
}
