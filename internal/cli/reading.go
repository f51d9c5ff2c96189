package cli

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// reading is a translated text of the command line and settings parser. The parser returns finished texts, so the
// values in them must be found again.
type reading struct {
	english *regexp.Regexp
	local   []string // the text around the values
	length  int      // of the English text without the values
}

// word is a value in a text that is translated too.
type word string

func (w word) String() string { return string(w) }

// verbForm matches a verb of a format, except %%.
var verbForm = regexp.MustCompile(`%[a-zA-Z]`)

// readings compiles texts by format, the longest first.
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

// say translates a text; it stays English without a translation. White space around it is kept.
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

// read translates a finished text of the parser together with its values; without a translation the text is unchanged.
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
	// The subject of a text precedes it.
	if subject, rest, ok := strings.Cut(text, ": "); ok && len(p.parser) > 0 {
		if about, local := p.read(subject), p.read(rest); about != subject || local != rest {
			return about + "：" + local
		}
	}
	return text
}
