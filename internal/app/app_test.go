package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// testTimeout bounds waits for expected events; no result depends on its length.
const testTimeout = 30 * time.Second

func settings(t *testing.T, env config.Environ, flags ...string) *config.Loaded {
	t.Helper()
	loaded, err := config.Load(append([]string{"--grpc-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0", "--lame-duck=0s"}, flags...), env)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// running is an App under Run.
type running struct {
	*App
	stop  context.CancelFunc
	ended chan error
	log   *syncBuffer
}

// end asks the App to stop and returns Run's error.
func (r *running) end(t *testing.T) error {
	t.Helper()
	r.stop()
	return r.wait(t)
}

func (r *running) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(testTimeout):
		t.Fatalf("Run does not end; log:\n%s", r.log)
		return nil
	}
}

func start(t *testing.T, loaded *config.Loaded, noPorts bool) *running {
	t.Helper()
	log := &syncBuffer{}
	a, err := New(t.Context(), Options{Settings: loaded, Version: "test", LogTo: log, Goods: sharedGoods(t), NoPorts: noPorts})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{App: a, stop: stop, ended: make(chan error, 1), log: log}
	go func() { r.ended <- a.Run(ctx) }()
	t.Cleanup(stop)
	ask, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	r.await(ask, t, healthpb.HealthCheckResponse_SERVING)
	return r
}

// await returns when the health service reports the state.
func (r *running) await(ctx context.Context, t *testing.T, want healthpb.HealthCheckResponse_ServingStatus) {
	t.Helper()
	watch, err := healthpb.NewHealthClient(r.Conn()).Watch(ctx, &healthpb.HealthCheckRequest{}, grpc.WaitForReady(true))
	for err == nil {
		var health *healthpb.HealthCheckResponse
		if health, err = watch.Recv(); err == nil && health.GetStatus() == want {
			return
		}
	}
	t.Fatalf("health does not become %v: %v", want, err)
}

func outside(t *testing.T, a *App) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(a.GRPCAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// get calls REST over a new connection, so that none is left idle.
func get(a *App, path string) (int, []byte, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: testTimeout}
	response, err := client.Get("http://" + a.HTTPAddr().String() + path)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

func headphones() *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{Keyword: "蓝牙耳机"}
}

// attempted is a line of /metrics: calls of an API succeeded.
var attempted = regexp.MustCompile(`(?m)^zhaohuo_upstream_attempts_total\{api="[^"]+",outcome="OK"\} [1-9]`)

func TestSandboxIsServedOverEveryTransport(t *testing.T) {
	for _, dialect := range []string{"aop", "top"} {
		t.Run(dialect, func(t *testing.T) {
			r := start(t, settings(t, nil, "--dialect="+dialect), false)
			for name, conn := range map[string]*grpc.ClientConn{"port": outside(t, r.App), "memory": r.Conn()} {
				answer, err := zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(t.Context(), headphones())
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if len(answer.GetProducts()) != 20 || answer.GetMeta().GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
					t.Errorf("%s: %d products from %v; want 20 from the sandbox", name, len(answer.GetProducts()), answer.GetMeta().GetSource())
				}
			}
			code, body, err := get(r.App, "/v1/products:keywordSearch?pageSize=3&keyword=%E8%93%9D%E7%89%99%E8%80%B3%E6%9C%BA")
			if err != nil {
				t.Fatal(err)
			}
			var rest struct {
				Products []struct{ ID string }
				Meta     struct{ Source string }
			}
			if err := json.Unmarshal(body, &rest); err != nil || code != 200 || len(rest.Products) != 3 || rest.Meta.Source != "ANSWER_SOURCE_SANDBOX" {
				t.Errorf("REST: %d %s (%v)", code, body, err)
			}
			info, err := zhaohuov1.NewInfoServiceClient(r.Conn()).GetServerInfo(t.Context(), &zhaohuov1.GetServerInfoRequest{})
			if err != nil || info.GetVersion() != "test" || info.GetMode() != zhaohuov1.ServerMode_SERVER_MODE_SANDBOX || info.GetDialect().String() != "UPSTREAM_DIALECT_"+strings.ToUpper(dialect) {
				t.Errorf("info %v, %v", info, err)
			}
			if code, body := getOps(t, r.App, "/metrics"); code != 200 || !attempted.MatchString(body) {
				t.Errorf("metrics: %d, no attempts counted in\n%s", code, body)
			}
			addr := r.GRPCAddr().String()
			if err := r.end(t); err != nil {
				t.Errorf("Run: %v", err)
			}
			if conn, err := net.Dial("tcp", addr); err == nil {
				conn.Close()
				t.Error("the port is still open after Run")
			}
			if err := r.Close(); err != nil {
				t.Errorf("a second Close: %v", err)
			}
		})
	}
}

