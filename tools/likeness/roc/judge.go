// Package roc measures how well likeness tells copies of one shot from shots of other goods.
package roc

import (
	"image"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

// seen is what is kept of a picture. fine is nil if it has too little structure.
type seen struct {
	fingerprint likeness.Fingerprint
	fine        *likeness.Print
}

func see(img image.Image) *seen { return &seen{likeness.Of(img), likeness.TakePrint(img)} }

// Score is the likeness of two pictures, 0..1, by both measures.
type Score struct{ Fine, Coarse float64 }

func (s *seen) compare(o *seen) Score {
	return Score{Fine: likeness.Compare(s.fine, o.fine).Score, Coarse: s.fingerprint.Likeness(o.fingerprint)}
}
