package batch_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

// TestStreamNamesItsTrueEnd: the pages of a list overlap by any number of rows, and the upstream's next page follows from
// counted rows. TOTAL is said exactly if all products of the total were sent; a stream whose pages repeat goes on to the
// pages that may have the missing ones.
func TestStreamNamesItsTrueEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		goods := rapid.IntRange(0, 40).Draw(t, "goods")
		size := rapid.IntRange(1, 10).Draw(t, "page size")
		step := rapid.IntRange(1, size).Draw(t, "products a page is further") // Less than the size: pages overlap.
		missing := rapid.SampledFrom([]int{0, 0, 0, 3}).Draw(t, "products that are counted and on no page")
		total := int64(goods + missing)
		served := func(page int) []int {
			from := min((page-1)*step, goods)
			to := min(from+size, goods)
			var all []int
			for n := from; n < to; n++ {
				all = append(all, n)
			}
			return all
		}
		r := batch.New(batch.Config{Window: 2000, Searcher: searcher(func(_ context.Context, q *question) (*answer, error) {
			page := int(q.GetPage())
			a := &answer{Page: q.GetPage(), EffectivePageSize: int32(size), Total: &total}
			for _, n := range served(page) {
				a.Products = append(a.Products, &zhaohuov1.Product{Id: fmt.Sprint(n)})
			}
			if len(a.Products) > 0 && int64(page*size) < total {
				a.NextPage = q.GetPage() + 1
			}
			return a, nil
		})})
		sent := map[string]bool{}
		var end zhaohuov1.StreamEndReason
		err := r.Stream(context.Background(), &zhaohuov1.StreamKeywordSearchRequest{Keyword: "a", PageSize: proto.Int32(int32(size))},
			func(m *zhaohuov1.StreamKeywordSearchResponse) error {
				for _, p := range m.GetProducts() {
					if sent[p.GetId()] {
						t.Errorf("product %s was sent twice", p.GetId())
					}
					sent[p.GetId()] = true
				}
				end = m.GetEndReason()
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		if len(sent) != goods {
			t.Errorf("%d of %d products were sent, and the end is %v", len(sent), goods, end)
		}
		if all := end == zhaohuov1.StreamEndReason_STREAM_END_REASON_TOTAL; all != (goods > 0 && missing == 0) {
			t.Errorf("%d of a total of %d were sent, and the end is %v", len(sent), total, end)
		}
	})
}

// TestStreamGoesOnOverRepeatedPages: pages have any products of a small list in any order, as a list has them that moves while it
// is paged through. A plain model says which products are sent, how many pages are asked for, and why the stream ends.
func TestStreamGoesOnOverRepeatedPages(t *testing.T) {
	const (
		size  = 2
		total = 6
	)
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(1, total), 1, size), 1, 12).Draw(t, "pages; after them come empty ones")
		counted := rapid.Bool().Draw(t, "the upstream says the total")
		served := func(page int) []int {
			if page > len(list) {
				return nil
			}
			return list[page-1]
		}
		asked := 0
		r := batch.New(batch.Config{Window: 2000, Searcher: searcher(func(_ context.Context, q *question) (*answer, error) {
			asked++
			a := &answer{Page: q.GetPage(), EffectivePageSize: size, NextPage: q.GetPage() + 1}
			if counted {
				a.Total = proto.Int64(total)
			}
			for _, n := range served(int(q.GetPage())) {
				a.Products = append(a.Products, &zhaohuov1.Product{Id: fmt.Sprint(n)})
			}
			return a, nil
		})})
		var got []string
		var end zhaohuov1.StreamEndReason
		err := r.Stream(context.Background(), &zhaohuov1.StreamKeywordSearchRequest{Keyword: "a", PageSize: proto.Int32(size)},
			func(m *zhaohuov1.StreamKeywordSearchResponse) error {
				for _, p := range m.GetProducts() {
					got = append(got, p.GetId())
				}
				end = m.GetEndReason()
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		want, pages, why := walkedPlainly(served, counted, total)
		if diff := cmp.Diff(want, got); diff != "" || asked != pages || end != why {
			t.Errorf("%d pages asked and end %v, want %d and %v; products (-want +got):\n%s", asked, end, pages, why, diff)
		}
	})
}

// walkedPlainly pages through a list as the contract says: each product once, until all are there, a page is empty, or pages
// repeat: one without a total, three in a row with one.
func walkedPlainly(served func(page int) []int, counted bool, total int) (sent []string, pages int, why zhaohuov1.StreamEndReason) {
	allowed := 0
	if counted {
		allowed = 2
	}
	repeats := 0
	for pages = 1; ; pages++ {
		rows := served(pages)
		if len(rows) == 0 {
			return sent, pages, zhaohuov1.StreamEndReason_STREAM_END_REASON_EMPTY_PAGE
		}
		before := len(sent)
		for _, row := range rows {
			if id := fmt.Sprint(row); !slices.Contains(sent, id) {
				sent = append(sent, id)
			}
		}
		switch {
		case counted && len(sent) == total:
			return sent, pages, zhaohuov1.StreamEndReason_STREAM_END_REASON_TOTAL
		case len(sent) > before:
			repeats = 0
		case repeats == allowed:
			return sent, pages, zhaohuov1.StreamEndReason_STREAM_END_REASON_REPEATED_PAGE
		default:
			repeats++
		}
	}
}
