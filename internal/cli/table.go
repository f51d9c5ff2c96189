package cli

import (
	"cmp"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// unknown is shown for values that the upstream does not give. It is never 0.
const unknown = "-"

// column is one column of a table.
type column struct {
	title string
	// widest cuts longer cells; 0 means no limit.
	widest int
	right  bool
	// grows: on a terminal, the column gets the width that the others leave, and widest does not apply.
	grows bool
}

const gap = "  "

// writeTable writes rows under their titles, aligned by terminal cells: a Chinese character is two cells wide.
func writeTable(s *session, columns []column, rows [][]string) error {
	columns = fitted(translated(columns, s.words), rows, terminalWidth(s.Stdout))
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
	_, err := io.WriteString(s.Stdout, b.String())
	return err
}

// translated translates the titles.
func translated(columns []column, words phrases) []column {
	columns = slices.Clone(columns)
	for i := range columns {
		columns[i].title = cmp.Or(words.titles[columns[i].title], columns[i].title)
	}
	return columns
}

// narrowest is the minimum width of a column that grows.
const narrowest = 16

// fitted gives the growing column the remaining width of the terminal; without a terminal (0) nothing changes.
func fitted(columns []column, rows [][]string, width int) []column {
	growing := slices.IndexFunc(columns, func(c column) bool { return c.grows })
	if width == 0 || growing < 0 {
		return columns
	}
	for i, c := range columns {
		if i == growing {
			continue
		}
		widest := uniseg.StringWidth(c.title)
		for _, row := range rows {
			widest = max(widest, uniseg.StringWidth(fit(plain(row[i]), c.widest)))
		}
		width -= widest + len(gap)
	}
	columns = slices.Clone(columns)
	columns[growing].widest = max(width, narrowest)
	return columns
}

// terminalWidth is the width of the terminal in cells; 0 if it is none.
func terminalWidth(w io.Writer) int {
	screen, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(screen.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// fit cuts text to a width in cells; cut text ends in an ellipsis.
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

// plain removes from upstream text what a terminal would execute: control characters and changes of direction.
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
