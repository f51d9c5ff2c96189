package likeness

import (
	"bytes"
	"cmp"
	"slices"
)

// SamePhoto is the [Match.Score] from which two pictures are one photo: the same shot, perhaps resized, recompressed,
// cropped, mirrored, framed, with a watermark, a price tag or a text band, or a part of a collage.
const SamePhoto = 0.6

// LooksAlike is the [Fingerprint.Likeness] from which goods look alike. Below, likeness is no evidence.
const LooksAlike = 0.60

// Match is what comparing two prints shows.
type Match struct {
	// Score is from 0, nothing in common, to 1, the same picture. From [SamePhoto] on, both show one photo.
	Score float64
	// Mirrored reports that one picture is the other's mirror image.
	Mirrored bool
	// Scale is how large the second picture's content is in terms of the first's.
	Scale float64
	// Evidence is for measuring.
	Evidence Evidence
}

// Evidence is what the score is made of.
type Evidence struct {
	Same, Colour, Cover, Cells float64
}

// Compare decides whether two prints are of one photo. It tries the second one's mirror image too. The score is the same
// in both orders; a nil print matches nothing.
func Compare(p, q *Print) Match {
	if p == nil || q == nil {
		return Match{}
	}
	order := bytes.Compare(p.encoded, q.encoded)
	if order == 0 {
		return Match{Score: 1, Scale: 1}
	}
	if order > 0 {
		m := compare(q, p)
		if m.Scale > 0 {
			m.Scale = 1 / m.Scale
		}
		return m
	}
	return compare(p, q)
}

func compare(p, q *Print) Match {
	straight, mirrored := p.look, p.look.mirrored()
	type candidate struct {
		placing  placing
		mirrored bool
		quick    float64
	}
	var candidates []candidate
	for _, mirror := range [2]bool{false, true} {
		from := &straight
		if mirror {
			from = &mirrored
		}
		for _, c := range byCorners(p, q, mirror) {
			candidates = append(candidates, candidate{c, mirror, c.quick(from, &q.look) + 1})
		}
		for _, c := range byBoxes(from, &q.look) {
			candidates = append(candidates, candidate{c, mirror, c.quick(from, &q.look)})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.quick, a.quick) })
	var best Match
	var tried []candidate
	for _, c := range candidates {
		if len(tried) == 8 {
			break
		}
		if slices.ContainsFunc(tried, func(o candidate) bool {
			return o.mirrored == c.mirrored && o.placing.near(c.placing, p.thumb, 2)
		}) {
			continue
		}
		tried = append(tried, c)
		from := &straight
		if c.mirrored {
			from = &mirrored
		}
		fitted, ok := c.placing.refine(from.thumb, q.thumb, 32, 6)
		if !ok {
			continue
		}
		fitted, ok = fitted.refine(from.thumb, q.thumb, verifySide, 4)
		if !ok {
			continue
		}
		vote, ok := fitted.verify(from, &q.look)
		if !ok {
			continue
		}
		score, evidence := vote.score()
		if score > best.Score {
			best = Match{score, c.mirrored, fitted.sx, evidence}
		}
	}
	best.Score = min(best.Score, 1)
	return best
}

// quick is a rough measure of how well two looks lie on each other, to choose what to look at closely.
func (p placing) quick(a, b *look) float64 {
	small := placing{
		sx: p.sx * a.perMini / b.perMini, sy: p.sy * a.perMini / b.perMini,
		tx: p.tx / b.perMini, ty: p.ty / b.perMini,
	}
	g, ok := small.grid(a.mini, b.mini, miniSide)
	if !ok {
		return 0
	}
	xa, ya := g.windowsA()
	xb, yb := g.windowsB(small)
	va, vb := lumaAt(a.mini, xa, ya), lumaAt(b.mini, xb, yb)
	const side = 4
	w, h := g.w/side, g.h/side
	var same, n float64
	for y := range h {
		for x := range w {
			var aa, bb, ab float64
			for j := y * side; j < (y+1)*side; j++ {
				for k := x * side; k < (x+1)*side; k++ {
					i := j*g.w + k
					ax, ay := g.slope(va, i, k, j)
					bx, by := g.slope(vb, i, k, j)
					aa, bb, ab = aa+ax*ax+ay*ay, bb+bx*bx+by*by, ab+ax*bx+ay*by
				}
			}
			if strong := max(aa, bb) / (side * side); strong > 20 {
				n++
				same += max(2*ab/(aa+bb), 0)
			}
		}
	}
	return same / (n + 3)
}

// score counts the votes.
func (c *votes) score() (float64, Evidence) {
	var same, structure, colour, goods float64
	for i := range c.cells {
		v := &c.cells[i]
		structure += v.structure
		same += v.structure * ramp(v.same, 0.3, 0.8)
		goods += v.goods
		colour += v.goods * v.colour
	}
	e := Evidence{Same: same / (structure + 2), Colour: (colour + 1) / (goods + 1), Cover: c.cover, Cells: structure}
	return e.Same * e.Colour * ramp(e.Cover, 0.2, 0.7), e
}
