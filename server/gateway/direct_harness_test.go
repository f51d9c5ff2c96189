package gateway_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// catalogue answers searches with products of the test; searches by a picture by their keyword too.
type catalogue struct {
	cache.Upstream
	mu       sync.Mutex
	products map[string][]*zhaohuov1.Product
}

func (c *catalogue) KeywordSearch(_ context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	products, ok := c.products[q.GetKeyword()]
	if !ok {
		return nil, fault.New(fault.UpstreamUnavailable, "the catalogue does not have it")
	}
	return &zhaohuov1.KeywordSearchResponse{
		Products: products, Page: q.GetPage(), EffectivePageSize: q.GetPageSize(), Total: proto.Int64(int64(len(products))),
		Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1},
	}, nil
}

func (c *catalogue) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, _ upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	answer, err := c.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: q.GetKeyword(), Page: q.Page, PageSize: q.PageSize})
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.ImageSearchResponse{
		Products: answer.GetProducts(), Page: answer.GetPage(), EffectivePageSize: answer.GetEffectivePageSize(), Total: answer.Total, Meta: answer.GetMeta(),
	}, nil
}

func (c *catalogue) put(keyword string, products ...*zhaohuov1.Product) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.products[keyword] = products
}

// oneKey accepts one API key.
type oneKey struct{ key secret.Text }

func (k oneKey) Identify(_ context.Context, c callers.Credentials) (callers.Entry, error) {
	if c.Key != k.key {
		return callers.Entry{}, fault.New(fault.CallerUnauthenticated, "no such key")
	}
	return callers.Entry{Name: "shop"}, nil
}

// elsewhere passes all addresses on.
type elsewhere struct{}

func (elsewhere) Passed(string) (bool, error) { return true, nil }
func (elsewhere) Fetch(context.Context, string, io.Writer) error {
	return fault.New(fault.ImageFetchFailed, "")
}

// storePhotos keeps photos until the test ends.
func storePhotos(t *testing.T) server.Photos {
	t.Helper()
	store, err := photo.New(photo.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return server.Photos{Store: store, Addresses: elsewhere{}}
}

// twoWays is one server with a cache, and REST in front of it twice: one calls the RPCs directly, and one over a connection.
type twoWays struct {
	direct, wired *rig
	handler       http.Handler
	goods         *catalogue
	photos        *photo.Store
}

func startTwoWays(t *testing.T, keys interceptor.Keys) *twoWays {
	t.Helper()
	goods := &catalogue{products: map[string][]*zhaohuov1.Product{}}
	answers, err := cache.Wrap(goods, cache.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := answers.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	chain, err := interceptor.New(interceptor.Config{RequestBytesMax: bytesMax, Keys: keys, DefaultTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	photos := storePhotos(t)
	rpcs := grpc.NewServer(chain.ServerOptions()...)
	zhaohuov1.RegisterSearchServiceServer(chain.Registrar(rpcs), server.NewSearch(answers, aopOffers(), upstream.Limits{Window: 2000}, photos))
	conn := inside(t, rpcs)
	both := &twoWays{goods: goods, photos: photos.Store}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	var webs []*httptest.Server
	for _, way := range []grpc.ClientConnInterface{chain.Local(conn), conn} {
		handler, err := gateway.New(gateway.Config{Conn: way, RequestBytesMax: bytesMax, CallerOf: chain.CallerOf, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		web := httptest.NewServer(handler)
		webs = append(webs, web)
		made := &rig{url: web.URL, conn: conn, http: client}
		if both.direct == nil {
			both.direct, both.handler = made, handler
			continue
		}
		both.wired = made
	}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		for _, web := range webs {
			web.Close()
		}
	})
	return both
}

// keep keeps a photo for a caller, and returns its id.
func (both *twoWays) keep(t *testing.T, owner string, side int) string {
	t.Helper()
	kept, err := both.photos.KeepBytes(t.Context(), owner, dot(t, side))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Release()
	return kept.ID()
}
