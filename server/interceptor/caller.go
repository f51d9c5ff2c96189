package interceptor

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// CallerAddressKey is the metadata key in which the REST gateway passes its caller's address. It counts only from the
// in-memory listener; from anybody else it is thrown away.
const CallerAddressKey = "x-zhaohuo-caller-address"

// InMemoryNetwork is what the in-memory listener (bufconn) calls its network. No address from outside says so: the
// network's name is the listener's word, not the caller's.
const InMemoryNetwork = "bufconn"

type callerKey struct{}

// CallerAddress is the IP address of whoever sent the request that ctx belongs to, over gRPC or REST; empty outside
// of the chain and where there is no IP address.
func CallerAddress(ctx context.Context) string {
	address, _ := ctx.Value(callerKey{}).(string)
	return address
}

// newCaller finds out who calls.
func newCaller() link {
	return link{
		name: Caller, after: []string{RequestID},
		unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			return handler(withCaller(ctx), req)
		},
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return handler(srv, &scoped{ss, withCaller(ss.Context())})
		},
	}
}

func withCaller(ctx context.Context) context.Context {
	told := first(ctx, CallerAddressKey)
	if told != "" {
		md, _ := metadata.FromIncomingContext(ctx)
		md.Delete(CallerAddressKey)
		ctx = metadata.NewIncomingContext(ctx, md)
	}
	from, ok := peer.FromContext(ctx)
	if !ok || from.Addr == nil {
		return ctx
	}
	address := from.Addr.String()
	if from.Addr.Network() == InMemoryNetwork {
		address = told
	}
	return context.WithValue(ctx, callerKey{}, hostOf(address))
}

// hostOf is the IP address in "ip:port"; empty for anything else.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return host
}
