package chart

import (
	"slices"

	"github.com/go-analyze/charts"
	"github.com/rivo/uniseg"
)

// The sizes of texts, in points, and the room at the picture's edges.
const (
	titleSize = 14.0
	textSize  = 10.0
	smallSize = 8.5
	margin    = 24
	// nameCells is how long the name of a product may be in the legend, in cells: a Chinese character has two.
	nameCells = 40
	// dotsMax is up to how many prices each is drawn as a dot on the line.
	dotsMax = 100
)

// The colors of texts, lines and areas.
func ink() charts.Color       { return charts.ColorRGB(32, 33, 36) }
func gray() charts.Color      { return charts.ColorRGB(95, 99, 104) }
func paleGray() charts.Color  { return charts.ColorRGB(232, 234, 237) }
func blue() charts.Color      { return charts.ColorRGB(26, 86, 219) }
func lightBlue() charts.Color { return charts.ColorRGB(147, 187, 246) }
func paleBlue() charts.Color  { return charts.ColorRGB(220, 233, 252) }
func red() charts.Color       { return charts.ColorRGB(197, 34, 31) }

// productColor is the color of the n-th line.
func productColor(n int) charts.Color {
	all := []charts.Color{
		charts.ColorRGB(217, 119, 6), charts.ColorRGB(21, 128, 61), charts.ColorRGB(147, 51, 234), charts.ColorRGB(190, 24, 93),
		charts.ColorRGB(14, 116, 144), charts.ColorRGB(101, 67, 33), charts.ColorRGB(77, 124, 15),
	}
	return all[(n+len(all)-1)%len(all)]
}

func font(size float64, color charts.Color) charts.FontStyle {
	return charts.FontStyle{FontSize: size, FontColor: color}
}

// textWidth is about how wide a text is. The viewer's font is not known; half of its height a cell is what most have.
func textWidth(text string, size float64) int {
	return int(float64(uniseg.StringWidth(text)) * cellWidth(size))
}

// cellWidth is the width of a cell, in pixels, of a text whose size is in points.
func cellWidth(size float64) float64 { return size * 92 / 72 * 0.56 }

// fitted is a text that is no wider than room.
func fitted(text string, room int, size float64) string {
	return shortened(text, int(float64(room)/cellWidth(size)))
}

// shortened is a text of so many cells at most; what was cut ends in an ellipsis.
func shortened(text string, cells int) string {
	if uniseg.StringWidth(text) <= cells {
		return text
	}
	used, end := 0, 0
	for parts := uniseg.NewGraphemes(text); parts.Next(); {
		if used += parts.Width(); used > cells-1 {
			break
		}
		_, end = parts.Positions()
	}
	return text[:end] + "…"
}

func (p *picture) centered(text string, x, y int, style charts.FontStyle) {
	p.Text(text, x-textWidth(text, style.FontSize)/2, y, 0, style)
}

// points is where the dots of a run are.
func (p *picture) points(run []dot) []charts.Point {
	all := make([]charts.Point, len(run))
	for i, one := range run {
		all[i] = charts.Point{X: p.x(one.at), Y: p.y(one.price)}
	}
	return all
}

// bands fills the areas between prices. A run of one price is a line upwards.
func (p *picture) bands(d *drawing) {
	for _, b := range d.bands {
		for i := range b.low {
			low, high := p.points(b.low[i]), p.points(b.high[i])
			if len(low) == 1 {
				p.LineStroke([]charts.Point{low[0], high[0]}, b.color, 4)
				continue
			}
			slices.Reverse(high)
			p.FillArea(append(low, high...), b.color)
		}
	}
}

// line draws a line, with a dot at each price where there are few, and where one stands alone.
func (p *picture) line(l line) {
	n := 0
	for _, run := range l.runs {
		n += len(run)
	}
	for _, run := range l.runs {
		points := p.points(run)
		if len(run) > 1 {
			p.LineStroke(points, l.color, 2)
		}
		if n <= dotsMax || len(run) == 1 {
			p.Dots(points, l.color, l.color, 1, 2.5)
		}
	}
}

// failures marks the times at which observations failed.
func (p *picture) failures(d *drawing) {
	for _, at := range d.failed {
		x := p.x(at)
		p.LineStroke([]charts.Point{{X: x, Y: p.bottom - 8}, {X: x, Y: p.bottom}}, red(), 2)
	}
}
