// Package ops serves operators over HTTP: metrics, profiles and health. It needs no key, so it has its own port, which
// callers must not reach.
package ops

import (
	"io"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// New serves /metrics, /debug/pprof/, /healthz and /readyz. ready must not block.
func New(metrics prometheus.Gatherer, ready func() bool) http.Handler {
	pages := http.NewServeMux()
	// Exemplars are sent to those who ask for OpenMetrics, as Prometheus does.
	pages.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	pages.HandleFunc("GET /debug/pprof/", pprof.Index)
	pages.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	pages.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	pages.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	pages.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	pages.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ALIVE") })
	pages.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			say(w, http.StatusServiceUnavailable, "NOT_READY")
			return
		}
		say(w, http.StatusOK, "READY")
	})
	return pages
}

func say(w http.ResponseWriter, code int, status string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, `{"status":"`+status+`"}`) // Fails only if the caller has left.
}
