package titles

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// mixture is titles of one kind of goods among those of others, as a search by image finds them.
type mixture struct{ own, same, other int }

// headsOf is the percentage of kinds whose head noun is read from a mixture, with and without knowing the own titles.
func (m mixture) headsOf(kinds []kind) (knowing, without float64) {
	r, rng := NewReader(), rand.New(rand.NewPCG(1, 2))
	var withOwn, withoutOwn score
	for i, k := range kinds {
		all := slices.Clone(k.titles)
		rng.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
		own, others := all[:m.own], all[m.own:m.own+m.same]
		for n := 1; len(others) < m.same+m.other; n++ {
			strange := kinds[(i+n*7)%len(kinds)].titles
			others = slices.Concat(others, strange[:min(len(strange), m.same+m.other-len(others))])
		}
		rng.Shuffle(len(others), func(a, b int) { others[a], others[b] = others[b], others[a] })
		withOwn.add(k, r.ReadFor(own, others))
		withoutOwn.add(k, r.Read(slices.Concat(own, others)))
	}
	return percent(withOwn.heads, withOwn.asked), percent(withoutOwn.heads, withoutOwn.asked)
}

// TestOwnTitlesDecide mixes titles of each kind with more titles of another one.
func TestOwnTitlesDecide(t *testing.T) {
	kinds := readCorpora(t).heldOut
	for _, m := range []mixture{{own: 1, same: 2, other: 4}, {own: 2, same: 2, other: 6}, {own: 3, same: 2, other: 6}} {
		knowing, without := m.headsOf(kinds)
		t.Logf("%+v: %.1f %% of the head nouns are right, %.1f %% without knowing the own titles", m, knowing, without)
		if knowing < 85 || knowing < without+30 {
			t.Errorf("%+v: %.1f %% of the head nouns are right, %.1f %% without knowing the own titles", m, knowing, without)
		}
	}
	if knowing, without := (mixture{own: 1, same: 4}).headsOf(kinds); knowing < 90 || without < 90 {
		t.Errorf("of one kind: %.1f %% of the head nouns are right, %.1f %% without knowing the own titles", knowing, without)
	}
}

// TestOwnAccessoriesDoNotDecide has more sellers of parts with the goods' photo than sellers of the goods.
func TestOwnAccessoriesDoNotDecide(t *testing.T) {
	got := NewReader().ReadFor([]string{"304不锈钢保温杯大容量商务泡茶杯", "保温杯密封圈硅胶配件", "保温杯杯刷清洁刷"}, nil)
	if got.Head.Text != "保温杯" || len(got.Qualifiers) == 0 || got.Qualifiers[0].Text != "304不锈钢" {
		t.Errorf("head noun %q, qualifiers %q", got.Head.Text, texts(got.Qualifiers))
	}
}
