package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// piecesFrom is how many tokens a term must have to be found in pieces too. spanLimit is the longest span for which all
// cuts into pieces are listed.
const (
	piecesFrom = 4
	spanLimit  = 12
)

// separators end a term of a question, as white space does. Other punctuation does not: "5.3" and "Type-C" stay one term.
const separators = ",，、;；|/／!！?？。:：()（）[]【】{}<>《》\"“”"

// tokens splits text into the tokens that are indexed. Every Chinese character and Japanese syllable is a token, and so is
// every run of other letters and every run of digits. Width, compatibility forms, case and English plurals are folded. All
// other characters are dropped.
func tokens(text string) []string {
	var out []string
	var run []rune
	runKind := other
	flush := func() {
		if len(run) > 0 {
			out = append(out, singular(string(run)))
			run = run[:0]
		}
	}
	for _, r := range fold(text) {
		k := kindOf(r)
		if k == mark && runKind == letter {
			k = letter
		}
		if k != runKind {
			flush()
		}
		runKind = k
		switch k {
		case ideograph:
			out = append(out, string(r))
		case letter, digit:
			run = append(run, r)
		}
	}
	flush()
	return out
}

// terms splits a question into terms, each a list of tokens. All terms must be found. Repeated terms count once.
func terms(words string) [][]string {
	var out [][]string
	seen := map[string]bool{}
	fields := strings.FieldsFunc(words, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(separators, r)
	})
	for _, field := range fields {
		t := tokens(field)
		key := strings.Join(t, " ")
		if len(t) > 0 && !seen[key] {
			seen[key] = true
			out = append(out, t)
		}
	}
	return out
}

// spans cuts a very long term, such as a title pasted as a question, into parts of nearly equal length.
func spans(term []string) [][]string {
	n := (len(term) + spanLimit - 1) / spanLimit
	out := make([][]string, 0, n)
	for i := range n {
		out = append(out, term[i*len(term)/n:(i+1)*len(term)/n])
	}
	return out
}

// splits lists the ways in which a span may be found. A short one must stand in the title as it is. Chinese is written
// without spaces, so a buyer's 蓝牙耳机降噪 is three words that may stand apart in a title. A longer span may therefore also be
// found in pieces of two and three tokens; every longer piece consists of such pieces.
func splits(span []string) [][][]string {
	if len(span) < piecesFrom {
		return [][][]string{{span}}
	}
	var out [][][]string
	var walk func(rest []string, taken [][]string)
	walk = func(rest []string, taken [][]string) {
		if len(rest) == 0 {
			out = append(out, append([][]string(nil), taken...))
			return
		}
		for _, n := range []int{2, 3} {
			if n <= len(rest) && len(rest)-n != 1 {
				walk(rest[n:], append(taken, rest[:n]))
			}
		}
	}
	walk(span, nil)
	return out
}

type runeKind int

const (
	other runeKind = iota
	ideograph
	letter
	digit
	mark
)

func kindOf(r rune) runeKind {
	switch {
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return ideograph
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return digit
	case unicode.IsMark(r):
		return mark
	}
	return other
}

// fold makes forms equal that differ in width, composition or case.
func fold(text string) string {
	return norm.NFKC.String(strings.ToLower(norm.NFKC.String(text)))
}

// singular removes the plural ending of an English word, roughly: "dresses" and "dress", "cases" and "case" become one
// token each. It only has to treat titles and questions alike.
func singular(token string) string {
	if len(token) < 4 || !strings.HasSuffix(token, "s") || strings.HasSuffix(token, "ss") {
		return token
	}
	if stem, ok := strings.CutSuffix(token, "ies"); ok {
		return stem + "y"
	}
	if stem, ok := strings.CutSuffix(token, "es"); ok {
		for _, hissing := range []string{"ss", "x", "ch", "sh", "z"} {
			if strings.HasSuffix(stem, hissing) {
				return stem
			}
		}
	}
	return strings.TrimSuffix(token, "s")
}
