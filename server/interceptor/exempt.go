package interceptor

import (
	"context"
	"strings"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// exempt reports whether a full method ("/service/method") belongs to health or reflection: their streams may stay open
// forever and are not wanted in metrics and logs.
func exempt(method string) bool {
	for _, service := range [...]string{
		"/grpc.health.v1.Health/",
		"/grpc.reflection.v1.ServerReflection/",
		"/grpc.reflection.v1alpha.ServerReflection/",
	} {
		if strings.HasPrefix(method, service) {
			return true
		}
	}
	return false
}

func exceptExempt(next grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if exempt(info.FullMethod) {
			return handler(srv, ss)
		}
		return next(srv, ss, info, handler)
	}
}

func refuseUnknown(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	return fault.New(fault.RouteNotFound, "there is no RPC %.100q", method).WithSubject(method)
}

// scoped is a stream with another context.
type scoped struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *scoped) Context() context.Context { return s.ctx }
