package interceptor

import (
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

// newTelemetry creates spans. It is gRPC's stats handler, not an interceptor, because it also sees the bytes.
// OpenTelemetry's metrics are off: Prometheus has them.
func newTelemetry(traces trace.TracerProvider) link {
	if traces == nil {
		return link{name: Telemetry, option: grpc.EmptyServerOption{}}
	}
	return link{name: Telemetry, option: grpc.StatsHandler(otelgrpc.NewServerHandler(
		otelgrpc.WithTracerProvider(traces),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelgrpc.WithPropagators(propagation.TraceContext{}),
		otelgrpc.WithFilter(func(info *stats.RPCTagInfo) bool { return !exempt(info.FullMethodName) }),
	))}
}
