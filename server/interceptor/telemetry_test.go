package interceptor_test

import (
	"context"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// TestTracedShare: the part of the RPCs that are traced is the one that was set, and each traced one has its span once. What the
// caller has decided holds.
func TestTracedShare(t *testing.T) {
	const (
		sampled   = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
		unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
	)
	for name, test := range map[string]struct {
		share  float64
		parent string
		asked  int
		want   float64
	}{
		"all":                               {1, "", 20, 20},
		"none":                              {0, "", 20, 0},
		"a quarter":                         {0.25, "", 2000, 500},
		"none, and the caller's is traced":  {0, sampled, 20, 20},
		"all, and the caller's is not":      {1, unsampled, 20, 0},
		"half, and the caller's is not":     {0.5, unsampled, 20, 0},
		"a quarter, the caller's is traced": {0.25, sampled, 20, 20},
	} {
		t.Run(name, func(t *testing.T) {
			spans := tracetest.NewSpanRecorder()
			provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans),
				sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(test.share))))
			r := start(t, interceptor.Config{Traces: provider}, &service{search: answer})
			ctx := t.Context()
			if test.parent != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", test.parent)
			}
			for range test.asked {
				if _, err := zhaohuov1.NewSearchServiceClient(r.outside).KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "杯"}); err != nil {
					t.Fatal(err)
				}
			}
			// Five standard deviations: less than one run in a million fails by chance.
			tolerance := 0.0
			if test.parent == "" {
				tolerance = 5 * math.Sqrt(float64(test.asked)*test.share*(1-test.share))
			}
			if got := float64(len(spans.Started())); math.Abs(got-test.want) > tolerance {
				t.Errorf("%v spans of %d RPCs, want %v within %.0f", got, test.asked, test.want, tolerance)
			}
		})
	}
}

// TestSpans: an RPC has the same span over a connection and within the process, below the caller's, with its result.
func TestSpans(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	r := start(t, interceptor.Config{Traces: provider}, &service{search: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		if !trace.SpanFromContext(ctx).IsRecording() {
			t.Error("the handler has no span")
		}
		switch q.GetKeyword() {
		case "banned":
			return nil, fault.New(fault.UpstreamPermissionDenied, "no")
		case "defect":
			panic("defect")
		}
		return answer(ctx, q)
	}})
	ctx, parent := provider.Tracer("test").Start(t.Context(), "caller")
	sent := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, sent)
	outside := metadata.AppendToOutgoingContext(t.Context(), "traceparent", sent["traceparent"])
	for _, test := range []struct {
		keyword, code string
		status        otelcodes.Code
	}{
		{"杯", "OK", otelcodes.Unset},
		{"banned", "FAILED_PRECONDITION", otelcodes.Unset},
		{"defect", "INTERNAL", otelcodes.Error},
	} {
		for way, call := range map[string]struct {
			ctx  context.Context
			conn grpc.ClientConnInterface
		}{
			"over a connection":  {outside, r.outside},
			"within the process": {ctx, r.chain.Local(r.inside)},
		} {
			recorder.Reset()
			_, _ = zhaohuov1.NewSearchServiceClient(call.conn).KeywordSearch(call.ctx, &zhaohuov1.KeywordSearchRequest{Keyword: test.keyword})
			for late := time.After(10 * time.Second); len(recorder.Ended()) == 0; { // The answer leaves before the span ends.
				select {
				case <-late:
					t.Fatalf("%s, %s: no span", way, test.keyword)
				default:
					runtime.Gosched()
				}
			}
			span := recorder.Ended()[0]
			got := []string{span.Name(), span.SpanKind().String(), span.Parent().SpanID().String(), span.Status().Code.String()}
			for _, a := range span.Attributes() {
				got = append(got, string(a.Key)+"="+a.Value.AsString())
			}
			const method = "zhaohuo.v1.SearchService/KeywordSearch"
			want := []string{
				method, "server", parent.SpanContext().SpanID().String(), test.status.String(),
				"rpc.system.name=grpc", "rpc.method=" + method, "rpc.response.status_code=" + test.code,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", way, test.keyword, diff)
			}
		}
	}
}
