package catalog

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                       nil,
		"  -- ":                                  nil,
		"真丝连衣裙":                                  {"真", "丝", "连", "衣", "裙"},
		"iPhone15手机壳":                            {"iphone", "15", "手", "机", "壳"},
		"Ｔ恤 ＬＥＤ":                                 {"t", "恤", "led"},
		"蓝牙5.3 Type-C":                           {"蓝", "牙", "5", "3", "type", "c"},
		"Silk Dresses, CASES":                    {"silk", "dress", "case"},
		"watches knives batteries glass gas bus": {"watch", "knive", "battery", "glass", "gas", "bus"},
		"㎡ ①":                                    {"m", "2", "1"},
		"café cafe\u0301":                        {"café", "café"},
		"ひらカナ":                                   {"ひ", "ら", "カ", "ナ"},
		"ｶﾞ":                                     {"ガ"},
		"\xff批\xfe":                              {"批"},
		"𠮷野":                                     {"𠮷", "野"},
	} {
		if diff := gocmp.Diff(want, tokens(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestTerms(t *testing.T) {
	for words, want := range map[string][][]string{
		"蓝牙 蓝牙，降噪":   {{"蓝", "牙"}, {"降", "噪"}},
		"T-shirt/短袖": {{"t", "shirt"}, {"短", "袖"}},
		" - ! ":      nil,
		"5.3":        {{"5", "3"}},
	} {
		if diff := gocmp.Diff(want, terms(words)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", words, diff)
		}
	}
}

func TestSplits(t *testing.T) {
	for text, want := range map[string]string{
		"甲":       "甲",
		"甲乙丙":     "甲乙丙",
		"甲乙丙丁":    "甲乙+丙丁",
		"甲乙丙丁戊":   "甲乙+丙丁戊 甲乙丙+丁戊",
		"甲乙丙丁戊己":  "甲乙+丙丁+戊己 甲乙丙+丁戊己",
		"甲乙丙丁戊己庚": "甲乙+丙丁+戊己庚 甲乙+丙丁戊+己庚 甲乙丙+丁戊+己庚",
	} {
		var ways []string
		for _, pieces := range splits(tokens(text)) {
			var words []string
			for _, p := range pieces {
				words = append(words, strings.Join(p, ""))
			}
			ways = append(ways, strings.Join(words, "+"))
		}
		if got := strings.Join(ways, " "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := func() *Offer { return small(7, "手机壳", "", nil) }
	for name, tc := range map[string]struct {
		offers []*Offer
		want   string
	}{
		"nothing":     {[]*Offer{good(), nil}, "offer 2 of the catalogue: is nil"},
		"twice":       {[]*Offer{good(), good()}, "offer 2 of the catalogue: id 7 is used twice"},
		"no id":       {[]*Offer{small(0, "手机壳", "", nil)}, "offer 1 of the catalogue: id 0 is not positive"},
		"no title":    {[]*Offer{small(7, " ", "", nil)}, "offer 1 of the catalogue: offer 7 has no title"},
		"no supplier": {[]*Offer{{ID: 7, Title: "手机壳"}}, "offer 1 of the catalogue: offer 7 has no supplier"},
	} {
		_, err := New(tc.offers)
		if err == nil || err.Error() != tc.want {
			t.Errorf("%s: %v, want %s", name, err, tc.want)
		}
	}
}

func TestEmptyCatalog(t *testing.T) {
	c := open(t, nil)
	for _, q := range []Query{{}, {Words: "手"}} {
		if p, err := c.Search(t.Context(), q); err != nil || p.Total != 0 {
			t.Errorf("%+v: %d, %v", q, p.Total, err)
		}
	}
}

func TestUnpublishedIsFoundByIDOnly(t *testing.T) {
	gone := small(7, "手机壳", "phone case", nil)
	gone.Status = "expired"
	c := open(t, []*Offer{gone, small(8, "手机壳", "phone case", nil)})
	if o, ok := c.Offer(7); !ok || o != gone {
		t.Errorf("Offer(7) = %v, %t", o, ok)
	}
	if _, ok := c.Offer(9); ok {
		t.Error("Offer(9) exists")
	}
	for _, q := range []Query{{}, {Words: "手机壳"}, {SellerOpenID: "BBB"}} {
		p, err := c.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]int64{8}, ids(p.Offers)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", q, diff)
		}
	}
	if diff := gocmp.Diff([]int64{8}, ids(c.Published())); diff != "" {
		t.Errorf("Published (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]int64{7, 8}, ids(c.Offers())); diff != "" {
		t.Errorf("Offers (-want +got):\n%s", diff)
	}
}

func TestCategories(t *testing.T) {
	c := open(t, Embedded())
	all := c.Categories()
	if len(all) != 59 {
		t.Errorf("%d categories, want 59", len(all))
	}
	for _, k := range all {
		if k.Name == "" || k.NameEN == "" || k.Leaf != (k.Level == 3) || (k.ParentID == 0) != (k.Level == 1) || (len(k.Keywords) == 3) != k.Leaf {
			t.Errorf("category %+v", k)
		}
		if _, ok := c.Category(k.ParentID); k.ParentID != 0 && !ok {
			t.Errorf("category %d: parent %d is missing", k.ID, k.ParentID)
		}
	}
	want := Category{
		ID: 7010010, ParentID: 7010, Name: "蓝牙耳机", NameEN: "Bluetooth earphones", Level: 3, Leaf: true,
		Keywords: []Keyword{{"蓝牙耳机", "bluetooth earphones"}, {"无线蓝牙耳机", "wireless bluetooth earphones"}, {"无线耳机", "wireless earbuds"}},
	}
	got, _ := c.Category(7010010)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("earphones (-want +got):\n%s", diff)
	}
}

func TestTopKeywords(t *testing.T) {
	c := open(t, Embedded())
	if n := len(c.TopKeywords(0)); n != kindCount*3 {
		t.Errorf("%d keywords in all, want %d", n, kindCount*3)
	}
	want := []Keyword{{"棒球帽", "baseball cap"}, {"鸭舌帽", "peaked cap"}, {"遮阳帽", "sun hat"}}
	for _, id := range []int64{101663, 10166310} {
		if diff := gocmp.Diff(want, c.TopKeywords(id)); diff != "" {
			t.Errorf("category %d (-want +got):\n%s", id, diff)
		}
	}
	if got := c.TopKeywords(424242); got != nil {
		t.Errorf("unknown category: %v", got)
	}
	for _, k := range c.TopKeywords(0) {
		p, err := c.Search(t.Context(), Query{Words: k.Text, Limit: 1})
		if err != nil || p.Total < 20 {
			t.Errorf("keyword %s finds %d: %v", k.Text, p.Total, err)
		}
	}
}

func TestRelated(t *testing.T) {
	c := open(t, Embedded())
	o := c.Published()[0]
	got := c.Related(o.ID, 10)
	if len(got) != 10 {
		t.Fatalf("%d related, want 10", len(got))
	}
	for i, r := range got {
		if r == o || r.ThirdCategory != o.ThirdCategory || r.Status != StatusPublished {
			t.Errorf("related %d: %+v", i, r)
		}
		if i > 0 && popularity(r) > popularity(got[i-1]) {
			t.Errorf("related %d is better known than the one before", i)
		}
	}
	if got := c.Related(1, 10); got != nil {
		t.Errorf("an unknown offer has relations: %v", ids(got))
	}
}
