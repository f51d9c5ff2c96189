package cli

import (
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// writeTranslation writes a line for each keyword with what it found in both ways, then what follows and what it cost.
func writeTranslation(s *session, c *zhaohuov1.TranslationComparison) error {
	if c == nil {
		return s.printEnd("\n%s\n", s.words.say("keywords were not compared, because a check failed"))
	}
	if err := s.printEnd("\n"); err != nil {
		return err
	}
	if len(c.GetKeywords()) > 0 {
		columns := []column{{title: "KEYWORD"}, {title: "TRANSLATED TOTAL", right: true}, {title: "TOTAL AS WRITTEN", right: true}, {title: "ON BOTH FIRST PAGES", right: true}, {}}
		rows := make([][]string, 0, len(c.GetKeywords()))
		for _, k := range c.GetKeywords() {
			rows = append(rows, translationRow(k, s.words))
		}
		if err := writeTable(s, columns, rows); err != nil {
			return err
		}
	}
	text := "→ " + plain(inLanguage(c.GetConclusion(), s.chinese())) + "\n"
	if n := c.GetUpstreamCalls(); n > 0 {
		text += "  " + s.words.say("cost of the comparison: %s", counted(s.words, n, "upstream call", "upstream calls")) + "\n"
	}
	return s.printEnd("%s", text)
}

func translationRow(k *zhaohuov1.KeywordTranslation, words phrases) []string {
	if k.GetReason() != zhaohuov1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		return []string{k.GetKeyword(), unknown, unknown, unknown, words.say("failed: %s", reasonName(k.GetReason()))}
	}
	both := words.say("%d of %d", k.GetCommonGoods(), max(k.GetTranslatedGoods(), k.GetWrittenGoods()))
	return []string{k.GetKeyword(), totalText(k.TranslatedTotal, k.GetTranslatedAtLeast()), totalText(k.WrittenTotal, k.GetWrittenAtLeast()), both, ""}
}

// totalText is how many goods a search counts, with a plus sign if there are at least as many.
func totalText(total *int64, atLeast bool) string {
	if total == nil {
		return unknown
	}
	text := strconv.FormatInt(*total, 10)
	if atLeast {
		text += "+"
	}
	return text
}
