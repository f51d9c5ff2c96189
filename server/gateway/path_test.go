package gateway_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

// sellers records which seller's products were requested.
type sellers struct {
	zhaohuov1.UnimplementedProductServiceServer
	asked string
}

func (s *sellers) ListSellerProducts(_ context.Context, q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	s.asked = q.GetSellerId()
	return &zhaohuov1.ListSellerProductsResponse{}, nil
}

// TestIDsInPathsAreOpaque: an id with any character works when escaped once.
func TestIDsInPathsAreOpaque(t *testing.T) {
	s := &sellers{}
	rpcs := grpc.NewServer()
	zhaohuov1.RegisterProductServiceServer(rpcs, s)
	listener := bufconn.Listen(1 << 20)
	ended := make(chan error, 1)
	go func() { ended <- rpcs.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///inside", append(gateway.DialOptions(nil, wire.NewBuffers()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))...)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := gateway.New(gateway.Config{Conn: conn})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	t.Cleanup(func() {
		web.Close()
		_ = conn.Close()
		rpcs.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for _, id := range []string{"BBBhNTz", "a/b+c==", "+/+/", "b2b-1 2", "商家", "a:b", "a?b#c", "a%2Fb", ".", "x&y=z"} {
		path := "/v1/sellers/" + url.PathEscape(id) + "/products"
		if code := codeOf(t, web.URL+path); code != http.StatusOK || s.asked != id {
			t.Errorf("%s: %d, asked for %q; want %q", path, code, s.asked, id)
		}
	}
	for path, want := range map[string]int{
		"/v1/sellers/a/b/products":       http.StatusNotFound, // The slash separates segments.
		"/v1/%73ellers/a%2fb/%70roducts": http.StatusOK,       // Literal parts match however they are escaped.
	} {
		if code := codeOf(t, web.URL+path); code != want {
			t.Errorf("%s: %d; want %d", path, code, want)
		}
	}
}

func codeOf(t *testing.T, address string) int {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}
