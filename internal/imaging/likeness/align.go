package likeness

import (
	"cmp"
	"math"
	"slices"
)

// placing says where a picture lies in another: a point (x, y) of the first thumbnail is at (x*sx+tx, y*sy+ty) of the
// second.
type placing struct {
	sx, sy, tx, ty float64
}

// fit places one box on another.
func fit(a, b box, sx, sy float64) placing {
	return placing{
		sx: sx, sy: sy,
		tx: (b.x0+b.x1)/2 - sx*(a.x0+a.x1)/2,
		ty: (b.y0+b.y1)/2 - sy*(a.y0+a.y1)/2,
	}
}

// overlap is the part of a box of the first thumbnail that a box of the second covers too.
func (p placing) overlap(a, b box) box {
	return box{(b.x0 - p.tx) / p.sx, (b.y0 - p.ty) / p.sy, (b.x1 - p.tx) / p.sx, (b.y1 - p.ty) / p.sy}.within(a)
}

// near reports that two placings differ by at most d pixels of the second thumbnail at each corner of the first.
func (p placing) near(q placing, a *raster, d float64) bool {
	for _, x := range [2]float64{0, float64(a.w)} {
		if math.Abs(p.sx*x+p.tx-q.sx*x-q.tx) > d {
			return false
		}
	}
	for _, y := range [2]float64{0, float64(a.h)} {
		if math.Abs(p.sy*y+p.ty-q.sy*y-q.ty) > d {
			return false
		}
	}
	return true
}

const (
	scaleMin, scaleMax = 0.22, 4.5
	// stretchMax is how much more a copy may be stretched in one direction.
	stretchMax = 1.12
)

func (p placing) possible() bool {
	return p.sx >= scaleMin && p.sx <= scaleMax && p.sx/p.sy <= stretchMax && p.sy/p.sx <= stretchMax
}

// byBoxes proposes placings that put a box of one picture on a box of the other.
func byBoxes(a, b *look) []placing {
	var out []placing
	add := func(p placing) {
		if p.possible() {
			out = append(out, p)
		}
	}
	for i, from := range a.boxes {
		for j, to := range b.boxes {
			if i > 0 && j > 0 {
				break
			}
			x, y := to.w()/from.w(), to.h()/from.h()
			if both := math.Sqrt(x * y); max(x/y, y/x) < stretchMax {
				add(fit(from, to, x, y))
				add(fit(from, to, both, both))
			}
			// One side may be cut or covered: then the other gives the scale, and any edge can be the one that is left.
			for _, s := range [2]float64{x, y} {
				for _, p := range anchored(from, to, s) {
					add(p)
				}
			}
		}
	}
	// Two sides may be cut: then a corner is left, and the scale is open.
	if len(a.boxes) > 0 && len(b.boxes) > 0 {
		from, to := a.boxes[0], b.boxes[0]
		base := math.Sqrt(to.w() * to.h() / (from.w() * from.h()))
		for k := -12; k <= 12; k++ {
			s := base * math.Pow(1.05, float64(k))
			for _, p := range anchored(from, to, s) {
				add(p)
			}
		}
	}
	return out
}

// anchored places a box on another at a scale by each corner.
func anchored(a, b box, s float64) [4]placing {
	left, right := b.x0-s*a.x0, b.x1-s*a.x1
	top, bottom := b.y0-s*a.y0, b.y1-s*a.y1
	return [4]placing{{s, s, left, top}, {s, s, right, top}, {s, s, left, bottom}, {s, s, right, bottom}}
}

// pair is a corner of each picture that may be the same, in pixels of the thumbnails.
type pair struct {
	ax, ay, bx, by float64
	distance       int
}

// byCorners proposes placings that many pairs of corners share, best first, with the number of pairs.
func byCorners(p, q *Print, mirror bool) []placing {
	pairs := p.pairs(q, mirror)
	type vote struct {
		placing placing
		n       int
	}
	var votes []vote
	for i := range pairs {
		for j := range i {
			v, ok := twoPairs(&pairs[i], &pairs[j])
			if !ok {
				continue
			}
			n := 0
			for k := range pairs {
				if v.explains(&pairs[k]) {
					n++
				}
			}
			if n >= 4 {
				votes = append(votes, vote{v, n})
			}
		}
	}
	slices.SortStableFunc(votes, func(a, b vote) int { return cmp.Compare(b.n, a.n) })
	var out []placing
	for _, v := range votes {
		if len(out) == 4 {
			break
		}
		if v.placing = v.placing.refit(pairs); !v.placing.possible() {
			continue
		}
		if !slices.ContainsFunc(out, func(o placing) bool { return o.near(v.placing, p.thumb, 4) }) {
			out = append(out, v.placing)
		}
	}
	return out
}

