package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
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
	for _, outcome := range engine.Outcomes() {
		m.observed.WithLabelValues(string(outcome)) // It is 0 from the beginning, so that its first growth is seen.
		m.took.WithLabelValues(string(outcome))
	}
	return m, register(r, m.observed, m.took)
}

// Observed implements [engine.Metrics].
func (m *priceMetrics) Observed(outcome engine.Outcome, took time.Duration) {
	m.observed.WithLabelValues(string(outcome)).Inc()
	m.took.WithLabelValues(string(outcome)).Observe(took.Seconds())
}

// webhookMetrics count what becomes of the messages to webhooks.
type webhookMetrics struct {
	messages *prometheus.CounterVec
	disabled prometheus.Counter
	delay    prometheus.Histogram
}

var _ webhook.Metrics = (*webhookMetrics)(nil)

func newWebhookMetrics(r prometheus.Registerer) (*webhookMetrics, error) {
	m := &webhookMetrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_price_webhook_messages_total",
			Help: "Messages to webhooks, by outcome: delivered (the target took it), retried (an attempt failed and the message is sent again) and dead (it is not sent again).",
		}, []string{"outcome"}),
		disabled: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "zhaohuo_price_webhooks_disabled_total", Help: "Webhooks that get nothing more because their target answered 410.",
		}),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "zhaohuo_price_webhook_delay_seconds",
			Help:    "From the moment when an event was stored, or its redelivery was asked for, until its message was sent for the first time.",
			Buckets: []float64{.1, .25, .5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400},
		}),
	}
	for _, outcome := range []string{deliveredMessages, retriedMessages, deadMessages} {
		m.messages.WithLabelValues(outcome) // It is 0 from the beginning, so that its first growth is seen.
	}
	return m, register(r, m.messages, m.disabled, m.delay)
}

// The outcomes of messages to webhooks.
const (
	deliveredMessages = "delivered"
	retriedMessages   = "retried"
	deadMessages      = "dead"
)

// Begun implements [webhook.Metrics].
func (m *webhookMetrics) Begun(delay time.Duration) { m.delay.Observe(delay.Seconds()) }

// Delivered implements [webhook.Metrics].
func (m *webhookMetrics) Delivered() { m.messages.WithLabelValues(deliveredMessages).Inc() }

// Retried implements [webhook.Metrics].
func (m *webhookMetrics) Retried() { m.messages.WithLabelValues(retriedMessages).Inc() }

// Dead implements [webhook.Metrics].
func (m *webhookMetrics) Dead(messages int) {
	m.messages.WithLabelValues(deadMessages).Add(float64(messages))
}

// Disabled implements [webhook.Metrics].
func (m *webhookMetrics) Disabled() { m.disabled.Inc() }

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
