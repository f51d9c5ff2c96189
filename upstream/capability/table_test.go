package capability_test

import (
	"slices"
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
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// declarations are those of every dialect.
func declarations() []capability.Declaration {
	return []capability.Declaration{aop.Capabilities(), top.Capabilities()}
}

// TestTableHasEveryField compares the table with the contract's descriptors, both ways: a new field must be added to
// the table, and a removed one must be removed from it.
func TestTableHasEveryField(t *testing.T) {
	for _, declared := range declarations() {
		table := capability.NewTable(declared)
		reported := map[string]map[string]bool{}
		for _, c := range table.Fields() {
			if reported[c.GetRpc()] == nil {
				reported[c.GetRpc()] = map[string]bool{}
			}
			if reported[c.GetRpc()][c.GetSide().String()+c.GetField()] {
				t.Errorf("%v: %s: %s is listed twice", table, c.GetRpc(), c.GetField())
			}
			reported[c.GetRpc()][c.GetSide().String()+c.GetField()] = true
		}
		for rpc, fields := range reported {
			method := methodOf(t, rpc)
			answers := hasSide(fields, "FIELD_SIDE_RESPONSE")
			for _, path := range paths(method.Input(), "", map[protoreflect.FullName]bool{}) {
				if !fields["FIELD_SIDE_REQUEST"+path] {
					t.Errorf("%v: %s: request field %s is not in the table", table, rpc, path)
				}
				delete(fields, "FIELD_SIDE_REQUEST"+path)
			}
			for _, path := range paths(method.Output(), "", map[protoreflect.FullName]bool{}) {
				if answerFields(path) && answers && !fields["FIELD_SIDE_RESPONSE"+path] {
					t.Errorf("%v: %s: response field %s is not in the table", table, rpc, path)
				}
				delete(fields, "FIELD_SIDE_RESPONSE"+path)
			}
			for path := range fields {
				t.Errorf("%v: %s: %s is in the table but not in the contract", table, rpc, path)
			}
		}
	}
}

// TestTableHasEveryRPC requires rows for every RPC that calls the upstream.
func TestTableHasEveryRPC(t *testing.T) {
	reported := map[string]bool{}
	for _, c := range capability.NewTable(aop.Capabilities()).Fields() {
		reported[c.GetRpc()] = true
	}
	for _, method := range contract.Methods() {
		name := strings.TrimPrefix(contract.FullMethod(method), "/")
		// A price watch is checked by the rows of what it observes with: ComparePrices and GetProduct.
		calls := !slices.Contains([]protoreflect.Name{"InfoService", "PriceWatchService", "AdminService"}, method.Parent().Name())
		if reported[name] != calls {
			t.Errorf("%s: in the table %t, want %t", name, reported[name], calls)
		}
	}
}

// TestDeclaredFieldsAreOfTheContract refuses an exception for a field or an operation that the contract does not have.
// Such an exception would have no effect, and a misspelled one would offer a field that the dialect lacks.
func TestDeclaredFieldsAreOfTheContract(t *testing.T) {
	for _, declared := range declarations() {
		for name, operation := range declared.Operations {
			method := methodOf(t, name)
			for side, c := range map[string]struct {
				message protoreflect.MessageDescriptor
				offers  map[string]capability.Offer
			}{"request": {method.Input(), operation.Request}, "answer": {method.Output(), operation.Answer}} {
				existing := paths(c.message, "", map[protoreflect.FullName]bool{})
				for path := range c.offers {
					if !slices.Contains(existing, path) {
						t.Errorf("%v: %s: the %s has no field %s", declared.Dialect, name, side, path)
					}
				}
			}
		}
	}
}

// TestDeclaredOperationsAreImplemented compares a declaration with the operations that the dialect encodes and decodes.
func TestDeclaredOperationsAreImplemented(t *testing.T) {
	for _, d := range []*upstream.Dialect{aop.New(aop.Config{}), top.New(top.Config{})} {
		implemented := map[string]bool{
			capability.KeywordSearch:       d.KeywordSearch.Offered(),
			capability.ImageSearch:         d.ImageSearch.Offered(),
			capability.GetProduct:          d.GetProduct.Offered(),
			capability.ListSellerProducts:  d.ListSellerProducts.Offered(),
			capability.ListSearchFacets:    d.ListSearchFacets.Offered(),
			capability.ListTopKeywords:     d.ListTopKeywords.Offered(),
			capability.ListRelatedProducts: d.ListRelatedProducts.Offered(),
			capability.ListTopProducts:     d.ListTopProducts.Offered(),
			capability.GetProductTrends:    d.GetProductTrends.Offered(),
			capability.FindCategories:      d.FindCategories.Offered(),
			capability.GetCategory:         d.GetCategory.Offered(),
			capability.EstimateFreight:     d.EstimateFreight.Offered(),
		}
		for name, want := range implemented {
			if _, declared := d.Capabilities.Operations[name]; declared != want {
				t.Errorf("%v: %s: declared %t, implemented %t", d.ID, name, declared, want)
			}
		}
		for name := range d.Capabilities.Operations {
			if _, known := implemented[name]; !known {
				t.Errorf("%v: %s is no operation of a dialect", d.ID, name)
			}
		}
		if d.Capabilities.Dialect != d.ID {
			t.Errorf("%v declares for %v", d.ID, d.Capabilities.Dialect)
		}
	}
}

// answerFields reports whether the table must have an answer's field: all fields of the products in a list, and the top
// fields of a product in detail.
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

// paths lists a message's fields, with those of its zhaohuo.v1 messages below them.
func paths(m protoreflect.MessageDescriptor, prefix string, above map[protoreflect.FullName]bool) []string {
	var all []string
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		path := prefix + string(f.Name())
		all = append(all, path)
		if sub := f.Message(); sub != nil && !f.IsMap() && sub.ParentFile().Package() == "zhaohuo.v1" && !above[sub.FullName()] {
			above[sub.FullName()] = true
			all = append(all, paths(sub, path+".", above)...)
			delete(above, sub.FullName())
		}
	}
	return all
}

func TestCheck(t *testing.T) {
	aop, top := capability.NewTable(aop.Capabilities()), capability.NewTable(top.Capabilities())
	for _, c := range []struct {
		name    string
		request *zhaohuov1.KeywordSearchRequest
		table   *capability.Table
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
			err := c.table.Check(capability.KeywordSearch, c.request)
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
	err := capability.NewTable(aop.Capabilities()).Check("zhaohuo.v1.SearchService/Nope", &zhaohuov1.KeywordSearchRequest{})
	if fault.KindOf(err) != fault.Internal || err == nil {
		t.Errorf("got %v", err)
	}
}
