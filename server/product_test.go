package server_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

var window = upstream.Limits{PageSizeMax: 50, Window: 2000}

// shop is an upstream.Products that records the questions. get answers GetProduct; nil answers with the id only.
type shop struct {
	upstream.Products

	get func(id string) (*zhaohuov1.GetProductResponse, error)
	err error

	mu        sync.Mutex
	questions []proto.Message
	now, most int
}

func (s *shop) keep(q proto.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.questions = append(s.questions, q)
}

func (s *shop) GetProduct(_ context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	s.keep(q)
	s.mu.Lock()
	s.now++
	s.most = max(s.most, s.now)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now--
	}()
	if s.get != nil {
		return s.get(q.GetId())
	}
	return &zhaohuov1.GetProductResponse{Product: product(q.GetId())}, s.err
}

func (s *shop) ListSellerProducts(_ context.Context, q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	s.keep(q)
	return &zhaohuov1.ListSellerProductsResponse{}, s.err
}

func (s *shop) ListSearchFacets(_ context.Context, q *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error) {
	s.keep(q)
	return &zhaohuov1.ListSearchFacetsResponse{}, s.err
}

func (s *shop) ListTopKeywords(_ context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error) {
	s.keep(q)
	return &zhaohuov1.ListTopKeywordsResponse{}, s.err
}

func (s *shop) ListRelatedProducts(_ context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	s.keep(q)
	return &zhaohuov1.ListRelatedProductsResponse{}, s.err
}

func (s *shop) EstimateFreight(_ context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	s.keep(q)
	return &zhaohuov1.EstimateFreightResponse{}, s.err
}

func (s *shop) ListTopProducts(_ context.Context, q *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsResponse, error) {
	s.keep(q)
	return &zhaohuov1.ListTopProductsResponse{}, s.err
}

func product(id string) *zhaohuov1.ProductDetail {
	return &zhaohuov1.ProductDetail{Summary: &zhaohuov1.Product{Id: id}}
}

func serving(s *shop, d *capability.Table) *server.Product {
	return server.NewProduct(s, d, window, zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)
}

// call asks the handler for the request's type.
func call(ctx context.Context, p *server.Product, q proto.Message) error {
	var err error
	switch q := q.(type) {
	case *zhaohuov1.GetProductRequest:
		_, err = p.GetProduct(ctx, q)
	case *zhaohuov1.BatchGetProductsRequest:
		_, err = p.BatchGetProducts(ctx, q)
	case *zhaohuov1.ListSellerProductsRequest:
		_, err = p.ListSellerProducts(ctx, q)
	case *zhaohuov1.ListSearchFacetsRequest:
		_, err = p.ListSearchFacets(ctx, q)
	case *zhaohuov1.ListTopKeywordsRequest:
		_, err = p.ListTopKeywords(ctx, q)
	case *zhaohuov1.ListRelatedProductsRequest:
		_, err = p.ListRelatedProducts(ctx, q)
	case *zhaohuov1.EstimateFreightRequest:
		_, err = p.EstimateFreight(ctx, q)
	case *zhaohuov1.ListTopProductsRequest:
		_, err = p.ListTopProducts(ctx, q)
	case *zhaohuov1.GetProductTrendsRequest:
		_, err = p.GetProductTrends(ctx, q)
	default:
		err = fmt.Errorf("no handler for %T", q)
	}
	return err
}

