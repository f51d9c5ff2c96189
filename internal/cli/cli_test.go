package cli

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// asProcess makes the test binary behave as zhaohuo, for tests that kill it.
const asProcess = "CLI_TEST_AS_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		code := Run(ctx, Process{Version: "v1.2.3", Args: os.Args, Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
		stop()
		os.Exit(code) //nolint:forbidigo // This is a main function.
	}
	goleak.VerifyTestMain(service.Tests{M: m})
}

// testTimeout bounds waits for expected events; no result depends on its length.
const testTimeout = 30 * time.Second

// outcome is the result of a command.
type outcome struct {
	code           int
	stdout, stderr string
}

func run(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	return runBeside(t, "", env, args...)
}

// runBeside is run with another default local address.
func runBeside(t *testing.T, usualAddr string, env []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	var stdout, stderr bytes.Buffer
	code := Run(ctx, Process{
		goods: service.Goods(t), Version: "v1.2.3", Args: append([]string{"bin/zhaohuo"}, args...), Environ: env, Stdout: &stdout, Stderr: &stderr,
		usualAddr: usualAddr,
	})
	return outcome{code, stdout.String(), stderr.String()}
}

// searchServer is a server that gives every search the same answer and records the question.
type searchServer struct {
	zhaohuov1.UnimplementedSearchServiceServer
	answer *zhaohuov1.KeywordSearchResponse
	err    error

	mu       sync.Mutex
	asked    *zhaohuov1.KeywordSearchRequest
	language []string
}

func (s *searchServer) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = q
	s.language = metadata.ValueFromIncomingContext(ctx, "accept-language")
	_ = grpc.SetHeader(ctx, metadata.Pairs("x-request-id", "r-1"))
	return s.answer, s.err
}

// serve starts the server and returns its address. Health checks know the named services.
func (s *searchServer) serve(t *testing.T, healthy ...string) string {
	t.Helper()
	return serveSearch(t, s, healthy...)
}

func serveSearch(t *testing.T, s zhaohuov1.SearchServiceServer, healthy ...string) string {
	t.Helper()
	addr, _ := openSearch(t, s, healthy...)
	return addr
}

// openSearch is serveSearch that also returns a function to stop the server.
func openSearch(t *testing.T, s zhaohuov1.SearchServiceServer, healthy ...string) (addr string, stop func()) {
	t.Helper()
	return openSearchOver(t, insecure.NewCredentials(), s, healthy...)
}

func openSearchOver(t *testing.T, transport credentials.TransportCredentials, s zhaohuov1.SearchServiceServer, healthy ...string) (addr string, stop func()) {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// Little is in flight, so a client that does not read blocks the server.
	server := grpc.NewServer(grpc.Creds(transport), grpc.StaticStreamWindowSize(64<<10), grpc.StaticConnWindowSize(64<<10))
	zhaohuov1.RegisterSearchServiceServer(server, s)
	about, ok := s.(zhaohuov1.InfoServiceServer)
	if !ok {
		about = live()
	}
	zhaohuov1.RegisterInfoServiceServer(server, about)
	if watches, ok := s.(zhaohuov1.PriceWatchServiceServer); ok {
		zhaohuov1.RegisterPriceWatchServiceServer(server, watches)
	}
	states := health.NewServer()
	for _, name := range healthy {
		states.SetServingStatus(name, healthpb.HealthCheckResponse_SERVING)
	}
	healthpb.RegisterHealthServer(server, states)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(port) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return port.Addr().String(), server.Stop
}

// infoServer is the answer of a server's GetServerInfo.
type infoServer struct {
	zhaohuov1.UnimplementedInfoServiceServer
	*zhaohuov1.GetServerInfoResponse
}

func (c infoServer) GetServerInfo(context.Context, *zhaohuov1.GetServerInfoRequest) (*zhaohuov1.GetServerInfoResponse, error) {
	return c.GetServerInfoResponse, nil
}

// live is a server with answers from 1688.
func live() infoServer {
	return infoServer{GetServerInfoResponse: &zhaohuov1.GetServerInfoResponse{
		Mode: zhaohuov1.ServerMode_SERVER_MODE_LIVE, Dialect: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP, Account: "a1",
	}}
}

