package app

import (
	"context"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/push"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
)

// openPushes takes what 1688 pushes, if the operator wants that. Its work ends before the cache and the store of watches are closed.
func (a *App) openPushes(cached answers) (gateway.Pushes, error) {
	path := a.settings.Pushes.Path
	if path == "" || a.options.NoPorts {
		return gateway.Pushes{}, nil
	}
	metrics, err := newPushMetrics(a.registry)
	if err != nil {
		return gateway.Pushes{}, err
	}
	o := push.Options{Secret: a.place.appSecret, Metrics: metrics, Log: a.log}
	o.Answers, _ = cached.(push.Forgetter) // Nil without a cache.
	if a.watches != nil {
		o.Watches = a.watches
	}
	receiver, err := push.New(o)
	if err != nil {
		return gateway.Pushes{}, err
	}
	err = register(a.registry, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "zhaohuo_push_products_waiting", Help: "Goods that were pushed and wait to be looked at.",
	}, func() float64 { return float64(receiver.Waiting()) }))
	if err != nil {
		return gateway.Pushes{}, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		receiver.Run(ctx)
	}()
	a.onClose(func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
	a.log.Info("pushes of 1688 are taken", "path", path, "watches", o.Watches != nil, "cache", o.Answers != nil)
	return gateway.Pushes{Path: path, Receiver: receiver}, nil
}

// appSecret is the App Secret of one of the accounts. A message without an App Key can only be for the only account.
func (p place) appSecret(appKey string) (secret.Text, bool) {
	if appKey == "" && len(p.accounts) == 1 {
		return p.accounts[0].AppSecret, true
	}
	at := slices.IndexFunc(p.accounts, func(a config.PoolAccount) bool { return a.AppKey == appKey })
	if at < 0 {
		return "", false
	}
	return p.accounts[at].AppSecret, true
}

// pushOffer reports what is taken of pushes.
func (a *App) pushOffer() *zhaohuov1.PushOffer {
	offer := &zhaohuov1.PushOffer{Path: a.settings.Pushes.Path}
	if offer.Path == "" {
		return offer
	}
	offer.Enabled = true
	for _, topic := range push.Topics() {
		offer.Topics = append(offer.Topics, topic.Type)
	}
	return offer
}

// pushMetrics count what 1688 pushes and what it causes.
type pushMetrics struct {
	received                  *prometheus.CounterVec
	products, watches, failed prometheus.Counter
}

var _ push.Metrics = (*pushMetrics)(nil)

func newPushMetrics(r prometheus.Registerer) (*pushMetrics, error) {
	m := &pushMetrics{
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_pushes_total", Help: "Requests at push-path, by outcome: taken, duplicate, other_topic and unreadable are confirmed, the others refused.",
		}, []string{"outcome"}),
		products: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "zhaohuo_push_products_total", Help: "Goods that were looked at because they were pushed; several pushes of one product in a moment are one.",
		}),
		watches: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "zhaohuo_push_watches_total", Help: "Price watches that became due earlier because of pushes.",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "zhaohuo_push_failures_total", Help: "Attempts to make price watches of pushed goods due that failed. They are repeated.",
		}),
	}
	for _, outcome := range push.Outcomes() {
		m.received.WithLabelValues(string(outcome))
	}
	return m, register(r, m.received, m.products, m.watches, m.failed)
}

// Received implements [push.Metrics].
func (m *pushMetrics) Received(outcome push.Outcome) {
	m.received.WithLabelValues(string(outcome)).Inc()
}

// Looked implements [push.Metrics].
func (m *pushMetrics) Looked(products, watches int) {
	m.products.Add(float64(products))
	m.watches.Add(float64(watches))
}

// Failed implements [push.Metrics].
func (m *pushMetrics) Failed() { m.failed.Inc() }
