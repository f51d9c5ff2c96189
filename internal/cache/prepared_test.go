package cache_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// ways are the two ways to one answer.
type ways struct {
	decoded func(context.Context, *durationpb.Duration) (proto.Message, error)
	encoded func(*durationpb.Duration) (encoded.Question, error)
}

// byPicture are the ways of a search by a picture.
func byPicture(d, e *cache.Cache, picture upstream.Picture) ways {
	return ways{
		func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
			return d.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{Keyword: " 杯 ", LanguageCode: "en", MaxStaleness: s}, picture)
		},
		func(s *durationpb.Duration) (encoded.Question, error) {
			ask, err := e.PrepareImageSearch(&zhaohuov1.ImageSearchRequest{Keyword: " 杯 ", LanguageCode: "en", MaxStaleness: s})
			return func(ctx context.Context) (*encoded.Message, error) { return ask(ctx, picture) }, err
		},
	}
}

// bothWays are the ways of each kind, each through a cache of its own.
func bothWays(d, e *cache.Cache) map[string]ways {
	return map[string]ways{
		"address":              byPicture(d, e, upstream.Picture{URL: "https://img.example.com/1.jpg"}),
		"photo":                byPicture(d, e, upstream.Picture{Photo: &loan{text: "1"}, Key: "1"}),
		"another photo":        byPicture(d, e, upstream.Picture{Photo: &loan{text: "2"}, Key: "2", URL: "https://img.example.com/1.jpg"}),
		"photo without a name": byPicture(d, e, upstream.Picture{Photo: &loan{text: "3"}}),
		string(cache.KeywordSearch): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "杯", LanguageCode: "en", MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareKeywordSearch(&zhaohuov1.KeywordSearchRequest{Keyword: "杯", LanguageCode: "en", MaxStaleness: s})
			},
		},
		string(cache.GetProduct): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: "1", MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareGetProduct(&zhaohuov1.GetProductRequest{Id: "1", MaxStaleness: s})
			},
		},
		string(cache.ListSellerProducts): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.ListSellerProducts(ctx, &zhaohuov1.ListSellerProductsRequest{SellerId: "1", MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareListSellerProducts(&zhaohuov1.ListSellerProductsRequest{SellerId: "1", MaxStaleness: s})
			},
		},
		string(cache.ListSearchFacets): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.ListSearchFacets(ctx, &zhaohuov1.ListSearchFacetsRequest{Keyword: "杯", MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareListSearchFacets(&zhaohuov1.ListSearchFacetsRequest{Keyword: "杯", MaxStaleness: s})
			},
		},
		string(cache.ListTopKeywords): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.ListTopKeywords(ctx, &zhaohuov1.ListTopKeywordsRequest{MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareListTopKeywords(&zhaohuov1.ListTopKeywordsRequest{MaxStaleness: s})
			},
		},
		string(cache.ListRelatedProducts): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.ListRelatedProducts(ctx, &zhaohuov1.ListRelatedProductsRequest{MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareListRelatedProducts(&zhaohuov1.ListRelatedProductsRequest{MaxStaleness: s})
			},
		},
		string(cache.ListTopProducts): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.ListTopProducts(ctx, &zhaohuov1.ListTopProductsRequest{CategoryId: "1", MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareListTopProducts(&zhaohuov1.ListTopProductsRequest{CategoryId: "1", MaxStaleness: s})
			},
		},
		string(cache.FindCategories): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.FindCategories(ctx, &zhaohuov1.FindCategoriesRequest{Name: " 杯 ", MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareFindCategories(&zhaohuov1.FindCategoriesRequest{Name: "杯", MaxStaleness: s})
			},
		},
		string(cache.GetCategory): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.GetCategory(ctx, &zhaohuov1.GetCategoryRequest{Id: "0", MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareGetCategory(&zhaohuov1.GetCategoryRequest{Id: "0", MaxStaleness: s})
			},
		},
		string(cache.EstimateFreight): {
			func(ctx context.Context, s *durationpb.Duration) (proto.Message, error) {
				return d.EstimateFreight(ctx, &zhaohuov1.EstimateFreightRequest{Id: "1", Quantity: 2, MaxStaleness: s})
			},
			func(s *durationpb.Duration) (encoded.Question, error) {
				return e.PrepareEstimateFreight(&zhaohuov1.EstimateFreightRequest{Id: "1", Quantity: 2, MaxStaleness: s})
			},
		},
	}
}

