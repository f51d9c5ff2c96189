package roc

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"slices"
	"sync/atomic"

	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/change"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
)

// VariantPromise is the part of the variants of one mock-up that must be told apart.
const VariantPromise = 0.95

// kinds compares different goods that are of one kind or in one setting.
func (r *runner) kinds(ctx context.Context, result *Result) error {
	var stamps, models, photos []*shot
	for _, g := range first(r.c.Stamps, r.members) {
		stamps = append(stamps, onWhite(g, 0))
	}
	for _, g := range first(r.c.Models, r.modelMembers) {
		models = append(models, onWhite(g, 0))
	}
	for _, p := range first(r.c.Photos, r.members) {
		photos = append(photos, photo(p))
	}
	white := append(append([]*shot{}, stamps...), models...)
	ofOneKind := append(oneKind("stamps", stamps, r.pairs), oneKind("models", models, r.pairs)...)
	for _, s := range []struct {
		name  string
		pairs []pair
	}{
		{"photos of goods of one kind, on white", oneKind("stamps", stamps, r.pairs)},
		{"renders of goods of one kind, on white", oneKind("models", models, r.pairs)},
		{"goods of any kind, on white", anyTwo("white", white, r.anyPairs)},
		{"photos of one kind", oneKind("photos", photos, r.pairs)},
		{"two goods on one photo", r.onOnePhoto()},
		{"goods of one kind, one picture with three changes", changedPairs(shuffled("changed", ofOneKind, r.pairs/3))},
	} {
		sample, err := r.compare(ctx, s.name, 0, s.pairs)
		if err != nil {
			return err
		}
		result.Kinds = append(result.Kinds, sample)
	}
	var err error
	result.Unlike, err = r.unlike(ctx, white)
	return err
}

// oneKind gives at most n pairs of one kind.
func oneKind(key string, shots []*shot, n int) []pair {
	var all []pair
	for i, a := range shots {
		for _, b := range shots[:i] {
			if a.kind == b.kind {
				all = append(all, pair{a, b})
			}
		}
	}
	return shuffled("pairs of "+key, all, n)
}

func anyTwo(key string, shots []*shot, n int) []pair {
	dice := corpus.Dice("any two of " + key)
	var all []pair
	for range n {
		i := dice.IntN(len(shots))
		all = append(all, pair{shots[i], shots[pickOther(dice, len(shots), i)]})
	}
	return all
}

// onOnePhoto lays different goods on the same photo.
func (r *runner) onOnePhoto() []pair {
	stamps := first(r.c.Stamps, r.members)
	var all []pair
	for i := 0; i+1 < len(stamps) && len(all) < r.variantPairs; i += 2 {
		backdrop := backdropOf(r.c, stamps[i].Key)
		all = append(all, pair{onPhoto(stamps[i], backdrop), onPhoto(stamps[i+1], backdrop)})
	}
	return all
}

// changedPairs changes the second picture of each pair.
func changedPairs(pairs []pair) []pair {
	var all []pair
	for _, p := range pairs {
		b := p.b
		all = append(all, pair{p.a, newShot(b.key+" changed", b.kind, func() (*image.RGBA, error) {
			img, err := b.draw()
			if err != nil {
				return nil, err
			}
			changed, err := change.Three(corpus.Dice("three changes of "+p.label()), img)
			if err != nil {
				return nil, err
			}
			out := image.NewRGBA(changed.Bounds())
			draw.Draw(out, out.Rect, changed, changed.Bounds().Min, draw.Src)
			return out, nil
		})})
	}
	return all
}

// sidesOfModels compares renders of one model from different sides.
func (r *runner) sidesOfModels(ctx context.Context, result *Result) error {
	var pairs []pair
	for _, g := range first(r.c.Models, r.sides) {
		var shots []*shot
		for side := range g.Sides() {
			shots = append(shots, onWhite(g, side))
		}
		for i, a := range shots {
			for _, b := range shots[:i] {
				pairs = append(pairs, pair{a, b})
			}
		}
	}
	sample, err := r.compare(ctx, "sides of one model", 0, pairs)
	result.Sides = append(result.Sides, sample)
	return err
}

