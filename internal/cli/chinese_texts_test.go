package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/alecthomas/kong"
)

// chineseText reports whether a text contains Chinese.
func chineseText(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// hasWords reports whether a format has words, besides its verbs, flags and names in capitals.
func hasWords(format string) bool {
	without := regexp.MustCompile(`%[a-zA-Z]|--[a-z-]+`).ReplaceAllString(format, "")
	return regexp.MustCompile(`[a-z]{2,}`).MatchString(without)
}

// sourceOf parses the matching files of a folder, except tests.
func sourceOf(t *testing.T, pattern string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = file
	}
	if len(files) == 0 {
		t.Fatalf("no files like %s", pattern)
	}
	return files
}

// literal is the value of a string literal, in one piece or several; false for other expressions.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, e.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		right, also := literal(e.Y)
		return left + right, ok && also
	}
	return "", false
}

// called is the name of a called function, without its receiver or package.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// TestEveryTextHasChinese reads the source of the commands: every format shown to users has a Chinese translation, and
// no text bypasses the translation.
func TestEveryTextHasChinese(t *testing.T) {
	seen := 0
	need := func(file string, all map[string]string, format string) {
		seen++
		if text := strings.Trim(format, "\n"); hasWords(text) && all[text] == "" && !slices.Contains(namesAlone(), text) {
			t.Errorf("%s: no Chinese for %q", file, text)
		}
	}
	for name, file := range sourceOf(t, "*.go") {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				checkCall(t, name, n, need)
			case *ast.CompositeLit:
				for _, field := range fieldNames(n) {
					need(name, chinese().texts, field)
				}
			}
			return true
		})
	}
	if seen < 120 {
		t.Errorf("only %d texts were found", seen)
	}
}

// namesAlone are texts that are the same in every language: names of ports and of things to type.
func namesAlone() []string {
	return []string{
		"  gRPC     %s", "  REST     %s://%s", "  page     %s://%s/", "  metrics  http://%s/metrics", "  mode     LIVE: App Key %s", "  mode     LIVE: accounts %s", "  aop         %s\n  top         %s/router/rest",
		"  App Key     %s", "  App Secret  %s", "zhaohuo %s", "  %s search 蓝牙耳机 --max-price 100 --sort price --addr %s",
		"  curl -sG%s http://%s/v1/products:keywordSearch --data-urlencode keyword=蓝牙耳机 -d pageSize=3",
		"  %s -plaintext%s -d '{\"keyword\":\"蓝牙耳机\",\"pageSize\":3}' %s zhaohuo.v1.SearchService/KeywordSearch",
	}
}

func checkCall(t *testing.T, file string, call *ast.CallExpr, need func(string, map[string]string, string)) {
	t.Helper()
	text := func(at int) (string, bool) {
		if at < 0 || at >= len(call.Args) {
			return "", false
		}
		return literal(call.Args[at])
	}
	switch called(call) {
	case "note", "print", "printEnd", "say":
		if format, ok := text(0); ok {
			need(file, chinese().texts, format)
		}
	case "usage", "trouble":
		if format, ok := text(0); ok {
			need(file, chinese().mistakes, format)
		}
	case "counted", "writeMore":
		prefix := map[string]string{"counted": "%d ", "writeMore": "%d more "}[called(call)]
		for _, at := range []int{len(call.Args) - 2, len(call.Args) - 1} {
			if thing, ok := text(at); ok {
				need(file, chinese().texts, prefix+thing)
			}
		}
	case "writeHints":
		if thing, ok := text(2); ok {
			need(file, chinese().texts, "%d "+thing)
			need(file, chinese().texts, "%d "+thing+"s")
		}
	case "Fprintf", "Fprintln", "Fprint":
		to, ok := call.Args[0].(*ast.SelectorExpr)
		for at := range call.Args {
			if format, is := text(at); ok && is && hasWords(format) && (to.Sel.Name == "Stdout" || to.Sel.Name == "Stderr") && file != "cli.go" {
				t.Errorf("%s: %q bypasses the translation", file, format)
			}
		}
	}
}

// fieldNames are the names in a list of pairs of name and value.
func fieldNames(list *ast.CompositeLit) []string {
	pair := func(e ast.Expr) bool {
		array, ok := e.(*ast.ArrayType)
		return ok && reflect.DeepEqual(namesIn(array), []string{"string"}) && array.Len != nil
	}
	var names []string
	add := func(one *ast.CompositeLit) {
		if len(one.Elts) == 2 {
			if name, ok := literal(one.Elts[0]); ok {
				names = append(names, name)
			}
		}
	}
	array, ok := list.Type.(*ast.ArrayType)
	switch {
	case !ok:
	case pair(array):
		add(list)
	case array.Len == nil && pair(array.Elt):
		for _, e := range list.Elts {
			if one, ok := e.(*ast.CompositeLit); ok && one.Type == nil {
				add(one)
			}
		}
	}
	return names
}

