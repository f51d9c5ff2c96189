package picture

import "math"

// forms is the number of silhouettes of each kind; patterns is the number of patterns on the body.
const (
	forms    = 4
	patterns = 12
)

// part is one painted outline of a figure.
type part struct {
	outline []point
	paint   func(point) rgb
}

// figure is a drawn thing: its parts from back to front.
type figure []part

// draft collects the parts of a figure in a design's colours.
type draft struct {
	design
	figure figure
}

// body adds a part in the goods' colour and pattern.
func (f *draft) body(outline []point) {
	p, pattern, detail := f.palette, f.pattern, f.detail
	f.figure = append(f.figure, part{outline, func(at point) rgb {
		c := p.body
		switch patternAt(pattern, at.x, at.y, detail) {
		case 1:
			c = p.first
		case 2:
			c = p.second
		}
		return lit(c, at)
	}})
}

// plain adds a part in one colour.
func (f *draft) plain(c rgb, outline []point) {
	f.figure = append(f.figure, part{outline, func(at point) rgb { return lit(c, at) }})
}

// first, second, dark, pale and metal add parts in the accents and in the colours of fittings.
func (f *draft) first(outline []point)  { f.plain(f.palette.first, outline) }
func (f *draft) second(outline []point) { f.plain(f.palette.second, outline) }
func (f *draft) dark(outline []point)   { f.plain(rgb{48, 46, 48}, outline) }
func (f *draft) pale(outline []point)   { f.plain(rgb{240, 238, 232}, outline) }
func (f *draft) metal(outline []point)  { f.plain(rgb{168, 172, 180}, outline) }
func (f *draft) shade(outline []point)  { f.plain(f.palette.body.scale(0.66), outline) }

// both adds a body part and its mirror image.
func (f *draft) both(add func([]point), outline []point) {
	add(outline)
	add(mirrored(outline))
}

// lit makes a colour brighter towards the lamp, which is above on the left.
func lit(c rgb, at point) rgb { return c.scale(1.03 - 0.07*at.x - 0.07*at.y) }

// patternAt returns which colour a pattern has at a point: 0 body, 1 first accent, 2 second. The patterns are broad,
// because fine ones disappear in a thumbnail.
func patternAt(pattern int, x, y, detail float64) int {
	pick := func(yes bool, colour int) int {
		if yes {
			return colour
		}
		return 0
	}
	switch pattern {
	case 1: // band across
		return pick(math.Abs(y-0.5*detail+0.2) < 0.2, 1)
	case 2: // upper part
		return pick(y < -0.25+0.3*detail, 1)
	case 3: // lower part
		return pick(y > 0.3-0.3*detail, 1)
	case 4: // one side
		return pick(x < 0.1-0.2*detail, 1)
	case 5: // slant
		return pick(x+y > 0.1+0.3*detail, 1)
	case 6: // two slanting bands
		return pick(math.Abs(x-y+0.45) < 0.16, 1) + pick(math.Abs(x-y-0.45) < 0.16, 2)
	case 7: // stripes across
		return pick(math.Mod(y+4, 0.62-0.12*detail) < 0.26, 1)
	case 8: // stripes down
		return pick(math.Mod(x+4.1, 0.56-0.12*detail) < 0.24, 1)
	case 9: // disc
		return pick(math.Hypot(x, y-0.1+0.3*detail) < 0.4, 1) + pick(math.Hypot(x, y-0.1+0.3*detail) < 0.2, 1)
	case 10: // squares
		return pick((int(math.Floor(x*2.1+10))+int(math.Floor(y*2.1+10)))%2 == 0, 1)
	case 11: // ring at the edge
		return pick(math.Max(math.Abs(x)*1.1, math.Abs(y)) > 0.62, 1)
	}
	return 0
}
