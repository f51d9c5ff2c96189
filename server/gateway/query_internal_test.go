package gateway

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func TestPathParametersAreNotGivenTwice(t *testing.T) {
	err := readQuery(&zhaohuov1.KeywordSearchRequest{}, url.Values{"category_id": {"1"}}, map[string]string{"category_id": "2"})
	if fault.KindOf(err) != fault.UnknownField {
		t.Errorf("%v", err)
	}
}

func TestNestedFields(t *testing.T) {
	msg := &zhaohuov1.Product{}
	query := url.Values{
		"price.currencyCode": {"CNY"}, "price.units": {"-3"}, "supplier.kinds": {"SUPPLIER_KIND_SUPER_FACTORY"},
		"similarity": {"0.25"}, "repurchaseRate": {"1e-3"},
	}
	if err := readQuery(msg, query, nil); err != nil {
		t.Fatal(err)
	}
	second := &zhaohuov1.Product{}
	if err := runtime.PopulateQueryParameters(second, query, utilities.NewDoubleArray(nil)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(second, msg, protocmp.Transform()); diff != "" {
		t.Errorf("(-library +ours):\n%s", diff)
	}
	for name, test := range map[string]struct {
		msg   proto.Message
		query url.Values
		kind  fault.Kind
	}{
		"a whole message":   {&zhaohuov1.Product{}, url.Values{"price": {"{}"}}, fault.UnknownField},
		"a list of them":    {&zhaohuov1.KeywordSearchResponse{}, url.Values{"products.id": {"1"}}, fault.UnknownField},
		"not a number":      {&zhaohuov1.Product{}, url.Values{"similarity": {"NaN"}}, fault.MalformedRequest},
		"a number in hex":   {&zhaohuov1.Product{}, url.Values{"similarity": {"0x1p-2"}}, fault.MalformedRequest},
		"twice by its path": {&zhaohuov1.Product{}, url.Values{"price.currencyCode": {"CNY"}, "price.currency_code": {"CNY"}}, fault.MalformedRequest},
	} {
		if err := readQuery(test.msg, test.query, nil); fault.KindOf(err) != test.kind {
			t.Errorf("%s: %v, want %s", name, err, test.kind)
		}
	}
}

// FuzzQuery: every query is refused with a typed fault, or read as the same message by the library's parser, which
// generated code runs afterwards.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"", "keyword=a&page=2&pageSize=10", "keyword=%E8%93%9D&filters=PRODUCT_FILTER_NEW_7_DAYS&filters=PRODUCT_FILTER_SHIPS_TODAY",
		"sort=SORT_ORDER_PRICE_ASC&include_raw=true", "filters[0]=x", "keyword=a&keyword=b", "page=0x1", "page=-0", "page=1_0",
		"keyword=%ff", "keyword.x=1", "=", "&&", ";", "page=+1", "page=%2B1", "include_raw=T", "sort=2", "price_min=&priceMax=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return // Refused earlier.
		}
		ours := &zhaohuov1.KeywordSearchRequest{}
		if err := readQuery(ours, query, nil); err != nil {
			switch fault.KindOf(err) {
			case fault.UnknownField, fault.MalformedRequest, fault.InvalidField:
				return
			}
			t.Fatalf("%q: %v", raw, err)
		}
		library := &zhaohuov1.KeywordSearchRequest{}
		if err := runtime.PopulateQueryParameters(library, query, utilities.NewDoubleArray(nil)); err != nil {
			t.Fatalf("%q: the library refuses it: %v", raw, err)
		}
		if !proto.Equal(ours, library) {
			t.Fatalf("%q: %v, the library reads %v", raw, ours, library)
		}
		if _, err := proto.Marshal(ours); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
	})
}