func TestUsage(t *testing.T) {
	for name, test := range map[string]struct {
		args   []string
		env    []string
		stderr string
	}{
		"unknown command": {[]string{"buy"}, nil, "error: unexpected argument buy\n"},
		"unknown flag":    {[]string{"serve", "--app-secret=x"}, nil, "error: unknown flag --app-secret\n"},
		"no words":        {[]string{"search"}, nil, "error: expected \"<words> ...\"\n"},
		"sort":            {[]string{"search", "x", "--sort=cheap"}, nil, "error: --sort must be one of \"relevance\",\"price\",\"price-desc\",\"sales\",\"repurchase\" but got \"cheap\"\n"},
		"raw in a table":  {[]string{"search", "x", "--raw"}, nil, "error: --raw needs -o json\n"},
		"tls to nobody":   {[]string{"search", "x", "--tls", "--addr=none"}, nil, "error: --tls, --ca, --cert and --key need a server, but --addr is none\n"},
		"half a pair":     {[]string{"search", "x", "--addr=127.0.0.1:1", "--cert=cli_test.go"}, nil, "error: --cert and --key belong together\n"},
		"settings":        {[]string{"serve"}, []string{"ZHAOHUO_APP_SECRET=CANARY"}, "error: ZHAOHUO_APP_SECRET is set but no App Key: set ZHAOHUO_APP_KEY to go live, or remove it to use the sandbox\n"},
		"two settings":    {[]string{"serve", "--page-size-max=0", "--upstream-attempts=0"}, nil, "error: --upstream-attempts: must be 1 to 10 but is 0\nerror: --page-size-max: must be 1 to 50 but is 0\n"},
		"client settings": {[]string{"search", "x"}, []string{"ZHAOHUO_APP_KEY=k", "LANG=zh_CN.UTF-8"}, "错误: 设置了 ZHAOHUO_APP_KEY 但没有 App Secret：请设置 ZHAOHUO_APP_SECRET 或 ZHAOHUO_APP_SECRET_FILE\n"},
		"filter": {[]string{"search", "x", "--filter=ships-in-24h,cheap"}, nil, "error: --filter: \"cheap\" is not a filter: the filters are certified-factory, ships-today, ships-in-24h, ships-in-48h, " +
			"dropshipping, free-shipping, returns-7-days, new-7-days, new-30-days, selection-1688, curated-supply, global-selection, cross-border-selection, " +
			"experience-5, experience-4-5, experience-4, experience-below-4, pickup-24h-below-95, pickup-24h-95, pickup-24h-99, pickup-48h-below-95, " +
			"pickup-48h-95, pickup-48h-99, quality-refund-none, quality-refund-up-to-1, quality-refund-up-to-5, quality-refund-up-to-10\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, test.env, test.args...)
			if got != (outcome{exitUsage, "", test.stderr}) {
				t.Errorf("exit %d, stdout %q, stderr:\n%swant exit 2, stderr:\n%s", got.code, got.stdout, got.stderr, test.stderr)
			}
		})
	}
}

func TestVersionAndHelp(t *testing.T) {
	for _, version := range []string{"version", "--version"} {
		if got := run(t, nil, version); got != (outcome{0, "zhaohuo v1.2.3\n", ""}) {
			t.Errorf("%s: %+v", version, got)
		}
		var stdout bytes.Buffer
		code := Run(t.Context(), Process{
			Version: "v1.2.3", Build: Build{Commit: "8635e77d5ee1c2a5", Date: "2026-11-28T09:12:00Z"}, Args: []string{"zhaohuo", version},
			Stdout: &stdout, Stderr: t.Output(),
		})
		if want := "zhaohuo v1.2.3 (8635e77d5ee1c2a5, 2026-11-28T09:12:00Z)\n"; code != 0 || stdout.String() != want {
			t.Errorf("%s: exit %d, %q; want %q", version, code, stdout.String(), want)
		}
	}
	for _, args := range [][]string{nil, {"--help"}, {"serve", "--help"}, {"search", "-h"}, {"sandbox", "--help"}, {"info", "--help"}} {
		got := run(t, nil, args...)
		if got.code != 0 || !strings.HasPrefix(got.stdout, "Usage: zhaohuo ") || got.stderr != "" {
			t.Errorf("%v: exit %d, stderr %q, stdout:\n%s", args, got.code, got.stderr, got.stdout)
		}
	}
	if got := run(t, nil, "serve", "--help"); strings.Contains(got.stdout, "secret") && strings.Contains(got.stdout, "--app-secret") {
		t.Error("serve offers a secret as a flag")
	}
}

func TestPrintConfig(t *testing.T) {
	got := run(t, []string{"ZHAOHUO_APP_KEY=k", "ZHAOHUO_APP_SECRET=CANARY", "ZHAOHUO_ACCESS_TOKEN=CANARY"}, "serve", "--print-config", "--dialect=top")
	if got.code != 0 || got.stderr != "" || strings.Contains(got.stdout, "CANARY") {
		t.Fatalf("%+v", got)
	}
	for _, line := range []string{
		"app_key: k                  # ZHAOHUO_APP_KEY\n",
		"app_secret: '[redacted]'    # ZHAOHUO_APP_SECRET\n",
		"access_token: '[redacted]'  # ZHAOHUO_ACCESS_TOKEN\n",
	} {
		if !strings.Contains(got.stdout, line) {
			t.Errorf("no line %q in\n%s", line, got.stdout)
		}
	}
}
