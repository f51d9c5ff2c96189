package combo

import (
	"cmp"
	"context"
	"maps"
	"runtime"
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
)

// A fine comparison costs a hundred times a coarse one. So an image is compared finely only with those that it looks most
// like. A crop or a part of a collage may look less like its photo than other goods do: the numbers are generous.
const (
	// ownPairs is how many images are compared finely with the caller's.
	ownPairs = 40
	// anchorPairs is with how many others the image of an anchor is compared finely.
	anchorPairs = 20
	// nearPairs is with how many others each further image is compared finely.
	nearPairs = 3
	// pairsMax bounds the fine comparisons of one answer. A hundred images without one of the caller want up to nearPairs
	// each.
	pairsMax = 400
)

// imagePair is two images, by their hashes in order, and how alike they look.
type imagePair struct {
	hashes   [2]string
	likeness float64
}

func inOrder(x, y string) [2]string {
	if x > y {
		x, y = y, x
	}
	return [2]string{x, y}
}

// verify finds out which images are one photo, where that is evidence.
func (c *comboRun) verify(ctx context.Context, a *lookIndex) {
	images := a.images()
	switch {
	case a.own != nil:
		c.verifyCopies(ctx, a, images)
	case a.anchors != nil:
		c.compareFinely(ctx, a, a.pairsOf(a.hashesOf(a.among), a.hashesOf(a.anchors), anchorPairs, nil))
	default:
		c.compareFinely(ctx, a, a.pairsOf(images, images, nearPairs, nil))
	}
}

// verifyCopies finds the copies of the caller's image, and the copies of those. Evidence of other goods is not wanted. A copy
// is also compared with the copies it looks most like, because each confirms it.
func (c *comboRun) verifyCopies(ctx context.Context, a *lookIndex, images []string) {
	own := []string{a.own.Hash}
	c.compareFinely(ctx, a, a.pairsOf(images, own, ownPairs, nil))
	copies := map[string]bool{a.own.Hash: true}
	for next := a.copiesOf(own, images, copies); len(next) > 0; next = a.copiesOf(next, images, copies) {
		isCopy := func(hash string) bool { return copies[hash] }
		isOther := func(hash string) bool { return !copies[hash] }
		c.compareFinely(ctx, a, slices.Concat(a.pairsOf(images, next, nearPairs, isOther), a.pairsOf(images, next, nearPairs, isCopy)))
	}
}

// copiesOf adds to known what is one photo with one of these images, and returns what was not known.
func (a *lookIndex) copiesOf(of, images []string, known map[string]bool) []string {
	var more []string
	for _, hash := range images {
		if !known[hash] && slices.ContainsFunc(of, func(x string) bool { return a.onePhoto(x, hash) }) {
			known[hash] = true
			more = append(more, hash)
		}
	}
	return more
}

// onePhoto reports whether two images were compared finely and are one photo.
func (a *lookIndex) onePhoto(x, y string) bool {
	value := a.photos[inOrder(x, y)]
	return value > 0 && value >= a.thresholds.SamePhoto
}

// compareFinely compares pairs that were not compared before, those that look most alike first, up to the bound. What it does
// not compare for lack of time is listed if it looks alike.
func (c *comboRun) compareFinely(ctx context.Context, a *lookIndex, pairs []imagePair) {
	pairs = a.affordable(pairs)
	if len(pairs) == 0 {
		return
	}
	c.takePrints(ctx, a, pairs)
	values, compared := make([]float64, len(pairs)), make([]bool, len(pairs))
	parallel.Each(len(pairs), runtime.GOMAXPROCS(0), func(i int) {
		if ctx.Err() != nil {
			return
		}
		compared[i] = true
		p, q := a.prints[pairs[i].hashes[0]], a.prints[pairs[i].hashes[1]]
		if p != nil && q != nil {
			values[i] = p.SamePhoto(q)
		}
	})
	for i, p := range pairs {
		if !compared[i] {
			a.missPair(p, fault.New(fault.DeadlineExceeded, "the time ended before the images were compared finely"))
			continue
		}
		a.photos[p.hashes] = values[i]
	}
}

