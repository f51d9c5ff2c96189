package titles

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func texts(terms []Qualifier) []string {
	var all []string
	for _, t := range terms {
		all = append(all, t.Text)
	}
	return all
}

func TestTradeWordsOnlyStandAlone(t *testing.T) {
	r := NewReader()
	for _, c := range []struct {
		name, title, head string
		qualifiers        []string
	}{
		{"exports are not emergency exits", "LED安全出口标志灯应急疏散双面批发", "标志灯", []string{"安全出口", "双面", "应急", "疏散", "LED"}},
		{"gift boxes are goods", "礼品盒天地盖定制批发", "礼品盒", []string{"天地盖"}},
		{"gifts are a purpose", "陶瓷马克杯礼品定制", "马克杯", []string{"陶瓷"}},
		{"a season is no qualifier", "夏季新款冰丝袖套防晒跨境", "袖套", []string{"冰丝", "防晒"}},
		{"what goods are for is a part of their name", "拉杆箱保护套弹力加厚一件代发", "拉杆箱保护套", []string{"弹力", "加厚"}},
		{"script changes end a word", "TYPE-C快充数据线LED", "数据线", []string{"TYPE-C", "快充", "LED"}},
		{"units are not words", "20000毫安充电宝快充3米", "充电宝", []string{"快充"}},
		{"other scripts", "Wireless mouse wholesale", "mouse", nil},
		{"nothing but trade", "厂家批发一件代发跨境新款", "", nil},
	} {
		got := r.Read([]string{c.title})
		if got.Head.Text != c.head {
			t.Errorf("%s: head noun %q, want %q", c.name, got.Head.Text, c.head)
		}
		if diff := cmp.Diff(c.qualifiers, texts(got.Qualifiers)); diff != "" && c.qualifiers != nil {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSeveralTitlesDecideTogether(t *testing.T) {
	got := NewReader().Read([]string{
		"跨境洞洞板收纳免打孔墙面置物", "厨房洞洞板铁艺免打孔收纳", "洞洞板桌面工位收纳置物免打孔", "金属洞洞板配件挂钩收纳铁艺",
	})
	if got.Head != (Term{"洞洞板", 4}) {
		t.Errorf("head noun %v", got.Head)
	}
	if len(got.Qualifiers) < 2 || got.Qualifiers[0].Term != (Term{"免打孔", 3}) || got.Qualifiers[1].Term != (Term{"收纳", 4}) {
		t.Errorf("qualifiers %v", got.Qualifiers)
	}
}

func TestNames(t *testing.T) {
	reading := NewReader().Read([]string{
		"冰丝袖套防晒男女", "防晒冰袖冰丝袖套骑行", "夏季冰丝袖套冰袖透气", "冰袖防晒套袖开车",
	})
	for title, want := range map[string]bool{
		"莱卡防晒袖套宽松": true, "防晒冰袖女": true, "冰丝防晒口罩": false, "袖套收纳盒": false, "": false, "ICE sleeves": false,
	} {
		if got := reading.Names(title); got != want {
			t.Errorf("%s: %v", title, got)
		}
	}
	if (Reading{}).Names("防晒冰袖女") {
		t.Error("an empty reading names nothing")
	}
}

func TestReadingsAreWords(t *testing.T) {
	r := NewReader()
	pieces := []string{"批发", "厂家", "跨境", "新款", "礼品", "安全出口", "指示灯", "冰丝", "袖套", "洞", "板", "折叠", "椅", " ", "-", "T恤", "LED", "2026", "ＴＷＳ", "é", "ไทย", "一件代发"}
	rapid.Check(t, func(t *rapid.T) {
		titles := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		}), 0, 12).Draw(t, "titles")
		got := r.Read(titles)
		seen := map[string]bool{}
		terms := []Term{got.Head}
		for _, q := range got.Qualifiers {
			terms = append(terms, q.Term)
			if q.WithHead > min(q.Titles, got.Head.Titles) {
				t.Fatalf("%v is beside %v in %d titles", q.Term, got.Head, q.WithHead)
			}
		}
		for _, term := range terms {
			if term.Text == "" && got.Head.Text != "" || term.Text != "" && (term.Titles < 1 || term.Titles > len(titles)) {
				t.Fatalf("%q is in %d of %d titles", term.Text, term.Titles, len(titles))
			}
			if key := strings.ToLower(term.Text); seen[key] {
				t.Fatalf("%q is given twice", term.Text)
			} else {
				seen[key] = true
			}
			if r.lexicon.classes[strings.ToLower(term.Text)]&(trade|season) != 0 {
				t.Fatalf("%q says nothing of goods", term.Text)
			}
		}
		if diff := cmp.Diff(got, r.Read(titles), cmp.AllowUnexported(Reading{}), cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "lexicon" }, cmp.Ignore())); diff != "" {
			t.Fatalf("two readings differ: %s", diff)
		}
	})
}

func TestLexicon(t *testing.T) {
	l := readLexicon(lexiconText)
	for word, c := range l.classes {
		if c == 0 || strings.ToLower(word) != word {
			t.Errorf("%s: a word in lower case has a class", word)
		}
		if c&suffix != 0 && len([]rune(word)) != 1 {
			t.Errorf("%s: a suffix is one character", word)
		}
	}
	if len(l.classes) < 2000 {
		t.Errorf("%d words", len(l.classes))
	}
}
