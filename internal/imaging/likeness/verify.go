package likeness

import "math"

const (
	// verifySide is the long side of the grid on which two pictures are compared.
	verifySide = 64
	// cellSide is the side of a cell, in pixels of the grid. Cells vote.
	cellSide = 6
)

// cell is what one part of the aligned pair shows.
type cell struct {
	// same is 1 where the structure is the same, 0 where it is not; it counts with weight structure, which is 0 where
	// neither picture has any.
	same, structure float64
	// colour is 1 where the colours are the same; it counts with weight goods, which is 0 on the backdrop of both.
	colour, goods float64
	// goodsA and goodsB are the shares of the cell that show goods in each picture.
	goodsA, goodsB float64
	// overlaid reports that a border, a text band or a price tag of either picture may lie there.
	overlaid bool
	// unlike is the size of the difference of the gradients, tint that of the mean colours.
	unlike, tint float64
	// smooth and rough are the sizes of the gradients in the picture that has less and in the one that has more.
	smooth, rough float64
	// lighter and darker are the summed squares of how much lighter or darker the second picture is; veil is the most that
	// a pixel is moved towards white, and veilTint the colour that this does not explain.
	lighter, darker, veil, veilTint float64
}

// votes compares two pictures cell by cell.
type votes struct {
	w, h  int
	cells []cell
	tone  tone
	// cover is how much of the content of the picture that lies in the overlap most fully does so.
	cover float64
}

// verify compares two looks that lie on each other by a placing.
func (p placing) verify(a, b *look) (votes, bool) {
	g, ok := p.grid(a.thumb, b.thumb, verifySide)
	if !ok {
		return votes{}, false
	}
	xa, ya := g.windowsA()
	xb, yb := g.windowsB(p)
	g.a, g.b = a.thumb.resample(xa, ya), b.thumb.resample(xb, yb)
	goodsA, goodsB := make([]float32, g.w*g.h), make([]float32, g.w*g.h)
	resamplePlane(goodsA, a.content, a.thumb.w, xa.triangle(a.thumb.w), ya.triangle(a.thumb.h))
	resamplePlane(goodsB, b.content, b.thumb.w, xb.triangle(b.thumb.w), yb.triangle(b.thumb.h))
	c := votes{w: max(g.w/cellSide, 1), h: max(g.h/cellSide, 1), tone: toneOf(g.a.planes[luma], g.b.planes[luma], g.clipped())}
	c.cover = max(share(goodsA, a.content, g.step*g.step), share(goodsB, b.content, g.step*g.step*p.sx*p.sy))
	g.level(c.tone)
	c.cells = make([]cell, c.w*c.h)
	for y := range c.h {
		for x := range c.w {
			r := [4]int{x * g.w / c.w, y * g.h / c.h, (x + 1) * g.w / c.w, (y + 1) * g.h / c.h}
			v := g.cell(r, goodsA, goodsB)
			left, top := g.x0+g.step*float64(r[0]+r[2])/2, g.y0+g.step*float64(r[1]+r[3])/2
			v.overlaid = a.frame.overlaid(left, top) || b.frame.overlaid(left*p.sx+p.tx, top*p.sy+p.ty)
			c.cells[y*c.w+x] = v
		}
	}
	return c, true
}

// share is the part of the content that lies on the grid, whose pixels are area as large as the content's.
func share(grid, content []float32, area float64) float64 {
	var in, all float64
	for _, v := range grid {
		in += float64(v)
	}
	for _, v := range content {
		all += float64(v)
	}
	return min(in*area/max(all, 1), 1)
}

// level brings the darker picture to the brightness of the other.
func (g *aligned) level(t tone) {
	dark := g.a
	if t.gain < 1 {
		dark = g.b
		t = tone{1 / t.gain, -t.offset / t.gain}
	}
	y, cb, cr := dark.planes[luma], dark.planes[blue], dark.planes[red]
	for i := range y {
		// Each colour is clipped by itself, as in a picture that was made lighter.
		v, b, r := y[i]*t.gain+t.offset, cb[i]*t.gain, cr[i]*t.gain
		y[i], cb[i], cr[i] = toChroma(clip(v+1.402*r), clip(v-0.344136*b-0.714136*r), clip(v+1.772*b))
	}
}

