package cli

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestChineseHelpIsWhole: every command, and every flag and argument of the client commands, has a Chinese text; what is
// only for operators (serve, sandbox, keys, auth) has one for its commands.
func TestChineseHelpIsWhole(t *testing.T) {
	var g grammar
	parser, err := kong.New(&g, kong.Vars{"version": "", "languages": "zh or en"})
	if err != nil {
		t.Fatal(err)
	}
	operators := map[string]bool{"serve": true, "sandbox": true, "auth": true, "keys": true}
	var walk func(node *kong.Node, flags bool)
	check := func(what, text string) {
		if chineseHelp[text] == "" && !strings.HasPrefix(text, "Language of the ") {
			t.Errorf("%s: no Chinese for %q", what, text)
		}
	}
	walk = func(node *kong.Node, flags bool) {
		for _, child := range node.Children {
			own := flags && !operators[child.Name]
			check(child.Path(), child.Help)
			if own {
				for _, flag := range child.Flags {
					check(child.Path()+" --"+flag.Name, flag.Help)
				}
				for _, argument := range child.Positional {
					check(child.Path()+" "+argument.Name, argument.Help)
				}
			}
			walk(child, own)
		}
	}
	walk(parser.Model.Node, true)
}

func TestChineseIsSpoken(t *testing.T) {
	env := []string{"LANG=zh_CN.UTF-8"}
	if got := run(t, env); got.code != 0 || !strings.Contains(got.stdout, "按关键词搜索商品。") || strings.Contains(got.stdout, "Search goods by words") {
		t.Errorf("%+v", got)
	}
	addr := (&shelf{answer: goods(zhaohuov1.Source_SOURCE_LIVE)}).serve(t)
	if got := run(t, env, "search", "x", "--addr", addr); got.code != 0 || !strings.HasPrefix(got.stdout, "编号          标题") || !strings.Contains(got.stdout, "复购率") {
		t.Errorf("%+v", got)
	}
	for line, want := range map[string]string{
		"search x --raw":              "错误: --raw 需要 -o json\n",
		"image photo.jpg":             "错误: photo.jpg：没有这个文件（no such file or directory）\n",
		"product https://a.example/9": "错误: https://a.example/9：不是 1688 商品链接，正确的例如 https://detail.1688.com/offer/620201390233.html\n",
	} {
		if got := run(t, env, strings.Fields(line)...); got != (outcome{exitUsage, "", want}) {
			t.Errorf("%s: %+v", line, got)
		}
	}
	want := outcome{exitLater, "", "错误: 127.0.0.1:1 没有服务器应答：请用 `zhaohuo serve` 启动，或用 --addr 指定其他服务器\n"}
	if got := run(t, env, "info", "--addr", nobody); got != want {
		t.Errorf("%+v", got)
	}
}

// TestTranslationsSayTheSame: each text takes what its English one takes, in that order.
func TestTranslationsSayTheSame(t *testing.T) {
	verbs := func(text string) string {
		var all []string
		for i := range len(text) - 1 {
			if text[i] == '%' {
				all = append(all, text[i:i+2])
			}
		}
		return strings.Join(all, " ")
	}
	for english, local := range chineseErrors {
		if verbs(english) != verbs(local) {
			t.Errorf("%q is %q", english, local)
		}
	}
	for found := range english.reach {
		if chinese.reach[found] == "" || strings.Contains(english.reach[found], "DETAIL") != strings.Contains(chinese.reach[found], "DETAIL") {
			t.Errorf("%d: %q", found, chinese.reach[found])
		}
	}
}
