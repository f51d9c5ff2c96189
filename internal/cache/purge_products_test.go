package cache_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// shop is an upstream whose lists show goods: those that a question is answered with are set.
type shop struct {
	*platform
	shown []*zhaohuov1.Product
}

func showing(ids ...string) *shop {
	s := &shop{platform: newPlatform()}
	for _, id := range ids {
		s.shown = append(s.shown, &zhaohuov1.Product{Id: id, Title: "杯", DetailUrl: new("https://detail.example/offer/7.html")})
	}
	return s
}

func (s *shop) KeywordSearch(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	_, meta, err := s.ask(ctx)
	return &zhaohuov1.KeywordSearchResponse{Products: s.shown, Meta: meta}, err
}

func (s *shop) ImageSearch(ctx context.Context, _ *zhaohuov1.ImageSearchRequest, _ upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	_, meta, err := s.ask(ctx)
	return &zhaohuov1.ImageSearchResponse{Products: s.shown, Meta: meta}, err
}

func (s *shop) ListSellerProducts(ctx context.Context, _ *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	_, meta, err := s.ask(ctx)
	return &zhaohuov1.ListSellerProductsResponse{Products: s.shown, Meta: meta}, err
}

func (s *shop) ListRelatedProducts(ctx context.Context, _ *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	_, meta, err := s.ask(ctx)
	return &zhaohuov1.ListRelatedProductsResponse{Products: s.shown, Meta: meta}, err
}

func (s *shop) ListTopProducts(ctx context.Context, _ *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsResponse, error) {
	_, meta, err := s.ask(ctx)
	a := &zhaohuov1.ListTopProductsResponse{Meta: meta}
	for _, p := range s.shown {
		a.Products = append(a.Products, &zhaohuov1.TopProduct{Product: p})
	}
	return a, err
}

func (s *shop) GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	_, meta, err := s.ask(ctx)
	if err == nil && q.GetId() == "404" {
		return nil, fault.New(fault.ProductNotFound, "no such product")
	}
	return &zhaohuov1.GetProductResponse{Product: &zhaohuov1.ProductDetail{Summary: &zhaohuov1.Product{Id: q.GetId()}}, Meta: meta}, err
}

func (s *shop) GetProductTrends(ctx context.Context, _ *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	_, meta, err := s.ask(ctx)
	return &zhaohuov1.GetProductTrendsResponse{Meta: meta}, err
}

func (s *shop) FindCategories(ctx context.Context, _ *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesResponse, error) {
	_, meta, err := s.ask(ctx)
	return &zhaohuov1.FindCategoriesResponse{Meta: meta}, err
}

// say is an API called by its name that answers with a text.
func (s *shop) say(text string) func(context.Context, *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
	return func(ctx context.Context, _ *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
		_, meta, err := s.ask(ctx)
		return &zhaohuov1.CallResponse{Json: text, Meta: meta}, err
	}
}

// metaOf is the meta of an answer, whichever it is.
func metaOf[A interface{ GetMeta() *zhaohuov1.AnswerMeta }](a A, err error) (*zhaohuov1.AnswerMeta, error) {
	return a.GetMeta(), err
}

