package gateway

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/klauspost/compress/gzhttp"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// fail answers with err as google.rpc.Status in JSON.
func (g *gateway) fail(w http.ResponseWriter, r *http.Request, err error) {
	st := rpcerr.Status(err, r.Header.Get("Accept-Language"))
	code := rpcerr.HTTPStatus(st)
	if wait, ok := rpcerr.RetryAfter(st); ok {
		seconds := max(int64(math.Ceil(wait.Seconds())), 1)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	if code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="zhaohuo"`)
	}
	if rpcerr.Reason(status.Convert(err)) == "" {
		// It was never an RPC, so it is not in the chain's access log.
		g.Log.InfoContext(r.Context(), "rest refusal", "method", r.Method, "path", r.URL.Path, "status", code,
			"reason", rpcerr.Reason(st), "request_id", r.Header.Get(interceptor.RequestIDHeader))
	}
	w.Header().Set("Cache-Control", "no-store")
	// The answer is small, and its length must be known: see lingering.
	w.Header().Set(gzhttp.HeaderNoCompression, "1")
	writeJSON(w, code, encodeStatus(st))
}

func encodeStatus(st *status.Status) []byte {
	body, err := protojson.Marshal(st.Proto())
	if err != nil {
		// A detail's type may not be linked in: an answer without details is better than none.
		body, _ = protojson.Marshal(status.New(st.Code(), st.Message()).Proto())
	}
	return body
}

func writeJSON(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body) //nolint:gosec // Content-Type is JSON with nosniff. It fails only if the caller has left.
}

// rpcFailed handles every error between a route and its answer. An error of reading comes from the body, because
// generated code keeps only its text.
func (g *gateway) rpcFailed(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if body, ok := r.Body.(*requestBody); ok && body.refused != nil {
		err = body.refused
	}
	g.fail(w, r, err)
}

// notRouted handles requests without a route.
func (g *gateway) notRouted(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	switch code {
	case http.StatusMethodNotAllowed:
		g.refuseMethod(w, r, g.methodsOf(r)...)
	case http.StatusNotFound:
		if allowed := g.methodsOf(r); len(allowed) > 0 {
			g.refuseMethod(w, r, allowed...)
			return
		}
		g.fail(w, r, fault.New(fault.RouteNotFound, "there is no path %.200q", r.URL.Path).WithSubject(r.URL.Path))
	default:
		g.fail(w, r, fault.New(fault.MalformedRequest, "the path cannot be read"))
	}
}

func (g *gateway) refuseMethod(w http.ResponseWriter, r *http.Request, allowed ...string) {
	allowed = withHead(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	g.fail(w, r, fault.New(fault.MethodNotAllowed, "%.20s is not for this path, which takes %s",
		strconv.QuoteToASCII(r.Method), strings.Join(allowed, " and ")))
}

func ignoreRoutingError(context.Context, *runtime.ServeMux, runtime.Marshaler, http.ResponseWriter, *http.Request, int) {
}

func ignoreError(context.Context, *runtime.ServeMux, runtime.Marshaler, http.ResponseWriter, *http.Request, error) {
}