// variants compares goods that differ only in a colour or a print.
func (r *runner) variants(ctx context.Context, result *Result) error {
	var goods []*corpus.Goods
	for i := range max(len(r.c.Stamps), len(r.c.Models)) {
		goods = append(goods, first(r.c.Stamps[min(i, len(r.c.Stamps)):], 1)...)
		goods = append(goods, first(r.c.Models[min(i, len(r.c.Models)):], 1)...)
	}
	for _, s := range []struct {
		name string
		make func(*corpus.Goods) (a, b *image.NRGBA, err error)
	}{
		{"another colour", recoloured},
		{"another dark colour", inDark},
		{"another print on the same goods", r.printed(2)},
		{"with a print and without", r.printed(1)},
	} {
		if !r.wants(s.name) {
			continue
		}
		sample, err := r.variant(ctx, s.name, goods, s.make)
		if err != nil {
			return err
		}
		result.Variants = append(result.Variants, sample)
	}
	return nil
}

// variant makes pairs of variants until there are enough. draw gives no pictures for goods that have no such variant.
func (r *runner) variant(ctx context.Context, name string, goods []*corpus.Goods, draw func(*corpus.Goods) (a, b *image.NRGBA, err error)) (*Sample, error) {
	var made atomic.Int64
	found := make([]pair, len(goods))
	err := forEach(ctx, len(goods), func(i int) error {
		if made.Load() >= int64(r.variantPairs) {
			return nil
		}
		a, b, err := draw(goods[i])
		if err != nil || a == nil {
			return err
		}
		made.Add(1)
		found[i] = pair{fixed(goods[i].Key, a), fixed(name, b)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	pairs := slices.DeleteFunc(found, func(p pair) bool { return p.a == nil })
	return r.compare(ctx, name, VariantPromise, first(pairs, r.variantPairs))
}

// fixed is a shot of goods on white. Only an encoded copy is kept.
func fixed(key string, goods *image.NRGBA) *shot {
	img := corpus.OnWhite(goods)
	encoded, err := kept(img)
	return newShot(key, "", func() (*image.RGBA, error) {
		if err != nil {
			return nil, err
		}
		return restored(encoded)
	})
}

func recoloured(g *corpus.Goods) (a, b *image.NRGBA, err error) {
	if a, err = g.CutOut(0); err != nil {
		return nil, nil, err
	}
	b, ok := change.Recoloured(corpus.Dice("colour of "+g.Key), a)
	if !ok {
		return nil, nil, nil
	}
	return a, b, nil
}

func inDark(g *corpus.Goods) (a, b *image.NRGBA, err error) {
	goods, err := g.CutOut(0)
	if err != nil {
		return nil, nil, err
	}
	a, b, ok := change.InDark(corpus.Dice("dark "+g.Key), goods)
	if !ok {
		return nil, nil, nil
	}
	return a, b, nil
}

// printed puts prints on blank goods: one on each picture, or only one on the second.
func (r *runner) printed(prints int) func(g *corpus.Goods) (a, b *image.NRGBA, err error) {
	return func(g *corpus.Goods) (a, b *image.NRGBA, err error) {
		goods, err := g.CutOut(0)
		if err != nil || !change.Blank(goods) {
			return nil, nil, err
		}
		dice := corpus.Dice(fmt.Sprintf("%d prints on %s", prints, g.Key))
		made := [2]*image.NRGBA{goods, goods}
		order := dice.Perm(len(r.c.Stamps))
		for i := 2 - prints; i < 2; i++ {
			if made[i], order, err = r.printOn(goods, order); err != nil || made[i] == nil {
				return nil, nil, err
			}
		}
		return made[0], made[1], nil
	}
}

// printOn puts the first stamp that is large enough on goods. It gives the stamps that are left; no picture if none is large enough.
func (r *runner) printOn(goods *image.NRGBA, order []int) (*image.NRGBA, []int, error) {
	const tries = 8
	for i, stamp := range first(order, tries) {
		motif, err := r.c.Stamps[stamp].CutOut(0)
		if err != nil {
			return nil, nil, err
		}
		if made, ok := change.Printed(goods, motif); ok {
			return made, order[i+1:], nil
		}
	}
	return nil, nil, nil
}

// twins counts the stamps that have a false twin among all stamps.
func (r *runner) twins(ctx context.Context, result *Result) error {
	if !r.wants("twins") {
		return nil
	}
	var stamps []*shot
	for _, g := range first(r.c.Stamps, r.members) {
		stamps = append(stamps, onWhite(g, 0))
	}
	var coarse, fine atomic.Int64
	err := forEach(ctx, len(stamps), func(i int) error {
		c, f, err := twin(stamps, i)
		if c {
			coarse.Add(1)
		}
		if f {
			fine.Add(1)
		}
		return err
	})
	result.Twins = Twins{Stamps: len(stamps), Coarse: int(coarse.Load()), Fine: int(fine.Load())}
	return err
}
