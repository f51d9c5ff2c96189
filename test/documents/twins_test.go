package documents_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// chineseSuffix ends the names of documents in Chinese. The same document in English has the same name without it.
const chineseSuffix = ".zh-CN.md"

var (
	title = regexp.MustCompile(`^(#+) `)
	// fence is a code block with its language.
	fence = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")
	// shellComment is what a person reads in a block of commands, in their language.
	shellComment = regexp.MustCompile(`(?m) *# .*$`)
	bareAddress  = regexp.MustCompile(`<(http[^>]+)>`)
	// anchor is the heading in a link. Headings are translated.
	anchor = regexp.MustCompile(`#.*$`)
)

// part is one section of a document: what must be the same in both languages.
type part struct {
	Depth int
	// Blocks are the code blocks without comments.
	Blocks []string
	// Rows are the numbers of columns of the table rows; Items and Pictures count lines that begin with "- ", and pictures.
	Rows            []int
	Items, Pictures int
	// Links and Spans (code in a sentence) are sorted, because the order of words differs between languages.
	Links, Spans []string
}

// TestTwins compares each document in Chinese with the same document in English: the same sections in the same order, with the same
// commands, tables, lists, links and names of things.
func TestTwins(t *testing.T) {
	twins := 0
	for _, name := range filesNamed(t, "*"+chineseSuffix) {
		twins++
		english := strings.TrimSuffix(name, chineseSuffix) + ".md"
		if !exists(english) {
			t.Errorf("%s has no twin %s", name, english)
			continue
		}
		a, b := partsOf(read(t, english)), partsOf(read(t, name))
		if len(a) != len(b) {
			t.Errorf("%s has %d sections, %s has %d", english, len(a), name, len(b))
			continue
		}
		for i := range a {
			if diff := cmp.Diff(a[i], b[i]); diff != "" {
				t.Errorf("section %d of %s (-) and %s (+):\n%s", i+1, english, name, diff)
			}
		}
	}
	if twins < 2 {
		t.Errorf("only %d documents are in Chinese", twins)
	}
}

// partsOf takes a document apart.
func partsOf(text string) []part {
	var parts []part
	for _, section := range sections(text) {
		p := part{}
		for _, block := range fence.FindAllStringSubmatch(section, -1) {
			p.Blocks = append(p.Blocks, block[1]+"\n"+shellComment.ReplaceAllString(block[2], ""))
		}
		prose := fence.ReplaceAllString(section, "")
		if found := title.FindStringSubmatch(prose); found != nil {
			p.Depth = len(found[1])
		}
		for line := range strings.Lines(prose) {
			switch {
			case strings.HasPrefix(line, "|"):
				p.Rows = append(p.Rows, strings.Count(line, "|")-1)
			case strings.HasPrefix(line, "- "):
				p.Items++
			}
		}
		p.Pictures = strings.Count(prose, "![")
		for _, pattern := range []*regexp.Regexp{link, bareAddress} {
			for _, found := range pattern.FindAllStringSubmatch(prose, -1) {
				p.Links = append(p.Links, inEnglish(found[1]))
			}
		}
		for _, found := range codeSpan.FindAllStringSubmatch(prose, -1) {
			p.Spans = append(p.Spans, found[1])
		}
		slices.Sort(p.Links)
		slices.Sort(p.Spans)
		parts = append(parts, p)
	}
	return parts
}

// sections splits a document before each heading. A line of a code block is no heading.
func sections(text string) []string {
	var out []string
	inBlock := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inBlock = !inBlock
		}
		if len(out) == 0 || !inBlock && title.MatchString(line) {
			out = append(out, "")
		}
		out[len(out)-1] += line
	}
	return out
}

// inEnglish is the link that the document in English has in place of this one.
func inEnglish(target string) string {
	target = strings.Replace(target, chineseSuffix, ".md", 1)
	target = strings.Replace(target, ".zh.webp", ".en.webp", 1)
	return anchor.ReplaceAllString(target, "#")
}
