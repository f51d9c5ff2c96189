package interceptor

import (
	"context"
	"fmt"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// newMetrics counts and times the contract's RPCs. Unknown RPCs are left out: callers choose their names, and each
// would be a new series.
func newMetrics(registry prometheus.Registerer) (link, error) {
	if registry == nil {
		return link{name: Metrics, after: []string{RequestID, Caller}, stream: passOn}, nil
	}
	// An exemplar leads from a slow bucket to a trace. Each one of a trace that is not recorded would lead nowhere.
	exemplar := grpcprom.WithExemplarFromContext(func(ctx context.Context) prometheus.Labels {
		if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
			return prometheus.Labels{"trace_id": span.TraceID().String()}
		}
		return nil
	})
	metrics := grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram(
		grpcprom.WithHistogramBuckets([]float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}),
	))
	metrics.InitializeMetrics(methods{}) // Each code is 0 from the beginning, so that the first defect is seen as growth.
	if err := registry.Register(metrics); err != nil {
		return link{}, fmt.Errorf("interceptor: registering metrics: %w", err)
	}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "zhaohuo_caller_requests_total", Help: "RPCs that have ended, by caller (the name of its API key; ip for all without one) and code.",
	}, []string{"caller", "code"})
	if err := registry.Register(requests); err != nil {
		return link{}, fmt.Errorf("interceptor: registering metrics: %w", err)
	}
	count := func(ctx context.Context, err error) {
		requests.WithLabelValues(callerOf(ctx).label(), status.Code(err).String()).Inc()
	}
	known := map[string]bool{}
	for _, method := range contract.Methods() {
		known[contract.FullMethod(method)] = true
	}
	unary, stream := metrics.UnaryServerInterceptor(exemplar), metrics.StreamServerInterceptor(exemplar)
	return link{
		name: Metrics, after: []string{RequestID, Caller},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if !known[info.FullMethod] {
				return handler(srv, ss)
			}
			var err error
			if info.IsClientStream || info.IsServerStream {
				err = stream(srv, ss, info, handler)
			} else { // The metrics have this label.
				_, err = unary(ss.Context(), nil, &grpc.UnaryServerInfo{Server: srv, FullMethod: info.FullMethod},
					func(context.Context, any) (any, error) { return nil, handler(srv, ss) })
			}
			count(ss.Context(), err)
			return err
		},
	}, nil
}

// passOn is a link that does nothing.
func passOn(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(srv, ss)
}

// methods are the RPCs of the contract in gRPC's form.
type methods struct{}

var _ reflection.ServiceInfoProvider = methods{}

// GetServiceInfo implements [reflection.ServiceInfoProvider].
func (methods) GetServiceInfo() map[string]grpc.ServiceInfo {
	all := map[string]grpc.ServiceInfo{}
	for _, m := range contract.Methods() {
		service := string(m.Parent().FullName())
		info := all[service]
		info.Methods = append(info.Methods, grpc.MethodInfo{
			Name: string(m.Name()), IsClientStream: m.IsStreamingClient(), IsServerStream: m.IsStreamingServer(),
		})
		all[service] = info
	}
	return all
}
