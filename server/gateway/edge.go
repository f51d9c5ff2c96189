package gateway

import (
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// edge adds what every answer has: a request id, a span, compression and recovery from panics. Recovery is innermost,
// because the compressor flushes on its way out, panic or not.
func (g *gateway) edge(next http.Handler) (http.Handler, error) {
	compress, err := gzhttp.NewWrapper()
	if err != nil {
		return nil, fmt.Errorf("gateway: compression: %w", err)
	}
	next = g.crossOrigin(compress(g.recovered(next)))
	if g.Traces != nil {
		next = otelhttp.NewHandler(next, "rest",
			otelhttp.WithTracerProvider(g.Traces),
			otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()),
			otelhttp.WithPropagators(propagation.TraceContext{}),
			otelhttp.WithFilter(func(r *http.Request) bool { return !g.fixedPath(r.URL.Path) }),
		)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := interceptor.AcceptRequestID(r.Header.Get(interceptor.RequestIDHeader))
		r.Header.Set(interceptor.RequestIDHeader, id)
		w.Header().Set(interceptor.RequestIDHeader, id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		setCacheControl(w, r)
		next.ServeHTTP(w, r)
	}), nil
}

// recovered answers a panic with INTERNAL if nothing was written yet, and closes the connection otherwise.
func (g *gateway) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &tracked{ResponseWriter: w}
		defer func() {
			if value := recover(); value != nil {
				g.panicked(answer, r, value)
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

func (g *gateway) panicked(answer *tracked, r *http.Request, value any) {
	if value == http.ErrAbortHandler { //nolint:errorlint // A panic's value, compared as net/http does.
		panic(value)
	}
	g.Log.ErrorContext(r.Context(), "rest panic", "request_id", r.Header.Get(interceptor.RequestIDHeader),
		"panic", value, "stack", string(debug.Stack()))
	if answer.written {
		panic(http.ErrAbortHandler)
	}
	g.fail(answer, r, fault.New(fault.Internal, ""))
}

// tracked knows whether an answer has begun.
type tracked struct {
	http.ResponseWriter
	written bool
}

func (t *tracked) WriteHeader(code int) {
	t.written = true
	t.ResponseWriter.WriteHeader(code)
}

func (t *tracked) Write(b []byte) (int, error) {
	t.written = true
	return t.ResponseWriter.Write(b)
}

// Flush passes a flush on, for streams.
func (t *tracked) Flush() {
	if f, ok := t.ResponseWriter.(http.Flusher); ok {
		t.written = true
		f.Flush()
	}
}

// Unwrap is for http.ResponseController.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// The paths that are not in the contract.
const (
	pathHealth  = "/healthz"
	pathReady   = "/readyz"
	pathOpenAPI = "/openapi.json"
)

// fixedPath reports that a path is not in the contract.
func (g *gateway) fixedPath(path string) bool {
	switch path {
	case pathHealth, pathReady, pathOpenAPI:
		return true
	}
	return g.Page[path] != nil
}

// rpc serves a path of the contract. It reads no byte of a body from a refused caller.
func (g *gateway) rpc(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		caller, err := g.CallerOf(r)
		if err != nil {
			g.fail(w, r, err)
			return
		}
		r = r.WithContext(share.WithCaller(r.Context(), caller))
	}
	switch r.URL.Path {
	case pathUpload:
		g.upload(w, r)
	case pathPictures:
		g.pictures(w, r)
	default:
		g.route(w, r)
	}
}

// paths sends the fixed paths to their handlers and all others to the contract's routes.
func (g *gateway) paths() http.Handler {
	fixed := map[string]http.Handler{
		pathHealth: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusOK, []byte(`{"status":"ALIVE"}`))
		}),
		pathReady: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if g.Ready != nil && !g.Ready() {
				g.fail(w, r, fault.New(fault.ServerDraining, "this server is starting or shutting down"))
				return
			}
			writeJSON(w, http.StatusOK, []byte(`{"status":"READY"}`))
		}),
	}
	maps.Copy(fixed, g.Page)
	if len(g.OpenAPI) > 0 {
		fixed[pathOpenAPI] = newDescribed(g.OpenAPI, g.Version, g.fail)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, ok := fixed[r.URL.Path]
		agents := g.Agents != nil && r.URL.Path == pathAgents
		switch {
		case g.Pushes.Path != "" && r.URL.Path == g.Pushes.Path:
			g.push(w, r)
		case r.Method == http.MethodOptions:
			g.options(w, r, ok)
		case agents:
			g.agents(w, r)
		case !ok:
			g.rpc(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			g.refuseMethod(w, r, http.MethodGet)
		default:
			handler.ServeHTTP(w, r)
		}
	})
}

// route calls the RPC that the path names.
func (g *gateway) route(w http.ResponseWriter, r *http.Request) {
	r, answered := g.remembered(w, r)
	if answered {
		return
	}
	routed, ok := segmented(r)
	if !ok {
		g.fail(w, r, fault.New(fault.MalformedRequest, "the path cannot be read: an invalid %% escape"))
		return
	}
	if r.Method == http.MethodHead {
		// HEAD is handled as GET; net/http sends only the header.
		routed.Method, w = http.MethodGet, headOnly{w}
	}
	g.api.ServeHTTP(w, routed)
}

// headOnly marks an answer of which only the header is sent.
type headOnly struct{ http.ResponseWriter }

// Unwrap is for http.ResponseController.
func (h headOnly) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// options answers with the methods of a path.
func (g *gateway) options(w http.ResponseWriter, r *http.Request, fixed bool) {
	var allowed []string
	switch {
	case fixed:
		allowed = []string{http.MethodGet}
	case r.URL.Path == pathUpload, r.URL.Path == pathPictures, g.Agents != nil && r.URL.Path == pathAgents:
		allowed = []string{http.MethodPost}
	default:
		if routed, ok := segmented(r); ok {
			allowed = g.methodsOf(routed)
		}
	}
	if len(allowed) == 0 {
		g.route(w, r)
		return
	}
	w.Header().Set("Allow", strings.Join(append(withHead(allowed), http.MethodOptions), ", "))
	w.WriteHeader(http.StatusNoContent)
}

// withHead adds HEAD if there is GET.
func withHead(methods []string) []string {
	if i := slices.Index(methods, http.MethodGet); i >= 0 {
		return slices.Insert(slices.Clone(methods), i+1, http.MethodHead)
	}
	return methods
}
