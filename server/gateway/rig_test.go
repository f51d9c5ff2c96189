package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// searcher answers with a function of the test and records the questions.
type searcher struct {
	upstream.Searcher

	mu        sync.Mutex
	questions []*zhaohuov1.KeywordSearchRequest
	answer    func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error)
}

func (s *searcher) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	s.mu.Lock()
	s.questions = append(s.questions, q)
	s.mu.Unlock()
	if s.answer == nil {
		return &zhaohuov1.KeywordSearchResponse{Page: q.GetPage(), EffectivePageSize: q.GetPageSize()}, nil
	}
	return s.answer(ctx, q)
}

// take returns the questions since the last take.
func (s *searcher) take() []*zhaohuov1.KeywordSearchRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.questions
	s.questions = nil
	return all
}

const bytesMax = 4096

type rig struct {
	url  string
	conn *grpc.ClientConn
	http *http.Client
}

func aopOffers() *capability.Table { return capability.NewTable(aop.Capabilities()) }

// start runs everything: a gRPC server with the chain, in memory, and the gateway on a loopback port.
func start(t *testing.T, s *searcher, change func(*gateway.Config)) *rig {
	t.Helper()
	return startWith(t, interceptor.Config{RequestBytesMax: bytesMax}, s, change)
}

// inside serves RPCs on a listener in memory until the test ends, and returns a connection to it.
func inside(t *testing.T, rpcs *grpc.Server) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	conn, err := grpc.NewClient("passthrough:///inside", append(gateway.DialOptions(nil, wire.NewBuffers()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))...)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = rpcs.Serve(listener) })
	t.Cleanup(func() {
		_ = conn.Close()
		rpcs.Stop()
		serving.Wait()
	})
	return conn
}

// startWith is start with another chain.
func startWith(t *testing.T, links interceptor.Config, s *searcher, change func(*gateway.Config)) *rig {
	t.Helper()
	chain, err := interceptor.New(links)
	if err != nil {
		t.Fatal(err)
	}
	rpcs := grpc.NewServer(chain.ServerOptions()...)
	zhaohuov1.RegisterSearchServiceServer(chain.Registrar(rpcs), server.NewSearch(s, aopOffers(), upstream.Limits{Window: 2000}, server.Photos{}))
	// Product RPCs are only refused here.
	zhaohuov1.RegisterProductServiceServer(chain.Registrar(rpcs), server.NewProduct(nil, aopOffers(), upstream.Limits{Window: 2000}, zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE))
	zhaohuov1.RegisterInfoServiceServer(chain.Registrar(rpcs), server.NewInfo(server.InfoParts{About: &zhaohuov1.GetServerInfoResponse{Version: "v1"}}))
	conn := inside(t, rpcs)
	c := gateway.Config{Conn: chain.Local(conn), RequestBytesMax: bytesMax, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&c)
	}
	handler, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		web.Close()
	})
	return &rig{url: web.URL, conn: conn, http: client}
}

// reply is an HTTP answer that was read.
type reply struct {
	code   int
	header http.Header
	body   []byte
}

// do sends one request; headers are pairs.
func (r *rig) do(t *testing.T, method, target string, body io.Reader, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+target, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := r.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, all}
}

// failure is google.rpc.Status in JSON, with the fields that tests check.
type failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Details []struct {
		Type            string            `json:"@type"`
		Reason          string            `json:"reason"`
		Domain          string            `json:"domain"`
		Metadata        map[string]string `json:"metadata"`
		RetryDelay      string            `json:"retryDelay"`
		Locale          string            `json:"locale"`
		FieldViolations []violation       `json:"fieldViolations"`
	} `json:"details"`
}

type violation struct {
	Field       string `json:"field"`
	Reason      string `json:"reason"`
	Description string `json:"description"`
}

// read decodes the answer as a failure. Every error must be one, with our ErrorInfo.
func (r reply) read(t *testing.T) (f failure, reason string, fields []string) {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %q", got)
	}
	if r.header.Get("X-Request-Id") == "" {
		t.Error("no request id")
	}
	if err := json.Unmarshal(r.body, &f); err != nil {
		t.Fatalf("%d %q: %v", r.code, r.body, err)
	}
	for _, detail := range f.Details {
		if strings.HasSuffix(detail.Type, "/google.rpc.ErrorInfo") && detail.Domain == "zhaohuo.dev" {
			reason = detail.Reason
		}
		for _, v := range detail.FieldViolations {
			fields = append(fields, v.Field+" "+v.Reason)
		}
	}
	return f, reason, fields
}