// TestEncodedAnswersEqualDecodedOnes: whatever the upstream answers, however old the answer is and whether the upstream fails,
// a question that is answered with the encoded answer gets what the same question gets decoded, in another cache with the same past.
func TestEncodedAnswersEqualDecodedOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		next := drawn(t)
		now := time.Unix(1_800_000_000, 0)
		next.now = func() time.Time { return now }
		life := cache.Life{Fresh: 10 * time.Minute, Stale: time.Hour, NotFound: time.Minute}
		lives := map[cache.Kind]cache.Life{}
		for _, kind := range cache.Kinds() {
			lives[kind] = life
		}
		var caches [2]*cache.Cache
		for i := range caches {
			c, err := cache.Wrap(next, cache.Config{Now: next.now, Lives: lives})
			if err != nil {
				t.Fatal(err)
			}
			caches[i] = c
			defer func() {
				if err := c.Close(context.Background()); err != nil {
					t.Error(err)
				}
			}()
		}
		ways := bothWays(caches[0], caches[1])
		prepared := map[string]encoded.Question{}
		ages := []*durationpb.Duration{nil, durationpb.New(0), durationpb.New(20 * time.Minute)}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 5, 11, 40, 70}).Draw(t, "minutes")) * time.Minute)
			next.source = zhaohuov1.AnswerSource(rapid.Int32Range(1, 2).Draw(t, "source"))
			next.fails = rapid.SampledFrom([]fault.Kind{fault.Internal, fault.Internal, fault.Internal, fault.UpstreamUnavailable, fault.ProductNotFound}).Draw(t, "fails")
			kind := rapid.SampledFrom(slices.Sorted(maps.Keys(ways))).Draw(t, "kind")
			age := rapid.SampledFrom(ages).Draw(t, "max staleness")
			// A prepared question is asked again: it must not have changed.
			name := kind + age.String()
			if prepared[name] == nil {
				q, err := ways[kind].encoded(age)
				if err != nil {
					t.Fatal(err)
				}
				prepared[name] = q
			}
			want, wantErr := ways[kind].decoded(context.Background(), age)
			got, gotErr := prepared[name](context.Background())
			if diff := cmp.Diff(fault.KindOf(wantErr), fault.KindOf(gotErr)); diff != "" {
				t.Fatalf("%s: (-decoded +encoded):\n%s", kind, diff)
			}
			if wantErr != nil {
				continue
			}
			message, err := got.Decode()
			if err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(want, message) {
				t.Fatalf("%s: (-decoded +encoded):\n%s", kind, cmp.Diff(want, message, protocmp.Transform()))
			}
		}
	})
}

