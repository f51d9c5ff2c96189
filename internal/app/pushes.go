package app

import (
	"context"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/doctor"
	"github.com/zhaohuo-dev/zhaohuo/internal/push"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// openPushes takes what 1688 pushes, if the operator wants that. Its work ends before the cache and the store of watches are closed.
func (a *App) openPushes(p parts) (pushDoor, error) {
	path := a.settings.Pushes.Path
	if path == "" || a.options.NoPorts {
		return pushDoor{}, nil
	}
	metrics, err := newPushMetrics(a.registry)
	if err != nil {
		return pushDoor{}, err
	}
	o := push.Options{Secret: a.place.appSecret, Metrics: metrics, Log: a.log}
	o.Answers, _ = p.cached.(push.Forgetter) // Nil without a cache.
	if a.watches != nil {
		o.Watches = a.watches
	}
	receiver, err := push.New(o)
	if err != nil {
		return pushDoor{}, err
	}
	err = register(a.registry, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "zhaohuo_push_products_waiting", Help: "Goods that were pushed and wait to be looked at.",
	}, func() float64 { return float64(receiver.Waiting()) }))
	if err != nil {
		return pushDoor{}, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { receiver.Run(ctx) })
	catchUp := a.newCatchUp(p, receiver, metrics)
	if catchUp != nil {
		running.Go(func() { catchUp.Run(ctx) })
	}
	a.onClose(func(context.Context) error {
		cancel()
		running.Wait()
		return nil
	})
	a.log.Info("pushes of 1688 are taken", "path", path, "watches", o.Watches != nil, "cache", o.Answers != nil, "catch_up", catchUp != nil)
	return pushDoor{gateway.Pushes{Path: path, Receiver: receiver}, receiver, catchUp}, nil
}

// pushDoor is what takes pushes; the zero value takes none.
type pushDoor struct {
	door     gateway.Pushes
	receiver *push.Receiver
	catchUp  *push.CatchUp
}

// state is for the doctor; nil if no pushes are taken.
func (t pushDoor) state(accounts []upstream.Account) func() doctor.PushState {
	if t.receiver == nil {
		return nil
	}
	return func() doctor.PushState {
		s := doctor.PushState{Path: t.door.Path, Last: t.receiver.Arrived(), Refused: t.receiver.Unsigned(), NotCaughtUp: map[string]error{}}
		for _, one := range accounts {
			if t.catchUp == nil {
				break
			}
			if err := t.catchUp.Failed(one.Name); err != nil {
				s.NotCaughtUp[one.Name] = err
			}
		}
		return s
	}
}

// newCatchUp asks for pushes that could not be delivered; nil if the settings or the dialect do not allow it.
func (a *App) newCatchUp(p parts, receiver *push.Receiver, metrics *pushMetrics) *push.CatchUp {
	every := a.settings.Pushes.CatchUp
	if every == 0 || !p.dialect.Pushes.Offered() {
		return nil
	}
	var accounts []push.CatchUpAccount
	for _, one := range p.accounts {
		accounts = append(accounts, push.CatchUpAccount{Name: one.Name, Undelivered: undelivered{p.client, one.Name}})
	}
	return push.NewCatchUp(push.CatchUpOptions{Receiver: receiver, Accounts: accounts, Every: every, Observe: metrics.caughtUp, Log: a.log})
}

// undelivered are the pushes of one account that 1688 could not deliver.
type undelivered struct {
	client  *upstream.Client
	account string
}

var _ push.Undelivered = undelivered{}

// List implements [push.Undelivered].
func (u undelivered) List(ctx context.Context, most int) ([]string, error) {
	return u.client.UndeliveredPushes(behind(ctx), u.account, most)
}

// Confirm implements [push.Undelivered].
func (u undelivered) Confirm(ctx context.Context, ids []string) error {
	return u.client.ConfirmPushes(behind(ctx), u.account, ids)
}

// behind has calls wait for those of callers.
func behind(ctx context.Context) context.Context {
	return upstream.WithDemand(ctx, upstream.Demand{Class: upstream.Batch, Caller: "push-catch-up"})
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
	received, undelivered, caught *prometheus.CounterVec
	products, watches, failed     prometheus.Counter
}

var _ push.Metrics = (*pushMetrics)(nil)

func newPushMetrics(r prometheus.Registerer) (*pushMetrics, error) {
	m := &pushMetrics{
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_pushes_total", Help: "Requests at push-path, by outcome: taken, duplicate, other_topic and unreadable are confirmed, the others refused.",
		}, []string{"outcome"}),
		undelivered: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_push_undelivered_total", Help: "Messages that 1688 could not deliver and that were asked for, by outcome: taken, duplicate, other_topic, unreadable, queue_full.",
		}, []string{"outcome"}),
		caught: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_push_catch_ups_total", Help: "How often an account was asked for messages that were not delivered, by result: done, failed.",
		}, []string{"result"}),
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
	for _, outcome := range []push.Outcome{push.Taken, push.Duplicate, push.OtherTopic, push.Unreadable, push.Full} {
		m.undelivered.WithLabelValues(string(outcome))
	}
	for _, result := range []string{caughtUpDone, caughtUpFailed} {
		m.caught.WithLabelValues(result)
	}
	return m, register(r, m.received, m.undelivered, m.caught, m.products, m.watches, m.failed)
}

// Received implements [push.Metrics].
func (m *pushMetrics) Received(outcome push.Outcome) {
	m.received.WithLabelValues(string(outcome)).Inc()
}

// Undelivered implements [push.Metrics].
func (m *pushMetrics) Undelivered(outcome push.Outcome) {
	m.undelivered.WithLabelValues(string(outcome)).Inc()
}

const (
	caughtUpDone   = "done"
	caughtUpFailed = "failed"
)

// caughtUp counts a catch-up.
func (m *pushMetrics) caughtUp(err error) {
	result := caughtUpDone
	if err != nil {
		result = caughtUpFailed
	}
	m.caught.WithLabelValues(result).Inc()
}

// Looked implements [push.Metrics].
func (m *pushMetrics) Looked(products, watches int) {
	m.products.Add(float64(products))
	m.watches.Add(float64(watches))
}

// Failed implements [push.Metrics].
func (m *pushMetrics) Failed() { m.failed.Inc() }
