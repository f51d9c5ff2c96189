package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// The names of the upstream's APIs for products, sellers and hints are settings.
func TestProductMethodsAreSettings(t *testing.T) {
	loaded := settings(t, nil, "--aop-detail-api=n:a-1", "--aop-seller-api=n:b-1", "--aop-facets-api=n:c-1", "--aop-top-keywords-api=n:d-1", "--aop-related-api=n:e-1",
		"--aop-categories-api=n:f-1", "--aop-category-api=n:g-1", "--aop-freight-api=n:h-1", "--aop-order-preview-api=n:i-1",
		"--aop-top-list-api=n:j-1", "--aop-sales-trend-api=n:k-1", "--aop-price-trend-api=n:l-1", "--aop-repurchase-trend-api=n:m-1",
		"--top-detail-method=t.a", "--top-detail-id-param=ida", "--top-seller-method=t.b", "--top-seller-id-param=idb")
	for dialect, want := range map[string][]string{
		"aop": {
			"n:a-1 offerDetailParam", "n:b-1 offerQueryParam", "n:c-1 snParams", "n:d-1 topSeKeywordParam", "n:e-1 relatedQueryParams", "n:f-1 language", "n:g-1 language", "n:h-1 productFreightQueryParamsNew", "n:i-1 flow",
			"n:j-1 rankQueryParams", "n:k-1 tendQueryParam", "n:l-1 trendQueryParam", "n:m-1 trendQueryParam",
		},
		"top": {"t.a ida", "t.b idb", "", "", "", "", "", "", "", "", "", "", ""},
	} {
		loaded.Upstream.Dialect = dialect
		d, err := newDialect(&loaded.Settings, "http://x.test", upstream.Limits{}, true)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{
			asked(t, d.GetProduct, &zhaohuov1.GetProductRequest{Id: "1"}),
			asked(t, d.ListSellerProducts, &zhaohuov1.ListSellerProductsRequest{SellerId: "1"}),
			asked(t, d.ListSearchFacets, &zhaohuov1.ListSearchFacetsRequest{Keyword: "1"}),
			asked(t, d.ListTopKeywords, &zhaohuov1.ListTopKeywordsRequest{CategoryId: "1"}),
			asked(t, d.ListRelatedProducts, &zhaohuov1.ListRelatedProductsRequest{Id: "1"}),
			asked(t, d.FindCategories, &zhaohuov1.FindCategoriesRequest{Name: "1"}),
			asked(t, d.GetCategory, &zhaohuov1.GetCategoryRequest{Id: "1"}),
			asked(t, d.EstimateFreight, &zhaohuov1.EstimateFreightRequest{Id: "1", Quantity: 1}),
			asked(t, d.PreviewFreight, &zhaohuov1.EstimateFreightRequest{Id: "1", Quantity: 1}),
			asked(t, d.ListTopProducts, &zhaohuov1.ListTopProductsRequest{CategoryId: "1"}),
			asked(t, d.GetProductTrends, &zhaohuov1.GetProductTrendsRequest{Id: "1", Kinds: []zhaohuov1.ProductTrendKind{1}}),
			asked(t, d.GetProductTrends, &zhaohuov1.GetProductTrendsRequest{Id: "1", Kinds: []zhaohuov1.ProductTrendKind{2}}),
			asked(t, d.GetProductTrends, &zhaohuov1.GetProductTrendsRequest{Id: "1", Kinds: []zhaohuov1.ProductTrendKind{3}}),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", dialect, diff)
		}
	}
}

// asked is the API of an operation and its first parameter; empty if the dialect has none.
func asked[Q, A any](t *testing.T, o upstream.Operation[Q, A], q Q) string {
	t.Helper()
	if !o.Offered() {
		return ""
	}
	call, err := o.Encode(q)
	if err != nil {
		t.Fatal(err)
	}
	return call.API + " " + call.Params[0].Name
}
