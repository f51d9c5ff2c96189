package titles

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// qualifier is a word that may set goods apart.
type qualifier struct {
	key, text string
	class     class
	titles    int
	// weight is the sum of the weights of those that call the goods by one of their names.
	weight float64
	// withHead is how many of the titles have the head noun too.
	withHead  int
	score     float64
	lastTitle int
	// first is its first place: title, then position.
	first [2]int
}

// byTitles is the power of the share of the titles that have a qualifier. With less, what a word says decides more, and
// how many sellers say it decides less.
const byTitles = 0.45

// few titles may each have qualifiers of their own. With more of them, a word of one title is left out.
const few = 6

// qualifiersOf are the words that set the goods of these titles apart, the strongest first. Only titles that call the goods
// by one of the names count: the others may be of other goods. Ties: the first place.
func qualifiersOf(head string, names []string, titles []title) []Qualifier {
	byKey, all, naming := map[string]*qualifier{}, 0.0, 0
	for i, t := range titles {
		weight := 0.0
		if callsBy(t.nouns, names) {
			weight = t.weight
			all += weight
			naming++
		}
		key, _ := t.written()
		named := contains(key, head)
		for j, p := range t.pieces {
			if !mayQualify(p, head) || isUnit(t.pieces, j) {
				continue
			}
			key := stem(p.key)
			q := byKey[key]
			if q == nil {
				q = &qualifier{key: key, text: stem(p.text), class: p.class, lastTitle: -1, first: [2]int{i, j}}
				byKey[key] = q
			}
			q.class |= p.class
			if q.lastTitle == i {
				continue
			}
			q.lastTitle = i
			q.titles++
			q.weight += weight
			if named {
				q.withHead++
			}
		}
	}
	var chosen []qualifier
	for _, q := range byKey {
		q.score = math.Round(q.distinction()*math.Pow(q.weight/all, byTitles)*1e6) / 1e6
		if q.weight > 0 && (q.titles > 1 || naming < few) {
			chosen = append(chosen, *q)
		}
	}
	slices.SortFunc(chosen, func(a, b qualifier) int {
		return cmp.Or(cmp.Compare(b.score, a.score), slices.Compare(a.first[:], b.first[:]))
	})
	qualifiers := make([]Qualifier, len(chosen))
	for i, q := range chosen {
		qualifiers[i] = Qualifier{Term: Term{q.text, q.titles}, WithHead: q.withHead, Sort: q.sort()}
	}
	return qualifiers
}

// sort is what a qualifier says.
func (q qualifier) sort() Sort {
	switch {
	case q.class&material != 0:
		return Material
	case q.class&feature != 0:
		return Feature
	case q.class&scene != 0:
		return Scene
	case q.class&audience != 0:
		return Audience
	case q.class&style != 0:
		return Style
	}
	return Other
}

// numerals are the characters that count.
const numerals = "一二两三四五六七八九十百千"

// mayQualify reports whether a word can say more of goods than their head noun does.
func mayQualify(p piece, head string) bool {
	switch {
	case p.length > 1 && p.is(goods|suffix|found) && last(p.key) == last(head):
		return false // Another name of the goods.
	case p.is(found) && strings.ContainsAny(p.key, numerals):
		return false // A part of a count: 进一出 in 三进一出.
	case p.is(trade|soft|season|generic) || strings.Contains(head, stem(p.key)) || strings.Contains(p.key, head):
		return false
	case p.is(described | weak | found):
		return true
	}
	// A word of another script that is no number may be a name that buyers know.
	return !p.han && !p.isNumber() && utf8.RuneCountInString(p.key) > 1
}

// distinction is how well a word of its classes sets goods apart, 0 to 1.
func (q qualifier) distinction() float64 {
	var w float64
	switch {
	case q.class&(feature|material) != 0:
		w = 1
	case q.class&scene != 0:
		w = 0.85
	case q.class&style != 0:
		w = 0.6
	case q.class&audience != 0:
		w = 0.6
	case q.class&found != 0 && q.class&(suffix|goods) == 0:
		w = 0.5
	case q.class&object != 0:
		w = 0.4
	case q.class == 0:
		w = 0.3
	default:
		w = 0.15
	}
	if q.class&goods != 0 {
		w *= 0.3
	}
	if q.class&common != 0 {
		w *= 0.75
	}
	if utf8.RuneCountInString(q.key) == 1 {
		w *= 0.4
	}
	return w
}

// stem is a word without the ending that only makes it an adjective: 便携式, 便携款 and 便携 are one.
func stem(word string) string {
	for _, end := range []string{"式", "款", "型"} {
		if s, ok := strings.CutSuffix(word, end); ok && utf8.RuneCountInString(s) > 1 {
			return s
		}
	}
	return word
}
