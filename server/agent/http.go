package agent

import (
	"context"
	"maps"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/grpc/metadata"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// httpCaller is who sent an HTTP request.
type httpCaller struct {
	// name is the API key's, or an address.
	name string
	// passed is what the RPCs get of the request's header.
	passed metadata.MD
	// gone ends when the caller has left.
	gone context.Context //nolint:containedctx // The request's.
}

type httpCallerKey struct{}

// passedHeaders are the headers that reach the RPCs.
var passedHeaders = []string{
	interceptor.AuthorizationHeader, interceptor.APIKeyHeader, interceptor.RequestIDHeader, interceptor.ClassHeader, "accept-language",
}

// Handler serves agents over streamable HTTP. The request's caller is identified already (share.WithCaller), and its body is
// bounded. Each request stands alone, as in the protocol since 2026-07-28, so any replica may answer it.
func (s *Server) Handler() http.Handler {
	serve := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s.mcp }, &mcp.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, Logger: s.config.Log,
		MaxRequestBodyBytes: -1, // The gateway bounds bodies.
		// The gateway checks hosts and origins, and lets in those that the operator names.
		DisableLocalhostProtection: true, PropagateRequestCancellation: true,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := httpCaller{name: share.CallerOf(r.Context()), passed: metadata.MD{}, gone: r.Context()}
		for _, name := range passedHeaders {
			if values := r.Header.Values(name); len(values) > 0 {
				who.passed[name] = values
			}
		}
		who.passed.Set(interceptor.CallerAddressKey, r.RemoteAddr)
		if names := interceptor.CertificateNames(r.TLS); len(names) > 0 {
			who.passed.Set(interceptor.CallerCertificateKey, names...)
		}
		serve.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), httpCallerKey{}, who)))
	})
}

// begin begins a tool call. For a caller over HTTP it ends when the caller leaves: the protocol's own messages for that do not
// reach a request that stands alone. ctx is for the RPCs.
func (s *Server) begin(ctx context.Context) (under context.Context, c *call, end func()) {
	c, end = &call{Server: s, budget: s.single, language: language(s.config.Chinese)}, func() {}
	md := metadata.MD{}
	if s.config.Class != "" {
		md.Set(interceptor.ClassHeader, s.config.Class)
	}
	if who, ok := ctx.Value(httpCallerKey{}).(httpCaller); ok {
		maps.Copy(md, who.passed)
		if languages := md["accept-language"]; len(languages) > 0 {
			c.language = language(rpcerr.PrefersChinese(languages[0]))
		}
		if len(md[interceptor.ClassHeader]) == 0 && s.config.ClassOf != nil {
			if class := s.config.ClassOf(who.name); class != "" {
				md.Set(interceptor.ClassHeader, class)
			}
		}
		c.budget, c.renews = s.windows.of(who.name)
		within, cancel := context.WithCancel(ctx)
		stop := context.AfterFunc(who.gone, cancel)
		ctx, end = within, func() { stop(); cancel() }
	}
	if s.config.Timeout > 0 {
		within, cancel := context.WithTimeout(ctx, s.config.Timeout)
		before := end
		ctx, end = within, func() { cancel(); before() }
	}
	if len(md[interceptor.ClassHeader]) == 0 {
		md.Set(interceptor.ClassHeader, "batch")
	}
	md.Set("accept-language", c.tag())
	return metadata.NewOutgoingContext(ctx, md), c, end
}
