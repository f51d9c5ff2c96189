package localtext_test

import (
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/localtext"
)

func TestRead(t *testing.T) {
	texts := localtext.Compile(map[string]string{
		"must be %s":                "应为 %s",
		"must be %d to %d":          "应为 %d 到 %d",
		"a list, each item %s":      "列表，每一项为 %s",
		"text":                      "文本",
		"%q is not one of them":     "%q 不在其中",
		"there is no file named %v": "没有名为 %v 的文件",
	})
	for text, want := range map[string]string{
		"must be 1 to 20":                     "应为 1 到 20",
		"must be a list, each item text":      "应为 列表，每一项为 文本",
		"must be green":                       "应为 green",
		`"a \" b" is not one of them`:         `"a \" b" 不在其中`,
		"x.csv: there is no file named x.csv": "x.csv：没有名为 x.csv 的文件",
		"nobody knows this: at all":           "nobody knows this: at all",
		"":                                    "",
	} {
		if got := texts.Read(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := localtext.Texts(nil).Read("a: must be green"); got != "a: must be green" {
		t.Errorf("without texts: %q", got)
	}
}