func TestProductAsksOnce(t *testing.T) {
	for name, test := range map[string]struct{ given, want proto.Message }{
		"detail": {
			&zhaohuov1.GetProductRequest{Id: "7", LanguageCode: "en", IncludeRaw: true}, &zhaohuov1.GetProductRequest{Id: "7", LanguageCode: "en", IncludeRaw: true},
		},
		"a shop, nothing given": {
			&zhaohuov1.ListSellerProductsRequest{SellerId: "s"}, &zhaohuov1.ListSellerProductsRequest{SellerId: "s", Page: proto.Int32(1), PageSize: proto.Int32(20)},
		},
		"a shop, a page": {
			&zhaohuov1.ListSellerProductsRequest{SellerId: "s", Page: proto.Int32(40), PageSize: proto.Int32(50), PriceMin: "1", PriceMax: "1.00"},
			&zhaohuov1.ListSellerProductsRequest{SellerId: "s", Page: proto.Int32(40), PageSize: proto.Int32(50), PriceMin: "1", PriceMax: "1.00"},
		},
		"facets":       {&zhaohuov1.ListSearchFacetsRequest{Keyword: "k"}, &zhaohuov1.ListSearchFacetsRequest{Keyword: "k"}},
		"top keywords": {&zhaohuov1.ListTopKeywordsRequest{CategoryId: "1"}, &zhaohuov1.ListTopKeywordsRequest{CategoryId: "1"}},
		"top products, nothing given": {
			&zhaohuov1.ListTopProductsRequest{CategoryId: "1"}, &zhaohuov1.ListTopProductsRequest{CategoryId: "1", RankType: "complex", Limit: proto.Int32(10)},
		},
		"top products, all given": {
			&zhaohuov1.ListTopProductsRequest{CategoryId: "1", RankType: "VNHot", Limit: proto.Int32(3), LanguageCode: "en"},
			&zhaohuov1.ListTopProductsRequest{CategoryId: "1", RankType: "VNHot", Limit: proto.Int32(3), LanguageCode: "en"},
		},
		"related, nothing given": {
			&zhaohuov1.ListRelatedProductsRequest{Id: "7"}, &zhaohuov1.ListRelatedProductsRequest{Id: "7", Page: proto.Int32(1), PageSize: proto.Int32(10)},
		},
		"related, a page": {
			&zhaohuov1.ListRelatedProductsRequest{Id: "7", Page: proto.Int32(3), PageSize: proto.Int32(4)},
			&zhaohuov1.ListRelatedProductsRequest{Id: "7", Page: proto.Int32(3), PageSize: proto.Int32(4)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shop{}
			before := proto.CloneOf(test.given)
			if err := call(t.Context(), serving(s, aopOffers()), test.given); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]proto.Message{test.want}, s.questions, protocmp.Transform()); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, test.given, protocmp.Transform()); diff != "" {
				t.Errorf("the caller's request was changed (-want +got):\n%s", diff)
			}
			want := errors.New("as it is")
			if err := call(t.Context(), serving(&shop{err: want}, aopOffers()), test.given); !errors.Is(err, want) {
				t.Errorf("a fault became %v", err)
			}
		})
	}
}

