package titles

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// name is a name of goods in several titles.
type name struct {
	key string
	// titles are the titles with it, score the sum of its best weight in each.
	titles int
	score  float64
	// weight is the sum of the titles' weights.
	weight float64
}

// title is a segmented title.
type title struct {
	pieces []piece
	nouns  []noun
	// weight is how much the title counts: 1, and more for the goods' own.
	weight float64
}

// rank gives the names in the titles, the best first. A name gains by the names that end as it does: a title that says
// 折叠椅 speaks of a chair too. Ties: more titles, earlier in code points.
func rank(titles []title) []name {
	byKey, kin := map[string]*name{}, map[string]float64{}
	for _, t := range titles {
		best := map[string]float64{}
		ends := map[string]bool{}
		for _, n := range t.nouns {
			best[n.key] = max(best[n.key], n.weight)
			if n.weight > sureGeneric {
				ends[last(n.key)] = true
			}
		}
		for key, weight := range best {
			if byKey[key] == nil {
				byKey[key] = &name{key: key}
			}
			byKey[key].titles++
			byKey[key].weight += t.weight
			byKey[key].score += weight * t.weight
		}
		for end := range ends {
			kin[end] += t.weight
		}
	}
	const byKin = 0.25
	all := make([]name, 0, len(byKey))
	for key, n := range byKey {
		if n.score/n.weight > sureGeneric {
			n.score += byKin * kin[last(key)]
		}
		n.score = math.Round(n.score*1e6) / 1e6
		all = append(all, *n)
	}
	slices.SortFunc(all, func(a, b name) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.titles, a.titles), cmp.Compare(a.key, b.key))
	})
	return all
}

// addCompounds adds names to titles that have none of their own kind of word: two words that most titles have in the same
// order are a compound, and Chinese compounds end in their head. 冻干草莓 are strawberries.
func addCompounds(titles []title) {
	in := map[[2]string]map[int]bool{}
	each(titles, func(i, j int, a, b piece) {
		key := [2]string{a.key, b.key}
		if in[key] == nil {
			in[key] = map[int]bool{}
		}
		in[key][i] = true
	})
	each(titles, func(i, j int, a, b piece) {
		if n := len(in[[2]string{a.key, b.key}]); n > 1 && float64(n) >= shareCompound*float64(len(titles)) {
			titles[i].nouns = append(titles[i].nouns, noun{key: b.key, from: j, to: j + 1, weight: sureCompound})
		}
	})
}

// each calls do with the words of titles that touch and may be a compound, and with the place of the second one.
func each(titles []title, do func(title, at int, a, b piece)) {
	const no = trade | soft | season | audience
	for i, t := range titles {
		for j, a := range t.pieces {
			b, ok := touching(t.pieces, j)
			if ok && a.han && b.han && !a.is(no) && !b.is(no|weak|common|scene|style|goods|accessory|generic) && b.length > 1 {
				do(i, j+1, a, b)
			}
		}
	}
}

// longestName is the maximum length of a head noun, in characters.
const longestName = 6

// usualName is the length of most names, in characters.
const usualName = 3

// The shares of the titles with a name in which a word must stand right before it to be a part of it.
const (
	shareObject   = 0.4
	shareUnknown  = 0.5
	shareMaterial = 0.6
	// shareCompound is of all titles.
	shareCompound = 0.6
	// shareListed is for unknown words before a name that the lexicon has: it is more likely whole.
	shareListed = 0.7
)

// place is an occurrence of a name: the title, and where the name begins in it.
type place struct{ title, from int }

// lengthen adds the words before a name that belong to it: 手机 before 支架, since most titles have it there. class is the
// name's.
func lengthen(key string, class class, titles []title) string {
	var places []place
	with := map[int]bool{}
	for i, t := range titles {
		for _, n := range t.nouns {
			if n.key == key {
				places = append(places, place{i, n.from})
				with[i] = true
			}
		}
	}
	for {
		word, n := before(places, titles)
		if n == 0 || n == 1 && len(titles) > 1 || !belongs(word, key, class, n, len(with)) || utf8.RuneCountInString(word.key+key) > longestName {
			return key
		}
		if n == 1 && word.length == 1 && (utf8.RuneCountInString(key) >= usualName || word.is(suffix) && !word.is(weak)) {
			return key // One title does not show where a longer name begins.
		}
		key = word.key + key
		places = slices.DeleteFunc(places, func(p place) bool {
			w, ok := p.before(titles)
			return !ok || w.key != word.key
		})
		for i := range places {
			places[i].from--
		}
	}
}

// before is the word that touches a place from before.
func (p place) before(titles []title) (word piece, ok bool) {
	pieces := titles[p.title].pieces
	if p.from == 0 || pieces[p.from].gap {
		return piece{}, false
	}
	return pieces[p.from-1], true
}

// before is the word that touches places from before in most titles, and in how many; ties: earlier in code points.
func before(places []place, titles []title) (word piece, in int) {
	words := map[string]piece{}
	titlesOf := map[string]map[int]bool{}
	for _, p := range places {
		w, ok := p.before(titles)
		if !ok {
			continue
		}
		if titlesOf[w.key] == nil {
			titlesOf[w.key] = map[int]bool{}
		}
		words[w.key] = w
		titlesOf[w.key][p.title] = true
	}
	for key, of := range titlesOf {
		if len(of) > in || len(of) == in && key < word.key {
			word, in = words[key], len(of)
		}
	}
	return word, in
}

// neverInName reports whether a word cannot be the beginning of a name of goods.
func (p piece) neverInName() bool { return !p.han || p.is(trade|season|audience|weak|common|scene) }

// belongs reports whether a word is a part of a name that it stands before in n of its titles.
func belongs(word piece, key string, name class, n, titles int) bool {
	share := float64(n) / float64(titles)
	listed := name&(goods|accessory) != 0
	switch {
	case word.neverInName():
		return false
	case word.length == 1 && !word.is(described), word.is(found):
		return !listed && share >= shareUnknown || n > 1 && share >= shareListed
	case word.is(soft):
		return n > 1 && share >= shareListed
	case word.is(object):
		return share >= shareObject && !strings.Contains(key, word.key) && (n > 1 || name&accessory != 0)
	case word.is(goods):
		return n > 1 && share >= shareUnknown && last(word.key) != last(key)
	case word.is(material):
		return n > 1 && share >= shareMaterial
	}
	return false
}
