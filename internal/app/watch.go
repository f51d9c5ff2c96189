package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/logwriter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// newLogLevel is the level of the setting.
func newLogLevel(o Options) *logLevel {
	l := &logLevel{}
	// The choices of the setting are slog's names, so this cannot fail.
	_ = l.setting.UnmarshalText([]byte(o.Settings.Watching.LogLevel))
	l.Set(l.setting)
	return l
}

func newLog(o Options, level slog.Leveler, w *logwriter.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if o.Settings.Watching.LogFormat == "json" {
		options.ReplaceAttr = plainJSON
		return slog.New(logwriter.Handler(func(to io.Writer) slog.Handler { return slog.NewJSONHandler(to, options) }, w))
	}
	return slog.New(logwriter.Handler(func(to io.Writer) slog.Handler { return slog.NewTextHandler(to, options) }, w))
}

// countLostLines registers the metric of the lines that are missing in the log.
func countLostLines(registry prometheus.Registerer, w *logwriter.Writer) {
	const help = "Lines that are missing in the log, by why: queue_full (its reader is too slow) or write (it cannot be written)."
	for why, count := range map[string]func() int64{
		"queue_full": func() int64 { full, _ := w.Lost(); return full },
		"write":      func() int64 { _, failed := w.Lost(); return failed },
	} {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "zhaohuo_log_lost_total", Help: help, ConstLabels: prometheus.Labels{"why": why},
		}, func() float64 { return float64(count()) }))
	}
}

// plainJSON writes values for programs: durations in seconds and addresses as text; slog would write nanoseconds and
// the address's fields.
func plainJSON(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		return slog.Float64(a.Key, a.Value.Duration().Seconds())
	}
	if address, ok := a.Value.Any().(net.Addr); ok {
		return slog.String(a.Key, address.String())
	}
	return a
}

func newRegistry(version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "zhaohuo_build_info", Help: "1; the label tells the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	r.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// openTraces sends spans to the configured collector, if any. If the collector is unreachable, spans are lost and
// nothing blocks.
func (a *App) openTraces(ctx context.Context) error {
	endpoint := a.settings.Watching.OTLPEndpoint
	if endpoint == "" {
		return nil
	}
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(endpoint))
	if err != nil {
		return fmt.Errorf("otlp-endpoint: %w", err)
	}
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "zhaohuo"), attribute.String("service.version", a.options.Version),
		)),
	}
	if share := a.settings.Watching.TraceShare; share < 1 { // Otherwise the variables of OpenTelemetry decide.
		options = append(options, sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(share))))
	}
	provider := sdktrace.NewTracerProvider(options...)
	a.onClose(func(ctx context.Context) error {
		if err := provider.Shutdown(ctx); err != nil {
			a.log.Warn("the last spans were lost", "error", err)
		}
		return nil
	})
	a.traces = provider
	return nil
}

// register adds metrics to the registry, up to the first duplicate.
func register(r prometheus.Registerer, all ...prometheus.Collector) error {
	for _, c := range all {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}

// attemptMetrics count upstream calls.
type attemptMetrics struct {
	attempts *prometheus.CounterVec
	queued   *prometheus.HistogramVec
	took     *prometheus.HistogramVec
}

// newAttemptMetrics makes the metrics of these APIs, and registers them.
func newAttemptMetrics(r prometheus.Registerer, apis []string) (*attemptMetrics, error) {
	buckets := []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	m := &attemptMetrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_upstream_attempts_total", Help: "Upstream calls, retries included, by API and outcome (OK or a reason).",
		}, []string{"api", "outcome"}),
		queued: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "zhaohuo_upstream_queue_seconds", Help: "How long an upstream call waited for its turn.", Buckets: buckets,
		}, []string{"api"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "zhaohuo_upstream_seconds", Help: "How long the upstream took to answer a call.", Buckets: buckets,
		}, []string{"api"}),
	}
	// They are 0 from the beginning, so that their first growth is seen.
	for _, api := range apis {
		m.attempts.WithLabelValues(api, attemptOK)
		for _, kind := range fault.Kinds() {
			if name := kind.String(); strings.HasPrefix(name, "UPSTREAM_") {
				m.attempts.WithLabelValues(api, name)
			}
		}
		m.queued.WithLabelValues(api)
		m.took.WithLabelValues(api)
	}
	return m, register(r, m.attempts, m.queued, m.took)
}

// attemptOK is the outcome of an upstream call that succeeded.
const attemptOK = "OK"

func (m *attemptMetrics) observe(a upstream.Attempt) {
	outcome := attemptOK
	if a.Err != nil {
		outcome = fault.KindOf(a.Err).String()
	}
	m.attempts.WithLabelValues(a.API, outcome).Inc()
	m.queued.WithLabelValues(a.API).Observe(a.Queued.Seconds())
	m.took.WithLabelValues(a.API).Observe(a.Took.Seconds())
}

// registerBreaker shows what keeps calls from an upstream that does not answer.
func registerBreaker(r prometheus.Registerer, status func() upstream.BreakerStatus) error {
	counter := func(name, help string, of func(upstream.BreakerStatus) int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(of(status())) })
	}
	return register(r,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "zhaohuo_upstream_breaker_state", Help: "0: calls are sent; 1: one call finds out whether the upstream answers; 2: no call is sent, because it did not answer.",
		}, func() float64 { return float64(status().State) }),
		counter("zhaohuo_upstream_breaker_opened_total", "How often the upstream stopped answering, so that calls were refused.",
			func(s upstream.BreakerStatus) int64 { return s.Opened }),
		counter("zhaohuo_upstream_breaker_refused_total", "Calls that were not sent because the upstream does not answer.",
			func(s upstream.BreakerStatus) int64 { return s.Refused }),
		counter("zhaohuo_upstream_retries_withheld_total", "Attempts that were not repeated because repetitions are bounded to a part of the successes.",
			func(s upstream.BreakerStatus) int64 { return s.Withheld }),
	)
}