// takePrints computes the missing prints of pairs. An image without a print is compared coarsely only, and is listed.
func (c *comboRun) takePrints(ctx context.Context, a *lookIndex, pairs []imagePair) {
	missing := map[string]bool{}
	for _, p := range pairs {
		for _, hash := range p.hashes {
			if _, known := a.prints[hash]; !known {
				missing[hash] = true
			}
		}
	}
	hashes := slices.Sorted(maps.Keys(missing))
	prints, errs := make([]Print, len(hashes)), make([]error, len(hashes))
	parallel.Each(len(hashes), looksWidth, func(i int) {
		prints[i], errs[i] = c.ports.Pictures.Print(ctx, a.pictures[hashes[i]])
	})
	for i, hash := range hashes {
		a.prints[hash] = prints[i]
		if errs[i] != nil {
			a.miss(a.products[hash], errs[i])
		}
	}
}

// images are the hashes of all images that have a look, in order.
func (a *lookIndex) images() []string {
	byHash := map[string]bool{}
	for _, l := range a.looks {
		byHash[l.Hash] = true
	}
	if a.own != nil {
		byHash[a.own.Hash] = true
	}
	return slices.Sorted(maps.Keys(byHash))
}

// hashesOf are the hashes of the images of goods, each once, of those that have a look.
func (a *lookIndex) hashesOf(goods []*found) []string {
	var hashes []string
	for _, f := range goods {
		if l, ok := a.looks[f.id()]; ok && !slices.Contains(hashes, l.Hash) {
			hashes = append(hashes, l.Hash)
		}
	}
	return hashes
}

// fingerprintOf is the fingerprint of the image with a hash.
func (a *lookIndex) fingerprintOf(hash string) Fingerprint {
	if a.own != nil && a.own.Hash == hash {
		return a.own.Fingerprint
	}
	for _, id := range a.products[hash] {
		if l, ok := a.looks[id]; ok {
			return l.Fingerprint
		}
	}
	return nil
}

// pairsOf are the pairs of each of these images with the most others that it looks most like, among the wanted ones; nil wants
// all.
func (a *lookIndex) pairsOf(images, of []string, most int, wanted func(hash string) bool) []imagePair {
	fingerprints := make([]Fingerprint, len(images))
	for i, hash := range images {
		fingerprints[i] = a.fingerprintOf(hash)
	}
	near := make([][]imagePair, len(of))
	parallel.Each(len(of), runtime.GOMAXPROCS(0), func(n int) {
		one := a.fingerprintOf(of[n])
		if one == nil {
			return
		}
		for i, hash := range images {
			if other := fingerprints[i]; hash != of[n] && other != nil && (wanted == nil || wanted(hash)) {
				near[n] = append(near[n], imagePair{inOrder(of[n], hash), one.Likeness(other)})
			}
		}
		slices.SortFunc(near[n], imagePair.compare)
		near[n] = near[n][:min(most, len(near[n]))]
	})
	return slices.Concat(near...)
}

// compare orders by likeness, the most alike first.
func (p imagePair) compare(q imagePair) int {
	return cmp.Or(cmp.Compare(q.likeness, p.likeness), cmp.Compare(p.hashes[0], q.hashes[0]), cmp.Compare(p.hashes[1], q.hashes[1]))
}

// affordable are the pairs that were not compared before, each once, up to the bound, those that look most alike first.
func (a *lookIndex) affordable(pairs []imagePair) []imagePair {
	slices.SortFunc(pairs, imagePair.compare)
	pairs = slices.DeleteFunc(slices.Compact(pairs), func(p imagePair) bool {
		_, known := a.photos[p.hashes]
		return known
	})
	left := max(pairsMax-len(a.photos), 0)
	if len(pairs) <= left {
		return pairs
	}
	// They are in order: if the first of the rest does not look alike, hardly anything is missed.
	a.pairsBounded = a.pairsBounded || pairs[left].likeness >= a.thresholds.LooksAlike
	return pairs[:left]
}

// missPair records that a pair was not compared finely, if it looks alike: else hardly anything was missed.
func (a *lookIndex) missPair(p imagePair, err error) {
	if p.likeness < a.thresholds.LooksAlike {
		return
	}
	for _, hash := range p.hashes {
		if a.own == nil || a.own.Hash != hash {
			a.miss(a.products[hash], err)
		}
	}
}
