package roc

import (
	"context"
	"strings"
)

// FootPromise is how large a part of the pairs of goods of different kinds may look alike.
const FootPromise = 1.0 / 1000

// widestKind is the kind in the widest sense: "stamps/food" of "stamps/food/fruit". A bird and a mammal are of one kind in this sense.
func widestKind(kind string) string {
	parts := strings.SplitN(kind, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// unlike compares the fingerprints of all pairs of different kinds.
func (r *runner) unlike(ctx context.Context, shots []*shot) (*Sample, error) {
	sample := &Sample{Name: "goods of different kinds, on white"}
	if !r.wants(sample.Name) {
		return sample, nil
	}
	looks := make([]*seen, len(shots))
	if err := forEach(ctx, len(shots), func(i int) (err error) {
		looks[i], err = shots[i].look()
		return err
	}); err != nil {
		return nil, err
	}
	for i, a := range shots {
		for j, b := range shots[:i] {
			if widestKind(a.kind) != widestKind(b.kind) {
				sample.add(pair{a, b}.label(), Score{Coarse: looks[i].fingerprint.Likeness(looks[j].fingerprint)})
			}
		}
	}
	return sample, nil
}

// FootPoint is what a foot would keep and leave out.
type FootPoint struct {
	Foot float64
	// Unlike is the part of the pairs of different kinds that look alike; Sides that of the pairs of shots of one thing from other
	// sides; Mean and Worst that of the copies, all and after the change that suffers most.
	Unlike, Sides, Mean, Worst float64
	WorstName                  string
}

// FootCurve is what the foot is chosen on.
func (r *Result) FootCurve() []FootPoint {
	var all []FootPoint
	for foot := 0.40; foot < 0.81; foot += 0.02 {
		copies := r.At(Coarse, foot)
		p := FootPoint{Foot: foot, Unlike: r.Unlike.Share(Coarse, foot), Mean: copies.Mean, Worst: copies.Worst, WorstName: copies.WorstName}
		for _, s := range r.Sides {
			p.Sides += s.Share(Coarse, foot) / float64(len(r.Sides))
		}
		all = append(all, p)
	}
	return all
}
