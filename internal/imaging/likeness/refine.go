package likeness

import "math"

// aligned is a pair of pictures on one grid, which lies in the first and, placed, in the second.
type aligned struct {
	w, h int
	a, b *raster
	// origin and steps of the grid in pixels of the first thumbnail
	x0, y0, step float64
}

// grid lays a grid of about side × side pixels over the overlap of two rasters, more of them along the longer side. Its
// pixels are at least as large as those of either.
func (p placing) grid(a, b *raster, side int) (aligned, bool) {
	o := p.overlap(a.frame(), b.frame())
	step := max(1, 1/min(p.sx, p.sy), math.Sqrt(o.w()*o.h())/float64(side))
	g := aligned{w: int(o.w()/step + 1e-6), h: int(o.h()/step + 1e-6), x0: o.x0, y0: o.y0, step: step}
	return g, min(g.w, g.h) >= 3 && g.w*g.h >= 96
}

// windowsA and windowsB are where the grid lies in the two pictures.
func (g *aligned) windowsA() (x, y window) {
	return window{from: g.x0, step: g.step, w: g.w}, window{from: g.y0, step: g.step, w: g.h}
}

func (g *aligned) windowsB(p placing) (x, y window) {
	return window{from: g.x0*p.sx + p.tx, step: g.step * p.sx, w: g.w}, window{from: g.y0*p.sy + p.ty, step: g.step * p.sy, w: g.h}
}

func lumaAt(r *raster, x, y window) []float32 {
	out := make([]float32, x.w*y.w)
	resamplePlane(out, r.planes[luma], r.w, x.triangle(r.w), y.triangle(r.h))
	return out
}

// halved is the placing for rasters of half the size; doubled turns it back.
func (p placing) halved() placing { return placing{p.sx, p.sy, p.tx / 2, p.ty / 2} }

func (p placing) doubled() placing { return placing{p.sx, p.sy, p.tx * 2, p.ty * 2} }

// refine moves and scales a placing until the pictures lie on each other best: Gauss and Newton on luma, in which places
// that differ much count little, so that an overlay does not pull. False if it runs away.
func (p placing) refine(a, b *raster, side, rounds int) (placing, bool) {
	start := p
	g, ok := p.grid(a, b, side)
	if !ok {
		return p, false
	}
	x, y := g.windowsA()
	lumaA := lumaAt(a, x, y)
	for range rounds {
		x, y = g.windowsB(p)
		moved, ok := g.move(p, lumaA, lumaAt(b, x, y))
		if !ok || !moved.possible() || moved.sx/start.sx > 1.2 || start.sx/moved.sx > 1.2 {
			return p, false
		}
		done := moved.near(p, a, 0.05*max(p.sx, 1))
		p = moved
		if done {
			break
		}
	}
	return p, true
}

// move is one step of refine.
func (g *aligned) move(p placing, a, b []float32) (placing, bool) {
	tone := toneOf(a, b, nil)
	weights := tone.weights(a, b)
	cx, cy := float64(g.w)/2, float64(g.h)/2
	var m [4][5]float64
	for y := 1; y < g.h-1; y++ {
		for x := 1; x < g.w-1; x++ {
			i := y*g.w + x
			w := float64(weights[i])
			if w < 0.01 {
				continue
			}
			gx, gy := float64(b[i+1]-b[i-1])/2, float64(b[i+g.w]-b[i-g.w])/2
			r := -float64(tone.apart(a[i], b[i]))
			// In order: shift in x and y, stretch in x and y, all in pixels of the grid.
			j := [4]float64{gx, gy, gx * (float64(x) + 0.5 - cx) / cx, gy * (float64(y) + 0.5 - cy) / cy}
			for k := range 4 {
				for l := k; l < 4; l++ {
					m[k][l] += w * j[k] * j[l]
				}
				m[k][4] += w * j[k] * r
			}
		}
	}
	trace := m[0][0] + m[1][1]
	for k := range 4 {
		for l := range k {
			m[k][l] = m[l][k]
		}
		m[k][k] += 1e-3*trace + 1
	}
	d, ok := solve(m)
	if !ok {
		return p, false
	}
	for k := range d {
		d[k] = min(max(d[k], -2), 2)
	}
	// From pixels of the grid to the second thumbnail's: the grid's middle moves by d0 and its edge by d2 more.
	ux, uy := g.step*p.sx, g.step*p.sy
	midX, midY := g.x0+g.step*cx, g.y0+g.step*cy
	sx, sy := p.sx*(1+d[2]/cx), p.sy*(1+d[3]/cy)
	return placing{
		sx: sx, sy: sy,
		tx: p.sx*midX + p.tx + d[0]*ux - sx*midX,
		ty: p.sy*midY + p.ty + d[1]*uy - sy*midY,
	}, true
}

