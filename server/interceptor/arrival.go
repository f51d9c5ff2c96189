package interceptor

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// newArrival ends requests with a single message that does not arrive completely in time. Streams of messages have
// their own bounds, except reflection, which needs no key: each of its messages must arrive in that time.
func newArrival(timeout time.Duration) link {
	return link{
		name: Arrival, after: []string{Recovery, Deadline, Authentication, ClientRate}, always: true,
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if timeout <= 0 || info.IsClientStream && !exempt(info.FullMethod) {
				return handler(srv, ss)
			}
			return handler(srv, &arriving{ss, timeout})
		},
	}
}

// arriving is a stream whose messages must arrive in time.
type arriving struct {
	grpc.ServerStream
	timeout time.Duration
}

// RecvMsg stops waiting but cannot stop receiving: that ends with the handler. So msg must not be used after an error.
func (a *arriving) RecvMsg(msg any) error {
	ctx, cancel := context.WithTimeoutCause(a.Context(), a.timeout, fault.New(fault.UploadStalled, "the request did not arrive within %v", a.timeout))
	defer cancel()
	arrived := make(chan error, 1)
	go func() { arrived <- a.ServerStream.RecvMsg(msg) }()
	select {
	case err := <-arrived:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