// TestStoredBytesAreChecked: a value of a store that is no answer is asked for anew, also where answers stay encoded. What a version
// before has stored, without a sum, is used.
func TestStoredBytesAreChecked(t *testing.T) {
	written := newTiers()
	c := wrap(t, newPlatform(), cache.Config{Store: written})
	want(t, "asked", search(t.Context(), c, words("杯")), got{Number: "1", From: live, Calls: 1})
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	unsummed := func(b []byte) []byte { return slices.Concat([]byte{2}, b[1:19], b[23:]) }
	for name, test := range map[string]struct {
		change func([]byte) []byte
		first  zhaohuov1.ServedFrom
	}{
		"as written":        {slices.Clone[[]byte], cached},
		"cut":               {func(b []byte) []byte { return b[:len(b)-2] }, live},
		"a bit":             {func(b []byte) []byte { b = slices.Clone(b); b[len(b)-1] ^= 1; return b }, live},
		"without a sum":     {unsummed, cached},
		"without it, cut":   {func(b []byte) []byte { return unsummed(b[:len(b)-2]) }, live},
		"of a newer format": {func(b []byte) []byte { return slices.Concat([]byte{4}, b[1:]) }, live},
	} {
		store := newTiers()
		for key, item := range written.kept {
			item.Value = test.change(item.Value)
			store.kept[key] = item
		}
		second := wrap(t, newPlatform(), cache.Config{Store: store})
		question, err := second.PrepareKeywordSearch(words("杯"))
		if err != nil {
			t.Fatal(err)
		}
		for i, from := range []zhaohuov1.ServedFrom{test.first, cached} {
			answer, err := question(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			message, err := answer.Decode()
			if err != nil {
				t.Fatal(err)
			}
			if got := message.(*zhaohuov1.KeywordSearchResponse); got.GetMeta().GetServedFrom() != from || len(got.GetProducts()) != 1 {
				t.Errorf("%s, %d: %v", name, i, got)
			}
		}
	}
}

// TestFormsAreWeighed: the JSON that is kept beside an answer counts as memory of the cache.
func TestFormsAreWeighed(t *testing.T) {
	c := wrap(t, newPlatform(), cache.Config{})
	question, err := c.PrepareKeywordSearch(words("杯"))
	if err != nil {
		t.Fatal(err)
	}
	var answer *encoded.Message
	for range 2 {
		if answer, err = question(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	before := c.Stats().MemoryBytes
	answer.Forms.Keep(&encoded.JSON{Text: make([]byte, 50_000), Tag: "tag"})
	// The cache counts a little later, driven by what it is asked.
	grown := func() int64 { return c.Stats().MemoryBytes - before }
	for end := time.Now().Add(10 * time.Second); grown() < 50_000 && time.Now().Before(end); {
		if _, err := question(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := grown(); got < 50_000 || got > 60_000 {
		t.Errorf("it grew by %d bytes", got)
	}
	second, err := question(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if second.Forms.JSON() == nil {
		t.Error("the form was not kept")
	}
}

// TestStoredAnswersAllocateLittle: what a stored answer allocates does not depend on its size, and stays within a recorded bound.
func TestStoredAnswersAllocateLittle(t *testing.T) {
	for _, size := range []int{1, 1000} {
		var products []*zhaohuov1.Product
		for range size {
			products = append(products, goods("杯", 1)...)
		}
		c := wrap(t, &anything{now: time.Now, answers: map[protoreflect.FullName]proto.Message{
			"zhaohuo.v1.KeywordSearchResponse": &zhaohuov1.KeywordSearchResponse{Products: products},
			"zhaohuo.v1.ImageSearchResponse":   &zhaohuov1.ImageSearchResponse{Products: products},
		}}, cache.Config{})
		byWords, err := c.PrepareKeywordSearch(words("杯"))
		if err != nil {
			t.Fatal(err)
		}
		byPicture, err := c.PrepareImageSearch(&zhaohuov1.ImageSearchRequest{Keyword: "杯"})
		if err != nil {
			t.Fatal(err)
		}
		photo := &loan{text: "1"}
		for name, test := range map[string]struct {
			bound    float64 // One more than measured.
			question encoded.Question
		}{
			"by words": {5, byWords},
			"by a photo": {9, func(ctx context.Context) (*encoded.Message, error) {
				return byPicture(ctx, upstream.Picture{Photo: photo, Key: "1"})
			}},
		} {
			allocated := testing.AllocsPerRun(1000, func() {
				if _, err := test.question(context.Background()); err != nil {
					t.Error(err)
				}
			})
			t.Logf("%s, %d products: %.0f allocations", name, size, allocated)
			if allocated > test.bound {
				t.Errorf("%s, %d products: %.0f allocations, want at most %.0f", name, size, allocated, test.bound)
			}
		}
	}
}
