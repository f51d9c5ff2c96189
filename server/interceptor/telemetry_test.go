package interceptor_test

import (
	"math"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
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
			provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans), sdktrace.WithSampler(interceptor.Sampler(test.share)))
			r := start(t, interceptor.Config{Traces: provider, UntracedShare: 1 - test.share}, &service{search: answer})
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
