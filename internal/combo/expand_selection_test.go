package combo

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// seller is an offer in a category with that many sales.
func seller(id, supplier string, yuan, sold int64) *zhaohuov1.Product {
	p := offer(id, supplier, yuan)
	p.SoldCount, p.CategoryIds = &sold, []string{"1", "22"}
	return p
}

// kitchen is a world of mugs, bottles and lids: the seeds find 11 (the best seller), 12 (the same mug) and 21; lids are
// related.
func kitchen() *world {
	w := &world{
		byWords: map[string][]*zhaohuov1.Product{
			"mug":    {seller("11", "Anhe", 12, 900), seller("12", "Boya", 13, 800)},
			"bottle": {seller("21", "Cheng", 30, 700), seller("12", "Boya", 13, 800)},
		},
		related:  map[string][]*zhaohuov1.Product{"11": {seller("31", "Deda", 2, 600)}},
		keywords: map[string][]string{"22": {"mug", "cup", "glass", "cup"}},
		byPicture: map[string][]*zhaohuov1.Product{
			"pic:11": {seller("11", "Anhe", 12, 900), seller("14", "Enjia", 0, 5), seller("13", "Fukang", 11, 50), seller("99", "Guan", 1, 9999)},
			"pic:21": {seller("22", "Heli", 31, 70), seller("23", "", 35, 0)},
			"pic:31": {seller("32", "Ji", 3, 6)},
		},
		fails: map[string]error{},
	}
	w.show("mug", "pic:11", "pic:12", "pic:13", "pic:14")
	w.show("bottle", "pic:21", "pic:22", "pic:23")
	w.show("lid", "pic:31", "pic:32")
	w.show("spoon", "pic:99")
	return w
}

