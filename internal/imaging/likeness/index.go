package likeness

import (
	"cmp"
	"slices"
	"strings"
)

// Index holds fingerprints under keys and finds the nearest ones by comparing with all of them. For tens of thousands,
// its intended size, that takes milliseconds. The zero value is empty. Concurrent searches are safe; Add must not run
// concurrently with anything.
type Index struct {
	keys         []string
	fingerprints [][]Fingerprint // by key
	place        map[string]int
	n            int
}

// Neighbour is one result of a search.
type Neighbour struct {
	Key      string
	Likeness float64
}

// Add stores a fingerprint under a key. A key may have several, for example one for each photo of an offer.
func (x *Index) Add(key string, p Fingerprint) {
	at, known := x.place[key]
	if !known {
		if x.place == nil {
			x.place = map[string]int{}
		}
		at = len(x.keys)
		x.place[key] = at
		x.keys = append(x.keys, key)
		x.fingerprints = append(x.fingerprints, nil)
	}
	x.fingerprints[at] = append(x.fingerprints[at], p)
	x.n++
}

// Len is the number of fingerprints.
func (x *Index) Len() int { return x.n }

// Nearest returns the n keys most similar to p, best first, each once with its best likeness. Equal likenesses are
// ordered by key. There is no threshold: the last matches may have likeness 0.
func (x *Index) Nearest(p Fingerprint, n int) []Neighbour { return x.NearestOf(p, n, nil) }

// NearestOf is Nearest among the wanted keys; nil means all.
func (x *Index) NearestOf(p Fingerprint, n int, wanted func(key string) bool) []Neighbour {
	n = min(n, len(x.keys))
	if n <= 0 {
		return nil
	}
	q := newQuery(p)
	nearest := make([]candidate, 0, n)
	for i, fingerprints := range x.fingerprints {
		if wanted != nil && !wanted(x.keys[i]) {
			continue
		}
		c := candidate{key: x.keys[i], distance: worst}
		if len(nearest) == n {
			// A candidate farther than the last of a full page can be skipped. One at equal distance cannot: keys
			// decide.
			c.distance = min(nearest[n-1].distance+1, worst)
		}
		for j := range fingerprints {
			c.distance = q.distance(&fingerprints[j], c.distance)
		}
		if len(nearest) == n {
			if nearest[n-1].compare(c) <= 0 {
				continue
			}
			nearest = nearest[:n-1]
		}
		at, _ := slices.BinarySearchFunc(nearest, c, candidate.compare)
		nearest = slices.Insert(nearest, at, c)
	}
	found := make([]Neighbour, len(nearest))
	for i, c := range nearest {
		found[i] = Neighbour{Key: c.key, Likeness: toLikeness(c.distance)}
	}
	return found
}

// candidate is a key that may be in the result.
type candidate struct {
	key      string
	distance uint32
}

// compare orders candidates by distance, then by key.
func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(c.distance, d.distance), strings.Compare(c.key, d.key))
}
