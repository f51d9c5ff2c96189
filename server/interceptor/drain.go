package interceptor

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// newDrain ends RPCs that are under way when cut ends, and has them fail with SERVER_DRAINING: it is the server that ends
// them, and the caller may go on elsewhere. A nil cut never ends.
//
// Health and reflection end so as well: their streams would keep a stopping server until their connections are closed.
//
// The fault is the cause of the RPC's context, so whoever has to say why something ended can find it there.
func newDrain(cut context.Context) link {
	if cut == nil {
		cut = context.Background()
	}
	draining := fault.New(fault.ServerDraining, "this server is shutting down and has cut the call off")
	within := func(ctx context.Context) (context.Context, func()) {
		ctx, cancel := context.WithCancelCause(ctx)
		stop := context.AfterFunc(cut, func() { cancel(draining) })
		return ctx, func() {
			stop()
			cancel(nil)
		}
	}
	// A caller who left before the cut is the context's cause then, and stays what it is.
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

// interrupted tells an error that comes of a context's end, or of a connection's, from one that has a reason of its own.
func interrupted(err error) bool {
	f, ok := fault.As(err)
	return !ok || f.Kind == fault.CallerGone || errors.Is(err, context.Canceled)
}
