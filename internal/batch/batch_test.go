package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	question = zhaohuov1.KeywordSearchRequest
	answer   = zhaohuov1.KeywordSearchResponse
	request  = zhaohuov1.BatchKeywordSearchRequest
	message  = zhaohuov1.BatchKeywordSearchResponse
)

// searcher is a function that searches.
type searcher func(context.Context, *question) (*answer, error)

func (s searcher) KeywordSearch(ctx context.Context, q *question) (*answer, error) { return s(ctx, q) }

// deep has this many pages for every keyword, with one product each.
func deep(pages int32) searcher {
	return func(_ context.Context, q *question) (*answer, error) { return pageOf(q, pages), nil }
}

func pageOf(q *question, pages int32) *answer {
	a := &answer{Page: q.GetPage(), EffectivePageSize: 1, Meta: &zhaohuov1.AnswerMeta{UpstreamCalls: 1}}
	if q.GetPage() <= pages {
		a.Products = []*zhaohuov1.Product{{Id: fmt.Sprintf("%s/%d", q.GetKeyword(), q.GetPage())}}
	}
	if q.GetPage() < pages {
		a.NextPage = q.GetPage() + 1
	}
	return a
}

// collect runs a batch and returns its messages.
func collect(ctx context.Context, r *batch.Runner, q *request) ([]*message, error) {
	var all []*message
	err := r.Keywords(ctx, q, "", func(m *message) error {
		all = append(all, proto.CloneOf(m))
		return nil
	})
	return all, err
}

// described is one line for each result.
func described(all []*message) []string {
	var words []string
	for _, m := range all {
		result := m.GetResult()
		switch {
		case result == nil:
		case result.GetError() != nil:
			words = append(words, fmt.Sprintf("%s %d %s", result.GetKeyword(), result.GetPage(), reason(m)))
		default:
			words = append(words, fmt.Sprintf("%s %d %d", result.GetKeyword(), result.GetPage(), len(result.GetResponse().GetProducts())))
		}
	}
	slices.Sort(words)
	return words
}

