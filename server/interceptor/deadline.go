package interceptor

import (
	"context"
	"time"

	"google.golang.org/grpc"
)

// timeouts are how long one kind of RPC may take; zero for no bound.
type timeouts struct {
	// byDefault is for callers without a deadline, most for all.
	byDefault, most time.Duration
}

// within bounds the RPC of ctx. A deadline of the caller within the bounds stays as it is.
func (t timeouts) within(ctx context.Context) (context.Context, context.CancelFunc) {
	end, set := ctx.Deadline()
	bound := t.most
	if !set && t.byDefault > 0 && (bound <= 0 || t.byDefault < bound) {
		bound = t.byDefault
	}
	if bound <= 0 || set && time.Until(end) <= bound {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, bound)
}

// newDeadline sees to it that every RPC ends. An RPC that answers with a stream takes as long as there is to send, and
// has bounds of its own.
func newDeadline(unary, streams timeouts) link {
	return link{
		name: Deadline, after: []string{FaultMapping, Recovery, Drain},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			bounds := unary
			if info.IsServerStream {
				bounds = streams
			}
			ctx, cancel := bounds.within(ss.Context())
			defer cancel()
			return handler(srv, &scoped{ss, ctx})
		},
	}
}
