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
	// wordTokens is how many tokens a word has at most: Chinese characters, or runs of other letters and digits.
	wordTokens = 6
	// wordsMost is how many words are told.
	wordsMost = 20
	// leaning is the share of a candidate's places, in percent, beyond which one and the same neighbour makes it a part of
	// a longer word: 牙耳机 nearly always follows 蓝.
	leaning = 80
	// lengthCounted is the length beyond which a longer word says no more.
	lengthCounted = 4
)

// token is the smallest part of a title: a Chinese character, or a run of other letters and digits.
type token struct {
	// key is the token without case; text is it as it was written.
	key, text string
	// han tells a Chinese character, letter that there is a letter in a run, spaced that white space parts a run from one before.
	han, letter, spaced bool
}

// chunk is tokens that may belong together. Words do not cross its ends: punctuation, stop words, and white space, save
// between runs of letters, where phrases are written with it.
type chunk []token

// chunks cuts a text where nothing joins it. Forms of width are folded. A hyphen or a point between letters or digits
// belongs to them: "TWS-S57", "5.3".
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

// keyOf joins tokens to what identifies a word.
func keyOf(c chunk) string { return c.join(func(t token) string { return t.key }) }

// join writes tokens as they stand together.
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

// wordAt is the longest of words that starts at a place of a chunk, as a number of tokens; 0 for none.
func wordAt(c chunk, at int, words map[string]bool) int {
	for n := min(wordTokens, len(c)-at); n > 0; n-- {
		if words[keyOf(c[at:at+n])] {
			return n
		}
	}
	return 0
}

// cut takes words out of chunks, the longest first at each place, and leaves ends where they were.
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

// isWord reports whether tokens may be a word at all: at least two characters, not digits alone.
func isWord(c chunk) bool {
	if len(c) == 1 {
		return c[0].letter && len([]rune(c[0].text)) > 1
	}
	return slices.ContainsFunc(c, func(t token) bool { return t.han || t.letter })
}

// candidate is a run of tokens that may be a word.
type candidate struct {
	key, text string
	// length is how much it says: 1 for a Chinese character, 2 for a run of letters or digits.
	length int
	// places is how often it stands somewhere, titles in how many titles.
	places, titles, lastTitle int
	// freeLeft and freeRight count the places with nothing beside it; left and right count its neighbours at the others.
	freeLeft, freeRight int
	left, right         map[string]int
}

// stands reports whether a candidate is a word and no piece of one: somewhere it begins at an end and somewhere it stops at
// one, and no single neighbour comes with it nearly always. strict asks for both ends, otherwise one will do.
func (c *candidate) stands(strict bool) bool {
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

// note counts one place of a candidate.
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

// distinctiveWords are the words that set titles apart from titles at large, strongest first. There is no dictionary: a
// word is a run of characters that stands on its own somewhere and keeps changing company, scored by the logarithm of
// the odds to stand in these titles and not in others, times the titles it stands in. The strongest is taken out of the
// titles, so that its pieces and what it is a piece of are not told beside it, and the rest is looked at anew. What every
// seller says of any goods (批发, 厂家, 新款, ...) is never a word.
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
			strict = false // Too few or too equal titles to tell words from pieces by their company.
			continue
		}
		words = append(words, &zhaohuov1.DistinctiveWord{Word: best.text, Titles: titlesWith(pieces, best.key)})
		for i := range rest {
			rest[i] = cut(rest[i], map[string]bool{best.key: true})
		}
	}
	return words
}

// strongest is the candidate with the highest score, the longer and then the first by code points among equals; nil for none.
func strongest(all map[string]*candidate, titles int, atLarge map[string]int, strict bool) *candidate {
	least := 2
	if titles == 1 {
		least = 1
	}
	var best *candidate
	var bestScore float64
	for _, c := range all {
		if c.titles < least || !c.stands(strict) {
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

// strength is how strongly a word speaks for some titles: in how many it stands, times the logarithm of its odds there
// over its odds in titles at large; up to twice that for what is long, since it says more. It is rounded, so that no last
// bit of a machine's arithmetic decides between equals.
func (c *candidate) strength(titles, atLarge, all int) float64 {
	odds := func(n, of int) float64 { return (float64(n) + 0.5) / (float64(of-n) + 0.5) }
	length := float64(min(c.length, lengthCounted))
	return math.Round(float64(c.titles)*length*math.Log(odds(c.titles, titles)/odds(atLarge, all))*1e6) / 1e6
}

// titlesWith is in how many titles a word stands.
func titlesWith(titles [][]chunk, key string) int32 {
	var n int32
	for _, t := range titles {
		if slices.ContainsFunc(t, func(c chunk) bool { return holds(c, key) }) {
			n++
		}
	}
	return n
}

// holds reports whether a word stands in a chunk.
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

// backgroundCounts is in how many of the titles at large each run of tokens stands.
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
