package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fingerprints"
)

// likenessMetrics count the images that strategies compare, and how long images wait for the budgets of their kind of work.
type likenessMetrics struct {
	fetched, decoded prometheus.Observer
	compared         prometheus.Counter
}

var _ fingerprints.Metrics = (*likenessMetrics)(nil)

func newLikenessMetrics(r prometheus.Registerer) (*likenessMetrics, error) {
	waits := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "zhaohuo_likeness_wait_seconds",
		Help:    "How long an image that was compared for likeness waited before its work began: fetch (a download) or decode (a processor and memory). The count is the number of images.",
		Buckets: []float64{.001, .01, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"work"})
	m := &likenessMetrics{
		fetched: waits.WithLabelValues("fetch"), decoded: waits.WithLabelValues("decode"),
		compared: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "zhaohuo_likeness_fine_comparisons_total", Help: "Pairs of images whose fine structure was compared.",
		}),
	}
	return m, register(r, waits, m.compared)
}

// Fetched implements [fingerprints.Metrics].
func (m *likenessMetrics) Fetched(waited time.Duration) { m.fetched.Observe(waited.Seconds()) }

// Decoded implements [fingerprints.Metrics].
func (m *likenessMetrics) Decoded(waited time.Duration) { m.decoded.Observe(waited.Seconds()) }
