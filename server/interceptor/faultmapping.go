package interceptor

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// statusError is the status for the caller, with the original error for the outer interceptors.
type statusError struct {
	status *status.Status
	err    error
}

func (t *statusError) Error() string { return t.status.String() }

// GRPCStatus is what gRPC sends.
func (t *statusError) GRPCStatus() *status.Status { return t.status }

func (t *statusError) Unwrap() error { return t.err }

// causeUnder is the cause of a fault, or the error itself if it is not a fault; nil for a fault without a cause.
func causeUnder(err error) error {
	if f, ok := fault.As(err); ok {
		return f.Cause()
	}
	return err
}

// newFaultMapping turns errors into statuses. For health and reflection it maps only faults of the inner interceptors:
// their clients do not know our reasons, so all other errors stay unchanged.
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
