package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/dataform"
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

// watchStoreOpening begins to open the store of price watches, beside what else is opened: to make the tables of a new store takes a
// quarter of a live start, partly to wait for the disk. The function that it returns waits for the store, which is nil in a process
// without ports, which ends before a watch is due again, and without a place for the store.
func (a *App) watchStoreOpening(ctx context.Context) func() (*store.Store, error) {
	if a.options.NoPorts {
		return func() (*store.Store, error) { return nil, nil }
	}
	var kept *store.Store
	var failed error
	ctx, cancel := context.WithCancel(ctx)
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		kept, failed = a.openWatchStore(ctx)
	}()
	a.onClose(func(context.Context) error {
		cancel()
		if <-opened; kept == nil {
			return nil
		}
		return kept.Close()
	})
	return func() (*store.Store, error) {
		<-opened
		return kept, failed
	}
}

// openWatches makes the engine of price watches, which Run starts; nil without a store.
func (a *App) openWatches(r parts, combos *server.Combo) (*pricewatch.Service, error) {
	kept, err := r.watchStore()
	if kept == nil || err != nil {
		return nil, err
	}
	metrics, err := newPriceMetrics(a.registry)
	if err != nil {
		return nil, err
	}
	s := a.settings.Watches
	secrets, err := webhook.NewSecrets(a.webhookKey())
	if err != nil {
		return nil, err
	}
	messages, err := newWebhookMetrics(a.registry)
	if err != nil {
		return nil, err
	}
	webhooks := webhook.New(webhook.Options{Store: kept, Secrets: secrets, Log: a.log, Hosts: s.WebhookHostList(), Metrics: messages})
	a.watches, err = engine.New(engine.Options{
		Store: kept, Observer: newObserver(r, combos, a.source(), a.ownerDemand), Deliverer: webhooks, Log: a.log, Workers: s.Workers, Metrics: metrics,
		IntervalMin: s.IntervalMin,
		Retention:   store.Retention{Raw: s.Retention, Daily: s.DailyRetention, Bytes: s.StoreMax},
	})
	if err != nil {
		return nil, err
	}
	if err := register(a.registry, newPriceBacklog(a.watches.Backlog)); err != nil {
		return nil, err
	}
	a.onClose(a.watches.Stop)
	a.log.Info("price watches are kept", "postgres", kept.Postgres(), "interval_min", s.IntervalMin, "workers", s.Workers)
	return pricewatch.New(pricewatch.Options{
		Store: kept, Engine: a.watches, Webhooks: webhooks, IntervalMin: s.IntervalMin, Limit: s.Limit, Draining: a.draining.Done(),
	}), nil
}

// openWatchStore opens the store; nil where there is no place for it. Nobody asked for the default directory, so one that cannot be
// written costs the price watches and nothing else.
func (a *App) openWatchStore(ctx context.Context) (*store.Store, error) {
	address, setting, err := a.watchStore()
	if err == nil && address == "" {
		a.log.Warn("price watches are not served: there is no data-dir to keep them in")
		return nil, nil
	}
	var kept *store.Store
	if err == nil {
		if kept, err = store.Open(ctx, store.Options{URL: address, Log: a.log, Source: a.source(), Migrate: engine.Migrate}); err == nil {
			return kept, nil
		}
		err = fmt.Errorf("%s: %w", a.options.Settings.Named(setting), err)
	}
	newer := errors.As(err, new(*dataform.NewerError)) // Nobody would notice in time that watches of before the downgrade stand still.
	if setting == "data-dir" && a.options.Settings.Origins[setting] == "" && !newer {
		a.log.Warn("price watches are not served: the default data-dir cannot be used", "error", err)
		return nil, nil
	}
	return nil, err
}

// webhookKey is what the signing secrets of webhooks are encrypted with in the store. The sandbox's App Secret is another one in each
// process, so its store has a key that everybody knows: nothing in it is real. Of several accounts the first one's App Secret is used.
func (a *App) webhookKey() secret.Text {
	if a.settings.Live() {
		return a.place.accounts[0].AppSecret
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
		return "", "data-dir", err
	}
	if !a.settings.Live() {
		return filepath.Join(dir, sandboxWatchFile), "data-dir", nil
	}
	return filepath.Join(dir, watchFile), "data-dir", nil
}
