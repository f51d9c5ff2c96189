package roc

import (
	"cmp"
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

// Sample is a number of pairs of pictures of one sort.
type Sample struct {
	Name string
	// Promise is the least part that must be judged rightly; 0 if nothing is promised.
	Promise float64
	Scores  []Score
	labels  []string
}

func (s *Sample) add(label string, score Score) {
	s.Scores, s.labels = append(s.Scores, score), append(s.labels, label)
}

// Measure chooses one of the two scores.
type Measure func(Score) float64

// Fine is the score of fine prints.
func Fine(s Score) float64 { return s.Fine }

// Coarse is the score of fingerprints.
func Coarse(s Score) float64 { return s.Coarse }

// Above is the number of pairs whose score is at least the threshold.
func (s *Sample) Above(m Measure, threshold float64) int {
	n := 0
	for _, score := range s.Scores {
		if m(score) >= threshold {
			n++
		}
	}
	return n
}

// Share is the part of the pairs whose score is at least the threshold.
func (s *Sample) Share(m Measure, threshold float64) float64 {
	return float64(s.Above(m, threshold)) / float64(max(len(s.Scores), 1))
}

// Quantile is the score that a part q of the pairs does not exceed.
func (s *Sample) Quantile(m Measure, q float64) float64 {
	if len(s.Scores) == 0 {
		return 0
	}
	all := make([]float64, len(s.Scores))
	for i, score := range s.Scores {
		all[i] = m(score)
	}
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)]
}

// Labelled is a pair with its score.
type Labelled struct {
	Label string
	Score Score
}

// Wrong lists the pairs on the wrong side of the threshold, the worst first.
func (s *Sample) Wrong(m Measure, threshold float64, same bool) []Labelled {
	var all []Labelled
	for i, score := range s.Scores {
		if (m(score) >= threshold) != same {
			all = append(all, Labelled{s.labels[i], score})
		}
	}
	slices.SortStableFunc(all, func(a, b Labelled) int {
		if same {
			return cmp.Compare(m(a.Score), m(b.Score))
		}
		return cmp.Compare(m(b.Score), m(a.Score))
	})
	return all
}

// Result is everything that was measured of one half.
type Result struct {
	// Copies are pairs of one shot, a sample for each change. The promise is the part that is recognised.
	Copies []*Sample
	// Kinds are pairs of different goods of one kind, or in one setting. The promise for them is together: [FalsePromise].
	Kinds []*Sample
	// Variants are pairs of goods that differ only in a print or a colour. The promise is the part that is told apart.
	Variants []*Sample
	// Sides are pairs of different shots of one thing. They should look alike but are no copies.
	Sides []*Sample
	// Unlike are pairs of goods of different kinds, by fingerprint only. At most [FootPromise] of them may look alike.
	Unlike *Sample
	// Ranks has for each change the part of the copies whose original is among the [Candidates] most similar by fingerprint.
	Ranks []Rank
	// Shots is the number of shots that copies were made of.
	Shots int
	Twins Twins
}

// Candidates is how many pictures a fingerprint chooses, for [Result.Ranks] and [Twins].
const Candidates = 10

// Rank is the part of the copies whose original is a candidate.
type Rank struct {
	Name  string
	Share float64
}

// Twins is how many of the stamps on white have at least one other that passes for the same photo.
type Twins struct {
	Stamps int
	// Coarse is by fingerprint, at [Before]. Fine is by print, among the [Candidates] most similar by fingerprint.
	Coarse, Fine int
}

// Before is the likeness by fingerprint that confirmed goods before there were fine prints.
const Before = 0.78

// FalsePromise is how large a part of the pairs of different goods of one kind may pass for one photo; FalseAim is what is
// aimed at.
const (
	FalsePromise = 1.0 / 1000
	FalseAim     = 1.0 / 10_000
)

// False counts the pairs of [Result.Kinds] that pass for one photo.
func (r *Result) False(m Measure, threshold float64) (wrong, pairs int) {
	for _, s := range r.Kinds {
		wrong, pairs = wrong+s.Above(m, threshold), pairs+len(s.Scores)
	}
	return wrong, pairs
}

// Point is a point of the curve: what a threshold would give.
type Point struct {
	Threshold float64
	// Mean is the part of all copies that is recognised; Worst that of the change that suffers most.
	Mean, Worst float64
	WorstName   string
	// False is the part of the pairs of different goods of one kind that pass, Variants that of the variants.
	False, Variants float64
}

// Curve is the receiver operating characteristic.
func (r *Result) Curve(m Measure) []Point {
	var all []Point
	for t := 0.30; t < 0.985; t += 0.05 {
		all = append(all, r.At(m, t))
	}
	return all
}

// At is the point of the curve at a threshold.
func (r *Result) At(m Measure, threshold float64) Point {
	p := Point{Threshold: threshold, Worst: 1}
	for _, s := range r.Copies {
		share := s.Share(m, threshold)
		p.Mean += share / float64(len(r.Copies))
		if share < p.Worst {
			p.Worst, p.WorstName = share, s.Name
		}
	}
	wrong, pairs := r.False(m, threshold)
	p.False = float64(wrong) / float64(max(pairs, 1))
	wrong, pairs = 0, 0
	for _, s := range r.Variants {
		wrong, pairs = wrong+s.Above(m, threshold), pairs+len(s.Scores)
	}
	p.Variants = float64(wrong) / float64(max(pairs, 1))
	return p
}

// Threshold is the one of fine prints that the service uses.
const Threshold = likeness.SamePhoto
