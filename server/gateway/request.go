package gateway

import (
	"context"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// strict refuses what the generated code would drop or misread. It reads the query before the library's parser, which
// silently drops what it does not know.
func (g *gateway) strict(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		pattern, _ := runtime.HTTPPattern(r.Context())
		found, ok := g.routes[routeKey(r.Method, pattern.String())]
		if !ok {
			g.fail(w, r, fault.New(fault.Internal, "")) // A route that is not in the contract; a test checks it.
			return
		}
		defer func() { release(r.Body) }() // The body that check sets.
		if err := g.check(found, w, r, pathParams); err != nil {
			g.fail(w, r, err)
			return
		}
		if found.method.IsStreamingServer() {
			g.streamed(w, r, found)
			return
		}
		if found.hasBody || found.streams || r.Method != http.MethodGet {
			if r.Method != http.MethodPost || !g.posted(w, r, found) {
				next(w, r, pathParams)
			}
			return
		}
		if g.directly(w, r, found, pathParams) {
			return
		}
		answer := &tagged{ResponseWriter: w}
		next(answer, r, pathParams)
		answer.send(r)
	}
}

func (g *gateway) check(found route, w http.ResponseWriter, r *http.Request, pathParams map[string]string) error {
	for name, value := range pathParams {
		if !utf8.ValidString(value) {
			return fault.New(fault.MalformedRequest, "the path is not UTF-8").WithField(name, ruleText, "must be UTF-8")
		}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fault.New(fault.MalformedRequest, "the query cannot be read: an invalid %% escape, or a semicolon").WithCause(err)
	}
	if found.hasBody {
		if len(query) > 0 {
			return unknownParameters(slices.Sorted(maps.Keys(query)), "this route takes everything in its body")
		}
		if err := checkContentType(r.Header.Values("Content-Type")); err != nil {
			return err
		}
		body := g.bounded(w, r)
		body.inPath = pathParams
		r.Body = body
		return decoded(w, r, body)
	}
	if r.ContentLength != 0 {
		return fault.New(fault.MalformedRequest, "%s takes no body on this path", r.Method)
	}
	return readQuery(found.request.New().Interface(), query, pathParams)
}

// checkContentType accepts JSON, and treats a body without a content type as JSON.
func checkContentType(given []string) error {
	if len(given) == 0 {
		return nil
	}
	kind, params, err := mime.ParseMediaType(given[0])
	charset := strings.ToLower(params["charset"])
	if len(given) == 1 && err == nil && kind == "application/json" && (charset == "" || charset == "utf-8") {
		return nil
	}
	return fault.New(fault.UnsupportedMediaType, "the body must be application/json in UTF-8")
}

// passedIn names the only headers that become metadata. The default would let callers set any metadata. The library
// itself passes authorization.
func passedIn(header string) (string, bool) {
	switch name := strings.ToLower(header); name {
	case "accept-language", interceptor.APIKeyHeader, interceptor.ClassHeader, interceptor.MaxCallsHeader:
		return name, true
	}
	return "", false
}

// passNone drops the server's metadata; the answer already has the request id.
func passNone(string) (string, bool) { return "", false }

// annotate adds what the gateway knows about its caller. The chain trusts it only on the in-memory listener.
func annotate(_ context.Context, r *http.Request) metadata.MD {
	md := metadata.Pairs(
		interceptor.RequestIDHeader, r.Header.Get(interceptor.RequestIDHeader),
		interceptor.CallerAddressKey, r.RemoteAddr,
	)
	if names := interceptor.CertificateNames(r.TLS); len(names) > 0 {
		md.Set(interceptor.CallerCertificateKey, names...)
	}
	return md
}
