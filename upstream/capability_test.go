package upstream_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

const keywordSearch = "zhaohuo.v1.SearchService/KeywordSearch"

// TestMatrixNamesEveryField walks the descriptors: a field nobody thought of cannot slip past the matrix.
func TestMatrixNamesEveryField(t *testing.T) {
	for _, d := range []zhaohuov1.UpstreamDialect{zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP, zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP} {
		reported := map[string]map[string]bool{}
		for _, c := range upstream.Capabilities(d) {
			if reported[c.GetRpc()] == nil {
				reported[c.GetRpc()] = map[string]bool{}
			}
			if reported[c.GetRpc()][c.GetSide().String()+c.GetField()] {
				t.Errorf("%s %s is told twice", c.GetRpc(), c.GetField())
			}
			reported[c.GetRpc()][c.GetSide().String()+c.GetField()] = true
		}
		for rpc, fields := range reported {
			method := methodOf(t, rpc)
			answers := hasSide(fields, "FIELD_SIDE_RESPONSE")
			for _, path := range paths(method.Input(), "", map[protoreflect.FullName]bool{}, true) {
				if !fields["FIELD_SIDE_REQUEST"+path] {
					t.Errorf("%v: %s: request field %s is not in the matrix", d, rpc, path)
				}
				delete(fields, "FIELD_SIDE_REQUEST"+path)
			}
			for _, path := range paths(method.Output(), "", map[protoreflect.FullName]bool{}, true) {
				if answerFields(path) && answers && !fields["FIELD_SIDE_RESPONSE"+path] {
					t.Errorf("%v: %s: response field %s is not in the matrix", d, rpc, path)
				}
				delete(fields, "FIELD_SIDE_RESPONSE"+path)
			}
			for path := range fields {
				t.Errorf("%v: %s: %s is in the matrix but not in the contract", d, rpc, path)
			}
		}
	}
}

// TestMatrixKnowsEveryRPC: every RPC that asks the upstream has its rows.
func TestMatrixKnowsEveryRPC(t *testing.T) {
	reported := map[string]bool{}
	for _, c := range upstream.Capabilities(zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP) {
		reported[c.GetRpc()] = true
	}
	for _, method := range contract.Methods() {
		name := strings.TrimPrefix(contract.FullMethod(method), "/")
		if asks := method.Parent().Name() != "InfoService"; reported[name] != asks {
			t.Errorf("%s: in the matrix %t, want %t", name, reported[name], asks)
		}
	}
}

// answerFields tells which fields of answers the matrix must name: a list's products in depth, a detail's own fields.
func answerFields(path string) bool {
	for _, prefix := range []string{"product.", "results.product."} {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			return !strings.Contains(rest, ".")
		}
	}
	return strings.HasPrefix(path, "products.") || strings.HasPrefix(path, "response.products.")
}

func hasSide(fields map[string]bool, side string) bool {
	for f := range fields {
		if strings.HasPrefix(f, side) {
			return true
		}
	}
	return false
}

func methodOf(t *testing.T, rpc string) protoreflect.MethodDescriptor {
	t.Helper()
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.ReplaceAll(rpc, "/", ".")))
	if err != nil {
		t.Fatal(err)
	}
	return d.(protoreflect.MethodDescriptor)
}

// paths lists a message's fields, with those of its zhaohuo.v1 messages below them if deep.
func paths(m protoreflect.MessageDescriptor, prefix string, above map[protoreflect.FullName]bool, deep bool) []string {
	var all []string
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		path := prefix + string(f.Name())
		all = append(all, path)
		if sub := f.Message(); deep && sub != nil && sub.ParentFile().Package() == "zhaohuo.v1" && !above[sub.FullName()] {
			above[sub.FullName()] = true
			all = append(all, paths(sub, path+".", above, deep)...)
			delete(above, sub.FullName())
		}
	}
	return all
}

func TestCheckOffered(t *testing.T) {
	aop, top := zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP, zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP
	for _, c := range []struct {
		name    string
		request *zhaohuov1.KeywordSearchRequest
		dialect zhaohuov1.UpstreamDialect
		refused []string
	}{
		{"plain aop", &zhaohuov1.KeywordSearchRequest{Keyword: "杯", Page: proto.Int32(2), PriceMin: "1"}, aop, nil},
		{"plain top", &zhaohuov1.KeywordSearchRequest{Keyword: "杯", Page: proto.Int32(2), PriceMin: "1"}, top, nil},
		{"aop has everything", &zhaohuov1.KeywordSearchRequest{
			Keyword: "杯", Sort: zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC, LanguageCode: "ja",
			Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS},
		}, aop, nil},
		{"top's sorts", &zhaohuov1.KeywordSearchRequest{Keyword: "杯", Sort: zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC}, top, nil},
		{"top lacks three", &zhaohuov1.KeywordSearchRequest{
			Keyword: "杯", Sort: zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC, LanguageCode: "en",
			Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS},
		}, top, []string{"filters", "language_code", "sort"}},
		{"aop's facet", &zhaohuov1.KeywordSearchRequest{Keyword: "杯", FacetIds: []string{"1"}}, aop, nil},
		{"aop takes one facet at a time", &zhaohuov1.KeywordSearchRequest{Keyword: "杯", FacetIds: []string{"1", "2"}}, aop, []string{"facet_ids"}},
		{"top has no facets", &zhaohuov1.KeywordSearchRequest{Keyword: "杯", FacetIds: []string{"1"}}, top, []string{"facet_ids"}},
		{"top takes zh", &zhaohuov1.KeywordSearchRequest{Keyword: "杯", LanguageCode: "zh"}, top, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := upstream.CheckOffered(c.dialect, keywordSearch, c.request)
			if c.refused == nil {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.UnsupportedByDialect {
				t.Fatalf("got %v", err)
			}
			var named []string
			for _, field := range f.Fields {
				named = append(named, field.Path)
			}
			if diff := cmp.Diff(c.refused, named); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnknownRPCIsADefect(t *testing.T) {
	err := upstream.CheckOffered(zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP, "zhaohuo.v1.SearchService/Nope", &zhaohuov1.KeywordSearchRequest{})
	if fault.KindOf(err) != fault.Internal || err == nil {
		t.Errorf("got %v", err)
	}
}
