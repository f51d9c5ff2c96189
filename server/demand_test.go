package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// demanding is an upstream that records caller and priority of each call.
type demanding struct {
	mu      sync.Mutex
	demands []upstream.Demand
}

func (d *demanding) note(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.demands = append(d.demands, upstream.DemandOf(ctx))
}

// take returns the demands since the last take.
func (d *demanding) take() []upstream.Demand {
	d.mu.Lock()
	defer d.mu.Unlock()
	demands := d.demands
	d.demands = nil
	return demands
}

func (d *demanding) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	d.note(ctx)
	return &zhaohuov1.KeywordSearchResponse{Page: q.GetPage()}, nil
}

func (d *demanding) ImageSearch(ctx context.Context, _ *zhaohuov1.ImageSearchRequest, _ upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	d.note(ctx)
	return &zhaohuov1.ImageSearchResponse{}, nil
}

func (d *demanding) GetProduct(ctx context.Context, _ *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	d.note(ctx)
	return &zhaohuov1.GetProductResponse{}, nil
}

func (d *demanding) ListSellerProducts(ctx context.Context, _ *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	d.note(ctx)
	return &zhaohuov1.ListSellerProductsResponse{}, nil
}

func (d *demanding) ListSearchFacets(ctx context.Context, _ *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error) {
	d.note(ctx)
	return &zhaohuov1.ListSearchFacetsResponse{}, nil
}

func (d *demanding) ListTopKeywords(ctx context.Context, _ *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error) {
	d.note(ctx)
	return &zhaohuov1.ListTopKeywordsResponse{}, nil
}

func (d *demanding) EstimateFreight(ctx context.Context, _ *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	d.note(ctx)
	return &zhaohuov1.EstimateFreightResponse{}, nil
}

func (d *demanding) ListRelatedProducts(ctx context.Context, _ *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	d.note(ctx)
	return &zhaohuov1.ListRelatedProductsResponse{}, nil
}

func (d *demanding) FindCategories(ctx context.Context, _ *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesResponse, error) {
	d.note(ctx)
	return &zhaohuov1.FindCategoriesResponse{}, nil
}

func (d *demanding) GetCategory(ctx context.Context, _ *zhaohuov1.GetCategoryRequest) (*zhaohuov1.GetCategoryResponse, error) {
	d.note(ctx)
	return &zhaohuov1.GetCategoryResponse{}, nil
}

func (d *demanding) ListTopProducts(ctx context.Context, _ *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsResponse, error) {
	d.note(ctx)
	return &zhaohuov1.ListTopProductsResponse{}, nil
}

func (d *demanding) GetProductTrends(ctx context.Context, _ *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	d.note(ctx)
	return &zhaohuov1.GetProductTrendsResponse{}, nil
}

// everything answers everything that the services ask.
type everything interface {
	upstream.Searcher
	upstream.Products
}

// serve serves d behind the full chain.
func serve(t *testing.T, d everything) *grpc.ClientConn {
	t.Helper()
	chain, err := interceptor.New(interceptor.Config{})
	if err != nil {
		t.Fatal(err)
	}
	kept := photos(t, photo.Config{}, nil)
	rpcs := grpc.NewServer(append(chain.ServerOptions(), grpc.WaitForHandlers(true))...)
	zhaohuov1.RegisterSearchServiceServer(chain.Registrar(rpcs), server.NewSearch(d, aopOffers(), window, kept))
	zhaohuov1.RegisterProductServiceServer(chain.Registrar(rpcs), server.NewProduct(d, aopOffers(), window, zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE))
	zhaohuov1.RegisterPlatformServiceServer(chain.Registrar(rpcs), server.NewPlatform(server.PlatformParts{
		Check: func(*zhaohuov1.CallRequest) error { return nil }, APIs: func() callers.APIs { return callers.APIs{{Name: "a.b"}} },
		Read: func(ctx context.Context, q *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
			_, err := d.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: q.GetApi()}) // It is told the demand as by every question.
			return &zhaohuov1.CallResponse{}, err
		},
	}))
	zhaohuov1.RegisterCategoryServiceServer(chain.Registrar(rpcs), server.NewCategory(d, aopOffers()))
	zhaohuov1.RegisterComboServiceServer(chain.Registrar(rpcs), server.NewCombo(server.ComboParts{
		Searcher: d, Products: d, Offered: aopOffers(), Limits: window, Photos: kept, PhotoCalls: 1,
	}))
	listener := bufconn.Listen(1 << 20)
	var serving sync.WaitGroup
	serving.Go(func() { _ = rpcs.Serve(listener) })
	conn, err := grpc.NewClient("passthrough:///inside", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		rpcs.GracefulStop()
		serving.Wait()
	})
	return conn
}

