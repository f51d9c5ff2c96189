package combo

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	// wordTokens is the maximum number of tokens in a word: Chinese characters, or runs of other letters and digits.
	wordTokens = 6
	// wordsMost is the maximum number of returned words.
	wordsMost = 20
	// leaning is the percentage of a candidate's places with one and the same neighbour beyond which it is only a part
	// of a longer word: 牙耳机 nearly always follows 蓝.
	leaning = 80
	// lengthCounted is the length beyond which a longer word scores no higher.
	lengthCounted = 4
)

// token is the smallest part of a title: a Chinese character, or a run of other letters and digits.
type token struct {
	// key is the token in lower case; text is the token as written.
	key, text string
	// han is true for a Chinese character, letter if a run has a letter, spaced if white space separates a run from the
	// one before.
	han, letter, spaced bool
}

// chunk is tokens that may belong together. Words do not cross its ends: punctuation, stop words, and white space,
// except between runs of letters, because phrases are written with spaces.
type chunk []token

// chunks splits a text into chunks. Full-width forms are folded. A hyphen or a point between letters or digits belongs
// to them: "TWS-S57", "5.3".
func chunks(text string) []chunk {
	var all []chunk
	var now chunk
	var run strings.Builder
	spaced := false
	endChunk := func() {
		if len(now) > 0 {
			all = append(all, now)
			now = nil
		}
		spaced = false
	}
	push := func(t token) {
		if spaced && (!t.letter || !now[len(now)-1].letter) {
			endChunk()
		}
		t.spaced, spaced = spaced, false
		now = append(now, t)
	}
	endRun := func() {
		if run.Len() > 0 {
			written := run.String()
			run.Reset()
			push(token{key: strings.ToLower(written), text: written, letter: strings.ContainsFunc(written, unicode.IsLetter)})
		}
	}
	runes := []rune(norm.NFKC.String(text))
	for i, r := range runes {
		switch {
		case ideograph(r):
			endRun()
			push(token{key: string(r), text: string(r), han: true})
		case alphanumeric(r):
			run.WriteRune(r)
		case (r == '-' || r == '.') && run.Len() > 0 && i+1 < len(runes) && alphanumeric(runes[i+1]):
			run.WriteRune(r)
		case unicode.IsSpace(r):
			endRun()
			spaced = len(now) > 0
		default:
			endRun()
			endChunk()
		}
	}
	endRun()
	endChunk()
	return all
}

