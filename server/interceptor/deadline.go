package interceptor

import (
	"context"
	"time"

	"google.golang.org/grpc"
)

// newDeadline sees to it that every RPC ends. An RPC that answers with a stream takes as long as there is to send, and
// has a default of its own.
func newDeadline(unaryDefault, streamDefault, most time.Duration) link {
	within := func(ctx context.Context, byDefault time.Duration) (context.Context, context.CancelFunc) {
		end, set := ctx.Deadline()
		switch {
		case !set && byDefault > 0:
			return context.WithTimeout(ctx, byDefault)
		case most > 0 && (!set || time.Until(end) > most):
			return context.WithTimeout(ctx, most)
		}
		return ctx, func() {}
	}
	return link{
		name: Deadline, after: []string{FaultMapping, Recovery, Drain},
		unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			ctx, cancel := within(ctx, unaryDefault)
			defer cancel()
			return handler(ctx, req)
		},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			byDefault := unaryDefault
			if info.IsServerStream {
				byDefault = streamDefault
			}
			ctx, cancel := within(ss.Context(), byDefault)
			defer cancel()
			return handler(srv, &scoped{ss, ctx})
		},
	}
}
