package rpcerr

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func isChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// TestRefusedFieldsInChinese has a refused field say in Chinese what would be accepted, with its values.
func TestRefusedFieldsInChinese(t *testing.T) {
	for why, want := range map[string]string{
		"must be at most 100 characters":                                 "最多 100 个字符",
		"must be 10 minutes to 30 days":                                  "应为 10 分钟 到 30 天",
		"must be a list, each item text":                                 "应为列表，每一项为文本",
		"must be one of A, B":                                            "应为以下之一：A, B",
		"may not be sent to: its host is not a name":                     "不能向该地址发送：其主机不是名称",
		"must be greater than or equal to 0s":                            "应不小于 0s",
		"no such query parameter":                                        "没有这个查询参数",
		"must be greater than or equal to 0 and less than or equal to 1": "应在 0 到 1 之间",
	} {
		for language, localized := range map[string]string{"zh-CN": want, "en": "", "": ""} {
			st := Status(fault.Invalid("f", "R", "%s", why), language)
			for _, detail := range st.Details() {
				bad, ok := detail.(*errdetails.BadRequest)
				if !ok {
					continue
				}
				v := bad.GetFieldViolations()[0]
				if v.GetDescription() != why || v.GetLocalizedMessage().GetMessage() != localized {
					t.Errorf("%s, %q: %q, %q", why, language, v.GetDescription(), v.GetLocalizedMessage().GetMessage())
				}
			}
		}
	}
}

// TestEveryRefusalHasChinese reads the sources: what they say of a refused field is found by its format, with its values.
func TestEveryRefusalHasChinese(t *testing.T) {
	// Which argument of a call says what is wrong.
	place := map[string]int{"Invalid": 2, "WithField": 2, "add": 2, "unsupported": 1, "notA": 2, "refuse": 0}
	verb := regexp.MustCompile(`%[.0-9]*[a-zA-Z]`)
	seen := 0
	check := func(name, format string) {
		if !regexp.MustCompile(`[a-z]{2,}`).MatchString(verb.ReplaceAllString(format, "")) || strings.HasSuffix(format, " ") {
			return // Only values, or the beginning of a text.
		}
		seen++
		sample := verb.ReplaceAllStringFunc(format, func(v string) string {
			switch v[len(v)-1] {
			case 'q':
				return `"X"`
			case 'd':
				return "7"
			}
			return "X"
		})
		if !isChinese(chineseFields().Read(sample)) {
			t.Errorf("%s: no Chinese for %q", name, format)
		}
	}
	for _, root := range []string{"../../../server", "../../../upstream", "../../../internal"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/cli/") || strings.Contains(name, "/config/") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					called := nameOf(n.Fun)
					at, speaks := place[called]
					if called == "refuse" && !strings.Contains(name, "/publicnet/") {
						speaks = false // It speaks of settings, or of photos.
					}
					if strings.HasSuffix(name, "/webhook/target.go") && called == "New" {
						speaks = true
					}
					if !speaks || at >= len(n.Args) {
						return true
					}
					if text, ok := literalOf(n.Args[at]); ok {
						if called == "notA" {
							text = "must be " + text
						}
						check(name, text)
					}
				case *ast.ValueSpec:
					if i := slices.IndexFunc(n.Names, func(id *ast.Ident) bool { return id.Name == "why" || id.Name == "whyBlank" }); i >= 0 && i < len(n.Values) {
						if text, ok := literalOf(n.Values[i]); ok {
							check(name, text)
						}
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 80 {
		t.Errorf("only %d texts were found", seen)
	}
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literalOf is the value of a literal; false for any other expression.
func literalOf(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}
