package agent

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"unicode"
)

// TestEveryTextIsInChinese: each text of this door has a Chinese one, with the same values in the same order.
func TestEveryTextIsInChinese(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "words.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	verbs := regexp.MustCompile(`%[.\d]*[a-z]`)
	texts := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "phrase" {
			return true
		}
		english, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		texts++
		is, ok := chineseWords[phrase(english)]
		if !ok || !slices.ContainsFunc([]rune(is), func(r rune) bool { return r > unicode.MaxASCII }) {
			t.Errorf("%s has no Chinese text: %q", spec.Names[0].Name, is)
		}
		want := verbs.FindAllString(english, -1)
		if got := verbs.FindAllString(is, -1); !slices.Equal(got, want) {
			t.Errorf("%s: %q has the values %q, the English text %q", spec.Names[0].Name, is, got, want)
		}
		return true
	})
	if texts != len(chineseWords) {
		t.Errorf("%d texts, %d of them in Chinese", texts, len(chineseWords))
	}
}
