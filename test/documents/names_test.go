package documents_test

import (
	"go/parser"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	headline = regexp.MustCompile(`(?m)^#+ (.+)$`)
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// madeFolders exist only after a build.
	madeFolders = []string{"bin", "build"}
)

// TestDocumentsNameWhatExists checks every document that is written by hand. A code span that is a path of the repository,
// such as `internal/quota` or `Makefile`, must exist. `some/file.go:Name` must be declared in that file. A link must lead
// to a file, and to a section that it has. Paths are relative to the repository or to the document's folder.
func TestDocumentsNameWhatExists(t *testing.T) {
	folders := topFolders(t)
	named := 0
	for _, document := range filesNamed(t, "*.md") {
		if document == "CHANGELOG.md" || strings.HasPrefix(document, "docs/adr/") {
			continue // they describe the past, with the names of that time
		}
		text := withoutFences(read(t, document))
		for _, match := range codeSpan.FindAllStringSubmatch(text, -1) {
			file, symbol, isPath := pathIn(match[1], folders)
			if !isPath {
				continue
			}
			named++
			found := file
			if !exists(found) {
				found = path.Join(path.Dir(document), file)
			}
			if !exists(found) {
				t.Errorf("%s names %s, which does not exist", document, match[1])
				continue
			}
			if symbol != "" && !slices.Contains(declared(parse(t, found, parser.SkipObjectResolution)), symbol) {
				t.Errorf("%s names %s, but %s declares no %s", document, match[1], found, symbol)
			}
		}
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target, section, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file := document
			if target != "" {
				file = path.Join(path.Dir(document), target)
			}
			switch {
			case !exists(file):
				t.Errorf("%s links to %s, which does not exist", document, match[1])
			case section != "" && strings.HasSuffix(file, ".md") && !slices.Contains(anchors(read(t, file)), section):
				t.Errorf("%s links to %s, and %s has no such section", document, match[1], file)
			}
		}
	}
	if named < 50 {
		t.Errorf("only %d paths were found in all documents: is their form still read?", named)
	}
}

// pathIn reports whether a code span is a path of the repository, and splits off the name behind a colon.
func pathIn(span string, folders []string) (file, symbol string, ok bool) {
	if strings.ContainsAny(span, " {}<>$…=\"") || strings.Contains(span, "://") {
		return "", "", false
	}
	file, symbol, _ = strings.Cut(span, ":")
	if strings.HasSuffix(file, ".go") {
		return file, symbol, true
	}
	first, _, nested := strings.Cut(strings.TrimSuffix(file, "/"), "/")
	if symbol != "" || slices.Contains(madeFolders, first) {
		return "", "", false
	}
	return file, "", slices.Contains(folders, first) && (nested || file != first || slices.Contains(folders, file))
}

// withoutFences removes the code blocks from a document, because commands and examples name files of users.
func withoutFences(text string) string {
	parts := strings.Split(text, "```")
	var kept strings.Builder
	for i := 0; i < len(parts); i += 2 {
		kept.WriteString(parts[i])
	}
	return kept.String()
}

// anchors are the names of a document's sections in links, as GitHub makes them: the heading in small letters, without punctuation, with
// hyphens in the place of spaces.
func anchors(text string) (names []string) {
	for _, found := range headline.FindAllStringSubmatch(withoutFences(text), -1) {
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
				return unicode.ToLower(r)
			}
			return -1
		}, found[1]))
	}
	return names
}
