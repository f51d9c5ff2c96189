package upstream_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// answerWithMeta is an answer of any of the five operations.
type answerWithMeta interface {
	proto.Message
	GetMeta() *zhaohuov1.AnswerMeta
}

// everyProductQuestion has a call of each operation, about product or category 7.
func everyProductQuestion(t *testing.T, c *upstream.Client) map[string]func() (answerWithMeta, error) {
	t.Helper()
	ctx := t.Context()
	return map[string]func() (answerWithMeta, error){
		"GetProduct": func() (answerWithMeta, error) { return c.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: "7"}) },
		"ListSellerProducts": func() (answerWithMeta, error) {
			return c.ListSellerProducts(ctx, &zhaohuov1.ListSellerProductsRequest{SellerId: "s"})
		},
		"ListSearchFacets": func() (answerWithMeta, error) {
			return c.ListSearchFacets(ctx, &zhaohuov1.ListSearchFacetsRequest{Keyword: "k"})
		},
		"ListTopKeywords": func() (answerWithMeta, error) {
			return c.ListTopKeywords(ctx, &zhaohuov1.ListTopKeywordsRequest{CategoryId: "1"})
		},
		"ListRelatedProducts": func() (answerWithMeta, error) {
			return c.ListRelatedProducts(ctx, &zhaohuov1.ListRelatedProductsRequest{Id: "7"})
		},
		"ListTopProducts": func() (answerWithMeta, error) {
			return c.ListTopProducts(ctx, &zhaohuov1.ListTopProductsRequest{CategoryId: "1"})
		},
		"GetProductTrends": func() (answerWithMeta, error) {
			return c.GetProductTrends(ctx, &zhaohuov1.GetProductTrendsRequest{Id: "7", Kinds: []zhaohuov1.ProductTrendKind{zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES}})
		},
		"FindCategories": func() (answerWithMeta, error) {
			return c.FindCategories(ctx, &zhaohuov1.FindCategoriesRequest{Name: "n"})
		},
		"GetCategory": func() (answerWithMeta, error) { return c.GetCategory(ctx, &zhaohuov1.GetCategoryRequest{Id: "7"}) },
	}
}

func TestProductAnswersHaveMeta(t *testing.T) {
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answers := map[string]string{
			"queryProductDetail":   `{"offerId":7}`,
			"querySellerOfferList": `{"totalRecords":0,"currentPage":1,"pageSize":20,"data":[]}`,
			"query":                `{"rankProductModels":[]}`, "keywordSNQuery": `[]`, "topKeyword": `[]`, "recommend": `[]`,
			"getPerdaySellQuantityTrendNew": `[]`,
			"getByKeyword":                  `[]`, "getById": `{"categoryId":7}`,
		}
		for name, answer := range answers {
			if strings.Contains(r.URL.Path, "."+name+"/") {
				_, _ = io.WriteString(w, `{"result":{"success":true,"code":"200","result":`+answer+`}}`) // The client may have left already.
			}
		}
	})
	o.Dialect = aop.New(aop.Config{BaseURL: o.Dialect.Wire.(plainWire).url})
	client := upstream.New(o)
	defer client.Close()
	for name, ask := range everyProductQuestion(t, client) {
		answer, err := ask()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m := answer.GetMeta(); m.GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE || m.GetUpstreamCalls() != 1 || m.GetFetchTime() == nil {
			t.Errorf("%s: meta %v", name, m)
		}
	}
}

// The subject of ProductNotFound is the product, or the API if the request named no product.
func TestProductsNotFound(t *testing.T) {
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"result":{"success":false,"code":"500","message":"商品已下架"}}`) // The client may have left already.
	})
	o.Dialect = aop.New(aop.Config{BaseURL: o.Dialect.Wire.(plainWire).url})
	client := upstream.New(o)
	defer client.Close()
	for name, ask := range everyProductQuestion(t, client) {
		want := map[string]string{
			"GetProduct": "7", "ListRelatedProducts": "7", "GetProductTrends": "7",
			"ListTopProducts":    aop.DefaultMethods().ListTopProducts.String(),
			"ListSellerProducts": aop.DefaultMethods().ListSellerProducts.String(),
			"ListSearchFacets":   aop.DefaultMethods().ListSearchFacets.String(),
			"ListTopKeywords":    aop.DefaultMethods().ListTopKeywords.String(),
			"FindCategories":     aop.DefaultMethods().FindCategories.String(),
			"GetCategory":        aop.DefaultMethods().GetCategory.String(),
		}[name]
		_, err := ask()
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.ProductNotFound || f.Subject != want || fault.CallsOf(f) != 1 {
			t.Errorf("%s: got %v about %q, want product not found about %q", name, err, f.Subject, want)
		}
	}
}

// The subject of CategoryNotFound is the category.
func TestCategoryNotFound(t *testing.T) {
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"result":{"success":false,"code":"500","message":"类目不存在"}}`) // The client may have left already.
	})
	o.Dialect = aop.New(aop.Config{BaseURL: o.Dialect.Wire.(plainWire).url})
	client := upstream.New(o)
	defer client.Close()
	_, err := client.GetCategory(t.Context(), &zhaohuov1.GetCategoryRequest{Id: "7"})
	if f, ok := fault.As(err); !ok || f.Kind != fault.CategoryNotFound || f.Subject != "7" || fault.CallsOf(f) != 1 {
		t.Errorf("got %v, want category 7 not found", err)
	}
}

func TestOperationsThatADialectLacks(t *testing.T) {
	o := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was called") })
	o.Dialect = top.New(top.Config{URL: o.Dialect.Wire.(plainWire).url})
	client := upstream.New(o)
	defer client.Close()
	for name, ask := range everyProductQuestion(t, client) {
		if name == "GetProduct" || name == "ListSellerProducts" {
			continue
		}
		if _, err := ask(); fault.KindOf(err) != fault.UnsupportedByDialect {
			t.Errorf("%s: %v", name, err)
		}
	}
}
