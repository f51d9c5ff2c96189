package app

import (
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
)

// spanCollector is an OTLP collector that counts the spans of each trace.
type spanCollector struct {
	collector.UnimplementedTraceServiceServer
	addr string

	mu    sync.Mutex
	spans map[string]int
}

// Export implements the collector.
func (c *spanCollector) Export(_ context.Context, q *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range q.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				c.spans[hex.EncodeToString(span.GetTraceId())]++
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

func startCollector(t *testing.T) *spanCollector {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &spanCollector{addr: listener.Addr().String(), spans: map[string]int{}}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, c)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return c
}

// TestATraceIsFollowed: a caller's traceparent, over REST, is in the access log, in an exemplar of the metrics as Prometheus asks for them,
// and on the spans that the collector gets.
func TestATraceIsFollowed(t *testing.T) {
	spans := startCollector(t)
	r := start(t, settings(t, nil, "--ops-addr=127.0.0.1:0", "--otlp-endpoint=http://"+spans.addr), false)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: testTimeout}
	ask := func(url, name, value string) string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(name, value)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: HTTP %d %v\n%s", url, response.StatusCode, err, body)
		}
		return string(body)
	}
	const trace = "0af7651916cd43dd8448eb211c80319c"
	ask("http://"+r.HTTPAddr().String()+"/v1/products:keywordSearch?keyword=%E8%80%B3%E6%9C%BA", "traceparent", "00-"+trace+"-b7ad6b7169203331-01")
	metrics := ask("http://"+r.OpsAddr().String()+"/metrics", "Accept", "application/openmetrics-text; version=1.0.0")
	if !strings.Contains(metrics, `# {trace_id="`+trace+`"} `) {
		t.Errorf("no exemplar leads to the trace; of %d bytes of metrics", len(metrics))
	}
	if err := r.end(t); err != nil { // It writes the log and sends the spans.
		t.Error(err)
	}
	if log := r.log.String(); !strings.Contains(log, "trace_id="+trace) {
		t.Errorf("the log does not name the trace:\n%s", log)
	}
	spans.mu.Lock()
	defer spans.mu.Unlock()
	if spans.spans[trace] < 2 { // The request's, and its upstream call's.
		t.Errorf("the collector got %v", spans.spans)
	}
}
