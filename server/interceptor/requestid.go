package interceptor

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// RequestIDHeader is the header that carries the request id, in and out.
const RequestIDHeader = "x-request-id"

const requestIDBytesMax = 128

// AcceptRequestID returns given if it is a valid request id: 1 to 128 letters, digits and "-_.:/+=@". Otherwise it
// returns a new one, because the id goes into logs and headers.
func AcceptRequestID(given string) string {
	if given == "" || len(given) > requestIDBytesMax {
		return uuid.NewString()
	}
	for _, c := range []byte(given) {
		if !requestIDByte(c) {
			return uuid.NewString()
		}
	}
	return given
}

func requestIDByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	switch c {
	case '-', '_', '.', ':', '/', '+', '=', '@':
		return true
	}
	return false
}

type requestIDKey struct{}

// RequestIDFrom is the id of the request that ctx belongs to; empty outside of the chain.
func RequestIDFrom(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// newRequestID gives each RPC its id and returns it as a header.
func newRequestID() link {
	return link{
		name: RequestID, after: []string{Telemetry},
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			id := AcceptRequestID(first(ss.Context(), RequestIDHeader))
			_ = ss.SetHeader(metadata.Pairs(RequestIDHeader, id))
			return handler(srv, &scoped{ss, context.WithValue(ss.Context(), requestIDKey{}, id)})
		},
	}
}

// first is the first value of a metadata key; empty if there is none.
func first(ctx context.Context, key string) string {
	values := metadata.ValueFromIncomingContext(ctx, key)
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
