package interceptor

import (
	"context"
	"fmt"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// newMetrics counts and times the contract's RPCs. RPCs that do not exist are left out: their names are the
// caller's, and each would be a new series.
func newMetrics(registry prometheus.Registerer) (link, error) {
	metrics := grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram(
		grpcprom.WithHistogramBuckets([]float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}),
	))
	if registry != nil {
		if err := registry.Register(metrics); err != nil {
			return link{}, fmt.Errorf("interceptor: registering metrics: %w", err)
		}
	}
	known := map[string]bool{}
	for _, method := range contract.Methods() {
		known[contract.FullMethod(method)] = true
	}
	unary, stream := metrics.UnaryServerInterceptor(), metrics.StreamServerInterceptor()
	return link{
		name: Metrics, after: []string{RequestID},
		unary: func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			if !known[info.FullMethod] {
				return handler(ctx, req)
			}
			return unary(ctx, req, info, handler)
		},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if !known[info.FullMethod] {
				return handler(srv, ss)
			}
			return stream(srv, ss, info, handler)
		},
	}, nil
}
