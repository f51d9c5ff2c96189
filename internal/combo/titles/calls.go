package titles

import (
	"slices"
	"strings"
)

// Call is what a title says of the goods of a reading.
type Call int

const (
	// Unnamed is a title that does not have their names.
	Unnamed Call = iota
	// Named is a title of such goods.
	Named
	// Beside is a title of something else that belongs to them: their parts, what they are kept in, a payment for them.
	Beside
)

// Names reports whether a title calls its goods by the head noun or one of its synonyms. A title that only says what its
// goods are for does not: 手机支架 is no 手机.
func (r Reading) Names(title string) bool { return r.Call(title) == Named }

// Call is what a title says of the goods. Chinese names end in their head, so goods that follow a name, and that no two titles of
// the reading have, are for them: 保温杯密封圈 is no 保温杯.
func (r Reading) Call(title string) Call {
	pieces := r.lexicon.segment(title)
	nouns := nounsOf(pieces)
	for i, n := range nouns {
		if r.isName(n, pieces) && !r.servesOther(nouns[i+1:], n, pieces) {
			if slices.ContainsFunc(pieces, func(p piece) bool { return p.is(payment) }) {
				return Beside
			}
			return Named
		}
	}
	written := ""
	for _, p := range pieces {
		written += p.key
	}
	if slices.ContainsFunc(r.names, func(name string) bool { return contains(written, name) }) {
		return Beside
	}
	return Unnamed
}

// isName reports whether a noun of a title is a name of the goods. The base of the head noun is one only in a title that
// has the rest of the head noun or a strong qualifier too: 厨房袖套 are no 冰丝袖套.
func (r Reading) isName(n noun, pieces []piece) bool {
	if n.from > 0 && !pieces[n.from].gap {
		before := pieces[n.from-1]
		stranger := before.is(object|goods) && last(before.key) != last(n.key) && !r.words[before.key]
		if slices.Contains(fitting, before.key) || stranger && r.lexicon.classes[n.key]&accessory != 0 {
			return false // 钢琴保护套 is no 保护套 of a phone.
		}
	}
	if slices.ContainsFunc(r.names, func(name string) bool { return strings.HasSuffix(n.key, name) }) {
		return true
	}
	return strings.HasSuffix(n.key, r.base) && slices.ContainsFunc(pieces, func(p piece) bool { return r.marks(p.key) })
}

// fitting are words before what goods are for.
var fitting = []string{"适用", "适用于", "适合", "适配"}

// marks reports whether a word sets the goods apart from others with the same base.
func (r Reading) marks(key string) bool {
	const strongest = 3
	return contains(strings.TrimSuffix(r.names[0], r.base), key) ||
		slices.ContainsFunc(r.Qualifiers[:min(strongest, len(r.Qualifiers))], func(q Qualifier) bool { return strings.EqualFold(q.Text, stem(key)) })
}

// servesOther reports whether the goods of a title are not those of a name in it, but the next ones: they touch the name, or
// one word that describes them stands between.
func (r Reading) servesOther(next []noun, n noun, pieces []piece) bool {
	for _, m := range next {
		if m.from < n.to {
			continue
		}
		if pieces[m.from].gap || m.from > n.to && (m.from > n.to+1 || pieces[n.to].gap || !pieces[n.to].is(described)) {
			return false
		}
		if m.sure >= sureSuffix && last(m.key) != last(n.key) && r.nouns[m.key] < 2 {
			return true
		}
	}
	return false
}

// learn notes the nouns and words of the titles.
func (r *Reading) learn(titles []title) {
	r.nouns, r.words = map[string]int{}, map[string]bool{}
	for _, t := range titles {
		once := map[string]bool{}
		for _, n := range t.nouns {
			if !once[n.key] {
				once[n.key] = true
				r.nouns[n.key]++
			}
		}
		for _, p := range t.pieces {
			r.words[p.key] = true
		}
	}
}

// callsBy reports whether one of the nouns of a title is one of these names, or a longer one that ends in it.
func callsBy(nouns []noun, names []string) bool {
	for _, n := range nouns {
		if slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(n.key, name) }) {
			return true
		}
	}
	return false
}
