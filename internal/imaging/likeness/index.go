package likeness

import (
	"cmp"
	"slices"
	"strings"
)

// Index holds fingerprints under keys and finds those nearest to one by comparing with all of them, which for the tens of
// thousands that are meant here is a matter of milliseconds. Its zero value is empty. Searching is safe from several
// goroutines at once, adding is not safe beside anything.
type Index struct {
	keys         []string
	fingerprints [][]Fingerprint // of each key
	place        map[string]int
	n            int
}

// Match is one found key.
type Match struct {
	Key      string
	Likeness float64
}

// Add puts a fingerprint under a key. A key may have several fingerprints, for example one for each photo of an offer.
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

// Nearest gives the n keys most like p, best first, each once with its best likeness. Keys of the same likeness come in
// the order of the keys. Nothing is cut off: the last may be like p in nothing.
func (x *Index) Nearest(p Fingerprint, n int) []Match { return x.NearestOf(p, n, nil) }

// NearestOf is Nearest among the keys that are wanted; nil wants all.
func (x *Index) NearestOf(p Fingerprint, n int, wanted func(key string) bool) []Match {
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
			// Farther than the last of a full page is not worth knowing; as far is, for the order of keys.
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
	found := make([]Match, len(nearest))
	for i, c := range nearest {
		found[i] = Match{Key: c.key, Likeness: toLikeness(c.distance)}
	}
	return found
}

// candidate is a key that may be on the page.
type candidate struct {
	key      string
	distance uint32
}

// compare orders candidates: the nearer first, then by key.
func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(c.distance, d.distance), strings.Compare(c.key, d.key))
}
