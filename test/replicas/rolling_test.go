package replicas_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // so that the client asks each server for its health
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// balanced has a gRPC client use all servers in turn, except those that say they stop. OPERATIONS.md recommends it.
const balanced = `{"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}}`

// nginxConf is the configuration that is delivered. It has nginx ask the other replica when one is stopping or gone.
const nginxConf = "../../deploy/compose/nginx.conf"

// pair is two replicas at fixed addresses, with the load on them.
type pair struct {
	settings [2]map[string]string
	replicas [2]*process.Service
	client   zhaohuov1.SearchServiceClient
	// front is the origin of nginx; empty for none.
	front string
	http  *http.Client
	// writes are the calls that write, which are made through nginx only; nil without it.
	writes *writes

	asked  atomic.Int64
	mu     sync.Mutex
	failed []failure
}

// failure is a question without an answer.
type failure struct {
	began time.Time
	err   error
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func startPair(t *testing.T) *pair {
	t.Helper()
	upstream := process.StartSandbox(t, 100_000)
	p := &pair{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	apis := ""
	if *full { // The gate has no nginx.
		p.writes, upstream = openWrites(t, upstream)
		apis = p.writes.apis
	}
	var grpcAddresses []resolver.Address
	var restAddresses [2]string
	for i := range p.replicas {
		grpcAddress, restAddress := freePort(t), freePort(t)
		grpcAddresses, restAddresses[i] = append(grpcAddresses, resolver.Address{Addr: grpcAddress}), restAddress
		p.settings[i] = map[string]string{
			"ZHAOHUO_APP_KEY": process.SandboxKey, "ZHAOHUO_APP_SECRET": process.SandboxSecret, "ZHAOHUO_DIALECT": "aop",
			"ZHAOHUO_UPSTREAM_URL": upstream, "ZHAOHUO_CALL_APIS_FILE": apis, "ZHAOHUO_UPSTREAM_QPS": "0", "ZHAOHUO_DATA_DIR": t.TempDir(),
			"ZHAOHUO_GRPC_ADDR": grpcAddress, "ZHAOHUO_HTTP_ADDR": restAddress, "ZHAOHUO_LAME_DUCK": "500ms",
		}
		p.replicas[i] = process.Start(t, p.settings[i], 0)
	}
	addresses := manual.NewBuilderWithScheme("replicas")
	addresses.InitialState(resolver.State{Addresses: grpcAddresses})
	conn, err := grpc.NewClient(
		"replicas:///all", grpc.WithResolvers(addresses), grpc.WithDefaultServiceConfig(balanced),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.5, MaxDelay: 500 * time.Millisecond}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		p.http.CloseIdleConnections()
	})
	p.client = zhaohuov1.NewSearchServiceClient(conn)
	if *full {
		p.startNginx(t, restAddresses, grpcAddresses)
	}
	return p
}

// startNginx starts nginx as it is delivered, with the addresses of this test.
func (p *pair) startNginx(t *testing.T, rest [2]string, rpc []resolver.Address) {
	t.Helper()
	dir, address := t.TempDir(), freePort(t)
	delivered, err := os.ReadFile(nginxConf)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(
		"zhaohuo-1:8080", rest[0], "zhaohuo-2:8080", rest[1], "zhaohuo-1:9090", rpc[0].Addr, "zhaohuo-2:9090", rpc[1].Addr,
		"listen 8080;", "listen "+address+";",
		// nginx before 1.25.1 has no "http2 on".
		"listen 9090;", "listen "+freePort(t)+" http2;", "http2 on;", "",
		// Without root, nginx may write only here.
		"http {", "http { client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;",
	).Replace(string(delivered))
	for _, missed := range []string{"zhaohuo-", "listen 8080", "listen 9090"} {
		if strings.Contains(text, missed) {
			t.Fatalf("%s still has %q", nginxConf, missed)
		}
	}
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "nginx", "-p", dir, "-c", conf, "-e", "stderr",
		"-g", "daemon off; master_process off; pid nginx.pid; error_log stderr crit;")
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatalf("start nginx (make soak installs it): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // a killed process returns an error
	})
	p.front = "http://" + address
	process.Eventually(t, "nginx serves", func() bool { return p.overREST(t.Context(), 0) == nil })
}

// question is one that only every eighth time is new.
func question(n int64) string { return strconv.FormatInt(100_000+n/8, 10) }

func (p *pair) overGRPC(ctx context.Context, n int64) error {
	answer, err := p.client.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "耳机", PageSize: new(int32(1)), PriceMax: question(n)})
	if err == nil && len(answer.GetProducts()) != 1 {
		err = fmt.Errorf("%d products, want 1", len(answer.GetProducts()))
	}
	return err
}

