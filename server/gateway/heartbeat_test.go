package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

// noEngine observes nothing, so there are no events.
type noEngine struct{ pricewatch.Engine }

func (noEngine) NewEvents() <-chan struct{} { return nil }

// TestHeartbeats: a stream without events says every 15 seconds that it lives, in each form, for as long as it is read. All of it
// runs in memory, on a clock of its own.
func TestHeartbeats(t *testing.T) {
	const beats = 6
	path := filepath.Join(t.TempDir(), "w.db")
	for name, begin := range map[string]func(t *testing.T, conn *grpc.ClientConn, web *http.Client) (next func() bool){
		"gRPC": func(t *testing.T, conn *grpc.ClientConn, _ *http.Client) func() bool {
			stream, err := zhaohuov1.NewPriceWatchServiceClient(conn).StreamPriceEvents(t.Context(), &zhaohuov1.StreamPriceEventsRequest{})
			if err != nil {
				t.Fatal(err)
			}
			return func() bool {
				m, err := stream.Recv()
				return err == nil && m.GetHeartbeatAfterEventId() == "0"
			}
		},
		"NDJSON": func(t *testing.T, _ *grpc.ClientConn, web *http.Client) func() bool {
			lines := getLines(t, web, "")
			return func() bool {
				line, err := lines.ReadString('\n')
				return err == nil && strings.Contains(line, `"heartbeatAfterEventId":"0"`)
			}
		},
		"SSE": func(t *testing.T, _ *grpc.ClientConn, web *http.Client) func() bool {
			lines := getLines(t, web, "text/event-stream")
			return func() bool { return readSSE(t, lines) == sse{comment: "heartbeat", retry: "2000", id: "0"} }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, web, stop := inMemory(t, path)
				next := begin(t, conn, web)
				began := time.Now()
				var got, want []string
				for i := range beats {
					ok := next()
					got = append(got, fmt.Sprint(ok, time.Since(began)))
					want = append(want, fmt.Sprint(true, time.Duration(i)*15*time.Second))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				stop()
			})
		})
	}
}

// getLines asks for the stream of events in a form, and reads its answer.
func getLines(t *testing.T, web *http.Client, accept string) *bufio.Reader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://memory/v1/priceEvents:stream", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		request.Header.Set("Accept", accept)
	}
	response, err := web.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", response, err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return bufio.NewReader(response.Body)
}

// inMemory serves price watches out of a real store, over gRPC and REST, on connections in memory.
func inMemory(t *testing.T, path string) (*grpc.ClientConn, *http.Client, func()) {
	t.Helper()
	kept, err := store.Open(t.Context(), store.Options{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	chain, err := interceptor.New(interceptor.Config{RequestBytesMax: bytesMax})
	if err != nil {
		t.Fatal(err)
	}
	rpcs := grpc.NewServer(chain.ServerOptions()...)
	service := pricewatch.New(pricewatch.Options{Store: kept, Engine: noEngine{}})
	zhaohuov1.RegisterPriceWatchServiceServer(chain.Registrar(rpcs), server.NewPriceWatch(server.PriceWatchParts{Service: service}))
	inside, outside := bufconn.Listen(1<<20), bufconn.Listen(1<<20)
	conn, err := grpc.NewClient("passthrough:///inside", append(gateway.DialOptions(nil, wire.NewBuffers()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return inside.DialContext(ctx) }))...)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := gateway.New(gateway.Config{Conn: conn, RequestBytesMax: bytesMax})
	if err != nil {
		t.Fatal(err)
	}
	rest := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() { _ = rpcs.Serve(inside) })
	serving.Go(func() { _ = rest.Serve(outside) })
	web := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return outside.DialContext(ctx) },
	}}
	return conn, web, func() {
		web.CloseIdleConnections()
		_ = rest.Close()
		_ = conn.Close()
		rpcs.Stop()
		serving.Wait()
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	}
}
