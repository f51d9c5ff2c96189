package picture

import (
	"math"
	"slices"
)

// Outlines are closed polygons fine enough to look round, in a figure's coordinates: -1 to 1, y downwards.

// oval is an ellipse around (x, y).
func oval(x, y, rx, ry float64) []point {
	const corners = 40
	out := make([]point, corners)
	for i := range out {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		out[i] = point{x + rx*cos, y + ry*sin}
	}
	return out
}

// slab is a rectangle around (x, y) of half width w and half height h with corners rounded by r.
func slab(x, y, w, h, r float64) []point {
	r = math.Min(r, math.Min(w, h))
	if r <= 0 {
		return []point{{x - w, y - h}, {x + w, y - h}, {x + w, y + h}, {x - w, y + h}}
	}
	const steps = 6
	var out []point
	for corner, c := range [4]point{{x + w - r, y + h - r}, {x - w + r, y + h - r}, {x - w + r, y - h + r}, {x + w - r, y - h + r}} {
		for i := range steps + 1 {
			sin, cos := math.Sincos(math.Pi / 2 * (float64(corner) + float64(i)/steps))
			out = append(out, point{c.x + r*cos, c.y + r*sin})
		}
	}
	return out
}

// blob is a smooth closed curve through the points (Catmull-Rom).
func blob(through ...point) []point {
	n := len(through)
	var out []point
	for i := range n {
		out = append(out, arc(through[(i+n-1)%n], through[i], through[(i+1)%n], through[(i+2)%n])...)
	}
	return out
}

// band is a stroke of half width w along a smooth open curve through the points.
func band(w float64, through ...point) []point {
	n := len(through)
	var line []point
	for i := range n - 1 {
		line = append(line, arc(through[max(i-1, 0)], through[i], through[i+1], through[min(i+2, n-1)])...)
	}
	line = append(line, through[n-1])
	left, right := make([]point, len(line)), make([]point, len(line))
	for i, p := range line {
		before, after := line[max(i-1, 0)], line[min(i+1, len(line)-1)]
		dx, dy := after.x-before.x, after.y-before.y
		l := math.Hypot(dx, dy)
		left[i] = point{p.x - w*dy/l, p.y + w*dx/l}
		right[len(line)-1-i] = point{p.x + w*dy/l, p.y - w*dx/l}
	}
	return slices.Concat(left, right)
}

// arc is the part of a Catmull-Rom curve from b to c, without c.
func arc(a, b, c, d point) []point {
	const steps = 8
	out := make([]point, steps)
	for i := range out {
		t := float64(i) / steps
		out[i] = point{spline(a.x, b.x, c.x, d.x, t), spline(a.y, b.y, c.y, d.y, t)}
	}
	return out
}

func spline(a, b, c, d, t float64) float64 {
	return 0.5 * (2*b + (c-a)*t + (2*a-5*b+4*c-d)*t*t + (3*b-3*c+d-a)*t*t*t)
}

// mirrored mirrors the outline at the vertical axis.
func mirrored(outline []point) []point {
	out := make([]point, len(outline))
	for i, p := range outline {
		out[len(outline)-1-i] = point{-p.x, p.y}
	}
	return out
}
