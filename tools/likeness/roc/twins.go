package roc

import (
	"cmp"
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

// twin reports whether another shot passes for the same photo: by fingerprint, and by print among those that the fingerprint
// chooses.
func twin(shots []*shot, i int) (coarse, fine bool, err error) {
	own, err := shots[i].look()
	if err != nil {
		return false, false, err
	}
	type candidate struct {
		look     *seen
		likeness float64
	}
	var all []candidate
	for j, s := range shots {
		if j == i {
			continue
		}
		look, err := s.look()
		if err != nil {
			return false, false, err
		}
		all = append(all, candidate{look, own.fingerprint.Likeness(look.fingerprint)})
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(b.likeness, a.likeness) })
	for _, c := range first(all, Candidates) {
		coarse = coarse || c.likeness >= Before
		fine = fine || likeness.Compare(own.fine, c.look.fine).Score >= Threshold
	}
	return coarse, fine, nil
}
