package interceptor

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	rpccode "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// newTelemetry gives each RPC that is traced a span, as OpenTelemetry's conventions for RPCs describe it. It is an interceptor, not
// gRPC's stats handler: gRPC would report each event of each RPC to the handler, also of those that are not traced, and RPCs that
// are called within the process would have no span.
func newTelemetry(traces trace.TracerProvider) link {
	if traces == nil {
		return link{name: Telemetry, stream: passOn}
	}
	tracer := traces.Tracer("github.com/zhaohuo-dev/zhaohuo/server/interceptor")
	return link{
		name: Telemetry,
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			name := strings.TrimPrefix(info.FullMethod, "/")
			ctx, span := tracer.Start(parentOf(ss.Context()), name, trace.WithSpanKind(trace.SpanKindServer))
			defer span.End() // After a panic too.
			if !span.IsRecording() {
				return handler(srv, &scoped{ss, ctx})
			}
			err := handler(srv, &scoped{ss, ctx})
			describe(span, name, err)
			return err
		},
	}
}

// parentOf is ctx with the trace that the RPC belongs to: one within the process, as for REST, or that of the caller's metadata.
func parentOf(ctx context.Context) context.Context {
	if trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, incoming{ctx})
}

// describe adds method and result to a span. By OpenTelemetry's conventions only some codes are errors of the server's.
func describe(span trace.Span, method string, err error) {
	st := status.Convert(err)
	span.SetAttributes(
		attribute.String("rpc.system.name", "grpc"),
		attribute.String("rpc.method", method),
		attribute.String("rpc.response.status_code", rpccode.Code(st.Code()).String()),
	)
	switch st.Code() {
	case codes.Unknown, codes.DeadlineExceeded, codes.Unimplemented, codes.Internal, codes.Unavailable, codes.DataLoss:
		span.SetStatus(otelcodes.Error, st.Message())
	default:
	}
}

// incoming reads the caller's metadata for OpenTelemetry.
type incoming struct{ ctx context.Context }

// Get implements [propagation.TextMapCarrier].
func (c incoming) Get(key string) string { return first(c.ctx, key) }

// Set implements [propagation.TextMapCarrier]. The caller's metadata are not changed.
func (c incoming) Set(string, string) {}

// Keys implements [propagation.TextMapCarrier].
func (c incoming) Keys() []string {
	md, _ := metadata.FromIncomingContext(c.ctx)
	keys := make([]string, 0, len(md))
	for key := range md {
		keys = append(keys, key)
	}
	return keys
}