func ideograph(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

func alphanumeric(r rune) bool {
	return !ideograph(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// keyOf joins tokens to a word's key.
func keyOf(c chunk) string { return c.join(func(t token) string { return t.key }) }

// join writes tokens together.
func (c chunk) join(form func(token) string) string {
	var b strings.Builder
	for i, t := range c {
		if i > 0 && t.spaced {
			b.WriteByte(' ')
		}
		b.WriteString(form(t))
	}
	return b.String()
}

// wordAt is the longest of words at a position of a chunk, as a number of tokens; 0 for none.
func wordAt(c chunk, at int, words map[string]bool) int {
	for n := min(wordTokens, len(c)-at); n > 0; n-- {
		if words[keyOf(c[at:at+n])] {
			return n
		}
	}
	return 0
}

// cut removes words from chunks, the longest first at each position, and splits the chunks there.
func cut(all []chunk, words map[string]bool) []chunk {
	var left []chunk
	for _, c := range all {
		from := 0
		for at := 0; at < len(c); {
			n := wordAt(c, at, words)
			if n == 0 {
				at++
				continue
			}
			if from < at {
				left = append(left, c[from:at])
			}
			at += n
			from = at
		}
		if from < len(c) {
			left = append(left, c[from:])
		}
	}
	return left
}

func lengthOf(c chunk) int {
	length := 0
	for _, t := range c {
		if length++; !t.han {
			length++
		}
	}
	return length
}

// isWord reports whether tokens can be a word: at least two characters, not only digits.
func isWord(c chunk) bool {
	if len(c) == 1 {
		return c[0].letter && len([]rune(c[0].text)) > 1
	}
	return slices.ContainsFunc(c, func(t token) bool { return t.han || t.letter })
}

// candidate is a run of tokens that may be a word.
type candidate struct {
	key, text string
	// length is its weight: 1 per Chinese character, 2 per run of letters or digits.
	length int
	// places is its number of occurrences, titles the number of titles with it.
	places, titles, lastTitle int
	// freeLeft and freeRight count the occurrences without a neighbour; left and right count its neighbours at the
	// others.
	freeLeft, freeRight int
	left, right         map[string]int
}

// isComplete reports whether a candidate is a word and not a part of one: it occurs at the beginning and at the end of a
// chunk, and no single neighbour nearly always comes with it. strict requires both ends, otherwise one is enough.
func (c *candidate) isComplete(strict bool) bool {
	if c.freeLeft+c.freeRight == 0 || strict && (c.freeLeft == 0 || c.freeRight == 0) {
		return false
	}
	if !strict {
		return c.length <= lengthCounted
	}
	return !c.leans(c.left) && !c.leans(c.right)
}

func (c *candidate) leans(neighbours map[string]int) bool {
	for _, n := range neighbours {
		if n*100 > leaning*c.places {
			return true
		}
	}
	return false
}

// candidates are all runs of tokens in titles that may be words.
func candidates(titles [][]chunk) map[string]*candidate {
	all := map[string]*candidate{}
	for i, title := range titles {
		for _, c := range title {
			for from := range c {
				for to := from + 1; to <= min(len(c), from+wordTokens); to++ {
					if isWord(c[from:to]) {
						note(all, c, from, to, i)
					}
				}
			}
		}
	}
	return all
}

// note counts one occurrence of a candidate.
func note(all map[string]*candidate, c chunk, from, to, title int) {
	key := keyOf(c[from:to])
	k := all[key]
	if k == nil {
		text := c[from:to].join(func(t token) string { return t.text })
		k = &candidate{key: key, text: text, length: lengthOf(c[from:to]), lastTitle: -1, left: map[string]int{}, right: map[string]int{}}
		all[key] = k
	}
	k.places++
	if k.lastTitle != title {
		k.lastTitle = title
		k.titles++
	}
	if from == 0 || c[from].spaced {
		k.freeLeft++
	}
	if from > 0 {
		k.left[c[from-1].key]++
	}
	if to == len(c) || c[to].spaced {
		k.freeRight++
	}
	if to < len(c) {
		k.right[c[to].key]++
	}
}

// distinctiveWords are the words that distinguish titles from titles in general, strongest first. There is no
// dictionary: a word is a run of characters that occurs on its own and with changing neighbours. Its score is the
// logarithm of its odds in these titles relative to other titles, times the number of titles with it. The strongest
// word is removed from the titles, so that its parts and longer forms are not returned too, and the rest is analyzed
// again. Stop words (批发, 厂家, 新款, ...) are never returned.
func distinctiveWords(titles []string) []*zhaohuov1.DistinctiveWord {
	stops := stopWords()
	pieces := make([][]chunk, len(titles))
	rest := make([][]chunk, len(titles))
	for i, t := range titles {
		pieces[i] = cut(chunks(t), stops)
		rest[i] = pieces[i]
	}
	atLarge := backgroundCounts(stops)
	strict := true
	var words []*zhaohuov1.DistinctiveWord
	for len(words) < wordsMost {
		best := strongest(candidates(rest), len(titles), atLarge, strict)
		if best == nil {
			if !strict || len(words) > 0 {
				break
			}
			strict = false // Too few or too similar titles to separate words from parts by their neighbours.
			continue
		}
		words = append(words, &zhaohuov1.DistinctiveWord{Word: best.text, Titles: titlesWith(pieces, best.key)})
		for i := range rest {
			rest[i] = cut(rest[i], map[string]bool{best.key: true})
		}
	}
	return words
}

// strongest is the candidate with the highest score; among equals the longer one, then the first by code points; nil
// for none.
func strongest(all map[string]*candidate, titles int, atLarge map[string]int, strict bool) *candidate {
	least := 2
	if titles == 1 {
		least = 1
	}
	var best *candidate
	var bestScore float64
	for _, c := range all {
		if c.titles < least || !c.isComplete(strict) {
			continue
		}
		score := c.strength(titles, atLarge[c.key], len(background))
		if score <= 0 {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(score, bestScore), cmp.Compare(c.length, best.length), cmp.Compare(best.key, c.key)) > 0 {
			best, bestScore = c, score
		}
	}
	return best
}

// strength is how distinctive a word is for some titles: the number of titles with it, times the logarithm of its odds
// there relative to titles in general. Long words count up to twice that. It is rounded, so that the last bit of
// floating-point arithmetic does not decide between equals.
func (c *candidate) strength(titles, atLarge, all int) float64 {
	odds := func(n, of int) float64 { return (float64(n) + 0.5) / (float64(of-n) + 0.5) }
	length := float64(min(c.length, lengthCounted))
	return math.Round(float64(c.titles)*length*math.Log(odds(c.titles, titles)/odds(atLarge, all))*1e6) / 1e6
}

// titlesWith is how many titles contain a word.
func titlesWith(titles [][]chunk, key string) int32 {
	var n int32
	for _, t := range titles {
		if slices.ContainsFunc(t, func(c chunk) bool { return holds(c, key) }) {
			n++
		}
	}
	return n
}

// holds reports whether a chunk contains a word.
func holds(c chunk, key string) bool {
	for from := range c {
		for to := from + 1; to <= min(len(c), from+wordTokens); to++ {
			if keyOf(c[from:to]) == key {
				return true
			}
		}
	}
	return false
}

// backgroundCounts is how many background titles contain each run of tokens.
func backgroundCounts(stops map[string]bool) map[string]int {
	titles := make([][]chunk, len(background))
	for i, t := range background {
		titles[i] = cut(chunks(t), stops)
	}
	counts := map[string]int{}
	for key, c := range candidates(titles) {
		counts[key] = c.titles
	}
	return counts
}
