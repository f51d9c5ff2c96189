package zhaohuo

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

// documents are the texts of docs for those who use the service.
//
//go:embed docs/QUICKSTART.md docs/QUICKSTART.zh-CN.md docs/AGENTS.md docs/CAPABILITIES.md docs/ERRORS.md docs/PRICE_WATCHES.md docs/FAULT_WORDS.md docs/CLIENTS.md docs/strategies/*.md
var documents embed.FS

// Document is a text of docs, in Markdown.
type Document struct {
	// Name is short and stable: "errors", or "strategies/find_source". Title is its first heading.
	Name, Title string
	Text        string
}

// Documents are the texts for those who use the service, by name.
func Documents() []Document {
	var all []Document
	_ = fs.WalkDir(documents, "docs", func(path string, entry fs.DirEntry, err error) error { // The files are in the binary.
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := documents.ReadFile(path)
		if err != nil {
			return err
		}
		title, _, _ := strings.Cut(string(text), "\n")
		name := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(path, "docs/"), ".md"))
		all = append(all, Document{name, strings.TrimLeft(title, "# "), string(text)})
		return nil
	})
	slices.SortFunc(all, func(a, b Document) int { return strings.Compare(a.Name, b.Name) })
	return all
}
