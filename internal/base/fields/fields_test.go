package fields_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

func TestCopy(t *testing.T) {
	from := &zhaohuov1.BatchKeywordSearchRequest{
		Keywords: []string{"杯"}, Pages: proto.Int32(3), PageSize: proto.Int32(0), PriceMin: "1", FacetIds: []string{"5"},
		Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS},
		Sales:   &zhaohuov1.SalesFilter{Week: &zhaohuov1.SalesRange{Min: proto.Int64(7)}},
	}
	to := &zhaohuov1.KeywordSearchRequest{Keyword: "伞", Page: proto.Int32(2), PriceMin: "9", PriceMax: "10"}
	fields.Copy(to, from)
	want := &zhaohuov1.KeywordSearchRequest{
		Keyword: "伞", Page: proto.Int32(2), PageSize: proto.Int32(0), PriceMin: "1", PriceMax: "10", FacetIds: []string{"5"},
		Filters: from.GetFilters(), Sales: from.GetSales(),
	}
	if diff := cmp.Diff(want, to, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCopyLeavesOtherTypes: a field of the same name with another type, here two lists of different messages, is not the same.
func TestCopyLeavesOtherTypes(t *testing.T) {
	page := &zhaohuov1.KeywordSearchResponse{Page: 2}
	fields.Copy(page, &zhaohuov1.ProductCluster{Products: []*zhaohuov1.AlikeProduct{{}}})
	if diff := cmp.Diff(&zhaohuov1.KeywordSearchResponse{Page: 2}, page, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOnly: a place is returned for exactly one that is given.
func TestOnly(t *testing.T) {
	for _, test := range []struct {
		given []bool
		place int
		ok    bool
	}{
		{nil, 0, false},
		{[]bool{false, false}, 0, false},
		{[]bool{true, false, false}, 0, true},
		{[]bool{false, false, true}, 2, true},
		{[]bool{true, true, false}, 0, false},
		{[]bool{false, true, true}, 0, false},
	} {
		if place, ok := fields.Only(test.given...); place != test.place || ok != test.ok {
			t.Errorf("%v: %d, %t, want %d, %t", test.given, place, ok, test.place, test.ok)
		}
	}
}
