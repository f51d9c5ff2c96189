package chart

import "github.com/go-analyze/charts"

// entry is one name in the legend, and where it stands.
type entry struct {
	name   string
	color  charts.Color
	x, row int
}

// legend says what the lines and areas are.
type legend struct {
	entries []entry
	rows    int
}

// swatch is the width of the color before a name, and entryGap the room after it.
const (
	swatch   = 22
	entryGap = 22
)

func newLegend(d *drawing, w words) legend {
	var l legend
	x := margin
	add := func(name string, color charts.Color) {
		room := swatch + textWidth(name, smallSize) + entryGap
		if x > margin && x+room > width-margin {
			x, l.rows = margin, l.rows+1
		}
		l.entries = append(l.entries, entry{name, color, x, l.rows})
		x += room
	}
	for _, line := range d.lines {
		add(line.name, line.color)
	}
	for i := len(d.bands) - 1; i >= 0; i-- {
		add(d.bands[i].name, d.bands[i].color)
	}
	if len(d.failed) > 0 {
		add(w.failed, red())
	}
	l.rows++
	return l
}

func (p *picture) legend(l legend) {
	for _, e := range l.entries {
		y := legendAt + e.row*lineHeight
		p.FilledRect(e.x, y-8, e.x+swatch-6, y, e.color, e.color, 0)
		p.Text(e.name, e.x+swatch, y, 0, font(smallSize, ink()))
	}
}