func TestWithoutPorts(t *testing.T) {
	r := start(t, settings(t, nil), true)
	if r.GRPCAddr() != nil || r.HTTPAddr() != nil {
		t.Errorf("ports %v and %v; want none", r.GRPCAddr(), r.HTTPAddr())
	}
	if _, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones()); err != nil {
		t.Error(err)
	}
	if err := r.end(t); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestWithoutREST(t *testing.T) {
	r := start(t, settings(t, nil, "--no-http"), false)
	if r.GRPCAddr() == nil || r.HTTPAddr() != nil {
		t.Errorf("ports %v and %v; want gRPC's alone", r.GRPCAddr(), r.HTTPAddr())
	}
	if err := r.end(t); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestAppThatNeverRanIsClosed(t *testing.T) {
	a, err := New(t.Context(), Options{Settings: settings(t, nil), LogTo: io.Discard, Goods: sharedGoods(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	for flag, env := range map[string]string{"--grpc-addr": "ZHAOHUO_GRPC_ADDR", "--http-addr": "ZHAOHUO_HTTP_ADDR"} {
		for _, how := range []string{"flag", "variable"} {
			var loaded *config.Loaded
			want := " is in use by another program: stop it, or choose another address (port 0 takes a free one)"
			if how == "flag" {
				loaded, err = config.Load([]string{"--grpc-addr=127.0.0.1:0", flag + "=" + addr}, nil)
				want = flag + ": " + addr + want
			} else {
				loaded, err = config.Load(nil, config.Environ{"ZHAOHUO_GRPC_ADDR": "127.0.0.1:0", env: addr})
				want = env + ": " + addr + want
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := New(t.Context(), Options{Settings: loaded, LogTo: io.Discard, Goods: sharedGoods(t)}); err == nil || err.Error() != want {
				t.Errorf("got:  %v\nwant: %s", err, want)
			}
		}
	}
}

// gatedUpstream is an upstream that answers when a test says so.
type gatedUpstream struct {
	*httptest.Server
	arrived chan struct{}
	open    chan struct{}
}

func newGatedUpstream(t *testing.T) *gatedUpstream {
	g := &gatedUpstream{arrived: make(chan struct{}, 10), open: make(chan struct{})}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // Only after that does net/http notice that the caller leaves.
		g.arrived <- struct{}{}
		select {
		case <-g.open:
			fmt.Fprint(w, `{"result":{"success":true,"code":"200","result":{"data":[],"totalRecords":0,"totalPage":0,"currentPage":1,"pageSize":20}}}`)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gatedUpstream) settings(t *testing.T, flags ...string) *config.Loaded {
	return settings(t, config.Environ{
		"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_UPSTREAM_URL": g.URL, "ZHAOHUO_UPSTREAM_QPS": "0",
	}, flags...)
}

// ask sends a question over gRPC and one over REST, and returns when both have reached the upstream.
func (g *gatedUpstream) ask(t *testing.T, r *running) (overGRPC, overREST chan error) {
	overGRPC, overREST = make(chan error, 1), make(chan error, 1)
	conn := outside(t, r.App)
	go func() {
		answer, err := zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(context.Background(), headphones())
		if err == nil && answer.GetMeta().GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE {
			err = fmt.Errorf("source %v", answer.GetMeta().GetSource())
		}
		overGRPC <- err
	}()
	go func() {
		code, body, err := get(r.App, "/v1/products:keywordSearch?keyword=x")
		if err == nil && code != 200 {
			err = fmt.Errorf("%d %s", code, body)
		}
		overREST <- err
	}()
	for range 2 {
		select {
		case <-g.arrived:
		case <-time.After(testTimeout):
			t.Fatalf("the questions do not reach the upstream; log:\n%s", r.log)
		}
	}
	return overGRPC, overREST
}

func TestDrainLetsRunningRequestsEnd(t *testing.T) {
	g := newGatedUpstream(t)
	r := start(t, g.settings(t), false)
	overGRPC, overREST := g.ask(t, r)
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.await(ctx, t, healthpb.HealthCheckResponse_NOT_SERVING)
	}()
	r.stop()
	<-watched
	select {
	case err := <-r.ended:
		t.Fatalf("Run ended with running calls: %v", err)
	default:
	}
	close(g.open)
	if err := errors.Join(<-overGRPC, <-overREST); err != nil {
		t.Errorf("a running request was lost: %v", err)
	}
	if err := r.wait(t); err != nil {
		t.Errorf("Run: %v", err)
	}
	if strings.Contains(r.log.String(), "cut off") {
		t.Errorf("something was cut off:\n%s", r.log)
	}
}

func TestDrainEndsAtItsDeadline(t *testing.T) {
	g := newGatedUpstream(t)
	r := start(t, g.settings(t, "--drain-timeout=20ms"), false)
	overGRPC, overREST := g.ask(t, r)
	if err := r.end(t); err != nil {
		t.Errorf("Run: %v", err)
	}
	if code := status.Code(<-overGRPC); code != codes.Unavailable {
		t.Errorf("the call that was cut off ended with %v", code)
	}
	if err := <-overREST; err == nil {
		t.Error("the REST request that was cut off succeeded")
	}
	if !strings.Contains(r.log.String(), "calls under way are cut off") {
		t.Errorf("the log does not say so:\n%s", r.log)
	}
}

func TestLameDuckStillServes(t *testing.T) {
	r := start(t, settings(t, nil, "--lame-duck=10m"), false)
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	r.stop()
	r.await(ctx, t, healthpb.HealthCheckResponse_NOT_SERVING)
	if _, err := zhaohuov1.NewSearchServiceClient(outside(t, r.App)).KeywordSearch(ctx, headphones()); err != nil {
		t.Errorf("the lame duck does not serve: %v", err)
	}
	if code, body, err := get(r.App, "/readyz"); err != nil || code != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d %s %v; want 503", code, body, err)
	}
	if code, _, err := get(r.App, "/healthz"); err != nil || code != http.StatusOK {
		t.Errorf("healthz: %d %v; want 200", code, err)
	}
	r.grpcPort.Close() // A failure during the lame duck ends it.
	if err := r.wait(t); err == nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("Run: %v; want the port's error", err)
	}
}

func TestFirstFailureStopsAll(t *testing.T) {
	r := start(t, settings(t, nil), false)
	r.httpPort.Close()
	if err := r.wait(t); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Run: %v; want the port's error", err)
	}
	if conn, err := net.Dial("tcp", r.GRPCAddr().String()); err == nil {
		conn.Close()
		t.Error("gRPC is still served")
	}
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
