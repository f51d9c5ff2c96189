package interceptor

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// The metadata keys, and REST headers, of an API key: "authorization: Bearer KEY" or "x-api-key: KEY".
const (
	AuthorizationHeader = "authorization"
	APIKeyHeader        = "x-api-key"
)

// Keys finds the entry of a caller.
type Keys interface {
	// Identify must return a fault of kind CallerUnauthenticated for invalid or no credentials, and never quote them.
	Identify(ctx context.Context, c callers.Credentials) (callers.Entry, error)
}

// newAuthentication refuses callers without a valid key. Without keys everybody may call. No inner link or handler sees
// a credential.
func newAuthentication(keys Keys) link {
	known := func(ctx context.Context, method string) (context.Context, error) {
		if keys != nil {
			key, err := credential(ctx)
			if err != nil {
				return nil, err
			}
			c := callerOf(ctx)
			entry, err := keys.Identify(ctx, callers.Credentials{Key: key, Certificate: c.certificate})
			if err != nil {
				return nil, err
			}
			c.entry = entry
			// An operator who paused himself has to be able to end that.
			if err := entry.Admit(); err != nil && (entry.Paused || !contract.Steers(method)) {
				return nil, err
			}
		}
		return without(ctx, AuthorizationHeader, APIKeyHeader), nil
	}
	return admitting(Authentication, []string{Caller, FaultMapping, Deadline}, known)
}

// forOperators reports whether an RPC is for operators only: it spends or changes what all callers share.
func forOperators(method string) bool {
	return method == zhaohuov1.InfoService_Diagnose_FullMethodName || contract.Steers(method)
}

// newAuthorization keeps the operators' RPCs to keys with admin. Without keys callers cannot be distinguished: then AdminService is
// refused unless it is open.
func newAuthorization(keys Keys, adminOpen bool) link {
	return admitting(Authorization, []string{Authentication, ClientRate}, func(ctx context.Context, method string) (context.Context, error) {
		if c := callerOf(ctx); keys != nil && forOperators(method) && !c.entry.Admin {
			return nil, fault.New(fault.CallerNotAllowed, "the API key of %s is not an operator's: its entry lacks admin: true", c.entry.Name).WithSubject(c.entry.Name)
		}
		if keys == nil && !adminOpen && contract.Steers(method) {
			return nil, fault.New(fault.CallerNotAllowed, "callers have no API keys here, and other machines can reach the operators' port")
		}
		return ctx, nil
	})
}

// CallerOf identifies the sender of an HTTP request by its headers, certificate and address, so that it can be refused before its
// body is read: the name of its entry, or an address without its port if there are no keys. It fails like the RPC
// would.
func (c *Chain) CallerOf(r *http.Request) (string, error) {
	if c.keys == nil {
		return publicnet.Host(r.RemoteAddr), nil
	}
	header := r.Header
	key, err := credential(metadata.NewIncomingContext(context.Background(), metadata.MD{
		APIKeyHeader: header.Values(APIKeyHeader), AuthorizationHeader: header.Values(AuthorizationHeader),
	}))
	if err != nil {
		return "", err
	}
	entry, err := c.keys.Identify(r.Context(), callers.Credentials{Key: key, Certificate: CertificateNames(r.TLS)})
	if err == nil {
		err = entry.Admit()
	}
	return entry.Name, err
}

// admitting is a link that accepts an RPC with another context, or refuses it before its first message is read.
func admitting(name string, after []string, admit func(ctx context.Context, method string) (context.Context, error)) link {
	return link{
		name: name, after: after,
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			ctx, err := admit(ss.Context(), info.FullMethod)
			if err != nil {
				return err
			}
			return handler(srv, &scoped{ss, ctx})
		},
	}
}

const bearer = "bearer "

// credential is the key or token of a request; empty for none. Two different keys are refused, because the caller would be ambiguous.
func credential(ctx context.Context) (secret.Text, error) {
	var key secret.Text
	given := metadata.ValueFromIncomingContext(ctx, APIKeyHeader)
	for _, value := range metadata.ValueFromIncomingContext(ctx, AuthorizationHeader) {
		if len(value) > len(bearer) && strings.EqualFold(value[:len(bearer)], bearer) {
			given = append(given, value[len(bearer):])
		}
	}
	for _, value := range given {
		value := secret.Text(strings.TrimSpace(value))
		if !key.Empty() && !value.Empty() && key != value {
			return "", fault.New(fault.CallerUnauthenticated, "the request carries more than one API key")
		}
		if !value.Empty() {
			key = value
		}
	}
	return key, nil
}

// newClientRate limits each caller's rate: that of the key, or else byDefault, 0 for none. One RPC is one request,
// whatever it costs upstream: the quota handles that.
func newClientRate(byDefault float64) link {
	rates := callers.NewRates()
	return admitting(ClientRate, []string{Authentication}, func(ctx context.Context, _ string) (context.Context, error) {
		c := callerOf(ctx)
		perSecond := c.entry.Rate
		if perSecond == 0 {
			perSecond = byDefault
		}
		wait, ok := rates.Take(c.id(), perSecond)
		if !ok {
			return nil, fault.New(fault.CallerRateLimited, "more than %v requests a second", perSecond).WithSubject(c.label()).WithRetryAfter(wait)
		}
		return ctx, nil
	})
}
