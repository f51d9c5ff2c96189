// Package localtext translates finished texts together with the values in them.
//
// Libraries, and code that knows no languages, return finished English texts. A table has the formats that they are made of, and
// the same formats in another language with the values in the same order. The package holds no texts itself.
package localtext

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Texts are the formats of a table, ready to be compared with texts.
type Texts []format

type format struct {
	english *regexp.Regexp
	local   []string // the text around the values
	length  int      // of the English text without the values
}

// verbForm matches a verb of a format, except %%.
var verbForm = regexp.MustCompile(`%[a-zA-Z]`)

// Compile makes texts of a table: English formats, each with its translation. A format with more fixed text comes first.
func Compile(formats map[string]string) Texts {
	var all Texts
	for english, local := range formats {
		pattern, length, at := "^", 0, 0
		for _, verb := range verbForm.FindAllStringIndex(english, -1) {
			pattern += regexp.QuoteMeta(english[at:verb[0]]) + valueOf(english[verb[1]-1])
			length += verb[0] - at
			at = verb[1]
		}
		pattern += regexp.QuoteMeta(english[at:]) + "$"
		all = append(all, format{regexp.MustCompile(pattern), verbForm.Split(local, -1), length + len(english) - at})
	}
	slices.SortFunc(all, func(a, b format) int {
		return cmp.Or(cmp.Compare(b.length, a.length), strings.Compare(a.english.String(), b.english.String()))
	})
	return all
}

// valueOf is the pattern of a value that a verb prints.
func valueOf(verb byte) string {
	switch verb {
	case 'q':
		return `("(?:[^"\\]|\\.)*")`
	case 'd':
		return `(-?[0-9]+)`
	}
	return `((?s).*?)`
}

// Read translates a text and the values in it. A text without a translation is returned unchanged.
func (t Texts) Read(text string) string {
	for _, f := range t {
		found := f.english.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		var b strings.Builder
		for i, around := range f.local {
			b.WriteString(around)
			if i+1 < len(found) {
				b.WriteString(t.Read(found[i+1]))
			}
		}
		return b.String()
	}
	// The subject of a text precedes it.
	if subject, rest, ok := strings.Cut(text, ": "); ok && len(t) > 0 {
		if about, local := t.Read(subject), t.Read(rest); about != subject || local != rest {
			return about + "：" + local
		}
	}
	return text
}
