package titles

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

// class says what a word does in a title. A word may have several.
type class uint32

// The classes of words, by their names in lexicon.txt.
const (
	// trade words say how goods are sold, or only praise them. No buyer searches by them.
	trade class = 1 << iota
	// soft trade words are trade words that are also a part of goods' names: 礼品 in 礼品袋.
	soft
	// season words name a time of year.
	season
	// weak words name a colour or a size.
	weak
	// audience words say for whom.
	audience
	// scene words say where or what for.
	scene
	// material words say of what.
	material
	// feature words say what the goods can do, and their shape.
	feature
	// style words say in which taste.
	style
	// object words name what goods are for: 手机 in 手机支架.
	object
	// accessory words name goods for the object before them: in 行李箱保护套 the goods are a cover.
	accessory
	// suffix words end the names of goods: 椅.
	suffix
	// generic words name goods without saying which: 用具.
	generic
	// goods words name goods.
	goods
	// payment words make a title one of a payment, and not of goods: 补差价.
	payment
	// common words describe goods of every kind: 便携. They set goods apart less than others.
	common
)

// found marks words that are not in the lexicon but repeat in the titles at hand.
const found class = 1 << 31

// described are the classes that say what sets goods apart.
const described = audience | scene | material | feature | style | object

//go:embed lexicon.txt
var lexiconText string

// lexicon is known words and their classes.
type lexicon struct {
	classes map[string]class
	// found are the words that the titles at hand showed.
	found map[string]class
	// longest is the length of the longest word, in characters.
	longest int
}

// classOf is the classes of a word; ok is false if it is not known.
func (l lexicon) classOf(word string) (c class, ok bool) {
	c, listed := l.classes[word]
	more, shown := l.found[word]
	return c | more, listed || shown
}

// readLexicon reads words by class: a class is a name in brackets, the words stand on the lines below it.
func readLexicon(text string) lexicon {
	names := map[string]class{
		"trade": trade, "soft": soft, "season": season, "weak": weak, "audience": audience, "scene": scene, "material": material,
		"feature": feature, "style": style, "object": object, "accessory": accessory, "suffix": suffix, "generic": generic, "goods": goods,
		"common": common, "payment": payment,
	}
	const words = 4000
	l := lexicon{classes: make(map[string]class, words)}
	var now class
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			now = names[strings.TrimSuffix(name, "]")]
			continue
		}
		for word := range strings.FieldsSeq(line) {
			l.classes[word] |= now
			l.longest = max(l.longest, utf8.RuneCountInString(word))
		}
	}
	return l
}
