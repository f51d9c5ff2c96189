package words_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/words"
)

func TestNormalize(t *testing.T) {
	for text, want := range map[string]string{
		"蓝牙耳机":                     "蓝牙耳机",
		"  蓝牙 \t\n 耳机 ":            "蓝牙 耳机",
		"\u3000Ｔ恤\u00a0１００％":       "T恤 100％",
		"连衣裙（夏）":                   "连衣裙（夏）",
		"\u200b手\u200d机\ufeff壳":    "手机壳",
		"cafe\u0301":               "café",
		"e\u200b\u0301":            "é",
		"\u3000":                   "",
		"\u00a0\u2003\u2028\u0085": "",
		"\u200b\u2060\ufeff\u00ad": "",
		"\u3164\u115f":             "",
		"":                         "",
	} {
		if got := words.Normalize(text); got != want {
			t.Errorf("%+q becomes %+q; want %+q", text, got, want)
		}
	}
}

// TestNormalizeHoldsItsForm: whatever comes in, what goes out is in NFC, has single spaces only, and stays as it is.
func TestNormalizeHoldsItsForm(t *testing.T) {
	odd := []string{" ", "\u3000", "\u200b", "\u200d", "\u0301", "e", "Ａ", "９", "，", "恤", "\u1100", "\u1161", "\ufe0f"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(odd), rapid.String())).Draw(t, "text"), "")
		got := words.Normalize(text)
		if second := words.Normalize(got); second != got {
			t.Fatalf("%+q becomes %+q, and that %+q", text, got, second)
		}
		if !norm.NFC.IsNormalString(got) || strings.Contains(got, "  ") || strings.TrimFunc(got, unicode.IsSpace) != got {
			t.Fatalf("%+q becomes %+q", text, got)
		}
	})
}
