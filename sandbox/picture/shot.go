package picture

import "github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"

// dice is SplitMix64 (Steele, Lea, Flood 2014).
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// between draws from [low, high).
func (d *dice) between(low, high float64) float64 {
	return low + (high-low)*float64(d.next()>>11)/(1<<53)
}

func (d *dice) below(n int) int { return int(d.next() >> 1 % uint64(n)) }

// shot is how one supplier photographed the goods.
type shot struct {
	zoom, dx, dy, degrees float64
	light                 float64
	warm                  rgb // added to the background
}

func newShot(seed uint64) shot {
	d := &dice{seed}
	return shot{
		zoom:    d.between(0.97, 1.05),
		dx:      d.between(-0.012, 0.012),
		dy:      d.between(-0.012, 0.012),
		degrees: d.between(-1.6, 1.6),
		light:   d.between(0.93, 1.07),
		warm:    rgb{d.between(-9, 9), d.between(-9, 9), d.between(-9, 9)},
	}
}

// view is the place of the scene in the frame.
func (s shot) view() affine {
	centred := affine{1, 0, -0.5, 0, 1, -0.5}
	return centred.then(placed(0.5+s.dx, 0.5+s.dy, s.zoom, s.degrees))
}

// expose applies the light.
func (s shot) expose(c rgb) rgb { return c.scale(s.light) }

// tint is the colour that the shot gives to a background.
func (s shot) tint(c rgb) rgb { return rgb{c[0] + s.warm[0], c[1] + s.warm[1], c[2] + s.warm[2]} }

// design is what the goods look like: all that the photos of their suppliers have in common.
type design struct {
	kind string
	// form, arrangement and pattern are spread evenly over the goods of a kind.
	form, arrangement, pattern int
	// slim is the width as a fraction of the usual one. detail is a number from 0 to 1 that each kind uses in its own way.
	slim, detail float64
	scale        float64
	// aside and above, -1 to 1, vary the arrangement.
	aside, above float64
	palette      palette
	backdrop     rgb
}

func newDesign(look catalog.Look) design {
	d := &dice{look.Goods}
	kind := &dice{hash(look.Kind)}
	n := int(look.Goods & 0xffff)
	// With steps of 5 and 7 modulo 12, any eight neighbours differ in both. Goods of one colour are neighbours.
	out := design{
		kind:        look.Kind,
		form:        (n + n/forms + kind.below(forms)) % forms,
		arrangement: (5*n + kind.below(arrangements)) % arrangements,
		pattern:     (7*n + 4*(n/patterns) + kind.below(patterns)) % patterns,
		slim:        d.between(0.78, 1.18),
		detail:      d.between(0, 1),
		scale:       d.between(0.92, 1.08),
		aside:       d.between(-1, 1),
		above:       d.between(-1, 1),
	}
	out.palette = newPalette(look.Colour, d)
	out.backdrop = out.palette.backdrop(d)
	return out
}

// hash is FNV-1a.
func hash(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}
