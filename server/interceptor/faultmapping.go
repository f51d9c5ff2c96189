package interceptor

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// told is an error as the caller is told it, with the one it was made from for the links outside.
type statusError struct {
	status *status.Status
	err    error
}

func (t *statusError) Error() string { return t.status.String() }

// GRPCStatus is what gRPC sends.
func (t *statusError) GRPCStatus() *status.Status { return t.status }

func (t *statusError) Unwrap() error { return t.err }

// causeUnder is what lies under a fault, or the error itself if it is none; nil if the fault says it all.
func causeUnder(err error) error {
	if f, ok := fault.As(err); ok {
		return f.Cause()
	}
	return err
}

// newFaultMapping turns errors into statuses. Of health and reflection it is only the faults of the links further in: what those
// services say themselves is for clients that know no reasons of ours.
func newFaultMapping() link {
	tell := func(ctx context.Context, method string, err error) error {
		if _, ours := fault.As(err); err == nil || exempt(method) && !ours {
			return err
		}
		return &statusError{status: rpcerr.Status(err, first(ctx, "accept-language")), err: err}
	}
	return link{
		name: FaultMapping, after: []string{AccessLog, Metrics}, always: true,
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return tell(ss.Context(), info.FullMethod, handler(srv, ss))
		},
	}
}