func expand(t testing.TB, p Ports, q *zhaohuov1.ExpandSelectionRequest) *zhaohuov1.ExpandSelectionResponse {
	t.Helper()
	q.Seeds = []string{"mug", "bottle"}
	answer, err := ExpandSelection(t.Context(), p, q)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestExpandSelection(t *testing.T) {
	yuan := func(n int64) *zhaohuov1.Product { return offer("x", "", n) }
	want := &zhaohuov1.ExpandSelectionResponse{
		Winners: []*zhaohuov1.Product{seller("11", "Anhe", 12, 900), seller("21", "Cheng", 30, 700), seller("31", "Deda", 2, 600)},
		Clusters: []*zhaohuov1.ProductCluster{
			{
				Products: alike("21", seller("22", "Heli", 31, 70), seller("23", "", 35, 0)), WinnerId: "21",
				PriceLow: yuan(31).GetPrice(), PriceHigh: yuan(35).GetPrice(), BestSellerId: proto.String("22"), Suppliers: 1, UnknownSuppliers: 1,
			},
			{
				Products: alike("11", seller("13", "Fukang", 11, 50), seller("14", "Enjia", 0, 5)), WinnerId: "11",
				PriceLow: yuan(11).GetPrice(), PriceHigh: yuan(11).GetPrice(), BestSellerId: proto.String("13"), Suppliers: 2,
			},
			{
				Products: alike("31", seller("32", "Ji", 3, 6)), WinnerId: "31",
				PriceLow: yuan(3).GetPrice(), PriceHigh: yuan(3).GetPrice(), BestSellerId: proto.String("32"), Suppliers: 1,
			},
		},
		RelatedKeywords: []string{"cup", "glass"},
		Meta: &zhaohuov1.ComboMeta{
			Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.New(time.Unix(1_800_000_000, 0)),
			// Two seeds, two winners so far and their category, three winners.
			UpstreamCalls: 8, UpstreamCallBudget: 12, ImagesFetched: 10,
		},
	}
	got := expand(t, kitchen().ports(), &zhaohuov1.ExpandSelectionRequest{})
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

// alike are products measured to look like a winner.
func alike(winner string, products ...*zhaohuov1.Product) []*zhaohuov1.AlikeProduct {
	all := make([]*zhaohuov1.AlikeProduct, len(products))
	for i, p := range products {
		all[i] = &zhaohuov1.AlikeProduct{Product: p, Likeness: &zhaohuov1.MeasuredLikeness{Value: 0.9, ComparedWith: winner, Kind: zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO}}
	}
	return all
}

// clustersOf are the ids of each cluster after its winner's.
func clustersOf(a *zhaohuov1.ExpandSelectionResponse) [][]string {
	var all [][]string
	for _, c := range a.GetClusters() {
		ids := []string{c.GetWinnerId()}
		for _, p := range c.GetProducts() {
			ids = append(ids, p.GetProduct().GetId())
		}
		all = append(all, ids)
	}
	return all
}

func TestWithoutLikenessAClusterIsTheResultsOfAnImage(t *testing.T) {
	answer := expand(t, kitchen().ports(), &zhaohuov1.ExpandSelectionRequest{SkipLikeness: true})
	// 12 looks like 11, but that was not measured, and its image found nothing.
	want := [][]string{{"11", "99", "13", "14"}, {"21", "22", "23"}}
	if diff := cmp.Diff(want, clustersOf(answer)); diff != "" {
		t.Error(diff)
	}
	if len(answer.GetPartialFailures()) != 0 {
		t.Errorf("failures: %v", answer.GetPartialFailures())
	}
}

func TestMissingCapabilitiesAreReported(t *testing.T) {
	p := kitchen().ports()
	p.Offered = func(rpc string, _ proto.Message) error {
		if rpc == topKeywordsRPC || rpc == relatedProductsRPC {
			return fault.New(fault.UnsupportedByDialect, "the dialect lacks it")
		}
		return nil
	}
	answer := expand(t, p, &zhaohuov1.ExpandSelectionRequest{})
	if diff := cmp.Diff([]string{"STEP_NOT_OFFERED related top_keywords"}, notesOf(answer.GetMeta())); diff != "" {
		t.Error(diff)
	}
	if reported := failed(answer.GetPartialFailures()); len(reported) != 0 {
		t.Errorf("partial failures: %v", reported)
	}
	if diff := cmp.Diff([][]string{{"21", "22", "23"}, {"11", "13", "14"}}, clustersOf(answer)); diff != "" {
		t.Error(diff)
	}
	if got := answer.GetMeta().GetUpstreamCalls(); got != 4 {
		t.Errorf("%d calls", got)
	}
}

func TestExpandSelectionKeepsWhatWasFound(t *testing.T) {
	for _, kind := range upstreamFaults {
		for name, row := range map[string]struct {
			fails, failures []string
			clusters        [][]string
			keywords        []string
		}{
			"one seed": {
				[]string{"bottle"}, []string{"keyword_search of bottle"}, [][]string{{"11", "13", "14"}, {"31", "32"}}, []string{"cup", "glass"},
			},
			"related goods": {
				[]string{"related 11", "related 21"},
				[]string{"related of 11", "related of 21"},
				[][]string{{"21", "22", "23"}, {"11", "13", "14"}},
				[]string{"cup", "glass"},
			},
			"keywords": {
				[]string{"keywords 22"}, []string{"top_keywords"}, [][]string{{"21", "22", "23"}, {"11", "13", "14"}, {"31", "32"}}, nil,
			},
			"a winner's image": {
				[]string{"pic:21"}, []string{"image_search of 21"}, [][]string{{"11", "13", "14"}, {"31", "32"}}, []string{"cup", "glass"},
			},
			"all images": {
				[]string{"pic:11", "pic:21", "pic:31"},
				[]string{"image_search of 11", "image_search of 21", "image_search of 31"},
				nil,
				[]string{"cup", "glass"},
			},
			"a look": {
				[]string{"look pic:14"},
				[]string{"measure_likeness of 14"},
				[][]string{{"21", "22", "23"}, {"11", "13"}, {"31", "32"}},
				[]string{"cup", "glass"},
			},
		} {
			t.Run(kind.String()+"/"+name, func(t *testing.T) {
				w := kitchen()
				for _, what := range row.fails {
					w.fails[what] = fault.New(kind, "made to fail")
				}
				answer := expand(t, w.ports(), &zhaohuov1.ExpandSelectionRequest{})
				var want []string
				for _, step := range row.failures {
					want = append(want, step+": "+kind.String())
				}
				if diff := cmp.Diff(want, failed(answer.GetPartialFailures())); diff != "" {
					t.Errorf("failures: %s", diff)
				}
				if diff := cmp.Diff(row.clusters, clustersOf(answer)); diff != "" {
					t.Errorf("clusters: %s", diff)
				}
				if diff := cmp.Diff(row.keywords, answer.GetRelatedKeywords()); diff != "" {
					t.Errorf("keywords: %s", diff)
				}
			})
		}
		t.Run(kind.String()+"/everything", func(t *testing.T) {
			w := kitchen()
			w.fails["mug"], w.fails["bottle"] = fault.New(kind, "first"), fault.New(fault.UpstreamRefused, "second")
			_, err := ExpandSelection(t.Context(), w.ports(), &zhaohuov1.ExpandSelectionRequest{Seeds: []string{"mug", "bottle"}})
			if f, ok := fault.As(err); !ok || f.Kind != kind || f.Detail != "first" {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestExpandSelectionObeysItsBudget(t *testing.T) {
	for budget, want := range map[int32][]string{
		2: {
			"related of 11: BUDGET_EXHAUSTED", "related of 21: BUDGET_EXHAUSTED", "top_keywords: BUDGET_EXHAUSTED",
			"image_search of 11: BUDGET_EXHAUSTED", "image_search of 21: BUDGET_EXHAUSTED",
		},
		6: {"related of 11: BUDGET_EXHAUSTED", "related of 21: BUDGET_EXHAUSTED"},
		9: nil,
	} {
		w := kitchen()
		answer := expand(t, w.ports(), &zhaohuov1.ExpandSelectionRequest{MaxUpstreamCalls: &budget})
		if diff := cmp.Diff(want, failed(answer.GetPartialFailures())); diff != "" {
			t.Errorf("budget %d: %s", budget, diff)
		}
		allowed := 0
		for _, n := range w.least {
			allowed += n
		}
		if allowed > int(budget) || w.calls > int(budget) {
			t.Errorf("budget %d: %d allowed, %d made", budget, allowed, w.calls)
		}
	}
}

func TestTimingDoesNotMatterToExpandSelection(t *testing.T) {
	ask := func(t *testing.T, seed uint64) *zhaohuov1.ExpandSelectionResponse {
		w := kitchen()
		w.fails["pic:31"] = fault.New(fault.UpstreamTimeout, "made to fail")
		w.shuffle = rand.New(rand.NewPCG(seed, 1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		answer, err := ExpandSelection(ctx, w.ports(), &zhaohuov1.ExpandSelectionRequest{Seeds: []string{"mug", "bottle"}})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	synctest.Test(t, func(t *testing.T) {
		first := ask(t, 0)
		for seed := range uint64(200) {
			if diff := cmp.Diff(first, ask(t, seed+1), protocmp.Transform(), protocmp.IgnoreFields(first, "meta")); diff != "" {
				t.Fatalf("seed %d: %s", seed+1, diff)
			}
		}
	})
}
