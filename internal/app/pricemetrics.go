package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
)

// priceMetrics tell what becomes of observations of price watches, and what waits.
type priceMetrics struct {
	observed *prometheus.CounterVec
	took     *prometheus.HistogramVec
}

var _ engine.Metrics = (*priceMetrics)(nil)

func newPriceMetrics(r prometheus.Registerer) (*priceMetrics, error) {
	m := &priceMetrics{
		observed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_price_observations_total",
			Help: "Attempts to observe a price watch, by outcome. Only observed and failed are stored; the others are tried again or had nothing to do.",
		}, []string{"outcome"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "zhaohuo_price_observation_seconds", Help: "How long an attempt to observe a price watch took, by outcome.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 15, 20},
		}, []string{"outcome"}),
	}
	return m, register(r, m.observed, m.took)
}

// Observed implements [engine.Metrics].
func (m *priceMetrics) Observed(outcome engine.Outcome, took time.Duration) {
	m.observed.WithLabelValues(string(outcome)).Inc()
	m.took.WithLabelValues(string(outcome)).Observe(took.Seconds())
}

// priceBacklogTimeout bounds the reading of the store for one collection of metrics.
const priceBacklogTimeout = 2 * time.Second

// priceBacklog collects what is due and not yet observed, when it is asked: all processes that share a store give the same.
type priceBacklog struct {
	read         func(context.Context) (engine.Backlog, error)
	waiting, lag *prometheus.Desc
}

func newPriceBacklog(read func(context.Context) (engine.Backlog, error)) prometheus.Collector {
	return &priceBacklog{
		read: read,
		waiting: prometheus.NewDesc("zhaohuo_price_watches_waiting",
			"Price watches that are due and not yet observed, by what they wait for: worker, quota or day. Absent while the store cannot be read.",
			[]string{"for"}, nil),
		lag: prometheus.NewDesc("zhaohuo_price_watches_lag_seconds",
			"How long the oldest price watch without a place in the queue has been due. Absent while the store cannot be read.", nil, nil),
	}
}

// Describe implements [prometheus.Collector].
func (b *priceBacklog) Describe(to chan<- *prometheus.Desc) { to <- b.waiting; to <- b.lag }

// Collect implements [prometheus.Collector].
func (b *priceBacklog) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), priceBacklogTimeout)
	defer cancel()
	backlog, err := b.read(ctx)
	if err != nil {
		return // Unknown is not zero.
	}
	for why, name := range map[zhaohuov1.PriceWatchWait]string{
		zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER: "worker",
		zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA:  "quota",
		zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY:    "day",
	} {
		to <- prometheus.MustNewConstMetric(b.waiting, prometheus.GaugeValue, float64(backlog.Waiting[why]), name)
	}
	to <- prometheus.MustNewConstMetric(b.lag, prometheus.GaugeValue, backlog.Lag.Seconds())
}
