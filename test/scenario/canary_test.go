package scenario_test

import (
	"context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

const (
	canarySecret = "canaryAppSecret0123456789"
	canaryToken  = "canary-access-token-0123456789"
)

// ending is a route and how a question to it ends.
type ending struct{ route, code, reason string }

// TestSecretsNeverLeave runs the complete table at debug level with marked secrets. It looks for them in everything that
// leaves the service: answers, errors, log, metrics, traces and files. Over REST it asks once for each ending: TestTable
// compares the answers of the transports, and what the gateway adds to an answer depends on nothing else.
func TestSecretsNeverLeave(t *testing.T) {
	cases, err := scenario.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, dialect := range []string{"aop", "top"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel() // it mostly waits for throttles to end
			traces := collectTraces(t)
			dir := t.TempDir()
			running := start(t, map[string]string{
				"ZHAOHUO_DIALECT":       dialect,
				"ZHAOHUO_APP_KEY":       "canary",
				"ZHAOHUO_APP_SECRET":    canarySecret,
				"ZHAOHUO_ACCESS_TOKEN":  canaryToken,
				"ZHAOHUO_UPSTREAM_URL":  sandboxFor(t, dialect),
				"ZHAOHUO_OTLP_ENDPOINT": "http://" + traces.addr,
				"ZHAOHUO_DATA_DIR":      dir,
			})
			shown := map[string]string{}
			// Cases that change the service come last, so that the others are answered.
			cases := slices.Clone(cases)
			slices.SortStableFunc(cases, func(a, b scenario.Case) int { return rank(a.Fresh) - rank(b.Fresh) })
			asked := map[ending]bool{}
			for _, c := range cases {
				shown["gRPC: "+c.Name] = describe(running.overGRPC(t, c))
				want, err := c.For(dialect)
				if err != nil {
					t.Fatal(err)
				}
				for _, route := range c.REST {
					if end := (ending{route, want.Code, want.Reason}); !asked[end] {
						asked[end] = true
						shown[route+": "+c.Name] = describe(running.overREST(t, c, route))
					}
				}
			}
			shown["metrics"] = get(t, running.Ops+"/metrics")
			running.Stop(t)
			shown["log"] = running.log.String()
			shown["traces"] = traces.text(t)
			readFiles(t, dir, shown)
			for where, text := range shown {
				for _, canary := range []string{canarySecret, canaryToken} {
					if strings.Contains(text, canary) {
						t.Errorf("%s shows %s", where, canary)
					}
				}
			}
		})
	}
}

func rank(late bool) int {
	if late {
		return 1
	}
	return 0
}

// sandboxFor runs a sandbox with the marked secrets, and returns the address at which a dialect calls it.
func sandboxFor(t *testing.T, dialect string) string {
	t.Helper()
	platform, err := app.NewSandbox(t.Context(), app.SandboxOptions{
		Addr: "127.0.0.1:0", AppKey: "canary", AppSecret: canarySecret, Tokens: []secret.Text{canaryToken}, Goods: service.Goods(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- platform.Serve() }()
	t.Cleanup(func() {
		if err := platform.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if dialect == "top" {
		return platform.URL() + "/router/rest"
	}
	return platform.URL()
}

func describe(o outcome) string {
	return string(o.json) + prototext.Format(o.failed)
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readFiles(t *testing.T, dir string, shown map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		shown["file "+entry.Name()] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// traceSink is an OTLP collector that stores what it receives.
type traceSink struct {
	collector.UnimplementedTraceServiceServer
	addr string
	got  process.Output
}

func collectTraces(t *testing.T) *traceSink {
	t.Helper()
	sink := &traceSink{}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sink.addr = port.Addr().String()
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, sink)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(port) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return sink
}

// Export implements the collector.
func (s *traceSink) Export(_ context.Context, q *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	text, err := protojson.Marshal(q)
	if err != nil {
		return nil, err
	}
	_, err = s.got.Write(text)
	return &collector.ExportTraceServiceResponse{}, err
}

// text returns everything that was traced. A run without traces would prove nothing.
func (s *traceSink) text(t *testing.T) string {
	t.Helper()
	text := s.got.String()
	if !strings.Contains(text, "KeywordSearch") {
		t.Errorf("no search was traced: %d bytes", len(text))
	}
	return text
}