func (p *pair) overREST(ctx context.Context, n int64) error {
	query := url.Values{"keyword": {"耳机"}, "pageSize": {"1"}, "priceMax": {question(n)}}
	return p.request(ctx, http.MethodGet, "/v1/products:keywordSearch?"+query.Encode(), nil, `"products"`)
}

// overPOST asks the same as a POST.
func (p *pair) overPOST(ctx context.Context, n int64) error {
	return p.post(ctx, "/v1/products:keywordSearch", []byte(`{"keyword":"耳机","pageSize":1,"priceMax":"`+question(n)+`"}`), `"products"`)
}

func (p *pair) post(ctx context.Context, path string, body []byte, want string) error {
	return p.request(ctx, http.MethodPost, path, body, want)
}

// request sends a request through nginx. Its answer must be a success with that text in it.
func (p *pair) request(ctx context.Context, method, path string, body []byte, want string) error {
	request, err := http.NewRequestWithContext(ctx, method, p.front+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := p.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || !strings.Contains(string(answer), want)) {
		err = fmt.Errorf("HTTP %d: %.300s", response.StatusCode, answer)
	}
	return err
}

// load asks that often in a second over gRPC, and over REST half as GET and half as POST, until the returned function is called. Nobody
// waits for an earlier answer. Beside them are calls that write.
func (p *pair) load(t *testing.T, perSecond int) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	type way struct {
		ask       func(context.Context) error
		perSecond int
	}
	counted := func(ask func(context.Context, int64) error) func(context.Context) error {
		return func(ctx context.Context) error { return ask(ctx, p.asked.Add(1)) }
	}
	ways := []way{{counted(p.overGRPC), perSecond}}
	if p.front != "" {
		ways = append(ways, way{counted(p.overREST), perSecond / 2}, way{counted(p.overPOST), perSecond / 2}, way{p.write, writesPerSecond})
	}
	for _, one := range ways {
		all.Go(func() {
			tick := time.NewTicker(time.Second / time.Duration(one.perSecond))
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				all.Go(func() {
					began := time.Now()
					own, end := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
					defer end()
					if err := one.ask(own); err != nil {
						p.mu.Lock()
						defer p.mu.Unlock()
						p.failed = append(p.failed, failure{began, err})
					}
				})
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// restart starts a replica at its addresses, and waits until it is asked.
func (p *pair) restart(t *testing.T, i int) {
	t.Helper()
	p.replicas[i] = process.Start(t, p.settings[i], 0)
	process.Eventually(t, "the new replica is asked", func() bool { return p.replicas[i].Metric(t, "zhaohuo_caller_requests_total") > 0 })
}

// TestRollingRestart stops and starts two replicas in turn under load: no question fails. A replica that is killed takes with it what it
// was working on, and nothing that is asked later.
func TestRollingRestart(t *testing.T) {
	rounds, perSecond, calm := 1, 50, 200*time.Millisecond
	if *full {
		rounds, perSecond, calm = 5, 200, 2*time.Second
	}
	if text, err := os.ReadFile("../../docs/OPERATIONS.md"); err != nil || !strings.Contains(string(text), balanced) {
		t.Errorf("OPERATIONS.md does not recommend what is tested: %v", err)
	}
	p := startPair(t)
	process.Eventually(t, "there are answers", func() bool { return p.overGRPC(t.Context(), 0) == nil })
	stop := p.load(t, perSecond)
	for range rounds {
		for i := range p.replicas {
			pause.For(t.Context(), calm)
			p.replicas[i].End(t, syscall.SIGTERM)
			p.restart(t, i)
		}
	}
	stop()
	t.Logf("%d questions during %d restarts, %d failed", p.asked.Load(), 2*rounds, len(p.failed))
	for i, one := range p.failed {
		if i < 5 {
			t.Errorf("failed: %v", one.err)
		}
	}
	p.failed = nil
	asked := p.asked.Load()
	stop = p.load(t, perSecond)
	for i := range p.replicas {
		pause.For(t.Context(), calm)
		p.replicas[i].End(t, syscall.SIGKILL)
		dead := time.Now()
		pause.For(t.Context(), calm)
		p.mu.Lock()
		for _, one := range p.failed {
			if one.began.After(dead) {
				t.Errorf("asked %v after the kill: %v", one.began.Sub(dead), one.err)
			}
		}
		lost := len(p.failed)
		p.failed = nil
		p.mu.Unlock()
		t.Logf("killed: %d questions in flight were lost", lost)
		p.restart(t, i)
		if !*full {
			break
		}
	}
	stop()
	t.Logf("%d questions around the kills", p.asked.Load()-asked)
	for _, one := range p.failed {
		t.Errorf("asked after a kill: %v", one.err)
	}
	if p.writes != nil {
		p.writes.check(t)
	}
}
