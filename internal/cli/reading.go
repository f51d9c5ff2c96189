package cli

import (
	"fmt"
	"strings"
)

// word is a value in a text that is translated too.
type word string

func (w word) String() string { return string(w) }

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
func (p phrases) read(text string) string { return p.parser.Read(text) }