func clip(v float32) float32 { return min(max(v, 0), 255) }

// cell compares one rectangle of the grid: left, top, right, bottom.
func (g *aligned) cell(r [4]int, goodsA, goodsB []float32) cell {
	const (
		noise    = 2.0 // gradients of this size are chance
		visible  = 3.5 // gradients of this size are structure
		luma0    = 28.0
		luma1    = 56.0
		chroma0  = 8.0
		chroma1  = 18.0
		goodsMin = 0.4
	)
	var c cell
	var aa, bb, ab, n, dy, db, dr float64
	// To tell a veil: the sums of luma's distance from white and of the colours, in the darker and in the lighter picture.
	var white, blueA, redA float64
	for y := r[1]; y < r[3]; y++ {
		for x := r[0]; x < r[2]; x++ {
			i := y*g.w + x
			n++
			va, vb := float64(g.a.planes[luma][i]), float64(g.b.planes[luma][i])
			d := vb - va
			dy += d
			db += float64(g.b.planes[blue][i] - g.a.planes[blue][i])
			dr += float64(g.b.planes[red][i] - g.a.planes[red][i])
			blueA, redA = blueA+float64(g.a.planes[blue][i]), redA+float64(g.a.planes[red][i])
			white += 255 - min(va, vb)
			if d > 0 {
				c.lighter += d * d
			} else {
				c.darker += d * d
			}
			c.veil = max(c.veil, math.Abs(d)/max(255-min(va, vb), 24))
			c.goodsA += float64(goodsA[i])
			c.goodsB += float64(goodsB[i])
			ax, ay := g.slope(g.a.planes[luma], i, x, y)
			bx, by := g.slope(g.b.planes[luma], i, x, y)
			aa += ax*ax + ay*ay
			bb += bx*bx + by*by
			ab += ax*bx + ay*by
		}
	}
	c.goodsA, c.goodsB = c.goodsA/n, c.goodsB/n
	c.smooth, c.rough = math.Sqrt(min(aa, bb)/n), math.Sqrt(max(aa, bb)/n)
	c.same = max((2*ab+noise*noise*n)/(aa+bb+noise*noise*n), 0)
	c.structure = ramp(c.rough, visible*0.7, visible*1.3)
	c.unlike = math.Sqrt(max(aa+bb-2*ab, 0) / n)
	c.tint = math.Hypot(db, dr) / n
	c.colour = 1 - max(ramp(math.Abs(dy/n), luma0, luma1), ramp(c.tint, chroma0, chroma1))
	// White over a colour takes as much of the colour as of the distance from white.
	alpha := math.Abs(dy) / max(white, 1)
	if dy < 0 {
		blueA, redA = blueA+db, redA+dr
		db, dr = -db, -dr
	}
	c.veilTint = math.Hypot(db+alpha*blueA, dr+alpha*redA) / n
	if max(c.goodsA, c.goodsB) >= goodsMin {
		c.goods = 1
	}
	return c
}

// clipped marks the pixels one of whose colours is as strong as can be in either picture.
func (g *aligned) clipped() []bool {
	out := make([]bool, g.w*g.h)
	for i := range out {
		out[i] = g.a.peak(i) > clipped || g.b.peak(i) > clipped
	}
	return out
}

// peak is the strongest of a pixel's red, green and blue.
func (r *raster) peak(i int) float32 {
	y, b, e := r.planes[luma][i], r.planes[blue][i], r.planes[red][i]
	return max(y+1.402*e, y-0.344136*b-0.714136*e, y+1.772*b)
}

// slope is the gradient at a pixel.
func (g *aligned) slope(v []float32, i, x, y int) (dx, dy float64) {
	l, r, u, d := i, i, i, i
	if x > 0 {
		l--
	}
	if x < g.w-1 {
		r++
	}
	if y > 0 {
		u -= g.w
	}
	if y < g.h-1 {
		d += g.w
	}
	return float64(v[r]-v[l]) / 2, float64(v[d]-v[u]) / 2
}

// ramp rises from 0 at low to 1 at high.
func ramp(v, low, high float64) float64 { return min(max((v-low)/(high-low), 0), 1) }
