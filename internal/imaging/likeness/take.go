package likeness

import (
	"image"
	"image/color"
	"math"
)

const (
	// lookSide is the long side at which a picture is looked at.
	lookSide = 112
	// grid is the side of the square that the content is resampled to.
	grid = 64
	// fine is the side of the square that a view's gradients are taken from.
	fine = 32
)

// part is a region of the content: its sides as a share of the content's, and its position (0 at the left or top, 1 at the
// right or bottom).
type part struct{ share, x, y float64 }

// parts are the views of a fingerprint that show a part of the content only. The set is closed under mirroring.
func parts() [partViews]part {
	return [partViews]part{{0.85, 0.5, 0.5}, {0.8, 0, 0}, {0.8, 1, 0}, {0.8, 0, 1}, {0.8, 1, 1}}
}

// Of computes the fingerprint of a picture. Transparency counts as white. A picture without pixels has the zero
// fingerprint.
func Of(img image.Image) Fingerprint {
	var p Fingerprint
	b := img.Bounds()
	if b.Empty() {
		return p
	}
	r, _ := reduce(img, b, lookSide, 2)
	mask := r.content(r.frame(), r.backdropOf(r.frame()))
	places := r.places(mask, r.frame())
	if len(places) == 0 {
		// Nothing stands out: the picture is what there is.
		places = []place{{box: r.frame()}}
	}
	for i, at := range places[:min(len(places), views-partViews)] {
		s := r.square(hull(at.mask, r.w, r.h), at.box)
		if i > 0 {
			p.views[partViews+i] = s.view(part{1, 0, 0})
			continue
		}
		p.views[0] = s.view(part{1, 0, 0})
		for k, cut := range parts() {
			p.views[1+k] = s.view(cut)
		}
	}
	return p
}

// square is a region resampled to grid × grid: three planes, and where there are goods. The planes are multiplied by the
// goods, except the last, which is plain luma.
type square struct {
	planes        [3][]float32
	goods, shades []float32
	// aspect is the logarithm of width by height.
	aspect float64
}

func (r *raster) square(goods []float32, b box) *square {
	x := window{from: b.x0, step: b.w() / grid, w: grid}.triangle(r.w)
	y := window{from: b.y0, step: b.h() / grid, w: grid}.triangle(r.h)
	plane := func(src []float32) []float32 {
		out := make([]float32, grid*grid)
		resamplePlane(out, src, r.w, x, y)
		return out
	}
	s := &square{goods: plane(goods), shades: plane(r.planes[luma]), aspect: math.Log(b.w() / b.h())}
	for c := range s.planes {
		s.planes[c] = plane(r.planes[c])
		for i, g := range s.goods {
			s.planes[c][i] *= g
		}
	}
	return s
}

// view describes one part of a square.
func (s *square) view(p part) view {
	var v view
	v.aspect = toByte(128 + 32*s.aspect)
	side := grid * p.share
	left, top := (grid-side)*p.x, (grid-side)*p.y
	at := func(src []float32, n int) []float32 {
		out := make([]float32, n*n)
		x := window{from: left, step: side / float64(n), w: n}.triangle(grid)
		y := window{from: top, step: side / float64(n), w: n}.triangle(grid)
		resamplePlane(out, src, grid, x, y)
		return out
	}
	v.shape = shapeOf(at(s.shades, fine))
	goods := at(s.goods, cells)
	colours := [3][]float32{at(s.planes[0], cells), at(s.planes[1], cells), at(s.planes[2], cells)}
	var n, sum, squares float64
	for i, g := range goods {
		v.goods[i] = toByte(float64(g) * 16)
		if g > 0.05 {
			y := float64(colours[luma][i] / g)
			n, sum, squares = n+float64(g), sum+float64(g)*y, squares+float64(g)*y*y
		}
	}
	if n == 0 {
		return v
	}
	// Light scales all three by one factor. Contrast is normalised too, within bounds.
	mean := sum / n
	spread := math.Sqrt(max(squares/n-mean*mean, 0))
	gain, contrast := 128/max(mean, 32), 40/max(spread, 20)
	for i, g := range goods {
		if g <= 0.05 {
			continue
		}
		v.layout[3*i] = toByte(128 + (float64(colours[luma][i]/g)-mean)*contrast)
		v.layout[3*i+1] = toByte(128 + float64(colours[blue][i]/g)*gain)
		v.layout[3*i+2] = toByte(128 + float64(colours[red][i]/g)*gain)
	}
	return v
}

// shapeOf sums the gradients of a fine × fine picture by cell and direction.
func shapeOf(v []float32) [directions * cells * cells]byte {
	const side = fine / cells
	dx, dy := slopes(v, fine, fine)
	var sums [directions * cells * cells]float64
	for y := range fine {
		for x := range fine {
			gx, gy := float64(dx[y*fine+x]), float64(dy[y*fine+x])
			power := gx*gx + gy*gy
			if power < 4 {
				continue
			}
			// A line has no sense of direction: half a turn is the whole circle.
			turn := math.Atan2(gy, gx) / math.Pi * directions
			if turn < 0 {
				turn += directions
			}
			low := int(turn)
			share := turn - float64(low)
			cell := directions * (y/side*cells + x/side)
			sums[cell+low%directions] += (1 - share) * power
			sums[cell+(low+1)%directions] += share * power
		}
	}
	var mean float64
	for _, s := range sums {
		mean += math.Sqrt(s) / float64(len(sums))
	}
	var out [directions * cells * cells]byte
	for i, s := range sums {
		out[i] = toByte(math.Sqrt(s) / max(mean, 4) * 32)
	}
	return out
}

func toByte(v float64) byte { return byte(math.Min(math.Max(v+0.5, 0), 255)) }

func onWhite(c color.RGBA64) (r, g, b float64) {
	white := 0xffff - float64(c.A)
	return (float64(c.R) + white) / 257, (float64(c.G) + white) / 257, (float64(c.B) + white) / 257
}
