package interceptor

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// newDrain ends running RPCs when cut ends; they fail with SERVER_DRAINING. The server ended them, so the caller may
// retry elsewhere. A nil cut never ends.
//
// Health and reflection end too: their streams would hold a stopping server until their connections close.
//
// The fault is the cause of the RPC's context, so it can be reported wherever the end is noticed.
func newDrain(cut context.Context) link {
	if cut == nil {
		cut = context.Background()
	}
	draining := fault.New(fault.ServerDraining, "this server is shutting down and has ended the call")
	within := func(ctx context.Context) (context.Context, func()) {
		ctx, cancel := context.WithCancelCause(ctx)
		stop := context.AfterFunc(cut, func() { cancel(draining) })
		return ctx, func() {
			stop()
			cancel(nil)
		}
	}
	// If the caller left before the cut, that stays the context's cause.
	tell := func(ctx context.Context, err error) error {
		if err == nil || !errors.Is(context.Cause(ctx), draining) || !interrupted(err) {
			return err
		}
		return draining.WithCause(causeUnder(err))
	}
	return link{
		name: Drain, after: []string{FaultMapping, Recovery}, always: true,
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			ctx, end := within(ss.Context())
			defer end()
			return tell(ctx, handler(srv, &scoped{ss, ctx}))
		},
	}
}

// interrupted reports whether an error comes from the end of a context or connection, and not from a cause of its own.
func interrupted(err error) bool {
	f, ok := fault.As(err)
	if ok && f.Kind == fault.CallMayHaveArrived {
		return false // Another server is not to be asked: what was cut short may have been done.
	}
	return !ok || f.Kind == fault.CallerGone || errors.Is(err, context.Canceled)
}
