package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// The files of watches in data-dir. The sandbox has its own: what was tried with made-up goods must not be observed at 1688.
const (
	watchFile        = "pricewatch.db"
	sandboxWatchFile = "pricewatch-sandbox.db"
)

// openWatches opens the store of price watches and makes their engine, which Run starts. It is nil in a process without ports,
// which ends before a watch is due again, and without a place for the store.
func (a *App) openWatches(ctx context.Context, r parts, combos *server.Combo) (*pricewatch.Service, error) {
	if a.options.NoPorts {
		return nil, nil
	}
	address, setting, err := a.watchStore()
	if err != nil {
		return nil, err
	}
	if address == "" {
		a.log.Warn("price watches are not served: there is no data-dir to keep them in")
		return nil, nil
	}
	kept, err := store.Open(ctx, store.Options{URL: address, Log: a.log, Migrate: engine.Migrate})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.options.Settings.Named(setting), err)
	}
	a.onClose(func(context.Context) error { return kept.Close() })
	metrics, err := newWatchMetrics(a.registry)
	if err != nil {
		return nil, err
	}
	s := a.settings.Watches
	secrets, err := webhook.NewSecrets(a.webhookKey())
	if err != nil {
		return nil, err
	}
	webhooks := webhook.New(webhook.Options{Store: kept, Secrets: secrets, Log: a.log, Hosts: s.WebhookHostList()})
	a.watches, err = engine.New(engine.Options{
		Store: kept, Observer: newObserver(r, combos, a.source()), Deliverer: webhooks, Log: a.log, Workers: s.Workers, Metrics: metrics,
		Retention: store.Retention{Raw: s.Retention, Daily: s.DailyRetention, Bytes: s.StoreMax},
	})
	if err != nil {
		return nil, err
	}
	a.onClose(a.watches.Stop)
	a.log.Info("price watches are kept", "postgres", kept.Postgres(), "interval_min", s.IntervalMin, "workers", s.Workers)
	return pricewatch.New(pricewatch.Options{
		Store: kept, Engine: a.watches, Webhooks: webhooks, IntervalMin: s.IntervalMin, Limit: s.Limit, Draining: a.draining.Done(),
	}), nil
}

// webhookKey is what the signing secrets of webhooks are encrypted with in the store. The sandbox's App Secret is another one in each
// process, so its store has a key that everybody knows: nothing in it is real.
func (a *App) webhookKey() secret.Text {
	if a.settings.Live() {
		return a.settings.Account.AppSecret
	}
	return "sandbox"
}

// watchStore is where watches are kept, and the setting that says so; an empty address without a place for them.
func (a *App) watchStore() (address, setting string, err error) {
	if set := a.settings.Watches.Store; !set.Empty() {
		return set.Reveal(), "store", nil
	}
	dir, err := a.dataDir()
	if err != nil || dir == "" {
		return "", "", err
	}
	if !a.settings.Live() {
		return filepath.Join(dir, sandboxWatchFile), "data-dir", nil
	}
	return filepath.Join(dir, watchFile), "data-dir", nil
}

// watchMetrics counts observations.
type watchMetrics struct {
	took *prometheus.HistogramVec
}

func newWatchMetrics(r prometheus.Registerer) (*watchMetrics, error) {
	m := &watchMetrics{took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "zhaohuo_watch_observation_seconds",
		Help:    "How long attempts to observe a price watch took, by outcome.",
		Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20},
	}, []string{"outcome"})}
	return m, register(r, m.took)
}

// Observed implements [engine.Metrics].
func (m *watchMetrics) Observed(outcome engine.Outcome, took time.Duration) {
	m.took.WithLabelValues(string(outcome)).Observe(took.Seconds())
}
