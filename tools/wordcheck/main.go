// Command wordcheck finds names that are hard to understand. `make lint` runs it in the module's root. Some words may not
// occur anywhere in the repository, not even in prose. Others may not be part of an identifier or of a file's name. It
// prints each place and exits with 1 when there is any.
//
// Generated code, CHANGELOG.md (which quotes old names) and this directory are not examined.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// forbidden words occur nowhere. Each has a standard term instead.
const forbidden = `(?i)(\bcrews?\b|harvest|likest|\bwares\b|\bbaskets?\b|patience|spelt|keeper|untold)`

// soft words are clear in a sentence and unclear as a name.
const soft = "crew wares basket whole course album told taste worth wish again far flight"

func main() {
	found, err := check(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	for _, place := range found {
		fmt.Fprintln(os.Stderr, place)
	}
	if len(found) > 0 {
		fmt.Fprintf(os.Stderr, "error: %d words to replace by the names of docs/ARCHITECTURE.md\n", len(found))
		os.Exit(1)
	}
}

// check examines the files that Git knows, and those it would add.
func check(ctx context.Context) ([]string, error) {
	list, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	anywhere := regexp.MustCompile(forbidden)
	var found []string
	for _, name := range strings.Split(strings.TrimRight(string(list), "\x00"), "\x00") {
		if exempt(name) {
			continue
		}
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // Deleted, and not yet committed.
		}
		if err != nil {
			return nil, err
		}
		if bytes.IndexByte(content, 0) >= 0 || generated(content) {
			continue
		}
		for _, word := range softWords(strings.ReplaceAll(path.Base(name), ".", "_")) {
			found = append(found, fmt.Sprintf("%s: the file's name has the word %q", name, word))
		}
		if match := anywhere.FindString(name); match != "" {
			found = append(found, fmt.Sprintf("%s: the file's name has the word %q", name, match))
		}
		found = append(found, wordsIn(name, content, anywhere)...)
		if strings.HasSuffix(name, ".go") {
			inNames, err := identifiers(name, content)
			if err != nil {
				return nil, err
			}
			found = append(found, inNames...)
		}
	}
	return found, nil
}

// exempt reports whether a file is not examined because of its name.
func exempt(name string) bool {
	return name == "CHANGELOG.md" || strings.HasPrefix(name, "tools/wordcheck/") || strings.HasPrefix(name, "gen/")
}

// generated reports whether the first lines of a file say that it is generated.
func generated(content []byte) bool {
	head := content[:min(len(content), 1024)]
	return bytes.Contains(head, []byte("Code generated")) && bytes.Contains(head, []byte("DO NOT EDIT"))
}

// wordsIn finds the forbidden words, line by line.
func wordsIn(name string, content []byte, anywhere *regexp.Regexp) []string {
	var found []string
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, len(content)+1)
	for n := 1; lines.Scan(); n++ {
		for _, word := range anywhere.FindAllString(lines.Text(), -1) {
			found = append(found, fmt.Sprintf("%s:%d: the word %q", name, n, word))
		}
	}
	return found
}

// identifiers finds soft words in the names that a Go file declares.
func identifiers(name string, content []byte) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, content, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []string
	ast.Inspect(file, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok {
			for _, word := range softWords(ident.Name) {
				found = append(found, fmt.Sprintf("%s: the name %s has the word %q", files.Position(ident.Pos()), ident.Name, word))
			}
		}
		return true
	})
	return found, nil
}

// softWords returns the soft words in a name in camelCase or snake_case.
func softWords(name string) []string {
	var found []string
	for _, word := range splitName(name) {
		if strings.Contains(" "+soft+" ", " "+strings.ToLower(word)+" ") {
			found = append(found, word)
		}
	}
	return found
}

// splitName splits before a capital that follows a small letter, before the last of several capitals, and at underscores.
func splitName(name string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, string(word))
		}
		word = nil
	}
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) {
			flush()
			continue
		}
		afterSmall := i > 0 && unicode.IsLower(runes[i-1])
		beforeSmall := i+1 < len(runes) && unicode.IsLower(runes[i+1]) && i > 0 && unicode.IsUpper(runes[i-1])
		if unicode.IsUpper(r) && (afterSmall || beforeSmall) {
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}