// TestPurgeProducts: no answer from before that is about a product or shows it is used, whatever the question; all others are.
func TestPurgeProducts(t *testing.T) {
	ctx := context.Background()
	hour := durationpb.New(time.Hour)
	numbers := make([]string, 101)
	for i := range numbers {
		numbers[i] = strconv.Itoa(1000 + i)
	}
	for name, test := range map[string]struct {
		shown  []string
		ask    func(*cache.Cache, *shop) (*zhaohuov1.AnswerMeta, error)
		purged bool
	}{
		"a search that shows it": {[]string{"5", "7"}, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.KeywordSearch(ctx, words("杯")))
		}, true},
		"a search that shows others": {[]string{"5", "77", "8"}, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.KeywordSearch(ctx, words("7")))
		}, false},
		"a search that shows nothing": {nil, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.KeywordSearch(ctx, words("杯")))
		}, false},
		"a search by a photo": {[]string{"7"}, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{}, upstream.Picture{URL: "https://img.example/1.jpg"}))
		}, true},
		"goods of a supplier": {[]string{"7"}, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.ListSellerProducts(ctx, &zhaohuov1.ListSellerProductsRequest{}))
		}, true},
		"goods related to another": {[]string{"7"}, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.ListRelatedProducts(ctx, &zhaohuov1.ListRelatedProductsRequest{Id: "8"}))
		}, true},
		"goods related to it": {[]string{"8"}, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.ListRelatedProducts(ctx, &zhaohuov1.ListRelatedProductsRequest{Id: "7"}))
		}, true},
		"a ranking": {[]string{"7"}, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.ListTopProducts(ctx, &zhaohuov1.ListTopProductsRequest{}))
		}, true},
		"its details": {nil, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: "7", LanguageCode: "en"}))
		}, true},
		"another's details": {nil, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: "70"}))
		}, false},
		"its freight": {nil, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.EstimateFreight(ctx, &zhaohuov1.EstimateFreightRequest{Id: "7", Quantity: 1}))
		}, true},
		"its trends": {nil, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.GetProductTrends(ctx, &zhaohuov1.GetProductTrendsRequest{Id: "7"}))
		}, true},
		"another's trends": {nil, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.GetProductTrends(ctx, &zhaohuov1.GetProductTrendsRequest{Id: "8"}))
		}, false},
		"categories": {nil, func(c *cache.Cache, _ *shop) (*zhaohuov1.AnswerMeta, error) {
			return metaOf(c.FindCategories(ctx, &zhaohuov1.FindCategoriesRequest{}))
		}, false},
		"an API that is asked about it": {nil, func(c *cache.Cache, s *shop) (*zhaohuov1.AnswerMeta, error) {
			q := &zhaohuov1.CallRequest{Api: "a:b-1", Parameters: map[string]string{"ids": "[8,7]"}, MaxStaleness: hour}
			return metaOf(c.Call(ctx, q, s.say("{}")))
		}, true},
		"an API that answers with it": {nil, func(c *cache.Cache, s *shop) (*zhaohuov1.AnswerMeta, error) {
			q := &zhaohuov1.CallRequest{Api: "a:b-1", MaxStaleness: hour}
			return metaOf(c.Call(ctx, q, s.say(`{"list":[{"offerId":7,"price":"12.50"}]}`)))
		}, true},
		"an API that answers with others": {nil, func(c *cache.Cache, s *shop) (*zhaohuov1.AnswerMeta, error) {
			q := &zhaohuov1.CallRequest{Api: "a:b-1", MaxStaleness: hour}
			return metaOf(c.Call(ctx, q, s.say(`{"list":[{"offerId":8,"price":"12.77"}]}`)))
		}, false},
		"an API that answers with too many numbers": {nil, func(c *cache.Cache, s *shop) (*zhaohuov1.AnswerMeta, error) {
			q := &zhaohuov1.CallRequest{Api: "a:b-1", MaxStaleness: hour}
			return metaOf(c.Call(ctx, q, s.say("["+strings.Join(numbers, ",")+"]")))
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := showing(test.shown...)
				c := wrap(t, s, cache.Config{})
				calls := func() int {
					if _, err := test.ask(c, s); err != nil {
						t.Fatal(err)
					}
					return s.asked()
				}
				if n := calls() + calls(); n != 2 {
					t.Fatalf("%d calls, want that of the first question", n)
				}
				time.Sleep(time.Second)
				if reach := c.PurgeProducts(ctx, []string{"6", "7"}); reach != cache.ReachProcess {
					t.Errorf("it reaches %q", reach)
				}
				time.Sleep(time.Second)
				want := 1
				if test.purged {
					want = 2
				}
				if first, then := calls(), calls(); first != want || then != want {
					t.Errorf("%d and %d calls, want %d", first, then, want)
				}
			})
		})
	}
}

// TestPurgeOfWhatDoesNotExist: that a product does not exist is dropped too.
func TestPurgeOfWhatDoesNotExist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := showing()
		c := wrap(t, s, cache.Config{})
		for _, step := range []struct {
			purge string
			calls int
		}{{"", 1}, {"405", 1}, {"404", 2}} {
			if step.purge != "" {
				c.PurgeProducts(t.Context(), []string{step.purge})
			}
			time.Sleep(time.Second)
			want(t, step.purge, detail(t.Context(), c, &zhaohuov1.GetProductRequest{Id: "404"}), got{Fault: fault.ProductNotFound.String()})
			if s.asked() != step.calls {
				t.Errorf("after %q: %d calls, want %d", step.purge, s.asked(), step.calls)
			}
		}
	})
}
