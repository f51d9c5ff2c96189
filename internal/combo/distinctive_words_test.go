package combo

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fixture is titles of one kind of product, and their distinctive words, strongest first.
type fixture struct {
	Goods  string
	Titles []string
	Words  []string
}

func readFixtures(t *testing.T) []fixture {
	t.Helper()
	text, err := os.ReadFile("testdata/titles.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []fixture
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func wordsOf(titles []string) []string {
	var words []string
	for _, w := range distinctiveWords(titles) {
		words = append(words, w.GetWord())
	}
	return words
}

func TestDistinctiveWordsOfAHundredTitles(t *testing.T) {
	titles := 0
	for _, f := range readFixtures(t) {
		titles += len(f.Titles)
		if diff := cmp.Diff(f.Words, wordsOf(f.Titles)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Goods, diff)
		}
	}
	if titles != 100 {
		t.Errorf("%d titles, want 100", titles)
	}
}

func TestDistinctiveWordsHoldNoStopWord(t *testing.T) {
	pieces := []string{"批发", "厂家", "直销", "跨境", "新款", "现货", "一件代发", "蓝牙耳机", "保温杯", "无线", "批", "发", "厂", "家", " ", "T恤", "V领", "wholesale", "Wholesale ", "case ", "2026"}
	stops := stopWords()
	rapid.Check(t, func(t *rapid.T) {
		titles := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 8).Draw(t, "pieces"), "")
		}), 1, 12).Draw(t, "titles")
		words := distinctiveWords(titles)
		for i, w := range words {
			if w.GetTitles() < 1 || int(w.GetTitles()) > len(titles) {
				t.Fatalf("%q is in %d of %d titles", w.GetWord(), w.GetTitles(), len(titles))
			}
			for _, c := range chunks(w.GetWord()) {
				if left := cut([]chunk{c}, stops); len(left) != 1 || len(left[0]) != len(c) {
					t.Fatalf("%q contains a stop word", w.GetWord())
				}
			}
			for _, stop := range []string{"批发", "厂家", "直销", "跨境", "新款", "现货", "一件代发", "wholesale"} {
				if strings.Contains(strings.ToLower(w.GetWord()), stop) && stop != "wholesale" {
					t.Fatalf("%q contains %s", w.GetWord(), stop)
				}
			}
			for _, other := range words[:i] {
				if strings.EqualFold(other.GetWord(), w.GetWord()) {
					t.Fatalf("%q is returned twice", w.GetWord())
				}
			}
		}
		if diff := cmp.Diff(wordsOf(titles), wordsOf(titles)); diff != "" {
			t.Fatalf("two runs differ: %s", diff)
		}
	})
}

func TestDistinctiveWordsOfFewTitles(t *testing.T) {
	for _, c := range []struct {
		name   string
		titles []string
		want   []string
	}{
		{"no titles", nil, nil},
		{"nothing but what all sellers say", []string{"厂家直销批发", "现货 一件代发", "Wholesale factory direct"}, nil},
		{"digits are no word", []string{"2026 批发", "2026 现货"}, nil},
		{"one title", []string{"骨传导 蓝牙耳机 批发"}, []string{"蓝牙耳机", "骨传导"}},
		{"one letter and a character", []string{"V领 批发", "跨境V领"}, []string{"V领"}},
		{"the forms of width and case", []string{"ＴＹＰＥ－Ｃ 快充", "type-c 数据", "Type-C"}, []string{"TYPE-C"}},
		{"equal titles without an end inside", []string{"主动降噪运动蓝牙耳机", "主动降噪运动蓝牙耳机"}, []string{"主动降噪", "运动蓝牙", "耳机"}},
	} {
		if diff := cmp.Diff(c.want, wordsOf(c.titles)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
