package combo

import (
	"cmp"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// offerOf is a product with its evidence, except confirmations.
func (a *lookIndex) offerOf(f *found, all []*found) *zhaohuov1.SourceOffer {
	return &zhaohuov1.SourceOffer{Product: f.product, FoundBy: f.by, Factory: factory(f.product), Likeness: a.bestLikeness(f, all)}
}

// bestLikeness is the highest measured likeness: to the caller's image if there is one, else to another supplier's
// image.
func (a *lookIndex) bestLikeness(f *found, all []*found) *zhaohuov1.MeasuredLikeness {
	if a.own != nil {
		return a.likenessToOwn(f.id())
	}
	var best *zhaohuov1.MeasuredLikeness
	for _, other := range all {
		if !rivals(f.product, other.product) {
			continue
		}
		m := a.likenessBetween(f.id(), other.id())
		if m == nil {
			continue
		}
		if best == nil || compareLikeness(m, best) < 0 {
			best = m
		}
	}
	return best
}

// likenessToOwn is the likeness of a product to the caller's image; nil if it was not measured.
func (a *lookIndex) likenessToOwn(id string) *zhaohuov1.MeasuredLikeness {
	m, ok := a.toOwn(id)
	if !ok {
		return nil
	}
	return m.evidence(CallersImage)
}

// likenessBetween is the likeness of two products; nil if it was not measured.
func (a *lookIndex) likenessBetween(id, other string) *zhaohuov1.MeasuredLikeness {
	m, ok := a.between(id, other)
	if !ok {
		return nil
	}
	return m.evidence(other)
}

// evidence is a comparison as evidence. What does not look alike is no evidence of anything: its kind is not set.
func (m measured) evidence(with string) *zhaohuov1.MeasuredLikeness {
	out := &zhaohuov1.MeasuredLikeness{Value: m.value, ComparedWith: with, SameBytes: m.bytes}
	switch {
	case m.photo:
		out.Kind = zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO
	case m.alike:
		out.Kind = zhaohuov1.EvidenceKind_EVIDENCE_KIND_LOOKS_ALIKE
	}
	return out
}

// confirmations are the comparisons that confirm a product among products that show the same: with the same photo as the
// caller's image, or as another supplier's. Copies of one image count once.
func (a *lookIndex) confirmations(f *found, goods []*found) []*zhaohuov1.MeasuredLikeness {
	var all []*zhaohuov1.MeasuredLikeness
	counted := map[string]bool{}
	if m, ok := a.toOwn(f.id()); ok && m.photo {
		all = append(all, m.evidence(CallersImage))
		counted[a.own.Hash] = true
	}
	byID := slices.SortedFunc(slices.Values(goods), func(x, y *found) int { return compareID(x.id(), y.id()) })
	for _, other := range byID {
		if !rivals(f.product, other.product) {
			continue
		}
		m, ok := a.between(f.id(), other.id())
		hash := a.looks[other.id()].Hash
		if !ok || !m.photo || hash != "" && counted[hash] {
			continue
		}
		counted[hash] = true
		all = append(all, m.evidence(other.id()))
	}
	slices.SortStableFunc(all, compareLikeness)
	return all
}

// compareLikeness orders by strength: the caller's own image first, then the same photo, then the highest value, then by
// id.
func compareLikeness(x, y *zhaohuov1.MeasuredLikeness) int {
	own := func(m *zhaohuov1.MeasuredLikeness) bool { return m.GetComparedWith() == CallersImage }
	photo := func(m *zhaohuov1.MeasuredLikeness) bool {
		return m.GetKind() == zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO
	}
	return cmp.Or(trueFirst(own(x), own(y)), trueFirst(photo(x), photo(y)), cmp.Compare(y.GetValue(), x.GetValue()),
		compareID(x.GetComparedWith(), y.GetComparedWith()))
}
