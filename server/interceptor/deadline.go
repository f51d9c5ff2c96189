package interceptor

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// timeouts are the time limits of one kind of RPC; 0 for no limit.
type timeouts struct {
	// byDefault is for callers without a deadline; most caps all.
	byDefault, most time.Duration
}

// within bounds the RPC of ctx. A caller's deadline within the bounds stays unchanged.
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

// newDeadline makes sure that every RPC ends. Streaming RPCs take as long as there are messages and have their own
// limits, except those that stream how one answer comes about: the answer may take as long as without its steps.
func newDeadline(unary, streams timeouts) link {
	oneAnswer := map[string]bool{}
	for _, method := range contract.Methods() {
		oneAnswer[contract.FullMethod(method)] = contract.OneAnswer(method)
	}
	return link{
		name: Deadline, after: []string{FaultMapping, Recovery, Drain},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			bounds := unary
			if info.IsServerStream && !oneAnswer[info.FullMethod] {
				bounds = streams
			}
			ctx, cancel := bounds.within(ss.Context())
			defer cancel()
			return handler(srv, &scoped{ss, ctx})
		},
	}
}
