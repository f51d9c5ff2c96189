package app

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// countedCalls shows how many calls are open: begun, and without the begin of an answer.
type countedCalls struct {
	open *atomic.Int64
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (c countedCalls) RoundTrip(request *http.Request) (*http.Response, error) {
	c.open.Add(1)
	defer c.open.Add(-1)
	return c.next.RoundTrip(request)
}

// watchSender has the calls of a client counted and traced.
func (a *App) watchSender(sender *http.Client) error {
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "zhaohuo_upstream_in_flight", Help: "Upstream calls of this process that were begun and whose answer has not begun yet.",
	}, func() float64 { return float64(a.openCalls.Load()) })
	sender.Transport = countedCalls{&a.openCalls, traced(a.traces, sender.Transport)}
	return register(a.registry, open)
}

// traced gives each call to the upstream that belongs to a trace a span, and sends its traceparent along; nil traces give none. OpenTelemetry's own
// transport would put the address into the span: it has the App Key, the token and the signature.
func traced(traces trace.TracerProvider, next http.RoundTripper) http.RoundTripper {
	if traces == nil {
		return next
	}
	return tracedCalls{traces.Tracer("github.com/zhaohuo-dev/zhaohuo/internal/app"), next}
}

type tracedCalls struct {
	tracer trace.Tracer
	next   http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t tracedCalls) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return t.next.RoundTrip(request)
	}
	ctx, span := t.tracer.Start(ctx, "upstream call", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", request.Method), attribute.String("server.address", request.URL.Hostname()),
	))
	defer span.End()
	request = request.Clone(ctx) // A transport must not change its caller's request.
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(request.Header))
	response, err := t.next.RoundTrip(request)
	if err != nil {
		span.SetStatus(codes.Error, "no answer") // The error's text may have the address.
		return nil, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", response.StatusCode))
	return response, nil
}
