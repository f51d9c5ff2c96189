package gateway_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

func TestRequestsArrive(t *testing.T) {
	want := &zhaohuov1.KeywordSearchRequest{
		Keyword: "蓝牙 & 耳机😀", Page: proto.Int32(2), PageSize: proto.Int32(10),
		Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC, IncludeRaw: true,
		Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS, zhaohuov1.ProductFilter_PRODUCT_FILTER_SHIPS_IN_24H},
	}
	s := &searcher{}
	r := start(t, s, nil)
	for name, send := range map[string]func() reply{
		"query, JSON names": func() reply {
			return r.do(t, "GET", path+"?keyword=%E8%93%9D%E7%89%99+%26%20%E8%80%B3%E6%9C%BA%F0%9F%98%80&page=2&pageSize=10&sort=SORT_ORDER_PRICE_ASC"+
				"&includeRaw=true&filters=PRODUCT_FILTER_NEW_7_DAYS&filters=PRODUCT_FILTER_SHIPS_IN_24H", nil)
		},
		"query, proto names": func() reply {
			return r.do(t, "GET", path+"?filters=PRODUCT_FILTER_NEW_7_DAYS&filters=PRODUCT_FILTER_SHIPS_IN_24H&include_raw=true"+
				"&keyword=%E8%93%9D%E7%89%99+%26%20%E8%80%B3%E6%9C%BA%F0%9F%98%80&page=2&page_size=10&sort=SORT_ORDER_PRICE_ASC", nil)
		},
		"body, JSON names": func() reply {
			return r.do(t, "POST", path, strings.NewReader(`{"keyword":"蓝牙 & 耳机\ud83d\ude00","page":2,"pageSize":"10",
				"sort":"SORT_ORDER_PRICE_ASC","includeRaw":true,"filters":["PRODUCT_FILTER_NEW_7_DAYS",3]}`), "Content-Type", "application/json; charset=UTF-8")
		},
		"body, proto names, no type": func() reply {
			return r.do(t, "POST", path, strings.NewReader(`{"keyword":"蓝牙 & 耳机😀","page":2,"page_size":10,
				"sort":2,"include_raw":true,"filters":["PRODUCT_FILTER_NEW_7_DAYS","PRODUCT_FILTER_SHIPS_IN_24H"],"category_id":null}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := send(); got.code != 200 {
				t.Fatalf("%d %s", got.code, got.body)
			}
			if diff := cmp.Diff([]*zhaohuov1.KeywordSearchRequest{want}, s.take(), protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestAnswersInJSON: unknown fields are absent, zeros are written.
func TestAnswersInJSON(t *testing.T) {
	answers := map[string]struct {
		answer *zhaohuov1.KeywordSearchResponse
		want   string
	}{
		"nothing found": {
			&zhaohuov1.KeywordSearchResponse{Total: proto.Int64(0), Page: 1},
			`{"products":[],"total":"0","page":1,"effectivePageSize":0,"nextPage":0,"truncated":false}`,
		},
		"goods nobody knows much of": {
			&zhaohuov1.KeywordSearchResponse{Products: []*zhaohuov1.Product{{Id: "7", Price: &moneypb.Money{CurrencyCode: "CNY", Units: 3}}}},
			`{"products":[{"id":"7","title":"","price":{"currencyCode":"CNY","units":"3","nanos":0},"soldAtLeast":false,"weeklySoldAtLeast":false,"badges":[],"categoryIds":[],"otherPrices":[]}],
			"page":0,"effectivePageSize":0,"nextPage":0,"truncated":false}`,
		},
	}
	for name, test := range answers {
		t.Run(name, func(t *testing.T) {
			r := start(t, &searcher{answer: func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
				return test.answer, nil
			}}, nil)
			reply := r.do(t, "GET", path+"?keyword=a", nil)
			var got, want any
			if err := errors.Join(json.Unmarshal(reply.body, &got), json.Unmarshal([]byte(test.want), &want)); err != nil {
				t.Fatalf("%s: %v", reply.body, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := reply.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q", got)
			}
		})
	}
}

// TestEveryFaultOverBoth raises every kind of fault in the RPC and compares gRPC's and REST's answers.
func TestEveryFaultOverBoth(t *testing.T) {
	var raise error
	r := start(t, &searcher{answer: func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		return nil, raise
	}}, nil)
	for _, row := range rpcerr.Rows() {
		for _, wait := range []time.Duration{0, 1200 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s/%s", row.Kind, wait), func(t *testing.T) {
				raise = fault.New(row.Kind, "the detail").WithRetryAfter(wait).WithMeta(fault.MetaUpstreamCode, "gw.X")
				_, err := zhaohuov1.NewSearchServiceClient(r.conn).KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "a"})
				st := status.Convert(err)
				reply := r.do(t, "GET", path+"?keyword=a", nil)
				f, reason, _ := reply.read(t)
				if reply.code != row.HTTP || codes.Code(f.Code) != row.Code || st.Code() != row.Code {
					t.Errorf("HTTP %d, code %s, gRPC %s; want %d %s", reply.code, codes.Code(f.Code), st.Code(), row.HTTP, row.Code)
				}
				if reason != row.Kind.String() || rpcerr.Reason(st) != reason || f.Message != "the detail" || st.Message() != f.Message {
					t.Errorf("%s %q, gRPC %v", reason, f.Message, st)
				}
				want := ""
				switch {
				case row.RetryUseful() && wait > 0:
					want = "2"
				case row.Wait > 0:
					want = fmt.Sprint(int(row.Wait.Seconds()))
				}
				_, known := rpcerr.RetryAfter(st)
				if got := reply.header.Get("Retry-After"); got != want || known != (want != "") {
					t.Errorf("Retry-After %q, want %q; RetryInfo %t", got, want, known)
				}
			})
		}
	}
}

func TestLanguageOverREST(t *testing.T) {
	r := start(t, &searcher{answer: func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		return nil, fault.New(fault.UpstreamTimeout, "")
	}}, nil)
	for _, target := range []string{path + "?keyword=a", "/nothing"} {
		f, _, _ := r.do(t, "GET", target, nil, "Accept-Language", "zh-CN,zh;q=0.9").read(t)
		locale := ""
		for _, detail := range f.Details {
			locale += detail.Locale
		}
		if locale != "zh-CN" {
			t.Errorf("%s: locale %q", target, locale)
		}
	}
}

func TestRequestIDAndCallerOverREST(t *testing.T) {
	var id, caller string
	var leaked metadata.MD
	r := start(t, &searcher{answer: func(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		id, caller = interceptor.RequestIDFrom(ctx), interceptor.CallerAddress(ctx)
		leaked, _ = metadata.FromIncomingContext(ctx)
		return &zhaohuov1.KeywordSearchResponse{}, nil
	}}, nil)
	for given, kept := range map[string]bool{"id-1": true, "": false, "no good": false} {
		got := r.do(t, "GET", path+"?keyword=a", nil, "X-Request-Id", given,
			"Grpc-Metadata-"+interceptor.CallerAddressKey, "203.0.113.9:1", "Grpc-Metadata-X-Secret", "1", interceptor.CallerAddressKey, "203.0.113.9:1")
		if out := got.header.Values("X-Request-Id"); len(out) != 1 || out[0] != id || (id == given) != kept || id == "" {
			t.Errorf("given %q, the handler saw %q, the caller got %q", given, id, out)
		}
		if caller != "127.0.0.1" {
			t.Errorf("caller %q", caller)
		}
		if leaked.Get("x-secret") != nil {
			t.Errorf("metadata %v", leaked)
		}
		for name := range got.header {
			if strings.HasPrefix(name, "Grpc-") {
				t.Errorf("header %s", name)
			}
		}
	}
}

func TestCallerWhoLeavesEndsTheCall(t *testing.T) {
	began, ended := make(chan struct{}), make(chan error, 1)
	r := start(t, &searcher{answer: func(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		close(began)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+path+"?keyword=a", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-began
		cancel()
	}()
	if resp, err := r.http.Do(req); err == nil {
		resp.Body.Close()
		t.Error("got an answer")
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestTimeoutHeader(t *testing.T) {
	r := start(t, &searcher{answer: func(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}, nil)
	got := r.do(t, "GET", path+"?keyword=a", nil, "Grpc-Timeout", "20m")
	if _, reason, _ := got.read(t); got.code != 504 || reason != "DEADLINE_EXCEEDED" {
		t.Errorf("%d %s", got.code, got.body)
	}
}

func TestCompression(t *testing.T) {
	r := start(t, &searcher{answer: func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		return &zhaohuov1.KeywordSearchResponse{Products: []*zhaohuov1.Product{{Id: "7", Title: strings.Repeat("蓝牙", 2000)}}}, nil
	}}, nil)
	plain := r.do(t, "GET", path+"?keyword=a", nil)
	packed := r.do(t, "GET", path+"?keyword=a", nil, "Accept-Encoding", "gzip")
	if plain.header.Get("Content-Encoding") != "" || packed.header.Get("Content-Encoding") != "gzip" || !slices.Contains(packed.header["Vary"], "Accept-Encoding") {
		t.Fatalf("%v, %v", plain.header, packed.header)
	}
	unpacker, err := gzip.NewReader(bytes.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(unpacker)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := errors.Join(json.Unmarshal(plain.body, &a), json.Unmarshal(body, &b)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("(-plain +packed):\n%s", diff)
	}
}

func TestFixedPaths(t *testing.T) {
	ready := true
	r := start(t, &searcher{}, func(c *gateway.Config) {
		c.Ready = func() bool { return ready }
		c.OpenAPI, c.Version = []byte(`{"openapi":"3.1.0","info":{"version":"devel"},"servers":[]}`), "v1.2.3"
	})
	for target, want := range map[string]string{
		"/healthz": `{"status":"ALIVE"}`, "/readyz": `{"status":"READY"}`,
		"/openapi.json": `{"servers":[{"url":"` + r.url + `"}],"info":{"version":"v1.2.3"},"openapi":"3.1.0"}`,
	} {
		if got := r.do(t, "GET", target, nil); got.code != 200 || string(got.body) != want {
			t.Errorf("%s: %d %q, want %q", target, got.code, got.body, want)
		}
		if got := r.do(t, "HEAD", target, nil); got.code != 200 || len(got.body) != 0 {
			t.Errorf("HEAD %s: %d %q", target, got.code, got.body)
		}
	}
	ready = false
	got := r.do(t, "GET", "/readyz", nil)
	if _, reason, _ := got.read(t); got.code != 503 || reason != "SERVER_DRAINING" || got.header.Get("Retry-After") != "1" {
		t.Errorf("%d %s", got.code, got.body)
	}
	if got := r.do(t, "GET", "/healthz", nil); got.code != 200 {
		t.Errorf("health while not ready: %d", got.code)
	}
}

func TestPathsThatAreNotConfigured(t *testing.T) {
	r := start(t, &searcher{}, nil)
	for _, target := range []string{"/metrics", "/openapi.json"} {
		if got := r.do(t, "GET", target, nil); got.code != 404 {
			t.Errorf("%s: %d", target, got.code)
		}
	}
	if got := r.do(t, "GET", "/readyz", nil); got.code != 200 {
		t.Errorf("%d", got.code)
	}
}

// bad is a connection that fails in a given way.
type bad struct {
	grpc.ClientConnInterface
	fail func() error
}

func (b *bad) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return b.fail() }

func TestConnectionFails(t *testing.T) {
	for name, test := range map[string]struct {
		fail   func() error
		code   int
		reason string
	}{
		"panic":         {func() error { panic("canary") }, 500, "INTERNAL"},
		"plain error":   {func() error { return errors.New("canary") }, 500, "INTERNAL"},
		"gRPC is gone":  {func() error { return status.Error(codes.Unavailable, "the listener is closed") }, 503, "SERVER_DRAINING"},
		"gRPC's defect": {func() error { return status.Error(codes.Internal, "canary") }, 500, "INTERNAL"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, &searcher{}, func(c *gateway.Config) { c.Conn = &bad{fail: test.fail} })
			got := r.do(t, "GET", path+"?keyword=a", nil, "Accept-Encoding", "gzip")
			if _, reason, _ := got.read(t); got.code != test.code || reason != test.reason || bytes.Contains(got.body, []byte("canary")) {
				t.Errorf("%d %s", got.code, got.body)
			}
		})
	}
}

func TestNewNeedsAConnection(t *testing.T) {
	if _, err := gateway.New(gateway.Config{}); err == nil {
		t.Error("no error")
	}
}