const (
	pairsMax = 40
	// differMax is the largest number of different bits of one corner in two pictures.
	differMax = 70
	// ratioMax is how much smaller the difference must be than to the second best.
	ratioMax = 0.88
)

// pairs are the most similar corners of two prints, at most pairsMax.
func (p *Print) pairs(q *Print, mirror bool) []pair {
	var out []pair
	for i := range p.corners {
		c := &p.corners[i]
		bits := c.bits
		x := (float64(c.x) + 0.5) / p.perThumb
		if mirror {
			bits = c.mirrored()
			x = float64(p.thumb.w) - x
		}
		best, second, at := differMax+1, 257, -1
		for j := range q.corners {
			d := differ(&bits, &q.corners[j].bits)
			switch {
			case d < best:
				// The same place at a neighbouring level is no rival.
				if at < 0 || !q.corners[at].beside(&q.corners[j]) {
					second = best
				}
				best, at = d, j
			case d < second && at >= 0 && !q.corners[at].beside(&q.corners[j]):
				second = d
			}
		}
		if at < 0 || float64(best) > ratioMax*float64(second) {
			continue
		}
		o := &q.corners[at]
		out = append(out, pair{
			x, (float64(c.y) + 0.5) / p.perThumb, (float64(o.x) + 0.5) / q.perThumb, (float64(o.y) + 0.5) / q.perThumb, best,
		})
	}
	slices.SortStableFunc(out, func(a, b pair) int { return cmp.Compare(a.distance, b.distance) })
	return out[:min(len(out), pairsMax)]
}

func (c *corner) beside(d *corner) bool {
	return max(c.x, d.x)-min(c.x, d.x) <= 6 && max(c.y, d.y)-min(c.y, d.y) <= 6
}

// twoPairs is the placing that two pairs give, if they lie in the same direction in both pictures.
func twoPairs(m, n *pair) (placing, bool) {
	ax, ay, bx, by := n.ax-m.ax, n.ay-m.ay, n.bx-m.bx, n.by-m.by
	la, lb := math.Hypot(ax, ay), math.Hypot(bx, by)
	if la < 8 || lb < 4 {
		return placing{}, false
	}
	s := lb / la
	if s < scaleMin || s > scaleMax || math.Hypot(ax*s-bx, ay*s-by) > 0.08*lb {
		return placing{}, false
	}
	return placing{s, s, (m.bx + n.bx - s*(m.ax+n.ax)) / 2, (m.by + n.by - s*(m.ay+n.ay)) / 2}, true
}

// explains reports that a placing brings the corners of a pair together.
func (p placing) explains(m *pair) bool {
	d := 1.6 * max(p.sx, 1)
	return math.Abs(p.sx*m.ax+p.tx-m.bx) <= d && math.Abs(p.sy*m.ay+p.ty-m.by) <= d
}

// refit is the placing with the least squares over the pairs that it explains.
func (p placing) refit(pairs []pair) placing {
	var n, ax, ay, bx, by float64
	for i := range pairs {
		if m := &pairs[i]; p.explains(m) {
			n, ax, ay, bx, by = n+1, ax+m.ax, ay+m.ay, bx+m.bx, by+m.by
		}
	}
	ax, ay, bx, by = ax/n, ay/n, bx/n, by/n
	var over, under float64
	for i := range pairs {
		if m := &pairs[i]; p.explains(m) {
			over += (m.ax-ax)*(m.bx-bx) + (m.ay-ay)*(m.by-by)
			under += (m.ax-ax)*(m.ax-ax) + (m.ay-ay)*(m.ay-ay)
		}
	}
	if under < 1 {
		return p
	}
	s := over / under
	return placing{s, s, bx - s*ax, by - s*ay}
}
