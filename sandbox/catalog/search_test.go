package catalog

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func open(t testing.TB, offers []*Offer) *Catalog {
	t.Helper()
	c, err := New(offers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func ids(offers []*Offer) []int64 {
	out := []int64{}
	for _, o := range offers {
		out = append(out, o.ID)
	}
	return out
}

// TestSearchWordsOnEmbedded compares the counts of matches with those of simple substring tests.
func TestSearchWordsOnEmbedded(t *testing.T) {
	offers := Embedded()
	c := open(t, offers)
	has := func(parts ...string) func(*Offer) bool {
		return func(o *Offer) bool {
			for _, p := range parts {
				if !strings.Contains(o.Title, p) {
					return false
				}
			}
			return true
		}
	}
	english := func(parts ...string) func(*Offer) bool {
		return func(o *Offer) bool {
			for _, p := range parts {
				if !strings.Contains(strings.ToLower(o.TitleEN), p) {
					return false
				}
			}
			return true
		}
	}
	for _, tc := range []struct {
		words string
		want  func(*Offer) bool
		least int
	}{
		{"批发", has("批发"), 2100},
		{"蓝牙耳机", has("蓝牙", "耳机"), 100},
		{"蓝牙耳机 降噪", has("蓝牙", "耳机", "降噪"), 15},
		{"无线蓝牙耳机 降噪", has("无线", "蓝牙", "耳机", "降噪"), 5},
		{"降噪　蓝牙耳机", has("蓝牙", "耳机", "降噪"), 15},
		{"真丝连衣裙", has("真丝", "连衣裙"), 100},
		{"T恤", has("T恤"), 100},
		{"t恤", has("T恤"), 100},
		{"Ｔ恤", has("T恤"), 100},
		{"iPhone15 手机壳", has("iPhone15", "手机壳"), 15},
		{"ｉｐｈｏｎｅ 15", has("iPhone", "15"), 15},
		{"手", has("手"), 300},
		{"锅", has("锅"), 100},
		{"bluetooth earphones", english("bluetooth", "earphone"), 100},
		{"BLUETOOTH Earphone", english("bluetooth", "earphone"), 100},
		{"silk dresses", english("silk", "dress"), 100},
		{"kitchen knife", english("kitchen", "knife"), 100},
		{"瑜伽垫 yoga", has("瑜伽垫"), 100},
		{"蓝牙 wallet", has("wallet"), 0},
		{"绝无此物", has("绝无此物"), 0},
		{"!!!", has("!!!"), 0},
		{"   ", has("no such title"), 0},
	} {
		want := 0
		for _, o := range offers {
			if o.Status == StatusPublished && tc.want(o) {
				want++
			}
		}
		got, err := c.Search(t.Context(), Query{Words: tc.words, Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		if got.Total != want || want < tc.least {
			t.Errorf("%q: %d matches, want %d and at least %d", tc.words, got.Total, want, tc.least)
		}
	}
}

// TestChineseTitlesAlone: words that stand only in English titles find nothing, and others find what they find otherwise.
func TestChineseTitlesAlone(t *testing.T) {
	c := open(t, []*Offer{
		small(1, "手机壳", "phone case", nil), small(2, "手机壳 iPhone 15", "case for iPhone 15", nil), small(3, "雨伞", "umbrella, not a 手机壳", nil),
	})
	for words, want := range map[string][2][]int64{
		"手机壳": {{1, 2, 3}, {1, 2}}, "phone case": {{1}, {}}, "iPhone case": {{2}, {}}, "iphone": {{2}, {2}}, "": {{1, 2, 3}, {1, 2, 3}},
		`zh : "x" OR`: {{}, {}}, strings.Repeat("手机壳 ", 30) + "iPhone": {{2}, {2}},
	} {
		for i, chinese := range []bool{false, true} {
			page, err := c.Search(t.Context(), Query{Words: words, ChineseTitles: chinese})
			got := ids(page.Offers)
			slices.Sort(got)
			if diff := gocmp.Diff(want[i], got); err != nil || diff != "" {
				t.Errorf("%q, Chinese titles alone: %v: %v (-want +got):\n%s", words, chinese, err, diff)
			}
		}
	}
}

func small(id int64, title, titleEN string, sold *int) *Offer {
	return &Offer{ID: id, Title: title, TitleEN: titleEN, Supplier: &Supplier{OpenID: "BBB"}, Status: StatusPublished, MonthSold: sold}
}

func TestRelevance(t *testing.T) {
	c := open(t, []*Offer{
		small(5, "批发 主动降噪 蓝牙运动耳机", "", ptr(9000)),
		small(4, "蓝牙耳机 主动降噪", "", nil),
		small(3, "新款批发蓝牙耳机 主动降噪", "", nil),
		small(2, "新款批发蓝牙耳机 主动降噪", "", nil),
		small(1, "新款批发蓝牙耳机 主动降噪", "", ptr(100)),
	})
	for _, desc := range []bool{false, true} {
		got, err := c.Search(t.Context(), Query{Words: "蓝牙耳机", Desc: desc})
		if err != nil {
			t.Fatal(err)
		}
		// Unbroken words first, then popular offers before others at the same place, then by id.
		if diff := gocmp.Diff([]int64{1, 4, 2, 3, 5}, ids(got.Offers)); diff != "" {
			t.Errorf("desc %t (-want +got):\n%s", desc, diff)
		}
	}
}

func TestSyntaxOfTheIndexIsOnlyWords(t *testing.T) {
	c := open(t, []*Offer{
		small(1, "黑色 AND 白色 手机壳", "black AND white case", nil),
		small(2, "手机壳", "NEAR case", nil),
		small(3, "zh 手机壳", "en: column case", nil),
	})
	for words, want := range map[string][]int64{
		`手机壳`:                      {1, 2, 3},
		`"手机壳`:                     {1, 2, 3},
		`手机壳*`:                     {1, 2, 3},
		`手机*`:                      {1, 2, 3},
		`手机壳 AND 白色`:               {1},
		`手机壳 OR 白色`:                {},
		`手机壳 NOT 白色`:               {},
		`NEAR(手机壳, 5)`:             {},
		`NEAR 手机壳`:                 {2},
		`zh:手机壳`:                   {3},
		`zh : 手机壳`:                 {3},
		`{zh en} : 手机壳`:            {3},
		`^手机壳`:                     {1, 2, 3},
		`-白色`:                      {1},
		`'; DROP TABLE titles; --`: {},
		"手机壳\x00":                  {1, 2, 3},
		"\xff手机壳\xfe":              {1, 2, 3},
	} {
		got, err := c.Search(t.Context(), Query{Words: words})
		if err != nil {
			t.Errorf("%q: %v", words, err)
			continue
		}
		slices.SortFunc(got.Offers, func(a, b *Offer) int { return cmp.Compare(a.ID, b.ID) })
		if diff := gocmp.Diff(want, ids(got.Offers)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", words, diff)
		}
	}
}

func TestPastedTitleFindsItself(t *testing.T) {
	offers := Embedded()
	c := open(t, offers)
	r := rand.New(rand.NewPCG(1, 2))
	for range 25 {
		o := offers[r.IntN(len(offers))]
		if o.Status != StatusPublished {
			continue
		}
		for _, words := range []string{o.Title, strings.ReplaceAll(o.Title, " ", ""), o.TitleEN} {
			got, err := c.Search(t.Context(), Query{Words: words})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(got.Offers, o) {
				t.Errorf("%q does not find offer %d itself", words, o.ID)
			}
		}
	}
}

func TestVeryManyWords(t *testing.T) {
	var all, one strings.Builder
	for r := rune(0x4e00); r < 0x4e00+350; r++ {
		all.WriteRune(r)
		all.WriteByte(' ')
		one.WriteRune(r)
	}
	c := open(t, []*Offer{small(1, one.String(), "", nil), small(2, "手机壳", "", nil)})
	for _, words := range []string{all.String(), one.String()} {
		got, err := c.Search(t.Context(), Query{Words: words})
		if err != nil || !slices.Equal(ids(got.Offers), []int64{1}) {
			t.Errorf("%d bytes of words: %v, %v", len(words), ids(got.Offers), err)
		}
		got, err = c.Search(t.Context(), Query{Words: words + " 手机"})
		if err != nil || got.Total != 0 {
			t.Errorf("%d bytes of words and one that fails: %d, %v", len(words), got.Total, err)
		}
	}
}

func TestSearchIsConcurrent(t *testing.T) {
	c := open(t, Embedded())
	want := map[string]Page{}
	words := []string{"蓝牙耳机", "手", "批发 新款", "silk dress", "T恤"}
	for _, w := range words {
		p, err := c.Search(t.Context(), Query{Words: w, Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		want[w] = p
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, w := range words {
				got, err := c.Search(t.Context(), Query{Words: w, Limit: 20})
				if err != nil || got.Total != want[w].Total || !slices.Equal(got.Offers, want[w].Offers) {
					t.Errorf("%q differs when asked by many at once: %v", w, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestSearchObeysItsContext(t *testing.T) {
	c := open(t, Embedded())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, q := range []Query{{Words: "批发"}, {}} {
		if _, err := c.Search(ctx, q); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v, want %v", q, err, context.Canceled)
		}
	}
	// A cancelled question must not close the connection of the index.
	if p, err := c.Search(t.Context(), Query{Words: "批发", Limit: 1}); err != nil || p.Total < 2100 {
		t.Errorf("after a cancelled question: %d, %v", p.Total, err)
	}
}

func FuzzSearch(f *testing.F) {
	for _, s := range []string{"蓝牙耳机", `"`, "*", "NEAR(a b)", "a AND", "zh:", "\x00", "Ａ", "é", "한국어", "ไทย", "İ", "ﷺ"} {
		f.Add(s)
	}
	c := open(f, []*Offer{small(1, "蓝牙耳机 T恤 iPhone15", "bluetooth earphones", nil)})
	f.Fuzz(func(t *testing.T, words string) {
		p, err := c.Search(t.Context(), Query{Words: words})
		if err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		if words != "" && len(terms(words)) == 0 && p.Total != 0 {
			t.Errorf("%q has no term and matches", words)
		}
		second, err := c.Search(t.Context(), Query{Words: strings.ToUpper(words)})
		if err == nil && isASCII(words) && second.Total != p.Total {
			t.Errorf("%q: %d matches, in capitals %d", words, p.Total, second.Total)
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}

func BenchmarkSearch(b *testing.B) {
	c := open(b, Embedded())
	for _, words := range []string{"蓝牙耳机 降噪", "手", "批发", ""} {
		b.Run("words="+words, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Search(b.Context(), Query{Words: words, Limit: 20}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkNew indexes the embedded offers, which a start does after drawing them.
func BenchmarkNew(b *testing.B) {
	offers := Embedded()
	b.ReportAllocs()
	for b.Loop() {
		c, err := New(offers)
		if err != nil {
			b.Fatal(err)
		}
		c.Close() // Measured, not tested.
	}
}
