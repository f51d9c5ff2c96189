package cli

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// reading is a text that the reader of command lines and settings writes, and what it is in another language. Its texts come
// as they are, so that what was put into them has to be found in them.
type reading struct {
	english *regexp.Regexp
	local   []string // the text around what was put in
	length  int      // of the English text alone
}

// word is one put into a text, which is in the user's language too.
type word string

func (w word) String() string { return string(w) }

// verbForm is a verb of a format, %% apart.
var verbForm = regexp.MustCompile(`%[a-zA-Z]`)

// readings makes texts by format ready to be found, those that say most first.
func readings(formats map[string]string) []reading {
	var all []reading
	for english, local := range formats {
		pattern, length, at := "^", 0, 0
		for _, verb := range verbForm.FindAllStringIndex(english, -1) {
			pattern += regexp.QuoteMeta(english[at:verb[0]]) + map[byte]string{'q': `("(?:[^"\\]|\\.)*")`, 'd': `(-?[0-9]+)`}[english[verb[1]-1]]
			if c := english[verb[1]-1]; c != 'q' && c != 'd' {
				pattern += `((?s).*?)`
			}
			length += verb[0] - at
			at = verb[1]
		}
		pattern += regexp.QuoteMeta(english[at:]) + "$"
		all = append(all, reading{regexp.MustCompile(pattern), verbForm.Split(local, -1), length + len(english) - at})
	}
	slices.SortFunc(all, func(a, b reading) int {
		return cmp.Or(cmp.Compare(b.length, a.length), strings.Compare(a.english.String(), b.english.String()))
	})
	return all
}

// say is a text in the user's language; in English where that has none. Lines before and after it are not part of it.
func (p phrases) say(format string, args ...any) string {
	text := strings.Trim(format, "\n")
	if local, ok := p.texts[text]; ok {
		format = strings.Replace(format, text, local, 1)
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// read is a text of the reader of command lines and settings in the user's language, with what was put into it; the text
// itself where that has none.
func (p phrases) read(text string) string {
	for _, r := range p.parser {
		found := r.english.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		var b strings.Builder
		for i, around := range r.local {
			b.WriteString(around)
			if i+1 < len(found) {
				b.WriteString(p.read(found[i+1]))
			}
		}
		return b.String()
	}
	// What a text is about stands before it.
	if subject, rest, ok := strings.Cut(text, ": "); ok && len(p.parser) > 0 {
		if about, local := p.read(subject), p.read(rest); about != subject || local != rest {
			return about + "：" + local
		}
	}
	return text
}
