package roc

import (
	"context"
	"image"
	"slices"
	"strings"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/change"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
)

// Options say what is measured.
type Options struct {
	// Short measures so little that it takes a minute or two.
	Short bool
	// Only has the names of the changes and samples to measure, or parts of them; empty for all.
	Only []string
	// Pictures is a folder into which pairs that are judged wrongly are written; empty for none.
	Pictures string
}

// extent is how many pictures and pairs are measured at most.
type extent struct {
	stamps, onPhotos, models, photos int // shots that copies are made of
	pairs                            int // pairs of each sort
	anyPairs                         int // pairs of goods on white of any kind
	variantPairs                     int
	sides                            int // models whose sides are compared
	// members is how many goods of each sort pairs are made of.
	members int
	// modelMembers bounds the models among the members: each takes a tenth of a second to draw.
	modelMembers int
}

func (o Options) extent() extent {
	if o.Short {
		return extent{stamps: 18, onPhotos: 5, models: 7, photos: 7, pairs: 250, anyPairs: 400, variantPairs: 40, sides: 12, members: 60, modelMembers: 30}
	}
	return extent{stamps: 90, onPhotos: 30, models: 40, photos: 40, pairs: 3000, anyPairs: 6000, variantPairs: 200, sides: 80, members: 1000, modelMembers: 160}
}

func (o Options) wants(name string) bool {
	return len(o.Only) == 0 || slices.ContainsFunc(o.Only, func(part string) bool { return strings.Contains(name, part) })
}

// runner measures one half.
type runner struct {
	Options
	extent
	c *corpus.Corpus
}

// Run measures one half.
func Run(ctx context.Context, c *corpus.Corpus, o Options) (*Result, error) {
	r := &runner{o, o.extent(), c}
	result := &Result{Unlike: &Sample{}}
	for _, step := range []func(context.Context, *Result) error{r.copies, r.kinds, r.sidesOfModels, r.variants, r.twins} {
		if err := step(ctx, result); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// shots are the shots that copies are made of.
func (r *runner) shots() []*shot {
	var all []*shot
	for _, g := range first(r.c.Stamps, r.stamps) {
		all = append(all, onWhite(g, 0))
	}
	// Other stamps than those on white.
	for _, g := range first(r.c.Stamps[min(r.stamps, len(r.c.Stamps)):], r.onPhotos) {
		all = append(all, onPhoto(g, backdropOf(r.c, g.Key)))
	}
	for _, g := range first(r.c.Models, r.models) {
		all = append(all, onWhite(g, 0))
	}
	for _, p := range first(r.c.Photos, r.photos) {
		all = append(all, photo(p))
	}
	return all
}

func first[T any](all []T, n int) []T { return all[:min(n, len(all))] }

// copies changes every shot in every way.
func (r *runner) copies(ctx context.Context, result *Result) error {
	changes := slices.DeleteFunc(change.All(), func(c change.Change) bool { return !r.wants(c.Name) })
	if len(changes) == 0 {
		return nil
	}
	shots := r.shots()
	result.Shots = len(shots)
	pictures := make([][]byte, len(shots))
	if err := forEach(ctx, len(shots), func(i int) error {
		img, err := shots[i].draw()
		if err != nil {
			return err
		}
		if _, err := shots[i].look(); err != nil {
			return err
		}
		pictures[i], err = kept(img)
		return err
	}); err != nil {
		return err
	}
	scores := make([][]Score, len(shots))
	ranked := make([][]bool, len(shots))
	if err := forEach(ctx, len(shots), func(i int) (err error) {
		scores[i], ranked[i], err = r.changed(shots, pictures, i, changes)
		return err
	}); err != nil {
		return err
	}
	for k, c := range changes {
		sample := &Sample{Name: c.Name, Promise: c.Promise}
		found := 0
		for i, s := range shots {
			sample.add(s.key, scores[i][k])
			if ranked[i][k] {
				found++
			}
		}
		result.Copies = append(result.Copies, sample)
		result.Ranks = append(result.Ranks, Rank{c.Name, float64(found) / float64(len(shots))})
	}
	return nil
}

// changed makes all copies of a shot.
func (r *runner) changed(shots []*shot, pictures [][]byte, i int, changes []change.Change) ([]Score, []bool, error) {
	img, err := restored(pictures[i])
	if err != nil {
		return nil, nil, err
	}
	original, err := shots[i].look()
	if err != nil {
		return nil, nil, err
	}
	var scores []Score
	var ranked []bool
	for _, c := range changes {
		dice := corpus.Dice(c.Name + " of " + shots[i].key)
		var others []*image.RGBA
		for range c.Others {
			other, err := restored(pictures[pickOther(dice, len(pictures), i)])
			if err != nil {
				return nil, nil, err
			}
			others = append(others, other)
		}
		copied, err := c.Apply(dice, img, others)
		if err != nil {
			return nil, nil, err
		}
		look := see(copied)
		score := original.compare(look)
		nearer := 0
		for j, s := range shots {
			other, err := s.look()
			if err != nil {
				return nil, nil, err
			}
			if j != i && other.fingerprint.Likeness(look.fingerprint) > score.Coarse {
				nearer++
			}
		}
		scores, ranked = append(scores, score), append(ranked, nearer < Candidates)
		if score.Fine < Threshold {
			if err := keep(r.Pictures, "missed "+c.Name, shots[i].key, score, img, copied); err != nil {
				return nil, nil, err
			}
		}
	}
	return scores, ranked, nil
}

// pair is two shots that are not of one photo.
type pair struct{ a, b *shot }

// compare compares pairs.
func (r *runner) compare(ctx context.Context, name string, promise float64, pairs []pair) (*Sample, error) {
	sample := &Sample{Name: name, Promise: promise}
	if !r.wants(name) {
		return sample, nil
	}
	scores := make([]Score, len(pairs))
	var mu sync.Mutex
	err := forEach(ctx, len(pairs), func(i int) error {
		a, err := pairs[i].a.look()
		if err != nil {
			return err
		}
		b, err := pairs[i].b.look()
		if err != nil {
			return err
		}
		if scores[i] = a.compare(b); scores[i].Fine < Threshold || r.Pictures == "" {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		return pairs[i].keep(r.Pictures, name, scores[i])
	})
	for i, p := range pairs {
		sample.add(p.label(), scores[i])
	}
	return sample, err
}

func (p pair) label() string { return p.a.key + " | " + p.b.key }

func (p pair) keep(dir, sample string, score Score) error {
	a, err := p.a.draw()
	if err != nil {
		return err
	}
	b, err := p.b.draw()
	if err != nil {
		return err
	}
	return keep(dir, "false "+sample, p.label(), score, a, b)
}
