package aop_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// offers are n rows.
func offers(n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"offerId":%d}`, i+1)
	}
	return strings.Join(rows, ",")
}

func TestDecodePaging(t *testing.T) {
	total := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		name       string
		page, size int32
		members    string
		rows       int
		want       *zhaohuov1.KeywordSearchResponse
	}{
		{
			"first of many", 1, 20, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 20, NextPage: 2},
		},
		{
			"numbers as text", 2, 20, `"totalRecords":"172","totalPage":"9","pageSize":"20","currentPage":"2"`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 2, EffectivePageSize: 20, NextPage: 3},
		},
		{
			"the last, short", 9, 20, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":9`, 12,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 9, EffectivePageSize: 20},
		},
		{
			"the last, full", 2, 20, `"totalRecords":40,"totalPage":2,"pageSize":20,"currentPage":2`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(40), Page: 2, EffectivePageSize: 20},
		},
		{
			"one page too many", 2, 20, `"totalRecords":40,"totalPage":3,"pageSize":20,"currentPage":2`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(40), Page: 2, EffectivePageSize: 20},
		},
		{
			"an empty page", 3, 20, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":3`, 0,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 3, EffectivePageSize: 20},
		},
		{
			"nothing found", 1, 20, `"totalRecords":0,"totalPage":0,"pageSize":20,"currentPage":1`, 0,
			&zhaohuov1.KeywordSearchResponse{Total: total(0), Page: 1, EffectivePageSize: 20},
		},
		{
			"the window is full", 1, 50, `"totalRecords":2000,"totalPage":41,"pageSize":50,"currentPage":1`, 50,
			&zhaohuov1.KeywordSearchResponse{Total: total(2000), Page: 1, EffectivePageSize: 50, NextPage: 2, Truncated: true},
		},
		{
			"the window ends, at 50", 40, 50, `"totalRecords":2000,"totalPage":41,"pageSize":50,"currentPage":40`, 50,
			&zhaohuov1.KeywordSearchResponse{Total: total(2000), Page: 40, EffectivePageSize: 50, Truncated: true},
		},
		{
			"the window ends, at 20", 100, 20, `"totalRecords":5321,"totalPage":267,"pageSize":20,"currentPage":100`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(5321), Page: 100, EffectivePageSize: 20, Truncated: true},
		},
		{
			"the window ends within a page", 67, 30, `"totalRecords":2000,"pageSize":30,"currentPage":67`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(2000), Page: 67, EffectivePageSize: 30, Truncated: true},
		},
		{
			"cut, size in the answer", 1, 50, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 20, NextPage: 2},
		},
		{
			"cut silently", 1, 50, `"totalRecords":172,"totalPage":4,"pageSize":50,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 20, NextPage: 2},
		},
		{
			"cut silently, later", 2, 50, `"totalRecords":60,"totalPage":2,"pageSize":50,"currentPage":2`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(60), Page: 2, EffectivePageSize: 20, NextPage: 3},
		},
		{
			"more rows than the answer's page size", 1, 20, `"totalRecords":172,"pageSize":20,"currentPage":1`, 25,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 25, NextPage: 2},
		},
		{
			"no total of rows, a total of pages", 1, 20, `"totalPage":2,"pageSize":20,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Page: 1, EffectivePageSize: 20, NextPage: 2},
		},
		{
			"no total, last page", 2, 20, `"totalPage":2,"pageSize":20,"currentPage":2`, 20,
			&zhaohuov1.KeywordSearchResponse{Page: 2, EffectivePageSize: 20},
		},
		{"no paging, full page", 1, 20, `"x":1`, 20, &zhaohuov1.KeywordSearchResponse{Page: 1, EffectivePageSize: 20, NextPage: 2}},
		{"no paging, short page", 1, 20, `"totalRecords":null,"pageSize":null`, 19, &zhaohuov1.KeywordSearchResponse{Page: 1, EffectivePageSize: 20}},
		{
			"the page parameter is ignored", 3, 20, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 20},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := decode(t, &zhaohuov1.KeywordSearchRequest{Page: &c.page, PageSize: &c.size}, page(c.members, offers(c.rows)))
			if err != nil {
				t.Fatal(err)
			}
			if len(answer.GetProducts()) != c.rows {
				t.Errorf("%d products of %d", len(answer.GetProducts()), c.rows)
			}
			answer.Products = nil
			if diff := cmp.Diff(c.want, answer, protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A caller who follows next_page sees every row of a correct upstream once and reaches an end, whatever size the
// upstream silently cuts pages to.
func TestFollowingNextPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(0, 2100).Draw(t, "total")
		asked := rapid.Int32Range(1, 50).Draw(t, "asked")
		serves := int(asked)
		tellsSize := rapid.Bool().Draw(t, "tellsSize")
		if rapid.Bool().Draw(t, "cuts") {
			serves = int(rapid.Int32Range(1, asked).Draw(t, "serves"))
		}
		reported := int(asked)
		if tellsSize {
			reported = serves
		}
		seen, ambiguous := 0, false
		for number, asks := int32(1), 0; number != 0; asks++ {
			if asks > total+1 {
				t.Fatal("paging does not end")
			}
			from := min((int(number)-1)*serves, total)
			rows := min(serves, total-from)
			payload := page(fmt.Sprintf(`"totalRecords":%d,"pageSize":%d,"currentPage":%d`, total, reported, number), offers(rows))
			answer, err := aop.New(aop.Config{}).KeywordSearch.Decode(
				&zhaohuov1.KeywordSearchRequest{Page: &number, PageSize: &asked}, gjson.Parse(payload))
			if err != nil {
				t.Fatal(err)
			}
			if answer.GetTruncated() != (total >= 2000) {
				t.Fatalf("truncated %v at %d", answer.GetTruncated(), total)
			}
			seen += rows
			// A cut page with as many rows as a last page would have looks like the last page.
			ambiguous = ambiguous || (serves != reported && rows == total-(int(number)-1)*reported)
			number = answer.GetNextPage()
		}
		// What starts beyond the window, by the requested size, cannot be requested.
		reachable := min(total, int(math.Ceil(2000/float64(asked)))*serves)
		if seen < reachable && !ambiguous {
			t.Fatalf("saw %d of %d", seen, reachable)
		}
	})
}
