package likeness

import (
	"cmp"
	"math"
	"slices"
)

// box is a rectangle in pixels of a raster; x1 and y1 are outside.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) w() float64 { return b.x1 - b.x0 }
func (b box) h() float64 { return b.y1 - b.y0 }

func (r *raster) frame() box { return box{0, 0, float64(r.w), float64(r.h)} }

// backdrop is the colour round the content, if most of the edge has one.
type backdrop struct {
	colour [3]float32
	found  bool
}

const (
	// offBackdrop is how far luma, or both chromas together, must be from the backdrop's to be content.
	offBackdrop = 9
	// evenEdge is the share of a region's edge that has the backdrop's colour.
	evenEdge = 0.4
)

// backdropOf finds the most frequent colour of the edge of a region.
func (r *raster) backdropOf(b box) backdrop {
	x0, y0, x1, y1 := int(b.x0), int(b.y0), int(b.x1)-1, int(b.y1)-1
	var edge [][3]float32
	add := func(x, y int) {
		i := y*r.w + x
		edge = append(edge, [3]float32{r.planes[luma][i], r.planes[blue][i], r.planes[red][i]})
	}
	for x := x0; x <= x1; x++ {
		add(x, y0)
		add(x, y1)
	}
	for y := y0 + 1; y < y1; y++ {
		add(x0, y)
		add(x1, y)
	}
	// The most frequent luma, in overlapping bins, then the mean of the pixels near it.
	var bins [36]int
	for _, p := range edge {
		at := min(max(int(p[luma])/8, 0), 31)
		bins[at]++
		bins[at+1]++
	}
	most := 0
	for i := range bins {
		if bins[i] > bins[most] || bins[i] == bins[most] && i > most {
			most = i
		}
	}
	back := backdrop{colour: [3]float32{float32(most * 8), 0, 0}}
	for range 2 {
		var sum [3]float32
		n := 0
		for _, p := range edge {
			if float32(math.Abs(float64(p[luma]-back.colour[luma]))) <= offBackdrop {
				sum[0] += p[0]
				sum[1] += p[1]
				sum[2] += p[2]
				n++
			}
		}
		if n == 0 {
			return backdrop{}
		}
		for c := range sum {
			back.colour[c] = sum[c] / float32(n)
		}
	}
	n := 0
	for _, p := range edge {
		if !back.off(p[luma], p[blue], p[red]) {
			n++
		}
	}
	back.found = float64(n) >= evenEdge*float64(len(edge))
	return back
}

func (b *backdrop) off(y, cb, cr float32) bool {
	return apart32(y, b.colour[luma]) > offBackdrop || apart32(cb, b.colour[blue])+apart32(cr, b.colour[red]) > offBackdrop
}

func apart32(a, b float32) float32 {
	if a > b {
		return a - b
	}
	return b - a
}

// content marks the pixels of a region that are not backdrop; nil if the region has no backdrop.
func (r *raster) content(b box, back backdrop) []bool {
	if !back.found {
		return nil
	}
	mask := make([]bool, r.w*r.h)
	for y := int(b.y0); y < int(b.y1); y++ {
		for x := int(b.x0); x < int(b.x1); x++ {
			i := y*r.w + x
			mask[i] = back.off(r.planes[luma][i], r.planes[blue][i], r.planes[red][i])
		}
	}
	return mask
}

// bounds is the box of the marked pixels of a region. A row or column counts from two pixels on, so that single specks
// do not.
func bounds(mask []bool, stride int, b box) (box, bool) {
	const least = 2
	cols, rows := make([]int, stride), make([]int, len(mask)/stride)
	for y := int(b.y0); y < int(b.y1); y++ {
		for x := int(b.x0); x < int(b.x1); x++ {
			if mask[y*stride+x] {
				cols[x]++
				rows[y]++
			}
		}
	}
	full := func(n int) bool { return n >= least }
	x0, y0 := slices.IndexFunc(cols, full), slices.IndexFunc(rows, full)
	if x0 < 0 || y0 < 0 {
		return box{}, false
	}
	x1, y1 := len(cols), len(rows)
	for !full(cols[x1-1]) {
		x1--
	}
	for !full(rows[y1-1]) {
		y1--
	}
	return box{float64(x0), float64(y0), float64(x1), float64(y1)}, x1-x0 >= 4 && y1-y0 >= 4
}

// islands are the boxes of the largest connected parts of a mask, largest first, at most n, each at least a twelfth of
// all marked pixels.
func islands(mask []bool, stride, n int) []box {
	type island struct {
		box  box
		size int
	}
	var found []island
	seen := make([]bool, len(mask))
	var open []int
	total := 0
	for start, marked := range mask {
		if !marked || seen[start] {
			continue
		}
		part := island{box: box{math.Inf(1), math.Inf(1), 0, 0}}
		open = append(open[:0], start)
		seen[start] = true
		for len(open) > 0 {
			at := open[len(open)-1]
			open = open[:len(open)-1]
			x, y := at%stride, at/stride
			part.size++
			part.box = box{
				min(part.box.x0, float64(x)), min(part.box.y0, float64(y)),
				max(part.box.x1, float64(x+1)), max(part.box.y1, float64(y+1)),
			}
			for _, to := range [4]int{at - 1, at + 1, at - stride, at + stride} {
				if to < 0 || to >= len(mask) || !mask[to] || seen[to] || (to == at-1 && x == 0) || (to == at+1 && x == stride-1) {
					continue
				}
				seen[to] = true
				open = append(open, to)
			}
		}
		total += part.size
		found = append(found, part)
	}
	slices.SortStableFunc(found, func(a, b island) int { return cmp.Compare(b.size, a.size) })
	var out []box
	for _, part := range found {
		if len(out) == n || part.size*12 < total {
			break
		}
		out = append(out, part.box)
	}
	return out
}
