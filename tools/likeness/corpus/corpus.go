// Package corpus has the pictures that likeness is measured on. Nobody drew them for this project: they are photos and 3D models
// under free licences, from Debian packages that tools/require.sh installs. None of them is kept in this repository.
package corpus

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
)

// Side is the long side, in pixels, of every picture that is measured.
const Side = 640

// Half is a part of the corpus. Thresholds are chosen on Tuning only; figures that are published come from HeldOut.
type Half string

// The two halves. A picture belongs to one of them by the hash of its key.
const (
	Tuning  Half = "tuning"
	HeldOut Half = "held-out"
)

// Goods is a thing that is cut out from its background: a photo with transparency, or a side of a 3D model.
type Goods struct {
	// Key names the picture. Its half and all random choices about it follow from the key.
	Key string
	// Kind is equal for goods of one kind, such as "stamps/household/tools".
	Kind string
	// sides draw the goods from different sides. A stamp has one.
	sides []func() (*image.NRGBA, error)
}

// Sides is the number of different shots there are.
func (g *Goods) Sides() int { return len(g.sides) }

// CutOut is the goods from one side. Its long side is nearly [Side]; there is no margin.
func (g *Goods) CutOut(side int) (*image.NRGBA, error) {
	img, err := g.sides[side]()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.Key, err)
	}
	return img, nil
}

// Photo is a picture without a cut-out: a scene, an animal, a building, or goods on some background.
type Photo struct {
	Key, Kind string
	load      func() (image.Image, error)
}

// Image is the photo. Its long side is [Side].
func (p *Photo) Image() (*image.RGBA, error) {
	img, err := p.load()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Key, err)
	}
	return fitted(img, Side), nil
}

// Corpus is one half of the pictures. Every list is in the order of the keys' hashes, so that the first n are a fair sample.
type Corpus struct {
	Half   Half
	Stamps []*Goods // photos of things, cut out
	Models []*Goods // renders of 3D models from several sides
	Photos []*Photo
	// Backdrops are the photos that goods are laid on.
	Backdrops []*Photo
}

// Load finds the pictures of one half. It decodes none of them yet.
func Load(half Half) (*Corpus, error) {
	stamps, errStamps := findStamps()
	models, errModels := findModels()
	photos, errPhotos := findResources()
	backdrops, errBackdrops := findBackdrops()
	if err := errors.Join(errStamps, errModels, errPhotos, errBackdrops); err != nil {
		return nil, fmt.Errorf("%w (please run tools/require.sh bench)", err)
	}
	goods := func(g *Goods) string { return g.Key }
	photo := func(p *Photo) string { return p.Key }
	return &Corpus{
		Half:      half,
		Stamps:    only(half, stamps, goods),
		Models:    only(half, models, goods),
		Photos:    only(half, append(photos, backdrops...), photo),
		Backdrops: only(half, backdrops, photo),
	}, nil
}

// Stamps finds the photos of things, animals and plants of one half. They are in one package, which tests install.
func Stamps(half Half) ([]*Goods, error) {
	all, err := findStamps()
	if err != nil {
		return nil, fmt.Errorf("%w (please run tools/require.sh test)", err)
	}
	return only(half, all, func(g *Goods) string { return g.Key }), nil
}

// only keeps the entries of a half and sorts them by hash.
func only[T any](half Half, all []T, key func(T) string) []T {
	all = slices.DeleteFunc(all, func(v T) bool { return halfOf(key(v)) != half })
	slices.SortFunc(all, func(a, b T) int {
		return cmp.Or(cmp.Compare(hash(key(a)), hash(key(b))), cmp.Compare(key(a), key(b)))
	})
	return all
}

func halfOf(key string) Half {
	if hash("half of "+key)%2 == 0 {
		return Tuning
	}
	return HeldOut
}

func hash(key string) uint64 {
	sum := sha256.Sum256([]byte(key))
	return binary.BigEndian.Uint64(sum[:])
}

// Dice is the source of every random choice about a thing with this key: the same in each run.
func Dice(key string) *rand.Rand { return rand.New(rand.NewPCG(hash(key), 0)) }
