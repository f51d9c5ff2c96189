// Package titles reads the titles of goods as a buyer does: what are these goods (the head noun), and what sets them
// apart (qualifiers). Titles on 1688 run on without spaces, so reading begins with finding the words.
//
// It uses a small lexicon of its own and what the titles at hand repeat, nothing else: it knows no product, asks nobody
// and keeps nothing.
package titles

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Term is a word of some titles.
type Term struct {
	// Text is the word as the first title writes it.
	Text string
	// Titles is how many titles have it.
	Titles int
}

// Sort is what a qualifier says of goods.
type Sort int

// The sorts of qualifiers.
const (
	// Other is a word that the titles repeat, or that says little: a colour, a size.
	Other Sort = iota
	// Material is what the goods are made of.
	Material
	// Feature is what the goods can do, or their shape.
	Feature
	// Scene is where, or what for.
	Scene
	// Audience is for whom.
	Audience
	// Style is the taste.
	Style
)

// Qualifier is a word that sets goods apart.
type Qualifier struct {
	Term
	// WithHead is how many titles have it and the head noun.
	WithHead int
	Sort     Sort
}

// Reading is what titles of one kind of goods say.
type Reading struct {
	// Head is what the goods are; its text is empty if no title has a word.
	Head Term
	// Synonyms are the other names that many of the titles give the goods.
	Synonyms []Term
	// Qualifiers are the words that set the goods apart, strongest first.
	Qualifiers []Qualifier
	// names are the head noun and the synonyms, as keys; base is the end of the head noun that may stand alone.
	names []string
	base  string
	// nouns are the names of any goods that the titles have, with their number of titles; words are all their words.
	nouns   map[string]int
	words   map[string]bool
	lexicon lexicon
}

// Reader reads titles. The zero Reader is not usable: see [NewReader].
type Reader struct{ lexicon lexicon }

// NewReader returns a reader with the embedded lexicon. A reader is safe for concurrent use.
func NewReader() *Reader { return &Reader{readLexicon(lexiconText)} }

// Read reads the titles of goods that are mostly of one kind. Equal titles count as often as they are given.
func (r *Reader) Read(titles []string) Reading { return r.ReadFor(nil, titles) }

// ReadFor reads the titles of certain goods, and those of others that are mostly of their kind. The own titles count more:
// one of others may be of other goods. Own titles that turn out to be of parts and accessories do not count.
func (r *Reader) ReadFor(own, others []string) Reading {
	reading := r.read(own, others)
	goods := slices.DeleteFunc(slices.Clone(own), func(title string) bool { return reading.Call(title) == Beside })
	if len(goods) == len(own) || len(goods) == 0 {
		return reading
	}
	return r.read(goods, others)
}

func (r *Reader) read(own, others []string) Reading {
	l := r.lexicon
	titles := slices.Concat(own, others)
	pieces := make([][]piece, len(titles))
	for i, t := range titles {
		pieces[i] = l.segment(t)
	}
	if words := l.discover(pieces); len(words) > 0 {
		l.found = words
		for i, t := range titles {
			pieces[i] = l.segment(t)
		}
	}
	read := make([]title, len(titles))
	for i := range titles {
		read[i] = title{pieces[i], nounsOf(pieces[i]), 1}
		if i < len(own) {
			read[i].weight = ownWeight(len(own), len(others))
		}
	}
	addCompounds(read)
	names := rank(read)
	if len(names) == 0 {
		return Reading{}
	}
	base := names[0].key
	head := lengthen(base, l.classes[base], read)
	reading := Reading{Head: term(head, read), lexicon: l, names: []string{head}, base: base}
	reading.learn(read)
	for _, n := range names[1:] {
		if n.titles >= max(2, (len(titles)+2)/3) && l.mayStandFor(n.key, base) {
			reading.Synonyms = append(reading.Synonyms, term(n.key, read))
			reading.names = append(reading.names, n.key)
		}
	}
	reading.Qualifiers = qualifiersOf(head, append(reading.names, base), read)
	return reading
}

// ownWeight is how much one of the own titles counts: together they count as much as all others, and each at least as much
// as another one.
func ownWeight(own, others int) float64 { return max(1, float64(others)/float64(own)) }

// mayStandFor reports whether a name that many titles have beside another one may be its synonym.
func (l lexicon) mayStandFor(key, name string) bool {
	if utf8.RuneCountInString(key) < 2 {
		return false // 头 ends the names of too many goods: 花洒喷头, 短裤头.
	}
	c := l.classes[key]
	return c&goods != 0 && c&(generic|object|scene|feature) == 0 || last(key) == last(name)
}

func contains(text, part string) bool { return part != "" && strings.Contains(text, part) }

// term is a name with the number of titles that have it.
func term(key string, titles []title) Term {
	t := Term{Text: key}
	for _, title := range titles {
		k, text := title.written()
		if i := strings.Index(k, key); i >= 0 {
			if t.Titles++; t.Titles == 1 && len(k) == len(text) {
				t.Text = text[i : i+len(key)]
			}
		}
	}
	return t
}

// written is a title in lower case and as written, without what stands between its words.
func (t title) written() (key, text string) {
	var k, w strings.Builder
	for _, p := range t.pieces {
		k.WriteString(p.key)
		w.WriteString(p.text)
	}
	return k.String(), w.String()
}