func TestProductRefusesWithoutAsking(t *testing.T) {
	for name, test := range map[string]struct {
		q       proto.Message
		dialect *capability.Table
		kind    fault.Kind
		fields  []string
	}{
		"a shop's page beyond the window": {&zhaohuov1.ListSellerProductsRequest{SellerId: "s", Page: proto.Int32(101)}, aopOffers(), fault.InvalidField, []string{"page"}},
		"a shop's prices upside down":     {&zhaohuov1.ListSellerProductsRequest{SellerId: "s", PriceMin: "2", PriceMax: "1"}, aopOffers(), fault.InvalidField, []string{"price_min"}},
		"related beyond the window":       {&zhaohuov1.ListRelatedProductsRequest{Id: "7", Page: proto.Int32(201)}, aopOffers(), fault.InvalidField, []string{"page"}},
		"detail in TOP, translated":       {&zhaohuov1.GetProductRequest{Id: "7", LanguageCode: "en"}, topOffers(), fault.UnsupportedByDialect, []string{"language_code"}},
		"batch in TOP, translated":        {&zhaohuov1.BatchGetProductsRequest{Ids: []string{"7"}, LanguageCode: "en"}, topOffers(), fault.UnsupportedByDialect, []string{"language_code"}},
		"a shop in TOP, filtered": {
			&zhaohuov1.ListSellerProductsRequest{SellerId: "s", Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS}, Sort: zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC, LanguageCode: "en"},
			topOffers(), fault.UnsupportedByDialect,
			[]string{"filters", "language_code", "sort"},
		},
		"facets in TOP":       {&zhaohuov1.ListSearchFacetsRequest{Keyword: "k"}, topOffers(), fault.UnsupportedByDialect, []string{"keyword"}},
		"top keywords in TOP": {&zhaohuov1.ListTopKeywordsRequest{CategoryId: "1"}, topOffers(), fault.UnsupportedByDialect, []string{"category_id"}},
		"top products in TOP": {&zhaohuov1.ListTopProductsRequest{CategoryId: "1"}, topOffers(), fault.UnsupportedByDialect, []string{"category_id"}},
		"trends in TOP":       {&zhaohuov1.GetProductTrendsRequest{Id: "7"}, topOffers(), fault.UnsupportedByDialect, []string{"id"}},
		"a trend of no day":   {&zhaohuov1.GetProductTrendsRequest{Id: "7", EndDate: "2026-02-30"}, aopOffers(), fault.InvalidField, []string{"end_date"}},
		"a trend of long ago": {&zhaohuov1.GetProductTrendsRequest{Id: "7", StartDate: "2020-01-01"}, aopOffers(), fault.InvalidField, []string{"start_date"}},
		"a trend to come":     {&zhaohuov1.GetProductTrendsRequest{Id: "7", EndDate: "2099-01-01"}, aopOffers(), fault.InvalidField, []string{"end_date"}},
		"related in TOP":      {&zhaohuov1.ListRelatedProductsRequest{Id: "7"}, topOffers(), fault.UnsupportedByDialect, []string{"id"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shop{}
			f, ok := fault.As(call(t.Context(), serving(s, test.dialect), test.q))
			if !ok || f.Kind != test.kind {
				t.Fatalf("got %v", f)
			}
			var fields []string
			for _, field := range f.Fields {
				fields = append(fields, field.Path)
			}
			if diff := cmp.Diff(test.fields, fields); diff != "" || s.questions != nil {
				t.Errorf("fields %s; asked %v", diff, s.questions)
			}
		})
	}
}

