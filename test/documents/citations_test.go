package documents_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

const protocol = "docs/PROTOCOL.md"

var (
	heading  = regexp.MustCompile(`(?m)^#{2,4} (?:§)?([0-9]+(?:\.[0-9]+)*)\.? `)
	envelope = regexp.MustCompile(`(?m)^\| (E[0-9]+) \|`)
	// citation is the form in which comments cite: docs/PROTOCOL.md §2.5, or several: docs/PROTOCOL.md §2.5, §7.3.
	citation = regexp.MustCompile(`docs/PROTOCOL\.md((?:(?:,| and)? §[0-9]+(?:\.[0-9]+)*)*)`)
	section  = regexp.MustCompile(`§([0-9]+(?:\.[0-9]+)*)`)
)

// TestCommentsCiteSectionsThatExist reads every Go file. Each section that a comment cites must exist.
func TestCommentsCiteSectionsThatExist(t *testing.T) {
	var sections []string
	for _, match := range heading.FindAllStringSubmatch(read(t, protocol), -1) {
		if slices.Contains(sections, match[1]) {
			t.Errorf("%s has section %s twice", protocol, match[1])
		}
		sections = append(sections, match[1])
	}
	cited := 0
	for _, name := range filesNamed(t, "*.go") {
		if strings.HasPrefix(name, "test/documents/") {
			continue
		}
		text := read(t, name)
		for _, match := range citation.FindAllStringSubmatch(text, -1) {
			for _, number := range section.FindAllStringSubmatch(match[1], -1) {
				cited++
				if !slices.Contains(sections, number[1]) {
					t.Errorf("%s cites section %s of %s, which has none", name, number[1], protocol)
				}
			}
		}
		if rest := citation.ReplaceAllString(text, ""); strings.Contains(rest, "§") || strings.Contains(rest, "protocol reference") {
			t.Errorf("%s cites a section without its document: write docs/PROTOCOL.md §N.N on one line", name)
		}
	}
	if cited < 20 {
		t.Errorf("only %d citations were found: is their form still read?", cited)
	}
}

// TestEnvelopesAreDocumented: the envelopes that fault words name by number are in the document.
func TestEnvelopesAreDocumented(t *testing.T) {
	var documented []string
	for _, match := range envelope.FindAllStringSubmatch(read(t, protocol), -1) {
		documented = append(documented, match[1])
	}
	words := regexp.MustCompile("`sandbox:(e[0-9]+)`").FindAllStringSubmatch(read(t, "docs/FAULT_WORDS.md"), -1)
	for _, word := range words {
		if !slices.Contains(documented, strings.ToUpper(word[1])) {
			t.Errorf("the sandbox answers in envelope %s, which %s does not have", strings.ToUpper(word[1]), protocol)
		}
	}
	if len(words) == 0 {
		t.Error("the sandbox has no word for an envelope")
	}
}
