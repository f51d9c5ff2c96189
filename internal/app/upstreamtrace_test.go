package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// TestUpstreamSpans: a call of a trace has a span below it and sends its traceparent; the span has nothing of the address but the host. A call
// without a trace, or of one that is not recorded, has and sends none.
func TestUpstreamSpans(t *testing.T) {
	t.Parallel()
	var sent http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { sent = r.Header }))
	defer server.Close()
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	call := func(traces trace.TracerProvider, recorded bool) trace.SpanContext {
		ctx, parent := t.Context(), trace.SpanContext{}
		if recorded {
			started, span := provider.Tracer("test").Start(ctx, "request")
			defer span.End()
			ctx, parent = started, span.SpanContext()
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/param2/CANARY?_aop_signature=CANARY", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := traced(traces, http.DefaultTransport).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
		if request.Header.Get("traceparent") != "" {
			t.Error("the caller's request was changed")
		}
		return parent
	}
	if call(provider, false); sent.Get("traceparent") != "" {
		t.Errorf("without a trace %s is sent", sent.Get("traceparent"))
	}
	if call(nil, true); sent.Get("traceparent") != "" {
		t.Errorf("with traces off %s is sent", sent.Get("traceparent"))
	}
	parent := call(provider, true)
	got := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(t.Context(), propagation.HeaderCarrier(sent)))
	found := false
	for _, span := range spans.Ended() {
		if span.SpanContext().SpanID() == got.SpanID() {
			found = span.Parent().SpanID() == parent.SpanID() && span.SpanContext().TraceID() == parent.TraceID()
			for _, attribute := range span.Attributes() {
				if strings.Contains(fmt.Sprint(attribute.Value.AsInterface()), "CANARY") {
					t.Errorf("the span has %v", attribute)
				}
			}
		}
	}
	if !found {
		t.Errorf("no span below the request's was sent: %v", sent.Get("traceparent"))
	}
}
