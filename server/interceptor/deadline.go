package interceptor

import (
	"context"
	"time"

	"google.golang.org/grpc"
)

// newDeadline sees to it that every RPC ends. Authentication and client rate, when they come, stand between it and
// size.
func newDeadline(byDefault, most time.Duration) link {
	within := func(ctx context.Context) (context.Context, context.CancelFunc) {
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
		name: Deadline, after: []string{FaultMapping, Recovery},
		unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			ctx, cancel := within(ctx)
			defer cancel()
			return handler(ctx, req)
		},
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			ctx, cancel := within(ss.Context())
			defer cancel()
			return handler(srv, &scoped{ss, ctx})
		},
	}
}
