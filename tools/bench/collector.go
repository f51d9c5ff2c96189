package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
)

// collectorRole receives traces over OTLP (gRPC), counts their spans and discards them.
const collectorRole = "--as-collector"

type collector struct {
	collectorv1.UnimplementedTraceServiceServer
	spans atomic.Int64
}

// Export implements the receiver.
func (c *collector) Export(_ context.Context, r *collectorv1.ExportTraceServiceRequest) (*collectorv1.ExportTraceServiceResponse, error) {
	for _, resource := range r.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			c.spans.Add(int64(len(scope.GetSpans())))
		}
	}
	return &collectorv1.ExportTraceServiceResponse{}, nil
}

// ServeHTTP says how many spans came.
func (c *collector) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	_, _ = fmt.Fprint(w, c.spans.Load())
}

// runCollector runs in the child process. It prints the address of OTLP and the one that says how many spans came, and serves until it
// is signalled.
func runCollector() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &collector{}
	rpcs := grpc.NewServer()
	collectorv1.RegisterTraceServiceServer(rpcs, c)
	web := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: c}
	context.AfterFunc(ctx, func() { rpcs.Stop(); _ = web.Close() })
	ended := make(chan error, 2)
	var addresses [2]net.Addr
	for i, serve := range []func(net.Listener) error{rpcs.Serve, web.Serve} {
		port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		addresses[i] = port.Addr()
		go func() { ended <- serve(port) }()
	}
	fmt.Println(addresses[0], addresses[1])
	if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
