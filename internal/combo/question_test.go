package combo

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestEveryCriterionIsAsked: each criterion of a strategy reaches its keyword searches, and its image searches too,
// except the order, which is always likeness, and the criteria that they do not have.
func TestEveryCriterionIsAsked(t *testing.T) {
	q := &zhaohuov1.FindSourceRequest{
		PriceMin: "1", PriceMax: "2", CategoryId: "3", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC,
		Filters:  []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_FREE_SHIPPING},
		FacetIds: []string{"5"}, LanguageCode: "en", IncludeRaw: true, MaxStaleness: durationpb.New(time.Minute),
		CategoryIds: []string{"6", "7"}, RegionOpp: "8", Sales: &zhaohuov1.SalesFilter{Month: &zhaohuov1.SalesRange{Min: proto.Int64(9)}},
	}
	asked := q.ProtoReflect()
	held := func(what string, question proto.Message, but ...protoreflect.Name) {
		m, n := question.ProtoReflect(), 0
		left := map[protoreflect.Name]bool{}
		for _, name := range but {
			left[name] = true
		}
		asked.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
			twin := m.Descriptor().Fields().ByName(field.Name())
			switch {
			case left[field.Name()]:
				if twin != nil && m.Has(twin) {
					t.Errorf("%s: %s is asked", what, field.Name())
				}
			case twin == nil || !m.Get(twin).Equal(value):
				t.Errorf("%s: %s is not asked", what, field.Name())
			}
			n++
			return true
		})
		if n != 12 {
			t.Errorf("%s: only %d criteria were checked", what, n)
		}
	}
	p := Ports{}
	held("words", p.keywordQuestion("mug", criteriaOf(q), 20))
	held("image", p.imageQuestion(criteriaOf(q), 20), "sort", "facet_ids", "category_ids", "sales", "region_opp")
}

// TestFacetsOfSearchesByImage: a strategy with facets says that its image search results are not narrowed by them.
func TestFacetsOfSearchesByImage(t *testing.T) {
	for name, test := range map[string]struct {
		ask  func(w *world) (*zhaohuov1.ComboMeta, error)
		want []string
	}{
		"words and an image": {func(w *world) (*zhaohuov1.ComboMeta, error) {
			q := &zhaohuov1.ComparePricesRequest{Keyword: "mug", FacetIds: []string{"5"}, CategoryIds: []string{"7"}}
			answer, err := ComparePrices(t.Context(), w.ports(), q)
			return answer.GetMeta(), err
		}, []string{"CRITERIA_OF_WORDS category_ids facet_ids"}},
		"words alone": {func(w *world) (*zhaohuov1.ComboMeta, error) {
			p := w.ports()
			p.Picture = nil
			answer, err := ComparePrices(t.Context(), p, &zhaohuov1.ComparePricesRequest{Keyword: "mug", FacetIds: []string{"5"}})
			return answer.GetMeta(), err
		}, nil},
		"no facets": {func(w *world) (*zhaohuov1.ComboMeta, error) {
			answer, err := ComparePrices(t.Context(), w.ports(), &zhaohuov1.ComparePricesRequest{Keyword: "mug"})
			return answer.GetMeta(), err
		}, nil},
		"best sellers": {func(w *world) (*zhaohuov1.ComboMeta, error) {
			answer, err := ExpandSelection(t.Context(), w.ports(), &zhaohuov1.ExpandSelectionRequest{Seeds: []string{"mug"}, FacetIds: []string{"5"}})
			return answer.GetMeta(), err
		}, []string{"CRITERIA_OF_WORDS facet_ids"}},
	} {
		meta, err := test.ask(shop())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, notesOf(meta)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestEvidenceHasItsKind: equal bytes and equal prints are the same photo; what only looks alike is said to; the rest is no
// evidence.
func TestEvidenceHasItsKind(t *testing.T) {
	a := newLookIndex(Ports{Thresholds: thresholds})
	for id, hash := range map[string]string{"1": "x", "2": "x", "3": "y", "5": "z"} {
		a.looks[id] = Look{Hash: hash, Fingerprint: thing("mug")}
	}
	a.looks["6"] = Look{Hash: "w", Fingerprint: thing("lamp")}
	a.photos[inOrder("x", "z")] = 0.8
	if got := a.likenessBetween("1", "2").GetKind(); got != zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO {
		t.Errorf("equal bytes: %v", got)
	}
	if got := a.likenessBetween("1", "5"); got.GetKind() != zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO || got.GetValue() != 0.8 || got.GetSameBytes() {
		t.Errorf("one photo: %v", got)
	}
	if got := a.likenessBetween("1", "3"); got.GetKind() != zhaohuov1.EvidenceKind_EVIDENCE_KIND_LOOKS_ALIKE || got.GetValue() != 0.9 {
		t.Errorf("another photo: %v", got)
	}
	if got := a.likenessBetween("1", "6").GetKind(); got != zhaohuov1.EvidenceKind_EVIDENCE_KIND_UNSPECIFIED {
		t.Errorf("other goods: %v", got)
	}
	if got := a.likenessBetween("1", "4"); got != nil {
		t.Errorf("not measured: %v", got)
	}
}
