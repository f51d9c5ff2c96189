package cli

import (
	"io"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// unknown stands for what the upstream does not say. It is never 0.
const unknown = "-"

// column is one column of a table.
type column struct {
	title string
	// widest cuts longer cells; 0 is as wide as needed.
	widest int
	right  bool
}

const gap = "  "

// writeTable writes rows under their titles, aligned by what a terminal shows: a Chinese character is two cells wide.
func writeTable(w io.Writer, columns []column, rows [][]string) error {
	titles := make([]string, len(columns))
	widths := make([]int, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	cut := [][]string{titles}
	for _, row := range rows {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = fit(plain(row[i]), c.widest)
		}
		cut = append(cut, line)
	}
	for _, row := range cut {
		for i, cell := range row {
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, row := range cut {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
			if columns[i].right {
				line.WriteString(pad + cell + gap)
			} else {
				line.WriteString(cell + pad + gap)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fit cuts text to a width in terminal cells; what was cut ends in an ellipsis.
func fit(text string, widest int) string {
	if widest <= 0 || uniseg.StringWidth(text) <= widest {
		return text
	}
	var b strings.Builder
	width := 0
	for graphemes := uniseg.NewGraphemes(text); graphemes.Next(); {
		if width+graphemes.Width() > widest-1 {
			break
		}
		width += graphemes.Width()
		b.WriteString(graphemes.Str())
	}
	return b.String() + "…"
}

// plain takes out of upstream text what would command a terminal: control characters and changes of direction.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