func reason(m *message) string {
	for _, detail := range status.FromProto(m.GetResult().GetError()).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

func TestKeywords(t *testing.T) {
	shallow := func(_ context.Context, q *question) (*answer, error) {
		return pageOf(q, int32(len(q.GetKeyword()))), nil
	}
	for name, test := range map[string]struct {
		search searcher
		q      *request
		want   []string
		last   *zhaohuov1.BatchKeywordProgress
	}{
		"one page unless more are asked for": {
			deep(3), &request{Keywords: []string{"a", "b"}},
			[]string{"a 1 1", "b 1 1"},
			&zhaohuov1.BatchKeywordProgress{Done: 2, Total: 2, UpstreamCalls: 2},
		},
		"each keyword ends where its goods do": {
			shallow, &request{Keywords: []string{"a", "bb", "cccc"}, Pages: proto.Int32(3)},
			[]string{"a 1 1", "bb 1 1", "bb 2 1", "cccc 1 1", "cccc 2 1", "cccc 3 1"},
			&zhaohuov1.BatchKeywordProgress{Done: 6, Total: 6, UpstreamCalls: 6},
		},
		"repeats are asked once": {
			deep(1), &request{Keywords: []string{"caf\u00e9 au", " cafe\u0301\tau ", "x", "x"}},
			[]string{"caf\u00e9 au 1 1", "x 1 1"},
			&zhaohuov1.BatchKeywordProgress{Done: 2, Total: 2, UpstreamCalls: 2},
		},
		"nothing found is an answer": {
			deep(0), &request{Keywords: []string{"a"}, Pages: proto.Int32(5)},
			[]string{"a 1 0"},
			&zhaohuov1.BatchKeywordProgress{Done: 1, Total: 1, UpstreamCalls: 1},
		},
		"a failed page ends its keyword and no other": {
			func(_ context.Context, q *question) (*answer, error) {
				if q.GetKeyword() == "b" && q.GetPage() == 2 {
					return nil, fault.New(fault.UpstreamTimeout, "").WithCalls(3)
				}
				return pageOf(q, 9), nil
			},
			&request{Keywords: []string{"a", "b"}, Pages: proto.Int32(3)},
			[]string{"a 1 1", "a 2 1", "a 3 1", "b 1 1", "b 2 UPSTREAM_TIMEOUT"},
			&zhaohuov1.BatchKeywordProgress{Done: 5, Failed: 1, Total: 5, UpstreamCalls: 7},
		},
		"a used-up day fails every question by name": {
			func(context.Context, *question) (*answer, error) {
				return nil, fault.New(fault.UpstreamQuotaExhausted, "").WithRetryAfter(time.Hour)
			},
			&request{Keywords: []string{"a", "b", "c"}, Pages: proto.Int32(2)},
			[]string{"a 1 UPSTREAM_QUOTA_EXHAUSTED", "b 1 UPSTREAM_QUOTA_EXHAUSTED", "c 1 UPSTREAM_QUOTA_EXHAUSTED"},
			&zhaohuov1.BatchKeywordProgress{Done: 3, Failed: 3, Total: 3},
		},
		"the same page for ever is asked twice": {
			func(_ context.Context, q *question) (*answer, error) {
				return &answer{Products: []*zhaohuov1.Product{{Id: "1"}}, Page: q.GetPage(), NextPage: q.GetPage() + 1}, nil
			},
			&request{Keywords: []string{"a"}, Pages: proto.Int32(40)},
			[]string{"a 1 1", "a 2 1"},
			&zhaohuov1.BatchKeywordProgress{Done: 2, Total: 2},
		},
		"another page than the one asked for is the last": {
			func(context.Context, *question) (*answer, error) {
				return &answer{Products: []*zhaohuov1.Product{{Id: "1"}}, Page: 7, NextPage: 8}, nil
			},
			&request{Keywords: []string{"a"}, Pages: proto.Int32(40)},
			[]string{"a 1 1"},
			&zhaohuov1.BatchKeywordProgress{Done: 1, Total: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := collect(t.Context(), batch.New(batch.Config{Searcher: test.search}), test.q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, described(all)); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			test.last.Remaining = durationpb.New(0)
			if diff := cmp.Diff(test.last, all[len(all)-1].GetProgress(), protocmp.Transform()); diff != "" {
				t.Errorf("the last progress (-want +got):\n%s", diff)
			}
			if all[0].GetProgress() == nil || all[0].GetProgress().GetDone() != 0 {
				t.Errorf("the first message is %v", all[0])
			}
		})
	}
}

func TestEveryCriterionIsAsked(t *testing.T) {
	var asked *question
	r := batch.New(batch.Config{Searcher: searcher(func(_ context.Context, q *question) (*answer, error) {
		asked = q
		return pageOf(q, 1), nil
	})})
	q := &request{
		Keywords: []string{"a"}, PageSize: proto.Int32(7), PriceMin: "1", PriceMax: "2", CategoryId: "3", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC,
		Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_FREE_SHIPPING}, LanguageCode: "en", IncludeRaw: true, FacetIds: []string{"5"},
		MaxStaleness: durationpb.New(time.Minute), CategoryIds: []string{"6", "7"}, RegionOpp: "8",
		Sales: &zhaohuov1.SalesFilter{Month: &zhaohuov1.SalesRange{Min: proto.Int64(9)}},
	}
	if _, err := collect(t.Context(), r, q); err != nil {
		t.Fatal(err)
	}
	want := &question{
		Keyword: "a", Page: proto.Int32(1), PageSize: proto.Int32(7), PriceMin: "1", PriceMax: "2", CategoryId: "3", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC,
		Filters: q.GetFilters(), LanguageCode: "en", IncludeRaw: true, FacetIds: []string{"5"}, MaxStaleness: durationpb.New(time.Minute),
		CategoryIds: []string{"6", "7"}, RegionOpp: "8", Sales: q.GetSales(),
	}
	if diff := cmp.Diff(want, asked, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A new field of the contract must be in this test.
	fields := asked.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if !asked.ProtoReflect().Has(fields.Get(i)) {
			t.Errorf("%s is not asked", fields.Get(i).Name())
		}
	}
}

