package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// TestChineseHelpIsComplete: every command, flag, argument and heading has a Chinese text.
func TestChineseHelpIsComplete(t *testing.T) {
	var g grammar
	parser, err := kong.New(&g, kong.Vars{"version": "", "languages": "zh or en"}, kong.AutoGroup(config.HelpGroups()))
	if err != nil {
		t.Fatal(err)
	}
	check := func(what, text string) {
		if chinese().help[strings.ReplaceAll(text, "$$", "$")] == "" && !strings.HasPrefix(text, "Language of the ") {
			t.Errorf("%s: no Chinese for %q", what, text)
		}
	}
	commands := 0
	var walk func(node *kong.Node)
	walk = func(node *kong.Node) {
		for _, child := range node.Children {
			commands++
			check(child.Path(), child.Help)
			if child.Detail != "" {
				check(child.Path(), child.Detail)
			}
			for _, flag := range child.Flags {
				check(child.Path()+" --"+flag.Name, flag.Help)
				if flag.Group != nil && chineseSections[flag.Group.Title] == "" {
					t.Errorf("%s --%s: no Chinese for the heading %q", child.Path(), flag.Name, flag.Group.Title)
				}
			}
			for _, argument := range child.Positional {
				check(child.Path()+" "+argument.Name, argument.Help)
			}
			walk(child)
		}
	}
	walk(parser.Model.Node)
	if commands < 20 {
		t.Errorf("%d commands", commands)
	}
}

// TestChineseHelpIsPrinted: no line of the help stays English, and settings keep the names of their variables.
func TestChineseHelpIsPrinted(t *testing.T) {
	sentence := regexp.MustCompile(`[A-Za-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}`)
	var g grammar
	parser, err := kong.New(&g, kong.Vars{"version": "", "languages": "zh or en"})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(true) {
		line := append(strings.Fields(leaf.FullPath())[1:], "--help")
		got := run(t, []string{"LC_ALL=zh_CN.UTF-8"}, line...)
		if got.code != exitOK || !strings.HasPrefix(got.stdout, "用法：zhaohuo ") {
			t.Errorf("%s: %+v", line, got)
		}
		for text := range strings.SplitSeq(got.stdout, "\n") {
			if left := sentence.FindString(text); left != "" {
				t.Errorf("%s: %q in %q", line, left, text)
			}
		}
	}
	if got := run(t, []string{"LC_ALL=zh_CN.UTF-8"}, "serve", "--help"); !strings.Contains(got.stdout, "（ZHAOHUO_APP_KEY）。") || !strings.Contains(got.stdout, "1688 账号") {
		t.Errorf("serve: %s", got.stdout)
	}
}

func TestChineseOutput(t *testing.T) {
	env := []string{"LANG=zh_CN.UTF-8"}
	if got := run(t, env); got.code != 0 || !strings.Contains(got.stdout, "按关键词搜索商品。") || strings.Contains(got.stdout, "Search goods by words") {
		t.Errorf("%+v", got)
	}
	addr := (&searchServer{answer: goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)}).serve(t)
	if got := run(t, env, "search", "x", "--addr", addr); got.code != 0 || !strings.HasPrefix(got.stdout, "编号          标题") || !strings.Contains(got.stdout, "复购率") || !strings.Contains(got.stdout, "\n第 2 页：4 件商品（共至少 2000 件") {
		t.Errorf("%+v", got)
	}
	for line, want := range map[string]string{
		"search x --raw":              "错误: --raw 需要 -o json\n",
		"image photo.jpg":             "错误: photo.jpg：无法读取这个文件（文件不存在）\n",
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

// TestTranslationsHaveTheSameVerbs: each text has the verbs of the English one, in that order.
func TestTranslationsHaveTheSameVerbs(t *testing.T) {
	verbs := func(text string) string {
		var all []string
		for i := range len(text) - 1 {
			if text[i] == '%' {
				all = append(all, text[i:i+2])
			}
		}
		return strings.Join(all, " ")
	}
	for _, all := range []map[string]string{chineseErrors, chineseFailures, chineseTexts, chineseFrame, chineseParser, chineseWatchErrors, chineseWatchTexts} {
		for english, local := range all {
			if verbs(english) != verbs(local) {
				t.Errorf("%q is %q", english, local)
			}
		}
	}
	for found := range english.reach {
		if chinese().reach[found] == "" || strings.Contains(english.reach[found], "DETAIL") != strings.Contains(chinese().reach[found], "DETAIL") {
			t.Errorf("%d: %q", found, chinese().reach[found])
		}
	}
}
