package likeness

import (
	"bytes"
	"cmp"
	"slices"
)

// SamePhoto is the [Match.Score] from which two pictures are one photo: the same shot, perhaps resized, recompressed,
// cropped, mirrored, framed, with a watermark, a price tag or a text band, or a part of a collage.
//
// It was chosen on the curve of the tuning half that tools/likeness prints: 0.978 of all copies reach it, and of those with
// the worst change 0.917; of 794 pairs of different goods two do, both of goods laid on one photo. Lower thresholds gain
// no copies, and let pass more goods that differ only in a print.
const SamePhoto = 0.8

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

// trial is a placing that may be right.
type trial struct {
	placing  placing
	mirrored bool
	quality  float64
}

const (
	// coarseTries and fineTries are how many placings are aligned roughly, and of these exactly.
	coarseTries = 7
	fineTries   = 3
	// certain is the score from which no other placing is tried.
	certain = 0.85
)

func compare(p, q *Print) Match {
	looks := [2]look{p.look, p.look.mirrored()}
	from := func(c *trial) *look {
		if c.mirrored {
			return &looks[1]
		}
		return &looks[0]
	}
	var trials []trial
	for _, c := range propose(p, q, &looks) {
		var ok bool
		if c.placing, ok = c.placing.halved().refine(from(&c).half, q.look.half, 32, 5); !ok {
			continue
		}
		c.placing = c.placing.doubled()
		c.quality = c.placing.quick(from(&c), &q.look)
		trials = append(trials, c)
	}
	slices.SortStableFunc(trials, func(a, b trial) int { return cmp.Compare(b.quality, a.quality) })
	var best Match
	for _, c := range distinct(trials, p.thumb, 1, fineTries) {
		fitted, ok := c.placing.refine(from(&c).thumb, q.thumb, verifySide, 4)
		if !ok {
			continue
		}
		vote, ok := fitted.verify(from(&c), &q.look)
		if !ok {
			continue
		}
		if score, evidence := vote.score(); score > best.Score {
			best = Match{min(score, 1), c.mirrored, fitted.sx, evidence}
		}
		if best.Score >= certain {
			break
		}
	}
	return best
}

// propose lists the placings that are worth a try, best first.
func propose(p, q *Print, looks *[2]look) []trial {
	// Placings that corners propose are better founded.
	const founded = 0.15
	var out []trial
	for i := range looks {
		for _, c := range byCorners(p, q, i == 1) {
			out = append(out, trial{c, i == 1, c.quick(&looks[i], &q.look) + founded})
		}
		for _, c := range byBoxes(&looks[i], &q.look) {
			out = append(out, trial{c, i == 1, c.quick(&looks[i], &q.look)})
		}
	}
	slices.SortStableFunc(out, func(a, b trial) int { return cmp.Compare(b.quality, a.quality) })
	return distinct(out, p.thumb, 2, coarseTries)
}

// distinct is the first n trials that differ by more than d pixels.
func distinct(all []trial, thumb *raster, d float64, n int) []trial {
	var out []trial
	for _, c := range all {
		if len(out) == n {
			break
		}
		if !slices.ContainsFunc(out, func(o trial) bool {
			return o.mirrored == c.mirrored && o.placing.near(c.placing, thumb, d)
		}) {
			out = append(out, c)
		}
	}
	return out
}
