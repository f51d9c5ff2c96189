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

// unnamed is what metrics call all callers without a key: their addresses would be a series each.
const unnamed = "ip"

type callerKey struct{}

// caller is who sent a request. Links further in find out more than the first one knows, and what they find the links
// outside of them can tell, once the handler has returned: hence a pointer.
type caller struct {
	// address is the IP address; empty where there is none.
	address string
	// name and weight are the API key's; an empty name is none.
	name   string
	weight float64
	// rate is how many requests a second the key grants; 0 if it does not say.
	rate float64
	// admin is whether the key is an operator's.
	admin bool
}

// id is whom requests and turns are counted for. No name is an address.
func (c *caller) id() string {
	if c.name != "" {
		return c.name
	}
	return c.address
}

// label is the caller in metrics.
func (c *caller) label() string {
	if c.name != "" {
		return c.name
	}
	return unnamed
}

func callerOf(ctx context.Context) *caller {
	if c, ok := ctx.Value(callerKey{}).(*caller); ok {
		return c
	}
	return &caller{}
}

// CallerAddress is the IP address of whoever sent the request that ctx belongs to, over gRPC or REST; empty outside
// of the chain and where there is no IP address.
func CallerAddress(ctx context.Context) string { return callerOf(ctx).address }

// CallerName is the name of the API key that the request was sent with; empty outside of the chain and without keys.
func CallerName(ctx context.Context) string { return callerOf(ctx).name }

// newCaller finds out where the caller is.
func newCaller() link {
	return link{
		name: Caller, after: []string{RequestID},
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return handler(srv, &scoped{ss, withCaller(ss.Context())})
		},
	}
}

func withCaller(ctx context.Context) context.Context {
	forwarded := first(ctx, CallerAddressKey)
	ctx = without(ctx, CallerAddressKey)
	from, ok := peer.FromContext(ctx)
	if !ok || from.Addr == nil {
		return context.WithValue(ctx, callerKey{}, &caller{})
	}
	address := from.Addr.String()
	if from.Addr.Network() == InMemoryNetwork {
		address = forwarded
	}
	return context.WithValue(ctx, callerKey{}, &caller{address: hostOf(address)})
}

// without is ctx without some of its caller's metadata.
func without(ctx context.Context, keys ...string) context.Context {
	md, ok := metadata.FromIncomingContext(ctx)
	if !ok {
		return ctx
	}
	before := len(md)
	for _, key := range keys {
		md.Delete(key)
	}
	if len(md) == before {
		return ctx
	}
	return metadata.NewIncomingContext(ctx, md)
}

// hostOf is the IP address in "ip:port"; empty for anything else.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return host
}
