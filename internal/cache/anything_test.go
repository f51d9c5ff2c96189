package cache_test

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// anyMessage fills a message with anything its type allows.
func anyMessage(t *rapid.T, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if field.Name() == "meta" || rapid.IntRange(0, 2).Draw(t, "skip") == 0 || field.Message() != nil && depth == 0 {
			continue
		}
		switch {
		case field.IsMap():
			values := m.Mutable(field).Map()
			for range rapid.IntRange(0, 2).Draw(t, "pairs") {
				if field.MapValue().Message() == nil {
					values.Set(anyValue(t, field.MapKey()).MapKey(), anyValue(t, field.MapValue()))
				}
			}
		case field.IsList():
			list := m.Mutable(field).List()
			for range rapid.IntRange(0, 3).Draw(t, "items") {
				if field.Message() == nil {
					list.Append(anyValue(t, field))
					continue
				}
				item := list.NewElement()
				anyMessage(t, item.Message(), depth-1)
				list.Append(item)
			}
		case field.Message() != nil:
			anyMessage(t, m.Mutable(field).Message(), depth-1)
		default:
			m.Set(field, anyValue(t, field))
		}
	}
}

func anyValue(t *rapid.T, field protoreflect.FieldDescriptor) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rapid.Bool().Draw(t, "bool"))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(rapid.Int32Range(0, 9).Draw(t, "enum")))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(rapid.Int32().Draw(t, "int32"))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(rapid.Int64().Draw(t, "int64"))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(rapid.Float64().Draw(t, "double"))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(rapid.StringN(0, 8, 24).Draw(t, "text"))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "bytes"))
	default:
		t.Fatalf("%s has a kind that this test does not draw", field.FullName())
		return protoreflect.Value{}
	}
}

// anything answers every question with one message of each type, or with a fault.
type anything struct {
	cache.Upstream
	answers map[protoreflect.FullName]proto.Message
	now     func() time.Time
	source  zhaohuov1.AnswerSource
	fails   fault.Kind
}

// drawn makes answers for all questions.
func drawn(t *rapid.T) *anything {
	a := &anything{answers: map[protoreflect.FullName]proto.Message{}}
	for _, m := range []proto.Message{
		&zhaohuov1.KeywordSearchResponse{}, &zhaohuov1.ImageSearchResponse{}, &zhaohuov1.GetProductResponse{}, &zhaohuov1.ListSellerProductsResponse{},
		&zhaohuov1.ListSearchFacetsResponse{}, &zhaohuov1.ListTopKeywordsResponse{}, &zhaohuov1.ListRelatedProductsResponse{},
		&zhaohuov1.FindCategoriesResponse{}, &zhaohuov1.GetCategoryResponse{}, &zhaohuov1.EstimateFreightResponse{}, &zhaohuov1.ListTopProductsResponse{},
	} {
		anyMessage(t, m.ProtoReflect(), 3)
		a.answers[m.ProtoReflect().Descriptor().FullName()] = m
	}
	return a
}

// say answers with the message of a type.
func say[A proto.Message](ctx context.Context, a *anything) (A, error) {
	var none A
	_, _ = upstream.Charge(ctx)    // Without a budget none is refused.
	if a.fails != fault.Internal { // Internal stands for no failure here.
		return none, fault.New(a.fails, "it failed").WithSubject("it").WithCalls(1)
	}
	m := proto.CloneOf(a.answers[none.ProtoReflect().Descriptor().FullName()])
	meta := &zhaohuov1.AnswerMeta{Source: a.source, FetchTime: timestamppb.New(a.now()), UpstreamCalls: 1}
	m.ProtoReflect().Set(m.ProtoReflect().Descriptor().Fields().ByName("meta"), protoreflect.ValueOfMessage(meta.ProtoReflect()))
	return m.(A), nil
}

func (a *anything) KeywordSearch(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return say[*zhaohuov1.KeywordSearchResponse](ctx, a)
}

func (a *anything) ImageSearch(ctx context.Context, _ *zhaohuov1.ImageSearchRequest, _ upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	return say[*zhaohuov1.ImageSearchResponse](ctx, a)
}

func (a *anything) GetProduct(ctx context.Context, _ *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	return say[*zhaohuov1.GetProductResponse](ctx, a)
}

func (a *anything) ListSellerProducts(ctx context.Context, _ *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	return say[*zhaohuov1.ListSellerProductsResponse](ctx, a)
}

func (a *anything) ListSearchFacets(ctx context.Context, _ *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error) {
	return say[*zhaohuov1.ListSearchFacetsResponse](ctx, a)
}

func (a *anything) ListTopKeywords(ctx context.Context, _ *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error) {
	return say[*zhaohuov1.ListTopKeywordsResponse](ctx, a)
}

func (a *anything) ListRelatedProducts(ctx context.Context, _ *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	return say[*zhaohuov1.ListRelatedProductsResponse](ctx, a)
}

func (a *anything) FindCategories(ctx context.Context, _ *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesResponse, error) {
	return say[*zhaohuov1.FindCategoriesResponse](ctx, a)
}

func (a *anything) GetCategory(ctx context.Context, _ *zhaohuov1.GetCategoryRequest) (*zhaohuov1.GetCategoryResponse, error) {
	return say[*zhaohuov1.GetCategoryResponse](ctx, a)
}

func (a *anything) EstimateFreight(ctx context.Context, _ *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	return say[*zhaohuov1.EstimateFreightResponse](ctx, a)
}

func (a *anything) ListTopProducts(ctx context.Context, _ *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsResponse, error) {
	return say[*zhaohuov1.ListTopProductsResponse](ctx, a)
}
