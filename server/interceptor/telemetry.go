package interceptor

import (
	"context"
	"math/rand/v2"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
)

// newTelemetry creates spans. It is gRPC's stats handler, not an interceptor, because it also sees the bytes.
// OpenTelemetry's metrics are off: Prometheus has them.
func newTelemetry(traces trace.TracerProvider, share float64) link {
	if traces == nil {
		return link{name: Telemetry, option: grpc.EmptyServerOption{}}
	}
	handler := otelgrpc.NewServerHandler(
		otelgrpc.WithTracerProvider(traces),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelgrpc.WithPropagators(propagation.TraceContext{}),
		otelgrpc.WithFilter(func(info *stats.RPCTagInfo) bool { return !exempt(info.FullMethodName) }),
	)
	if share < 1 {
		handler = partly{handler, share}
	}
	return link{name: Telemetry, option: grpc.StatsHandler(handler)}
}

// traceParent is the metadata key of the caller's trace.
const traceParent = "traceparent"

// partly chooses the RPCs that are traced before anything is done for a trace: OpenTelemetry chooses when it has prepared a span.
type partly struct {
	stats.Handler
	share float64
}

type chosenKey struct{}

// TagRPC implements [stats.Handler].
func (p partly) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if len(metadata.ValueFromIncomingContext(ctx, traceParent)) == 0 && rand.Float64() >= p.share {
		return ctx
	}
	return p.Handler.TagRPC(context.WithValue(ctx, chosenKey{}, true), info)
}

// HandleRPC implements [stats.Handler].
func (p partly) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if ctx.Value(chosenKey{}) != nil {
		p.Handler.HandleRPC(ctx, s)
	}
}

// Sampler traces a share of all requests, and all requests that belong to a trace already. It always traces an RPC that the chain has
// chosen.
func Sampler(share float64) sdktrace.Sampler {
	return sdktrace.ParentBased(chosen{sdktrace.TraceIDRatioBased(share)})
}

type chosen struct{ sdktrace.Sampler }

// ShouldSample implements [sdktrace.Sampler].
func (c chosen) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if p.ParentContext.Value(chosenKey{}) != nil {
		return sdktrace.AlwaysSample().ShouldSample(p)
	}
	return c.Sampler.ShouldSample(p)
}