func TestBatch(t *testing.T) {
	early, late := timestamppb.New(time.Unix(1_700_000_000, 0)), timestamppb.New(time.Unix(1_700_000_009, 0))
	s := &shop{get: func(id string) (*zhaohuov1.GetProductResponse, error) {
		switch id {
		case "1":
			return &zhaohuov1.GetProductResponse{Product: product("1"), Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: late, UpstreamCalls: 2}}, nil
		case "2":
			return &zhaohuov1.GetProductResponse{Product: product("2"), Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_CACHE, FetchTime: early}}, nil
		}
		return nil, fault.New(fault.ProductNotFound, "gone").WithSubject(id).WithCalls(3)
	}}
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("accept-language", "zh-CN,en;q=0.5"))
	ids := []string{"2", "x", "3", "1", "2", "", "01", "x", "12345678901234567890"}
	got, err := serving(s, aopOffers()).BatchGetProducts(ctx, &zhaohuov1.BatchGetProductsRequest{
		Ids: ids, LanguageCode: "en", IncludeRaw: true, MaxStaleness: durationpb.New(time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	wantMeta := &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_CACHE, FetchTime: early, UpstreamCalls: 5}
	if diff := cmp.Diff(wantMeta, got.GetMeta(), protocmp.Transform()); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	outcomes := make([]string, len(got.GetResults()))
	for i, r := range got.GetResults() {
		outcomes[i] = r.GetId() + " " + outcomeOf(t, r)
	}
	const bad = "InvalidArgument INVALID_FIELD id zh-CN"
	want := []string{
		"2 2", "x " + bad, "3 NotFound PRODUCT_NOT_FOUND 3 zh-CN", "1 1", "2 2", " " + bad, "01 " + bad, "x " + bad, "12345678901234567890 " + bad,
	}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	asked := map[string]int{}
	for _, q := range s.questions {
		get := q.(*zhaohuov1.GetProductRequest)
		asked[get.GetId()]++
		if get.GetLanguageCode() != "en" || !get.GetIncludeRaw() || get.GetMaxStaleness().GetSeconds() != 60 {
			t.Errorf("asked %v", get)
		}
	}
	if diff := cmp.Diff(map[string]int{"1": 1, "2": 1, "3": 1}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// outcomeOf summarizes a result: the product's id, or code, reason, subject and language.
func outcomeOf(t *testing.T, r *zhaohuov1.ProductResult) string {
	t.Helper()
	if r.GetError() == nil {
		return r.GetProduct().GetSummary().GetId()
	}
	words := []string{codes.Code(r.GetError().GetCode()).String()}
	for _, detail := range status.FromProto(r.GetError()).Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			words = append(words, d.GetReason())
		case *errdetails.BadRequest:
			words = append(words, d.GetFieldViolations()[0].GetField())
		case *errdetails.ResourceInfo:
			words = append(words, d.GetResourceName())
		case *errdetails.LocalizedMessage:
			words = append(words, d.GetLocale())
		}
	}
	return strings.Join(words, " ")
}

func TestEmptyBatchHasTheServersSource(t *testing.T) {
	s := &shop{get: func(string) (*zhaohuov1.GetProductResponse, error) { return nil, errors.New("defect") }}
	for _, source := range []zhaohuov1.AnswerSource{zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX} {
		got, err := server.NewProduct(s, aopOffers(), window, source).BatchGetProducts(t.Context(), &zhaohuov1.BatchGetProductsRequest{Ids: []string{"x", "7"}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&zhaohuov1.AnswerMeta{Source: source}, got.GetMeta(), protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
		if outcome := outcomeOf(t, got.GetResults()[1]); outcome != "Internal INTERNAL en" {
			t.Errorf("a defect is reported as %q", outcome)
		}
	}
}

// Each id is requested once, however often it is repeated. All are answered in order, and never more than the bound at
// once.
func TestBatchAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfN(rapid.Map(rapid.IntRange(1, 30), strconv.Itoa), 1, 50).Draw(rt, "ids")
		s := &shop{}
		got, err := serving(s, aopOffers()).BatchGetProducts(t.Context(), &zhaohuov1.BatchGetProductsRequest{Ids: ids})
		if err != nil {
			rt.Fatal(err)
		}
		var outcomes []string
		for _, r := range got.GetResults() {
			outcomes = append(outcomes, r.GetProduct().GetSummary().GetId())
		}
		if diff := cmp.Diff(ids, outcomes); diff != "" {
			rt.Fatalf("results:\n%s", diff)
		}
		distinct := map[string]bool{}
		for _, id := range ids {
			distinct[id] = true
		}
		if len(s.questions) != len(distinct) || s.most > 8 {
			rt.Fatalf("%d questions for %d ids, %d at once", len(s.questions), len(distinct), s.most)
		}
	})
}

// A panic in one of many reaches the handler's goroutine, where the chain recovers it; it must neither end the process
// nor hang.
func TestBatchPassesPanicsUp(t *testing.T) {
	s := &shop{get: func(id string) (*zhaohuov1.GetProductResponse, error) { panic("boom " + id) }}
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	defer func() {
		if why, _ := recover().(string); !strings.HasPrefix(why, "boom ") {
			t.Errorf("got %q", why)
		}
	}()
	_, err := serving(s, aopOffers()).BatchGetProducts(t.Context(), &zhaohuov1.BatchGetProductsRequest{Ids: ids})
	t.Errorf("no panic, but %v", err)
}
