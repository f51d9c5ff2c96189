package faultword

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string]struct {
		rest  string
		words Set
	}{
		"蓝牙耳机":                                 {"蓝牙耳机", nil},
		"  two  spaces ":                       {"  two  spaces ", nil},
		"sandbox:throttle":                     {"", Set{"throttle": ""}},
		"蓝牙 sandbox:slow=300ms 耳机":             {"蓝牙 耳机", Set{"slow": "300ms"}},
		"蓝牙sandbox:empty":                      {"蓝牙", Set{"empty": ""}},
		"sandbox:e7 sandbox:refusal-inside 杯子": {"杯子", Set{"e7": "", "refusal-inside": ""}},
		"sandbox:":                             {"sandbox:", Set{}},
		"sandbox:top=15,isv.item-not-exist x":  {"x", Set{"top": "15,isv.item-not-exist"}},
	} {
		rest, words := Split(text)
		if len(want.words) == 0 {
			want.words = nil
		}
		if rest != want.rest || cmp.Diff(want.words, words) != "" {
			t.Errorf("Split(%q) = %q, %v; want %q, %v", text, rest, words, want.rest, want.words)
		}
	}
}

// Fault words can stand anywhere among other words. The rest is the other words, without loss.
func TestSplitProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.StringMatching(`[a-z\p{Han}]{1,5}`), 1, 4).Draw(t, "plain")
		at := rapid.IntRange(0, len(plain)).Draw(t, "at")
		w := rapid.SampledFrom(Table()).Draw(t, "word")
		said := append(append(append([]string{}, plain[:at]...), "sandbox:"+w.Name), plain[at:]...)
		rest, words := Split(strings.Join(said, " "))
		if rest != strings.Join(plain, " ") || !words.Has(w.Name) || words.Value(w.Name) != w.Default {
			t.Fatalf("Split(%q) = %q, %v", said, rest, words)
		}
		if name, bad := words.Unknown(); bad {
			t.Fatalf("%q is unknown", name)
		}
	})
}

func TestValues(t *testing.T) {
	s := Set{"flaky": "", "slow": "1s", "cap-page": "x", "nonsense": ""}
	if s.Int("flaky") != 2 || s.Duration("slow") != time.Second || s.Int("cap-page") != 0 || s.Int("empty") != 0 {
		t.Errorf("values of %v", s)
	}
	if name, bad := s.Unknown(); !bad || name != "nonsense" {
		t.Errorf("Unknown() = %q, %v", name, bad)
	}
	if got := (Set{"hang": "", "slow": "", "throttle": ""}).Of(Transport); cmp.Diff([]string{"slow", "hang"}, got) != "" {
		t.Errorf("Of(Transport) = %v", got)
	}
}

func TestOfferIDs(t *testing.T) {
	for _, w := range Table() {
		words, ok := OfferID(w.OfferID)
		if !ok || cmp.Diff(Set{w.Name: ""}, words) != "" {
			t.Errorf("%d: %v, want %s", w.OfferID, words, w.Name)
		}
	}
	if _, ok := OfferID(620201390233); ok {
		t.Error("an ordinary id is reserved")
	}
}