// callsOf calls each RPC that asks the upstream.
func callsOf(t *testing.T, conn *grpc.ClientConn) map[string]func(context.Context) error {
	t.Helper()
	search, product, combos := zhaohuov1.NewSearchServiceClient(conn), zhaohuov1.NewProductServiceClient(conn), zhaohuov1.NewComboServiceClient(conn)
	content := picture(t)
	return map[string]func(context.Context) error{
		"KeywordSearch": func(ctx context.Context) error {
			_, err := search.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "a"})
			return err
		},
		"ImageSearch": func(ctx context.Context) error {
			_, err := search.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}}})
			return err
		},
		"UploadImageSearch": func(ctx context.Context) error {
			stream, err := search.UploadImageSearch(ctx)
			if err != nil {
				return err
			}
			for _, m := range []*zhaohuov1.UploadImageSearchRequest{options(&zhaohuov1.ImageSearchOptions{}), chunk(content)} {
				if err := stream.Send(m); err != nil {
					return err
				}
			}
			_, err = stream.CloseAndRecv()
			return err
		},
		"BatchImageSearch": func(ctx context.Context) error {
			stream, err := search.BatchImageSearch(ctx)
			if err != nil {
				return err
			}
			for _, m := range []*zhaohuov1.BatchImageSearchRequest{
				{Part: &zhaohuov1.BatchImageSearchRequest_Options{}},
				{Part: &zhaohuov1.BatchImageSearchRequest_Image{}},
				{Part: &zhaohuov1.BatchImageSearchRequest_Chunk{Chunk: content}},
			} {
				if err := stream.Send(m); err != nil {
					return err
				}
			}
			return allOf(stream, stream.CloseSend())
		},
		"BatchKeywordSearch": func(ctx context.Context) error {
			stream, err := search.BatchKeywordSearch(ctx, &zhaohuov1.BatchKeywordSearchRequest{Keywords: []string{"a", "b"}})
			return allOf(stream, err)
		},
		"StreamKeywordSearch": func(ctx context.Context) error {
			stream, err := search.StreamKeywordSearch(ctx, &zhaohuov1.StreamKeywordSearchRequest{Keyword: "a"})
			return allOf(stream, err)
		},
		"GetProduct": func(ctx context.Context) error {
			_, err := product.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: "1"})
			return err
		},
		"ListTopProducts": func(ctx context.Context) error {
			_, err := product.ListTopProducts(ctx, &zhaohuov1.ListTopProductsRequest{CategoryId: "1"})
			return err
		},
		"GetProductTrends": func(ctx context.Context) error {
			_, err := product.GetProductTrends(ctx, &zhaohuov1.GetProductTrendsRequest{Id: "1"})
			return err
		},
		"FindCategories": func(ctx context.Context) error {
			_, err := zhaohuov1.NewCategoryServiceClient(conn).FindCategories(ctx, &zhaohuov1.FindCategoriesRequest{Name: "a"})
			return err
		},
		"GetCategory": func(ctx context.Context) error {
			_, err := zhaohuov1.NewCategoryServiceClient(conn).GetCategory(ctx, &zhaohuov1.GetCategoryRequest{Id: "1"})
			return err
		},
		"Call": func(ctx context.Context) error {
			_, err := zhaohuov1.NewPlatformServiceClient(conn).Call(ctx, &zhaohuov1.CallRequest{Api: "a.b"})
			return err
		},
		"BatchGetProducts": func(ctx context.Context) error {
			_, err := product.BatchGetProducts(ctx, &zhaohuov1.BatchGetProductsRequest{Ids: []string{"1", "2"}})
			return err
		},
		"ListSellerProducts": func(ctx context.Context) error {
			_, err := product.ListSellerProducts(ctx, &zhaohuov1.ListSellerProductsRequest{SellerId: "1"})
			return err
		},
		"ComparePrices": func(ctx context.Context) error {
			_, err := combos.ComparePrices(ctx, &zhaohuov1.ComparePricesRequest{Keyword: "a"})
			return err
		},
		"ComparePrices with steps": func(ctx context.Context) error {
			stream, err := combos.StreamComparePrices(ctx, &zhaohuov1.ComparePricesRequest{Keyword: "a"})
			return allOf(stream, err)
		},
	}
}

// allOf reads a stream to its end.
func allOf[M any](stream grpc.ServerStreamingClient[M], err error) error {
	for err == nil {
		_, err = stream.Recv()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// TestCallsGoOutInTheirClass: an upstream call has the priority of its RPC, or a lower one if the caller says so, and
// keeps its caller, through everything between chain and upstream.
func TestCallsGoOutInTheirClass(t *testing.T) {
	d := &demanding{}
	calls := callsOf(t, serve(t, d))
	for name, call := range calls {
		for _, said := range []string{"", "interactive", "batch"} {
			t.Run(strings.TrimSuffix(name+" as "+said, " as "), func(t *testing.T) {
				ctx := metadata.AppendToOutgoingContext(t.Context(), interceptor.CallerAddressKey, "192.0.2.7:4711")
				if said != "" {
					ctx = metadata.AppendToOutgoingContext(ctx, interceptor.ClassHeader, said)
				}
				if err := call(ctx); err != nil {
					t.Fatal(err)
				}
				want := upstream.Demand{Caller: "192.0.2.7"}
				if said == "batch" || strings.HasPrefix(name, "Batch") || strings.HasPrefix(name, "Stream") {
					want.Class = upstream.Batch
				}
				demands := d.take()
				if len(demands) == 0 {
					t.Fatal("the upstream was not asked")
				}
				for _, got := range demands {
					if budgeted := strings.HasPrefix(name, "ComparePrices"); (got.Budget != nil) != budgeted {
						t.Errorf("a budget of calls: %v, want %v", got.Budget != nil, budgeted)
					}
					got.Budget = nil
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				}
			})
		}
	}
}