func namesIn(array *ast.ArrayType) []string {
	if name, ok := array.Elt.(*ast.Ident); ok {
		return []string{name.Name}
	}
	return nil
}

// forDevelopers are texts of the command line parser about an invalid grammar, or about features that our commands do
// not use: maps, counters, contents of files, defaults of commands.
func forDevelopers() []string {
	return []string{
		"%T must be", "can't mix", "Run() method", "couldn't find binding", "enum can only be applied", "applies to the default command",
		"on map field must be", "no mapper for", "cannot find mapper", "type must be applied", "must be applied to", "must be used with a numeric field",
		"map value", "map key", "<key>=<value>", "expected a counter", "from envar", "exists but is not a directory", "failed to open", "%#v -> %T",
		"exists but is a directory: %w", "unsupported field type",
	}
}

// TestEveryParserTextHasChinese reads the source of the command line and settings parsers: each text that a user
// can see is found by its format, with its values.
func TestEveryParserTextHasChinese(t *testing.T) {
	where, _ := runtime.FuncForPC(reflect.ValueOf(kong.New).Pointer()).FileLine(reflect.ValueOf(kong.New).Pointer())
	library := filepath.Dir(where)
	seen := 0
	check := func(file, format string) {
		about := func(text string) bool { return strings.Contains(format, text) }
		if !hasWords(format) || slices.ContainsFunc(forDevelopers(), about) {
			return
		}
		seen++
		sample := regexp.MustCompile(`%[a-zA-Z]`).ReplaceAllStringFunc(format, func(verb string) string {
			return map[string]string{"%q": `"X"`, "%d": "7"}[verb] + map[bool]string{true: "X"}[verb != "%q" && verb != "%d"]
		})
		if got := chinese().read(sample); !chineseText(got) {
			t.Errorf("%s: no Chinese for %q: %q", file, format, got)
		}
	}
	for _, pattern := range []string{
		library + "/context.go", library + "/mapper.go", library + "/scanner.go", library + "/model.go", "../config/*.go",
	} {
		for name, file := range sourceOf(t, pattern) {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				at, speaks := map[string]int{"Errorf": 0, "New": 0, "refuse": 1, "findPotentialCandidates": 2}[called(call)]
				if speaks && at < len(call.Args) {
					if format, ok := literal(call.Args[at]); ok {
						check(name, format)
					}
				}
				return true
			})
		}
	}
	for _, format := range []string{"expected %s value but got %q (%s)", "--%s must be used together"} {
		check("scanner.go", format)
	}
	if seen < 70 {
		t.Errorf("only %d texts were found", seen)
	}
}

func TestReadingKeepsValues(t *testing.T) {
	for text, want := range map[string]string{
		`--page: expected a valid 32 bit int but got "two"`:                               `--page：应为 32 位整数，而不是 "two"`,
		`unknown flag --pgae, did you mean "--page"?`:                                     `没有参数 --pgae，是否想用 "--page"？`,
		`unexpected argument serch, did you mean one of "serve", "search"?`:               `多余的参数 serch，是否想用其中之一："serve", "search"？`,
		`--timeout: expected duration but got "soon": time: invalid duration "soon"`:      `--timeout：应为时长，例如 30s 或 5m，而不是 "soon"：时长 "soon" 无效`,
		`--ca: stat /a/b.pem: no such file or directory`:                                  `--ca：无法读取 /a/b.pem：文件不存在`,
		`--grpc-addr (ZHAOHUO_GRPC_ADDR): must be HOST:PORT but is "say \"x\" (a, b: c)"`: `--grpc-addr (ZHAOHUO_GRPC_ADDR)：应为 HOST:PORT，而不是 "say \"x\" (a, b: c)"`,
		`x.yaml: line 3: "pagesize" is no setting`:                                        `x.yaml：第 3 行：没有名为 "pagesize" 的设置`,
		`--page-size-max: must be 1 to 50 but is 51`:                                      `--page-size-max：应为 1 到 50，而不是 51`,
		`what nobody has translated`:                                                      `what nobody has translated`,
		`--page: expected int value but got "EOL" (<EOL>)`:                                `--page：缺少 int 类型的值`,
		`a: b`: `a: b`,
	} {
		if got := chinese().read(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
		if got := english.read(text); got != text {
			t.Errorf("%q is %q in English", text, got)
		}
	}
}
