package titles

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is the smallest part of a title: a Chinese character, or a run of other letters and digits.
type token struct {
	// key is the token in lower case, text the token as written.
	key, text string
	han       bool
	// gap is true if punctuation or white space stands before the token.
	gap bool
}

// tokensOf splits a title. Full-width forms are folded. A hyphen or a point between letters or digits belongs to them:
// "TWS-S57", "5.3". A change of script ends a run.
func tokensOf(title string) []token {
	var all []token
	var run strings.Builder
	gap := true
	push := func(text string, han bool) {
		all = append(all, token{key: strings.ToLower(text), text: text, han: han, gap: gap})
		gap = false
	}
	endRun := func() {
		if run.Len() > 0 {
			push(run.String(), false)
			run.Reset()
		}
	}
	runes := []rune(norm.NFKC.String(title))
	for i, r := range runes {
		switch {
		case ideograph(r):
			endRun()
			push(string(r), true)
		case alphanumeric(r):
			run.WriteRune(r)
		case (r == '-' || r == '.') && run.Len() > 0 && i+1 < len(runes) && alphanumeric(runes[i+1]):
			run.WriteRune(r)
		case r == '+' && run.Len() > 0:
			run.WriteRune(r)
		default:
			endRun()
			gap = true
		}
	}
	endRun()
	return all
}

func ideograph(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

func alphanumeric(r rune) bool {
	return !ideograph(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// piece is a word of a segmented title.
type piece struct {
	// key is the word in lower case, text the word as written.
	key, text string
	class     class
	// length is its number of tokens.
	length int
	han    bool
	// gap is true if the word before it does not touch it.
	gap bool
}

func (p piece) is(c class) bool { return p.class&c != 0 }

// The costs of a word in a segmentation. The segmentation with the lowest sum is chosen: few words, all of them known.
const (
	costWord    = 100
	costSingle  = 130
	costFound   = 110
	costUnknown = 200
	costRun     = 90
)

// segment splits a title into words of the lexicon. What it does not know becomes words of one token.
func (l lexicon) segment(title string) []piece {
	tokens := tokensOf(title)
	var all strings.Builder
	starts := make([]int, len(tokens)+1)
	for i, t := range tokens {
		starts[i] = all.Len()
		all.WriteString(t.key)
	}
	starts[len(tokens)] = all.Len()
	text := all.String()
	cost, from := make([]int, len(tokens)+1), make([]int, len(tokens)+1)
	for end := 1; end <= len(tokens); end++ {
		cost[end] = -1
		for start := end - 1; start >= max(0, end-l.longest); start-- {
			price := l.price(text[starts[start]:starts[end]], tokens[start:end])
			if price > 0 && (cost[end] < 0 || cost[start]+price < cost[end]) {
				cost[end], from[end] = cost[start]+price, start
			}
			if tokens[start].gap {
				break
			}
		}
	}
	var pieces []piece
	for end := len(tokens); end > 0; end = from[end] {
		pieces = append(pieces, l.piece(tokens[from[end]:end]))
	}
	slices.Reverse(pieces)
	return pieces
}

// price is the cost of tokens as one word; 0 if they are none.
func (l lexicon) price(key string, tokens []token) int {
	c, known := l.classOf(key)
	switch {
	case len(tokens) == 1 && !tokens[0].han:
		return costRun
	case len(tokens) == 1 && known:
		return costSingle
	case len(tokens) == 1:
		return costUnknown
	case !known:
		return 0
	case c&^found == 0:
		return costFound
	}
	return costWord
}

func (l lexicon) piece(tokens []token) piece {
	p := piece{length: len(tokens), gap: tokens[0].gap, han: tokens[len(tokens)-1].han}
	var key, text strings.Builder
	for _, t := range tokens {
		key.WriteString(t.key)
		text.WriteString(t.text)
	}
	p.key, p.text = key.String(), text.String()
	p.class, _ = l.classOf(p.key)
	return p
}

// isNumber reports whether a word is a number, a number with a unit, or a model's number.
func (p piece) isNumber() bool { return !p.han && strings.ContainsFunc(p.key, unicode.IsDigit) }

// last is the last character of a word.
func last(key string) string {
	_, size := utf8.DecodeLastRuneInString(key)
	return key[len(key)-size:]
}
