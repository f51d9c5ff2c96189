package documents_test

import (
	"go/ast"
	"go/parser"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestEveryPackageHasAnExample: every package has an example that runs, except programs, generated code and packages that
// only tests use.
func TestEveryPackageHasAnExample(t *testing.T) {
	packages, shown := map[string]bool{}, map[string]bool{}
	for _, name := range filesNamed(t, "*.go") {
		folder := path.Dir(name)
		if inside(name, []string{"test", "tools", "cmd", "examples"}) != "" || slices.Contains([]string{"internal/quota/limiter/redistest"}, folder) {
			continue
		}
		if !strings.HasSuffix(name, "_test.go") {
			packages[folder] = true
			continue
		}
		for _, declaration := range parse(t, name, parser.SkipObjectResolution).Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Example") {
				shown[folder] = true
			}
		}
	}
	for folder := range packages {
		if !shown[folder] {
			t.Errorf("%s has no Example function", folder)
		}
	}
	if len(packages) < 30 {
		t.Errorf("only %d packages were found", len(packages))
	}
}
