package roc

import (
	"bytes"
	"fmt"
)

// SVG draws the curve: over the threshold, the part of the copies that is recognised (all, and the worst change) and the part of
// the variants and of the pairs of one kind that pass.
func (r *Result) SVG() []byte {
	const left, top, width, height = 60, 20, 560, 300
	x := func(t float64) float64 { return left + t*width }
	y := func(share float64) float64 { return top + (1-share)*height }
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", left+width+20, top+height+90)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/>`+"\n")
	for i := 0; i <= 10; i += 2 {
		share := float64(i) / 10
		fmt.Fprintf(&b, `<path d="M%d %.0fh%d" stroke="#ddd"/><text x="%d" y="%.0f" text-anchor="end">%d %%</text>`+"\n", left, y(share), width, left-6, y(share)+4, i*10)
		fmt.Fprintf(&b, `<text x="%.0f" y="%d" text-anchor="middle">%.1f</text>`+"\n", x(share), top+height+18, share)
	}
	fmt.Fprintf(&b, `<path d="M%.1f %dv%d" stroke="#333" stroke-dasharray="4 3"/><text x="%.1f" y="%d">SamePhoto %.3f</text>`+"\n",
		x(Threshold), top, height, x(Threshold)+4, top+12, Threshold)
	curves := []struct {
		name, colour string
		share        func(Point) float64
	}{
		{"copies recognised, all changes", "#1b7837", func(p Point) float64 { return p.Mean }},
		{"copies recognised, the change that suffers most", "#a6dba0", func(p Point) float64 { return p.Worst }},
		{"another print or colour taken for the same photo", "#e08214", func(p Point) float64 { return p.Variants }},
		{"different goods of one kind taken for the same photo", "#b2182b", func(p Point) float64 { return p.False }},
	}
	for i, c := range curves {
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2" points="`, c.colour)
		for t := 0.0; t <= 1.0001; t += 0.01 {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(t), y(c.share(r.At(Fine, t))))
		}
		row, column := i/2, i%2
		fmt.Fprintf(&b, `"/>`+"\n"+`<text x="%d" y="%d" fill="%s">%s</text>`+"\n", left+column*290, top+height+48+20*row, c.colour, c.name)
	}
	fmt.Fprintf(&b, "</svg>\n")
	return b.Bytes()
}
