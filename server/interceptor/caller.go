package interceptor

import (
	"context"
	"crypto/tls"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// CallerAddressKey is the metadata key in which the REST gateway passes its caller's address. It counts only from the
// in-memory listener; from others it is ignored.
const CallerAddressKey = "x-zhaohuo-caller-address"

// CallerCertificateKey is the metadata key in which the REST gateway passes the names of its caller's certificate. It counts as
// CallerAddressKey does. Names may be in any script, so it is a binary one.
const CallerCertificateKey = "x-zhaohuo-caller-certificate-bin"

// InMemoryNetwork is the network name of the in-memory listener (bufconn). No outside connection can have it: the
// listener sets it, not the caller.
const InMemoryNetwork = "bufconn"

// unnamed is the label of all callers without a key: their addresses would create a series each.
const unnamed = "ip"

type callerKey struct{}

// caller is who sent a request. It is a pointer, because inner links add to it, and outer links read the result after
// the handler returned.
type caller struct {
	// address is the IP address; empty if there is none.
	address string
	// certificate are the names in the client certificate.
	certificate []string
	// entry is that of the API key; without a name if there is none.
	entry callers.Entry
}

// id is who requests and permits are counted for. No name is an address.
func (c *caller) id() string {
	if c.entry.Name != "" {
		return c.entry.Name
	}
	return c.address
}

// label is the caller in metrics.
func (c *caller) label() string {
	if c.entry.Name != "" {
		return c.entry.Name
	}
	return unnamed
}

func callerOf(ctx context.Context) *caller {
	if c, ok := ctx.Value(callerKey{}).(*caller); ok {
		return c
	}
	return &caller{}
}

// CallerAddress is the IP address of the sender of the request, over gRPC or REST; empty outside of the chain and if
// there is no IP address.
func CallerAddress(ctx context.Context) string { return callerOf(ctx).address }

// CallerName is the name of the API key of the request; empty outside of the chain and without keys.
func CallerName(ctx context.Context) string { return callerOf(ctx).entry.Name }

// newCaller records the caller's address.
func newCaller() link {
	return link{
		name: Caller, after: []string{RequestID},
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return handler(srv, &scoped{ss, withCaller(ss.Context())})
		},
	}
}

func withCaller(ctx context.Context) context.Context {
	forwarded, names := first(ctx, CallerAddressKey), metadata.ValueFromIncomingContext(ctx, CallerCertificateKey)
	ctx = without(ctx, CallerAddressKey, CallerCertificateKey)
	from, ok := peer.FromContext(ctx)
	if !ok || from.Addr == nil {
		return context.WithValue(ctx, callerKey{}, &caller{})
	}
	address := from.Addr.String()
	if from.Addr.Network() == InMemoryNetwork {
		return context.WithValue(ctx, callerKey{}, &caller{address: publicnet.Host(forwarded), certificate: names})
	}
	c := &caller{address: publicnet.Host(address)}
	if secured, ok := from.AuthInfo.(credentials.TLSInfo); ok {
		c.certificate = CertificateNames(&secured.State)
	}
	return context.WithValue(ctx, callerKey{}, c)
}

// CertificateNames are the names in a client certificate that TLS verified: URIs, DNS names, addresses of mail, and "CN=" with the
// common name; none without such a certificate.
func CertificateNames(state *tls.ConnectionState) []string {
	if state == nil || len(state.VerifiedChains) == 0 || len(state.VerifiedChains[0]) == 0 {
		return nil
	}
	leaf := state.VerifiedChains[0][0]
	var names []string
	for _, u := range leaf.URIs {
		names = append(names, u.String())
	}
	names = append(append(names, leaf.DNSNames...), leaf.EmailAddresses...)
	if leaf.Subject.CommonName != "" {
		names = append(names, "CN="+leaf.Subject.CommonName)
	}
	return names
}

// without is ctx without some of the caller's metadata.
func without(ctx context.Context, keys ...string) context.Context {
	given := false
	for _, key := range keys { // Most callers give none of them, and copying all metadata takes time.
		given = given || len(metadata.ValueFromIncomingContext(ctx, key)) > 0
	}
	if !given {
		return ctx
	}
	md, ok := metadata.FromIncomingContext(ctx)
	if !ok {
		return ctx
	}
	for _, key := range keys {
		md.Delete(key)
	}
	return metadata.NewIncomingContext(ctx, md)
}