// solve solves four linear equations by elimination.
func solve(m [4][5]float64) ([4]float64, bool) {
	for k := range 4 {
		at := k
		for i := k + 1; i < 4; i++ {
			if math.Abs(m[i][k]) > math.Abs(m[at][k]) {
				at = i
			}
		}
		m[k], m[at] = m[at], m[k]
		if math.Abs(m[k][k]) < 1e-9 {
			return [4]float64{}, false
		}
		for i := k + 1; i < 4; i++ {
			f := m[i][k] / m[k][k]
			for j := k; j < 5; j++ {
				m[i][j] -= f * m[k][j]
			}
		}
	}
	var x [4]float64
	for k := 3; k >= 0; k-- {
		x[k] = m[k][4]
		for j := k + 1; j < 4; j++ {
			x[k] -= m[k][j] * x[j]
		}
		x[k] /= m[k][k]
	}
	return x, true
}

// tone turns the brightness of one picture into the other's.
type tone struct{ gain, offset float32 }

const (
	gainMin, gainMax = 0.72, 1.39
	offsetMax        = 14
)

func (t tone) of(v float32) float32 { return min(max(v*t.gain+t.offset, 0), 255) }

// clipped is the brightness from which a pixel may have been brighter.
const clipped = 250

// apart is how much brighter b is than a, in the tone of b. What is clipped in a may be anything brighter.
func (t tone) apart(a, b float32) float32 {
	d := b - t.of(a)
	if a > clipped && d > 0 {
		return 0
	}
	return d
}

// toneOf estimates the tone by weighted least squares with outliers that count little. Pixels to skip may be nil. Gain stays near 1 and offset
// near 0 where the pictures say little.
func toneOf(a, b []float32, skip []bool) tone {
	t := tone{1, 0}
	var weights []float32
	for range 3 {
		var n, sa, sb, saa, sab float64
		for i := range a {
			// What is clipped says nothing of the gain.
			if a[i] > clipped || b[i] > clipped || skip != nil && skip[i] {
				continue
			}
			w := 1.0
			if weights != nil {
				w = float64(weights[i])
			}
			n, sa, sb = n+w, sa+w*float64(a[i]), sb+w*float64(b[i])
			saa, sab = saa+w*float64(a[i])*float64(a[i]), sab+w*float64(a[i])*float64(b[i])
		}
		// Priors: gain 1 with the weight of a hundredth of the picture, offset 0 with more.
		k := 0.01 * float64(len(a))
		prior := k * 100 * 100
		n, saa, sab = n+4*k+1, saa+prior, sab+prior
		det := n*saa - sa*sa
		gain := (n*sab - sa*sb) / det
		gain = min(max(gain, gainMin), gainMax)
		t = tone{float32(gain), float32(min(max((sb-gain*sa)/n, -offsetMax), offsetMax))}
		weights = t.weights(a, b)
	}
	return t
}

// weights are near 1 where the pictures agree and near 0 where they differ much more than usual.
func (t tone) weights(a, b []float32) []float32 {
	out := make([]float32, len(a))
	var hist [256]int
	for i := range a {
		d := t.apart(a[i], b[i])
		d = max(d, -d)
		out[i] = d
		hist[min(int(d), 255)]++
	}
	// The scale is the third quartile, within bounds.
	n, at := 0, 0
	for n += hist[0]; n*4 < 3*len(a); n += hist[at] {
		at++
	}
	spread := min(max(float32(at)*1.5, 6), 40)
	for i, d := range out {
		q := d / spread
		out[i] = 1 / (1 + q*q)
	}
	return out
}
