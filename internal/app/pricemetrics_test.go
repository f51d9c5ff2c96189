package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
)

// TestPriceMetrics: outcomes are counted from 0, and the backlog is told while the store can be read.
func TestPriceMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m, err := newPriceMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	var lost error
	err = registry.Register(newPriceBacklog(func(context.Context) (engine.Backlog, error) {
		waiting := map[zhaohuov1.PriceWatchWait]int{zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA: 3}
		return engine.Backlog{Waiting: waiting, Lag: 90 * time.Second}, lost
	}))
	if err != nil {
		t.Fatal(err)
	}
	m.Observed(engine.Failed, time.Second)
	want := map[string]float64{
		"zhaohuo_price_observations_total failed": 1, "zhaohuo_price_observation_seconds failed": 1, "zhaohuo_price_watches_lag_seconds": 90,
		"zhaohuo_price_watches_waiting worker": 0, "zhaohuo_price_watches_waiting quota": 3, "zhaohuo_price_watches_waiting day": 0,
	}
	for _, outcome := range []string{"observed", "waited_for_quota", "waited_for_day", "skipped", "interrupted", "store_lost"} {
		want["zhaohuo_price_observations_total "+outcome], want["zhaohuo_price_observation_seconds "+outcome] = 0, 0
	}
	compareMetrics(t, registry, want)
	lost = errors.New("no store")
	for _, name := range []string{"lag_seconds", "waiting worker", "waiting quota", "waiting day"} {
		delete(want, "zhaohuo_price_watches_"+name)
	}
	compareMetrics(t, registry, want)
}

// TestWebhookMetrics: each outcome of a message has its count, from the beginning.
func TestWebhookMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m, err := newWebhookMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		"zhaohuo_price_webhook_messages_total delivered": 0, "zhaohuo_price_webhook_messages_total retried": 0,
		"zhaohuo_price_webhook_messages_total dead": 0, "zhaohuo_price_webhooks_disabled_total": 0, "zhaohuo_price_webhook_delay_seconds": 0,
	}
	compareMetrics(t, registry, want)
	m.Begun(time.Second)
	m.Delivered()
	m.Retried()
	m.Retried()
	m.Dead(3)
	m.Disabled()
	want["zhaohuo_price_webhook_messages_total delivered"], want["zhaohuo_price_webhook_messages_total retried"] = 1, 2
	want["zhaohuo_price_webhook_messages_total dead"], want["zhaohuo_price_webhooks_disabled_total"] = 3, 1
	want["zhaohuo_price_webhook_delay_seconds"] = 1
	compareMetrics(t, registry, want)
}

func compareMetrics(t *testing.T, registry *prometheus.Registry, want map[string]float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			name := family.GetName()
			for _, label := range metric.GetLabel() {
				name += " " + label.GetValue()
			}
			got := metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
			if expected, known := want[name]; !known || got != expected {
				t.Errorf("%s is %v, want %v", name, got, expected)
			}
			count++
		}
	}
	if count != len(want) {
		t.Errorf("%d metrics, want %d", count, len(want))
	}
}
