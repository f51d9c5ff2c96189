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

// A fine comparison costs a hundred times a coarse one. So only the pairs that look most alike are compared finely. A
// picture's crop or a part of a collage may look less alike than other goods: the numbers are generous.
const (
	// ownPairs is how many images are compared finely with the caller's.
	ownPairs = 40
	// nearPairs is with how many others each further image is compared finely.
	nearPairs = 3
	// pairsMax bounds the fine comparisons of one answer.
	pairsMax = 160
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

// verify compares the pairs finely that may be one photo and were not compared before.
func (c *comboRun) verify(ctx context.Context, a *lookIndex) {
	pairs := a.candidatePairs()
	if len(pairs) == 0 {
		return
	}
	c.takePrints(ctx, a, pairs)
	values := make([]float64, len(pairs))
	parallel.Each(len(pairs), runtime.GOMAXPROCS(0), func(i int) {
		p, q := a.prints[pairs[i].hashes[0]], a.prints[pairs[i].hashes[1]]
		if p != nil && q != nil && ctx.Err() == nil {
			values[i] = p.SamePhoto(q)
		}
	})
	for i, p := range pairs {
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

// candidatePairs are the pairs of images to compare finely, those that look most alike first.
func (a *lookIndex) candidatePairs() []imagePair {
	byHash := map[string]Look{}
	for _, l := range a.looks {
		byHash[l.Hash] = l
	}
	own := ""
	if a.own != nil {
		own = a.own.Hash
		byHash[own] = *a.own
	}
	hashes := slices.Sorted(maps.Keys(byHash))
	near := make([][]imagePair, len(hashes))
	parallel.Each(len(hashes), runtime.GOMAXPROCS(0), func(i int) {
		most := nearPairs
		if hashes[i] == own {
			most = ownPairs
		}
		near[i] = nearest(byHash, hashes, hashes[i], most)
	})
	chosen := map[[2]string]imagePair{}
	var pairs []imagePair
	add := func(more []imagePair) {
		for _, p := range more {
			if _, known := chosen[p.hashes]; !known {
				chosen[p.hashes] = p
				pairs = append(pairs, p)
			}
		}
	}
	if i, ok := slices.BinarySearch(hashes, own); ok {
		add(near[i]) // The caller's own image goes first.
	}
	rest := slices.Concat(near...)
	slices.SortFunc(rest, imagePair.compare)
	add(rest)
	return a.affordable(pairs)
}

// compare orders by likeness, the most alike first.
func (p imagePair) compare(q imagePair) int {
	return cmp.Or(cmp.Compare(q.likeness, p.likeness), cmp.Compare(p.hashes[0], q.hashes[0]), cmp.Compare(p.hashes[1], q.hashes[1]))
}

// nearest are the pairs of one image with those it looks most like.
func nearest(looks map[string]Look, hashes []string, of string, most int) []imagePair {
	one := looks[of]
	if one.Fingerprint == nil {
		return nil
	}
	var pairs []imagePair
	for _, hash := range hashes {
		if other := looks[hash]; hash != of && other.Fingerprint != nil {
			pairs = append(pairs, imagePair{inOrder(of, hash), one.Fingerprint.Likeness(other.Fingerprint)})
		}
	}
	slices.SortFunc(pairs, imagePair.compare)
	return pairs[:min(most, len(pairs))]
}

// affordable are the pairs that were not compared before, up to the bound. Pairs beyond it that look alike are listed.
func (a *lookIndex) affordable(pairs []imagePair) []imagePair {
	pairs = slices.DeleteFunc(pairs, func(p imagePair) bool {
		_, known := a.photos[p.hashes]
		return known
	})
	left := max(pairsMax-len(a.photos), 0)
	if len(pairs) <= left {
		return pairs
	}
	for _, p := range pairs[left:] {
		if p.likeness >= a.thresholds.LooksAlike {
			a.miss(a.products[p.hashes[0]], fault.New(fault.BudgetExhausted, "one answer compares %d pairs of images finely at most", pairsMax))
		}
	}
	return pairs[:left]
}