// TestAgainstModel runs a batch in several calls, each cut off at a random message, with random failures, and compares
// the sum with a plain loop: each question of the loop is answered exactly once, and no other.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		depths := rapid.MapOfN(rapid.StringMatching(`[a-h]{1,3}`), rapid.Int32Range(0, 5), 1, 12).Draw(t, "depths")
		var keywords []string
		for keyword := range depths {
			keywords = append(keywords, keyword)
		}
		slices.Sort(keywords)
		keywords = rapid.Permutation(keywords).Draw(t, "keywords")
		pages := rapid.Int32Range(1, 4).Draw(t, "pages")
		var want []string
		for _, keyword := range keywords {
			for page := int32(1); page <= min(pages, max(depths[keyword], 1)); page++ {
				want = append(want, fmt.Sprintf("%s %d %d", keyword, page, min(depths[keyword], 1)))
			}
		}
		slices.Sort(want)

		fails := rapid.SliceOfN(rapid.Bool(), 64, 64).Draw(t, "fails")
		calls := rapid.IntRange(1, 4).Draw(t, "calls")
		var asked atomic.Int32
		failing := true
		r := batch.New(batch.Config{
			Width: rapid.IntRange(1, 6).Draw(t, "width"),
			Searcher: searcher(func(_ context.Context, q *question) (*answer, error) {
				if n := asked.Add(1); failing && fails[int(n)%len(fails)] {
					return nil, fault.New(fault.UpstreamUnavailable, "")
				}
				return pageOf(q, depths[q.GetKeyword()]), nil
			}),
		})
		cut := errors.New("cut")
		var got []string
		token := ""
		for call := range calls {
			failing = call < calls-1
			most := rapid.IntRange(0, len(want)+2).Draw(t, "messages")
			err := r.Keywords(context.Background(), &request{Keywords: keywords, Pages: &pages, ResumeToken: token}, "", func(m *message) error {
				if failing && most == 0 {
					return cut
				}
				most--
				token = m.GetResumeToken()
				if m.GetResult().GetError() == nil {
					got = append(got, described([]*message{m})...)
				}
				return nil
			})
			if err != nil && (!failing || !errors.Is(err, cut)) {
				t.Fatal(err)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		// All is done: no further question is asked.
		before := asked.Load()
		all, err := collect(context.Background(), r, &request{Keywords: keywords, Pages: &pages, ResumeToken: token})
		done := all[len(all)-1].GetProgress()
		if err != nil || len(all) != 2 || asked.Load() != before || int(done.GetDone()) != len(want) || int(done.GetTotal()) != len(want) {
			t.Fatalf("%v, asked %d more, %v", err, asked.Load()-before, all)
		}
	})
}

func TestPanicIsTheCallers(t *testing.T) {
	defer func() {
		if why := recover(); why != "broken" {
			t.Errorf("recovered %v", why)
		}
	}()
	r := batch.New(batch.Config{Searcher: searcher(func(context.Context, *question) (*answer, error) { panic("broken") })})
	_, err := collect(t.Context(), r, &request{Keywords: []string{"a", "b"}})
	t.Errorf("it ended with %v", err)
}

func TestErrorsAreInTheCallersLanguage(t *testing.T) {
	r := batch.New(batch.Config{Searcher: searcher(func(context.Context, *question) (*answer, error) {
		return nil, fault.New(fault.UpstreamTimeout, "")
	})})
	var texts sync.Map
	err := r.Keywords(t.Context(), &request{Keywords: []string{"a"}}, "zh", func(m *message) error {
		for _, detail := range status.FromProto(m.GetResult().GetError()).Details() {
			if local, ok := detail.(*errdetails.LocalizedMessage); ok {
				texts.Store(local.GetLocale(), strings.Contains(local.GetMessage(), "重试"))
			}
		}
		return nil
	})
	if said, ok := texts.Load("zh-CN"); err != nil || !ok || said != true {
		t.Errorf("%v, %v", err, said)
	}
}
