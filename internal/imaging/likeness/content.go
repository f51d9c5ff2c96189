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

// backdrop is the colour round the content, if most of the edge has one. It may change evenly over the picture, as light
// does.
type backdrop struct {
	found bool
	// middle is the colour in the middle of the region, across and down how much it changes to the right and lower edge.
	middle, across, down [3]float32
	// x, y, w and h map a pixel to -1..1.
	x, y, w, h float32
}

const (
	// offBackdrop is how far luma, or both chromas together, must be from the backdrop's to be content.
	offBackdrop = 9
	// evenEdge is the share of a region's edge that has the backdrop's colour.
	evenEdge = 0.4
	// steepMax is the most that the backdrop may change from the middle to the edge.
	steepMax = 40
)

// edgePixel is a pixel of a region's edge.
type edgePixel struct {
	x, y   int
	colour [3]float32
}

// edge lists the pixels of a region's edge.
func (r *raster) edge(b box) []edgePixel {
	x0, y0, x1, y1 := int(b.x0), int(b.y0), int(b.x1)-1, int(b.y1)-1
	out := make([]edgePixel, 0, 2*(x1-x0+1)+2*max(y1-y0, 0))
	add := func(x, y int) {
		i := y*r.w + x
		out = append(out, edgePixel{x, y, [3]float32{r.planes[luma][i], r.planes[blue][i], r.planes[red][i]}})
	}
	for x := x0; x <= x1; x++ {
		add(x, y0)
		add(x, y1)
	}
	for y := y0 + 1; y < y1; y++ {
		add(x0, y)
		add(x1, y)
	}
	return out
}

// backdropOf starts from the most frequent colour of the edge of a region, and then follows an even change of it.
func (r *raster) backdropOf(b box) backdrop {
	edge := r.edge(b)
	// Luma in overlapping bins.
	var bins [33]int
	for i := range edge {
		at := min(max(int(edge[i].colour[luma])/8, 0), 31)
		bins[at]++
		bins[at+1]++
	}
	most := 0
	for i := range bins {
		if bins[i] >= bins[most] {
			most = i
		}
	}
	back := backdrop{
		x: float32(b.x0+b.x1-1) / 2, y: float32(b.y0+b.y1-1) / 2,
		w: float32(max(b.w()/2, 1)), h: float32(max(b.h()/2, 1)),
	}
	n := 0
	for i := range edge {
		if p := &edge[i]; apart32(p.colour[luma], float32(most*8)) <= offBackdrop {
			for c, v := range p.colour {
				back.middle[c] += v
			}
			n++
		}
	}
	if n == 0 {
		return backdrop{}
	}
	for c := range back.middle {
		back.middle[c] /= float32(n)
	}
	for range 6 {
		before := back
		if n = back.fit(edge); back == before {
			break
		}
	}
	back.found = float64(n) >= evenEdge*float64(len(edge))
	return back
}

// fit fits an even change to the pixels that have the backdrop's colour so far, and returns their number.
func (b *backdrop) fit(edge []edgePixel) int {
	var n, sx, sy, sxx, syy, sxy float64
	var v, vx, vy [3]float64
	for i := range edge {
		p := &edge[i]
		if b.off(p.x, p.y, p.colour[luma], p.colour[blue], p.colour[red]) {
			continue
		}
		x, y := float64((float32(p.x)-b.x)/b.w), float64((float32(p.y)-b.y)/b.h)
		n, sx, sy, sxx, syy, sxy = n+1, sx+x, sy+y, sxx+x*x, syy+y*y, sxy+x*y
		for c, value := range p.colour {
			v[c], vx[c], vy[c] = v[c]+float64(value), vx[c]+float64(value)*x, vy[c]+float64(value)*y
		}
	}
	if n < 8 {
		return int(n)
	}
	// A change needs some evidence.
	xx, yy, xy := sxx-sx*sx/n+0.05*n, syy-sy*sy/n+0.05*n, sxy-sx*sy/n
	det := xx*yy - xy*xy
	for c := range v {
		cx, cy := vx[c]-sx*v[c]/n, vy[c]-sy*v[c]/n
		across, down := (cx*yy-cy*xy)/det, (cy*xx-cx*xy)/det
		across, down = min(max(across, -steepMax), steepMax), min(max(down, -steepMax), steepMax)
		b.across[c], b.down[c] = float32(across), float32(down)
		b.middle[c] = float32((v[c] - across*sx - down*sy) / n)
	}
	return int(n)
}

// off reports that a pixel is not of the backdrop's colour.
func (b *backdrop) off(x, y int, luminance, cb, cr float32) bool {
	return b.distance(x, y, luminance, cb, cr) > offBackdrop
}

// distance is how far a colour is from the backdrop's: in luma, or in both chromas together.
func (b *backdrop) distance(x, y int, luminance, cb, cr float32) float32 {
	dx, dy := (float32(x)-b.x)/b.w, (float32(y)-b.y)/b.h
	at := func(c int) float32 { return b.middle[c] + b.across[c]*dx + b.down[c]*dy }
	return max(apart32(luminance, min(at(luma), 255)), apart32(cb, at(blue))+apart32(cr, at(red)))
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
	x0, x1, y0, y1 := int(b.x0), int(b.x1), int(b.y0), int(b.y1)
	distances := make([]float32, 0, (x1-x0)*(y1-y0))
	var sum, n float32
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			i := y*r.w + x
			d := back.distance(x, y, r.planes[luma][i], r.planes[blue][i], r.planes[red][i])
			distances = append(distances, d)
			if d > offBackdrop {
				sum, n = sum+d, n+1
			}
		}
	}
	// Strong goods have strong shadows, and JPEG leaves strong traces round them.
	const traces, tracesMax = 0.25, 28
	least := min(max(traces*sum/max(n, 1), offBackdrop), tracesMax)
	mask := make([]bool, r.w*r.h)
	for y := y0; y < y1; y++ {
		row := distances[(y-y0)*(x1-x0):][:x1-x0]
		for x, d := range row {
			mask[y*r.w+x0+x] = d > least
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
