package top_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// rows is a JSON list of n rows.
func rows(n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(`{"productId":7},`, n), ",") + "]"
}

func TestKeywordPaging(t *testing.T) {
	unsaid := int64(-1)
	for _, row := range []struct {
		name       string
		page, size int32
		limits     upstream.Limits
		body       string
		total      int64
		effective  int32
		next       int32
		truncated  bool
	}{
		{"no total, full page", 1, 20, limits, `{"products":` + rows(20) + `}`, unsaid, 20, 2, false},
		{"no total, fewer", 1, 20, limits, `{"products":` + rows(19) + `}`, unsaid, 20, 0, false},
		{"no total, empty", 3, 20, limits, `{"success":true,"products":[]}`, unsaid, 20, 0, false},
		{"no total, window reached", 100, 20, limits, `{"products":` + rows(20) + `}`, unsaid, 20, 0, true},
		{"no total, before the window", 99, 20, limits, `{"products":` + rows(20) + `}`, unsaid, 20, 100, false},
		{"no total, window ends within the next page", 1, 20, upstream.Limits{Window: 30}, `{"products":` + rows(20) + `}`, unsaid, 20, 2, false},
		{"limits by default", 40, 99, upstream.Limits{}, `{"products":` + rows(50) + `}`, unsaid, 50, 0, true},
		{"the last page there can be", math.MaxInt32, 50, upstream.Limits{Window: math.MaxInt32}, `{"products":` + rows(50) + `}`, unsaid, 50, 0, true},
		{"asked for more than is served", 1, 50, upstream.Limits{PageSizeMax: 20, Window: 2000}, `{"products":` + rows(20) + `}`, unsaid, 20, 2, false},
		{"more than asked for", 1, 10, limits, `{"products":` + rows(20) + `}`, unsaid, 20, 2, false},
		{"total", 1, 20, limits, `{"total":41,"products":` + rows(20) + `}`, 41, 20, 2, false},
		{"total, last page", 3, 20, limits, `{"total":41,"products":` + rows(1) + `}`, 41, 20, 0, false},
		{"total, just full", 2, 20, limits, `{"total":40,"products":` + rows(20) + `}`, 40, 20, 0, false},
		{"total, but nothing came", 2, 20, limits, `{"total":41,"products":[]}`, 41, 20, 0, false},
		{"total of nothing", 1, 20, limits, `{"total":0,"products":[]}`, 0, 20, 0, false},
		{"total fills the window", 1, 20, limits, `{"total":2000,"products":` + rows(20) + `}`, 2000, 20, 2, true},
		{"total beyond the window, last page of it", 100, 20, limits, `{"total":"2,500","products":` + rows(20) + `}`, 2500, 20, 0, true},
		{"page size said", 1, 50, limits, `{"total":100,"pageSize":20,"products":` + rows(20) + `}`, 100, 20, 2, false},
		{"page size said without a total", 1, 50, limits, `{"page_size":"20","products":` + rows(20) + `}`, unsaid, 20, 2, false},
		{"page size capped without a word", 2, 50, limits, `{"total":100,"products":` + rows(20) + `}`, 100, 20, 3, false},
		{"page size nonsense", 1, 20, limits, `{"pageSize":0,"products":` + rows(20) + `}`, unsaid, 20, 2, false},
		{"page size absurd", 1, 20, limits, `{"pageSize":999999999999,"products":` + rows(20) + `}`, unsaid, 20, 2, false},
		{"total beside the envelope", 1, 20, limits, `{"total_results":21,"result":{"result":` + rows(20) + `}}`, 21, 20, 2, false},
		{"total inside", 1, 20, limits, `{"result":{"totalCount":21,"result":` + rows(20) + `}}`, 21, 20, 2, false},
		{"total of AOP's page", 1, 20, limits, `{"total":9,"result":{"result":{"totalRecords":21,"pageSize":20,"data":` + rows(20) + `}}}`, 21, 20, 2, false},
		{"total in pageInfo", 1, 20, limits, `{"pageInfo":{"totalRecords":21,"pageSize":20},"result":` + rows(20) + `}`, 21, 20, 2, false},
		{"total of the search's envelope", 1, 20, limits, `{"productSearchResponse":{"totalResults":21,"products":` + rows(20) + `}}`, 21, 20, 2, false},
		{"page number said", 2, 20, limits, `{"total":100,"currentPage":"2","products":` + rows(20) + `}`, 100, 20, 3, false},
		{"total that is none", 1, 20, limits, `{"total":"lots","products":` + rows(20) + `}`, unsaid, 20, 2, false},
		{"total of the wholesale search", 1, 20, limits, `{"wholesale_goods_search_result":{"result":{"total_count":"21","items":{"goods_summary":[{"id":1}]}}}}`, 21, 1, 2, false},
	} {
		q := &zhaohuov1.KeywordSearchRequest{Page: &row.page, PageSize: &row.size}
		got, err := search(q, row.limits, row.body)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		got.Products = nil
		want := &zhaohuov1.KeywordSearchResponse{
			Page: row.page, EffectivePageSize: row.effective, NextPage: row.next, Truncated: row.truncated,
		}
		if row.total != unsaid {
			want.Total = &row.total
		}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
	}
}

func TestPageParameterIgnoredUpstream(t *testing.T) {
	for _, body := range []string{
		`{"total":100,"currentPage":1,"products":` + rows(20) + `}`,
		`{"pageInfo":{"total":100,"pageNo":1},"products":` + rows(20) + `}`,
	} {
		got, err := search(&zhaohuov1.KeywordSearchRequest{Page: proto.Int32(3)}, limits, body)
		if err != nil {
			t.Fatal(err)
		}
		got.Products = nil
		want := &zhaohuov1.KeywordSearchResponse{Page: 1, EffectivePageSize: 20, Total: proto.Int64(100)}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}
}
