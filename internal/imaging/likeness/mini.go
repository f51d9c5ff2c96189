package likeness

import (
	"math"
	"math/rand/v2"
)

const (
	// miniSide is the long side of the largest mini; each next one is smaller by the root of two.
	miniSide = 32
	minis    = 4
	// miniBlock is the side of the blocks of a mini that may have marks.
	miniBlock = 4
)

// mini is a small copy of a thumbnail: its gradients, and marks where they are strong.
type mini struct {
	w, h int
	// per is the number of the thumbnail's pixels per pixel.
	per    float64
	dx, dy []float32
	marks  []mark
}

// mark is a strong gradient of a mini.
type mark struct{ x, y, dx, dy float32 }

// mini makes the nth small copy of a thumbnail, whose long side is long, from its half.
func (r *raster) mini(long, n int) mini {
	step := max(float64(long)/2/miniSide, 1) * math.Pow(math.Sqrt2, float64(n))
	m := mini{w: max(int(float64(r.w)/step+0.5), 1), h: max(int(float64(r.h)/step+0.5), 1), per: 2 * step}
	v := make([]float32, m.w*m.h)
	resamplePlane(v, r.planes[luma], r.w, window{step: step, w: m.w}.triangle(r.w), window{step: step, w: m.h}.triangle(r.h))
	m.dx, m.dy = slopes(v, m.w, m.h)
	m.mark()
	m.spread()
	return m
}

// slopes are the gradients of a plane.
func slopes(v []float32, w, h int) (dx, dy []float32) {
	dx, dy = make([]float32, len(v)), make([]float32, len(v))
	for y := range h {
		up, down := max(y-1, 0)*w, min(y+1, h-1)*w
		row := y * w
		for x := range w {
			dx[row+x] = (v[row+min(x+1, w-1)] - v[row+max(x-1, 0)]) / 2
			dy[row+x] = (v[down+x] - v[up+x]) / 2
		}
	}
	return dx, dy
}

// mark marks the two strongest gradients of each block.
func (m *mini) mark() {
	const visible = 4 * 4
	for top := 0; top < m.h; top += miniBlock {
		for left := 0; left < m.w; left += miniBlock {
			var best, second mark
			for y := top; y < min(top+miniBlock, m.h); y++ {
				for x := left; x < min(left+miniBlock, m.w); x++ {
					k := mark{float32(x) + 0.5, float32(y) + 0.5, m.dx[y*m.w+x], m.dy[y*m.w+x]}
					switch {
					case k.strength() > best.strength():
						best, second = k, best
					case k.strength() > second.strength():
						second = k
					}
				}
			}
			if best.strength() >= visible {
				m.marks = append(m.marks, best)
			}
			if second.strength() >= visible {
				m.marks = append(m.marks, second)
			}
		}
	}
}

// spread orders the marks so that the first ones are from all over the picture.
func (m *mini) spread() {
	r := rand.New(rand.NewPCG(16, 89)) // #nosec G404 -- the order must be the same each time
	r.Shuffle(len(m.marks), func(i, j int) { m.marks[i], m.marks[j] = m.marks[j], m.marks[i] })
}

func (k mark) strength() float32 { return k.dx*k.dx + k.dy*k.dy }

// mirrored is the mini of the mirrored picture.
func (m *mini) mirrored() mini {
	out := mini{w: m.w, h: m.h, per: m.per, dx: mirroredPlane(m.dx, m.w), dy: mirroredPlane(m.dy, m.w)}
	for i := range out.dx {
		out.dx[i] = -out.dx[i]
	}
	for _, k := range m.marks {
		out.marks = append(out.marks, mark{float32(m.w) - k.x, k.y, -k.dx, k.dy})
	}
	return out
}

// quick is a rough measure of how well the strong gradients of two looks lie on each other, to choose what to look at
// closely: 0 to 1. The marks of the picture that lies in the other one more fully are looked up, so that a part of a
// collage is rated as well as the whole of it.
func (p placing) quick(a, b *look) float64 {
	back := p.inverse()
	if p.share(a, b) < back.share(b, a) {
		return back.rate(b, a)
	}
	return p.rate(a, b)
}

// inverse places the second picture on the first.
func (p placing) inverse() placing { return placing{1 / p.sx, 1 / p.sy, -p.tx / p.sx, -p.ty / p.sy} }

// share is how much of the first thumbnail lies in the second.
func (p placing) share(a, b *look) float64 {
	o := p.overlap(a.thumb.frame(), b.thumb.frame())
	return max(o.w(), 0) * max(o.h(), 0) / float64(a.thumb.w*a.thumb.h)
}

const (
	// sampled marks show whether the rest is worth a look: if they reach hopeless.
	sampled  = 24
	hopeless = 0.28
)

// rate looks up the marks of one picture in the other.
func (p placing) rate(a, b *look) float64 {
	// The finer picture is read from a smaller mini, so that both are equally blurred.
	scale := math.Sqrt(p.sx*p.sy) * a.minis[0].per / b.minis[0].per
	n := int(math.Round(2 * math.Log2(scale)))
	from, to := &a.minis[min(max(-n, 0), minis-1)], &b.minis[min(max(n, 0), minis-1)]
	sx, sy := float32(p.sx*from.per/to.per), float32(p.sy*from.per/to.per)
	tx, ty := float32(p.tx/to.per)-0.5, float32(p.ty/to.per)-0.5
	right, bottom := float32(to.w-1), float32(to.h-1)
	var same float32
	in := 0
	for i := range from.marks {
		if i == sampled && float64(same) < hopeless*float64(max(in, sampled/2)) {
			return 0
		}
		k := &from.marks[i]
		x, y := k.x*sx+tx, k.y*sy+ty
		if x < 0 || y < 0 || x > right || y > bottom {
			continue
		}
		in++
		dx, dy := to.at(x, y)
		if dot := 2 * (dx*k.dx + dy*k.dy); dot > 0 {
			same += dot / (dx*dx + dy*dy + k.strength())
		}
	}
	// A few marks prove little, and so do those of a small part.
	return float64(same) / (max(float64(in), 0.4*float64(len(from.marks))) + 4)
}

// at is the gradient between four pixels.
func (m *mini) at(x, y float32) (dx, dy float32) {
	left, top := min(int(x), max(m.w-2, 0)), min(int(y), max(m.h-2, 0))
	i := top*m.w + left
	right, down := min(left+1, m.w-1)-left, (min(top+1, m.h-1)-top)*m.w
	fx, fy := x-float32(left), y-float32(top)
	w00, w10, w01, w11 := (1-fx)*(1-fy), fx*(1-fy), (1-fx)*fy, fx*fy
	dx = w00*m.dx[i] + w10*m.dx[i+right] + w01*m.dx[i+down] + w11*m.dx[i+right+down]
	dy = w00*m.dy[i] + w10*m.dy[i+right] + w01*m.dy[i+down] + w11*m.dy[i+right+down]
	return dx, dy
}
