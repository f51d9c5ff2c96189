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
	// goodsLeast is the share of goods below which a cell has no colour.
	goodsLeast = 0.05
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
	c := newCanvas(r)
	for i, at := range places[:min(len(places), views-partViews)] {
		s := c.square(at)
		if i > 0 {
			p.views[partViews+i] = c.view(s, part{1, 0, 0})
			continue
		}
		p.views[0] = c.view(s, part{1, 0, 0})
		for k, cut := range parts() {
			p.views[1+k] = c.view(s, cut)
		}
	}
	return p
}

// square is a region resampled to grid × grid.
type square struct {
	// pixels have their colours multiplied by the share of goods; shades is plain luma.
	pixels []pixel
	shades []float32
	// aspect is the logarithm of width by height.
	aspect float64
}

// canvas makes the views of one picture. It keeps what several of them need, and room for one after the other.
type canvas struct {
	*raster
	// all are the picture's pixels, with their share of goods by mask.
	all     []pixel
	mask    []bool
	at      square
	cuts    map[part]cut
	rows    []pixel
	resized [fine * fine]float32
}

func newCanvas(r *raster) *canvas {
	c := &canvas{raster: r, all: make([]pixel, r.w*r.h), cuts: map[part]cut{}}
	c.at.pixels, c.at.shades = make([]pixel, grid*grid), make([]float32, grid*grid)
	for i := range c.all {
		c.all[i] = pixel{r.planes[luma][i], r.planes[blue][i], r.planes[red][i], 1}
	}
	return c
}

// take chooses the pixels that are goods.
func (c *canvas) take(mask []bool) {
	if len(mask) == len(c.mask) && (len(mask) == 0 || &mask[0] == &c.mask[0]) {
		return
	}
	c.mask = mask
	for i, g := range hull(mask, c.w, c.h) {
		c.all[i][ofGoods] = g
	}
}

// square resamples a place. It is valid until the next call.
func (c *canvas) square(at place) *square {
	b := at.box
	x := window{from: b.x0, step: b.w() / grid, w: grid}.triangle(c.w)
	y := window{from: b.y0, step: b.h() / grid, w: grid}.triangle(c.h)
	c.take(at.mask)
	s := &c.at
	s.aspect = math.Log(b.w() / b.h())
	c.rows = resamplePixels(s.pixels, c.all, c.w, x, y, c.rows)
	for i := range s.pixels {
		p := &s.pixels[i]
		s.shades[i] = p[luma]
		g := p[ofGoods]
		p[luma], p[blue], p[red] = p[luma]*g, p[blue]*g, p[red]*g
	}
	return s
}

// cut is how a part of a square is resampled: to fine × fine, and to the cells.
type cut struct{ fineX, fineY, cellsX, cellsY taps }

func (c *canvas) cut(p part) cut {
	known, ok := c.cuts[p]
	if !ok {
		side := grid * p.share
		left, top := (grid-side)*p.x, (grid-side)*p.y
		taps := func(from float64, n int) taps {
			return window{from: from, step: side / float64(n), w: n}.triangle(grid)
		}
		known = cut{taps(left, fine), taps(top, fine), taps(left, cells), taps(top, cells)}
		c.cuts[p] = known
	}
	return known
}

// view describes one part of a square.
func (c *canvas) view(s *square, p part) view {
	var v view
	v.aspect = toByte(128 + 32*s.aspect)
	t := c.cut(p)
	resamplePlane(c.resized[:], s.shades, grid, t.fineX, t.fineY)
	v.shape = shapeOf(c.resized[:])
	var in [cells * cells]pixel
	c.rows = resamplePixels(in[:], s.pixels, grid, t.cellsX, t.cellsY, c.rows)
	v.colour(&in)
	return v
}

// colour fills in the layout.
func (v *view) colour(in *[cells * cells]pixel) {
	var n, sum, squares float64
	for i := range in {
		g := in[i][ofGoods]
		v.goods[i] = toByte(float64(g) * 16)
		if g > goodsLeast {
			y := float64(in[i][luma] / g)
			n, sum, squares = n+float64(g), sum+float64(g)*y, squares+float64(g)*y*y
		}
	}
	if n == 0 {
		return
	}
	// Light scales all three by one factor. Contrast is normalised too, within bounds.
	mean := sum / n
	spread := math.Sqrt(max(squares/n-mean*mean, 0))
	gain, contrast := 128/max(mean, 32), 40/max(spread, 20)
	for i := range in {
		g := in[i][ofGoods]
		if g <= goodsLeast {
			continue
		}
		v.layout[3*i] = toByte(128 + (float64(in[i][luma]/g)-mean)*contrast)
		v.layout[3*i+1] = toByte(128 + float64(in[i][blue]/g)*gain)
		v.layout[3*i+2] = toByte(128 + float64(in[i][red]/g)*gain)
	}
}

// shapeOf sums the gradients of a fine × fine picture by cell and direction.
func shapeOf(v []float32) [directions * cells * cells]byte {
	const side = fine / cells
	dx, dy := slopes(v, fine, fine)
	var sums [directions * cells * cells]float64
	for y := range fine {
		for x := range fine {
			gx, gy := dx[y*fine+x], dy[y*fine+x]
			power := gx*gx + gy*gy
			if power < 4 {
				continue
			}
			turn := turnOf(gx, gy)
			low := int(turn)
			share := turn - float32(low)
			cell := directions * (y/side*cells + x/side)
			sums[cell+low%directions] += float64((1 - share) * power)
			sums[cell+(low+1)%directions] += float64(share * power)
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

// turnOf is the direction of a line, 0 to 4 for half a turn: a line has no sense of direction. Its error is below 0.006.
func turnOf(gx, gy float32) float32 {
	if gy < 0 {
		gx, gy = -gx, -gy
	}
	wide := max(gx, -gx)
	r := min(wide, gy) / max(wide, gy)
	// The arc tangent of r, of which 1 is an eighth of a turn.
	turn := r + 0.3476*r*(1-r)
	if gy > wide {
		turn = 2 - turn
	}
	if gx < 0 {
		turn = 4 - turn
	}
	return turn
}

func toByte(v float64) byte { return byte(math.Min(math.Max(v+0.5, 0), 255)) }

func onWhite(c color.RGBA64) (r, g, b float64) {
	white := 0xffff - float64(c.A)
	return (float64(c.R) + white) / 257, (float64(c.G) + white) / 257, (float64(c.B) + white) / 257
}
