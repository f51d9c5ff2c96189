// Package words brings the words of a search into one form, so that the same words are the same question whoever typed
// them, and words that show nothing are seen to be blank. It knows no language.
package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalize returns the words as they are searched for:
//
//   - in NFC;
//   - full-width letters and digits as ASCII ("Ｔ恤" is "T恤"), because Chinese input methods type both; full-width
//     punctuation stays, since it is how Chinese is punctuated;
//   - without characters that show nothing: zero-width ones, byte order marks, marks of direction, soft hyphens. A
//     joiner inside an emoji goes too: 1688 searches no emoji;
//   - white space of any kind as one space between words, and none around them.
//
// It is idempotent. Words that show nothing give "".
func Normalize(text string) string {
	text = norm.NFC.String(text)
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range text {
		switch {
		case invisible(r):
		case unicode.IsSpace(r):
			gap = true
		default:
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(narrow(r))
		}
	}
	// What stood apart may compose once what was between is gone.
	return norm.NFC.String(b.String())
}

// narrow is the ASCII letter or digit of a full-width one; any other rune is itself.
func narrow(r rune) rune {
	const offset = '！' - '!'
	switch {
	case '０' <= r && r <= '９', 'Ａ' <= r && r <= 'Ｚ', 'ａ' <= r && r <= 'ｚ':
		return r - offset
	}
	return r
}

// invisible reports whether a rune shows nothing and separates nothing. U+115F to U+FFA0 are the Hangul fillers.
func invisible(r rune) bool {
	switch r {
	case '\u00AD', '\u034F', '\u061C', '\u115F', '\u1160', '\u180E', '\u3164', '\uFEFF', '\uFFA0':
		return true
	}
	return '\u200B' <= r && r <= '\u200F' || '\u202A' <= r && r <= '\u202E' ||
		'\u2060' <= r && r <= '\u206F' || '\uFE00' <= r && r <= '\uFE0F'
}
