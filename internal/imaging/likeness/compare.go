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

// LooksAlike is the [Fingerprint.Likeness] from which goods look alike. Below, likeness is no evidence, and nothing is shown for it.
//
// It is the lowest at which at most one in 1000 pairs of goods of different kinds looks alike, on the tuning half: of 63,721
// such pairs 0.09 % reach it. So do 92 % of the copies of a shot after one change to three, and 25 % of the pairs of shots of one
// thing from other sides, which are at least 40 degrees apart. At 0.60 it would be 0.28 %, 95 % and 39 %.
const LooksAlike = 0.66

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
	coarseTries = 9
	fineTries   = 4
	// certain is the score from which no other placing is tried.
	certain = 0.85
	// proposedLeast and alignedLeast are the least that a placing must be rated, before and after it is aligned roughly.
	// Most pairs of different pictures have no such placing.
	proposedLeast = 0.5
	alignedLeast  = 0.5
	// worse is how much lower than the best a placing may be rated to be aligned exactly.
	worse = 0.2
)

// comparison is a pair of prints while it is compared.
type comparison struct {
	p, q *Print
	// looks are the first print's: as it is, and mirrored.
	looks [2]look
}

func compare(p, q *Print) Match {
	c := comparison{p, q, [2]look{p.look, p.look.mirrored()}}
	proposed := c.propose()
	if len(proposed) == 0 {
		return Match{}
	}
	// Most copies are recognised at once.
	var best Match
	first, ok := c.roughly(proposed[0])
	if ok {
		if best = c.exactly(first); best.Score >= certain {
			return best
		}
	}
	var trials []trial
	if ok {
		trials = append(trials, first)
	}
	for _, t := range proposed[1:] {
		if t, ok := c.roughly(t); ok {
			trials = append(trials, t)
		}
	}
	slices.SortStableFunc(trials, func(a, b trial) int { return cmp.Compare(b.quality, a.quality) })
	for _, t := range distinct(trials, p.thumb, 3, fineTries) {
		if t == first || t.quality < trials[0].quality-worse {
			continue
		}
		if m := c.exactly(t); m.Score > best.Score {
			best = m
		}
		if best.Score >= certain {
			break
		}
	}
	return best
}

// look is the look of the first print for a trial.
func (c *comparison) look(t trial) *look {
	if !t.mirrored {
		return &c.looks[0]
	}
	c.looks[1].fill(&c.looks[0])
	return &c.looks[1]
}

// roughly aligns at half the size. False if the placing proves wrong.
func (c *comparison) roughly(t trial) (trial, bool) {
	from := c.look(t)
	placed, ok := t.placing.halved().refine(from.half, c.q.look.half, verifySide/2, 5)
	if !ok {
		return t, false
	}
	t.placing = placed.doubled()
	t.quality = t.placing.quick(from, &c.q.look)
	return t, t.quality >= alignedLeast
}

// exactly aligns at full size and counts the votes.
func (c *comparison) exactly(t trial) Match {
	from := c.look(t)
	fitted, ok := t.placing.refine(from.thumb, c.q.thumb, verifySide, 4)
	if !ok {
		return Match{}
	}
	vote, ok := fitted.verify(from, &c.q.look)
	if !ok {
		return Match{}
	}
	score, evidence := vote.score()
	return Match{min(score, 1), t.mirrored, fitted.sx, evidence}
}

// propose lists the placings that are worth a try, best first.
func (c *comparison) propose() []trial {
	// Placings that corners propose are better founded.
	const founded = 0.15
	var out []trial
	for i := range c.looks {
		from, to := &c.looks[i], &c.q.look
		add := func(p placing, bonus float64) {
			if quality := p.quick(from, to); quality >= proposedLeast {
				out = append(out, trial{p, i == 1, quality + bonus})
			}
		}
		for _, p := range byCorners(c.p, c.q, i == 1) {
			add(p, founded)
		}
		for _, p := range byBoxes(from, to) {
			add(p, 0)
		}
	}
	slices.SortStableFunc(out, func(a, b trial) int { return cmp.Compare(b.quality, a.quality) })
	return distinct(out, c.p.thumb, 2, coarseTries)
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
