package doctor

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// What follows from the totals of both ways; 2000 is the window.
func TestConclusionOfTranslation(t *testing.T) {
	row := func(translated, written int64) *zhaohuov1.KeywordTranslation {
		return &zhaohuov1.KeywordTranslation{
			TranslatedTotal: proto.Int64(translated), TranslatedAtLeast: translated == 2000, WrittenTotal: proto.Int64(written), WrittenAtLeast: written == 2000,
		}
	}
	failed := &zhaohuov1.KeywordTranslation{Reason: zhaohuov1.ErrorReason_ERROR_REASON_UPSTREAM_THROTTLED}
	for name, c := range map[string]struct {
		rows []*zhaohuov1.KeywordTranslation
		want string
	}{
		"translated":     {[]*zhaohuov1.KeywordTranslation{row(30, 0), row(7, 7)}, "Translated, 1 of 2 keywords find more, and none finds less: leave " + setting + " unset."},
		"as written":     {[]*zhaohuov1.KeywordTranslation{row(30, 2000), row(7, 8), failed}, "As written, 2 of 2 keywords find more, and none finds less: set " + setting + "=true."},
		"either":         {[]*zhaohuov1.KeywordTranslation{row(3, 2), row(2, 3)}, "Neither way is better: of 2 keywords, 1 find more translated and 1 as written. Decide by the keywords that you search for most."},
		"as much":        {[]*zhaohuov1.KeywordTranslation{row(3, 3)}, "Both ways find as much for every keyword (1 compared)."},
		"none":           {[]*zhaohuov1.KeywordTranslation{failed}, "Nothing could be compared by totals."},
		"at the window":  {[]*zhaohuov1.KeywordTranslation{row(2000, 2000)}, "Nothing could be compared by totals. For 1 of the keywords both totals are at the result window, so they do not show which is larger."},
		"some at window": {[]*zhaohuov1.KeywordTranslation{row(2000, 2000), row(2000, 9)}, "Translated, 1 of 1 keywords find more, and none finds less: leave " + setting + " unset. For 1 of the keywords both totals are at the result window, so they do not show which is larger."},
	} {
		got := conclusion(c.rows)
		if got.en != c.want {
			t.Errorf("%s: got %q, want %q", name, got.en, c.want)
		}
		if !strings.HasSuffix(got.zh, "。") || strings.Contains(got.zh, "%") {
			t.Errorf("%s: %q", name, got.zh)
		}
	}
}
