package app

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// openQuota opens the limiter that all upstream attempts pass. The APIs are those that are counted from the beginning.
func (a *App) openQuota(ctx context.Context, apis []string) (*quota.Dispatcher, error) {
	s := a.settings
	observer, err := newQuotaMetrics(a.registry, a.place.accounts, apis)
	if err != nil {
		return nil, err
	}
	c := quota.Config{Accounts: a.quotaAccounts(), Options: quota.Options{QueueMax: s.Quota.QueueMax, Observer: observer, Log: a.log}}
	if s.Live() {
		// The sandbox forgets its day when the process ends, so the count of its calls is not stored either.
		c.DataDir = s.Listen.DataDir
	}
	if !s.Quota.RedisURL.Empty() {
		if c.Redis, err = a.redisOptions(); err != nil {
			return nil, err
		}
		c.Failover = limiter.FailoverOptions{Replicas: s.Quota.Replicas, Policy: limiter.Deny}
		if s.Quota.RedisLost == "share" {
			c.Failover.Policy = limiter.Share
		}
	}
	limiter, err := quota.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	a.onClose(func(context.Context) error { return limiter.Close() })
	return limiter, register(a.registry, newQuotaState(limiter.Snapshot))
}

// quotaAccounts are the limits and permissions of the accounts.
func (a *App) quotaAccounts() []quota.AccountConfig {
	var all []quota.AccountConfig
	for _, one := range a.place.accounts {
		limits := limiter.Limits{
			AppKey: one.AppKey,
			App:    limiter.Limit{PerSecond: one.QPS, PerDay: one.Daily},
			PerAPI: map[string]limiter.Limit{},
			Margin: a.settings.Quota.Margin,
		}
		for api, limit := range one.PerAPI {
			limits.PerAPI[api] = limiter.Limit(limit)
		}
		all = append(all, quota.AccountConfig{Name: one.Name, Limits: limits, Serves: one.Serves})
	}
	return all
}

// redisOptions are those of the server that replicas share.
func (a *App) redisOptions() (*rueidis.ClientOption, error) {
	options, err := rueidis.ParseURL(a.settings.Quota.RedisURL.Reveal())
	if err != nil {
		// The error may quote the address with its password.
		return nil, fmt.Errorf("%s: is not an address such as redis://host:6379/0", a.options.Settings.Named("redis-url"))
	}
	return &options, nil
}

// dataDir makes the directory of files that survive a restart.
func (a *App) dataDir() (string, error) {
	dir := a.settings.Listen.DataDir
	if dir == "" {
		return "", nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("%s: %w", a.options.Settings.Named("data-dir"), err)
	}
	return dir, nil
}

// quotaMetrics count why calls wait, and their results.
type quotaMetrics struct {
	quota.NopObserver
	waited   *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	departed *prometheus.CounterVec
	limited  *prometheus.CounterVec
	lost     prometheus.Gauge
	margin   prometheus.Gauge
	spent    *prometheus.CounterVec
	callers  *prometheus.CounterVec
	passed   *prometheus.GaugeVec
}

var _ quota.Observer = (*quotaMetrics)(nil)

// newQuotaMetrics makes the metrics of these accounts and APIs, and registers them.
func newQuotaMetrics(r prometheus.Registerer, accounts []config.PoolAccount, apis []string) (*quotaMetrics, error) {
	m := &quotaMetrics{
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "zhaohuo_quota_wait_seconds", Help: "How long a call waited for its turn, by class.",
			Buckets: []float64{.001, .01, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800},
		}, []string{"class"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_quota_refused_total", Help: "Calls that got no turn, by class and reason.",
		}, []string{"class", "reason"}),
		departed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_quota_departed_total", Help: "Attempts that left, by API: what the quota was spent on.",
		}, []string{"api"}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_quota_limited_total", Help: "Attempts the upstream throttled, or refused for a used-up allowance, by API.",
		}, []string{"api"}),
		lost: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "zhaohuo_quota_store_lost", Help: "1 while the shared quota store cannot be asked; under redis-lost=share the limit may then be exceeded.",
		}),
		margin: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "zhaohuo_quota_margin", Help: "Part of the rate that is left unused: quota-margin, and what was learned from throttles since.",
		}),
		// The names of accounts are those of the settings.
		spent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_account_calls_total", Help: "Attempts that left, by account of the setting accounts.",
		}, []string{"account"}),
		callers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_caller_calls_total",
			Help: "Attempts that left, by the caller who asked first (the name of its API key; ip for all without one) and class: who spent the quota.",
		}, []string{"caller", "class"}),
		passed: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "zhaohuo_account_passed_over", Help: "1 while an account is passed over, by account, API (empty for all) and reason; absent otherwise.",
		}, []string{"account", "api", "reason"}),
	}
	// They are 0 from the beginning, so that their first growth is seen.
	for _, class := range upstream.Classes() {
		m.waited.WithLabelValues(class.String())
		for _, kind := range quota.Refusals() {
			m.refused.WithLabelValues(class.String(), kind.String())
		}
	}
	for _, api := range apis {
		m.departed.WithLabelValues(api)
		m.limited.WithLabelValues(api)
	}
	for _, account := range accounts {
		if account.Name != "" {
			m.spent.WithLabelValues(account.Name)
		}
	}
	return m, register(r, m.spent, m.callers, m.passed, m.waited, m.refused, m.departed, m.limited, m.lost, m.margin)
}

// Granted implements [quota.Observer].
func (m *quotaMetrics) Granted(ask upstream.PermitRequest, waited time.Duration) {
	m.waited.WithLabelValues(ask.Class.String()).Observe(waited.Seconds())
}

// Refused implements [quota.Observer].
func (m *quotaMetrics) Refused(ask upstream.PermitRequest, kind fault.Kind) {
	m.refused.WithLabelValues(ask.Class.String(), kind.String()).Inc()
}

// Departed implements [quota.Observer].
func (m *quotaMetrics) Committed(api string) { m.departed.WithLabelValues(api).Inc() }

// Spent implements [quota.Observer].
func (m *quotaMetrics) Spent(account string, ask upstream.PermitRequest) {
	m.callers.WithLabelValues(callerLabel(ask.Demand.Caller), ask.Demand.Class.String()).Inc()
	if account != "" {
		m.spent.WithLabelValues(account).Inc()
	}
}

// callerLabel is a caller in metrics. Addresses have one label together: anybody could make new ones.
func callerLabel(caller string) string {
	if _, err := netip.ParseAddr(caller); err == nil || caller == "" {
		return "ip"
	}
	return caller
}

// PassedOver implements [quota.Observer].
func (m *quotaMetrics) PassedOver(account, api string, kind fault.Kind, over bool) {
	m.passed.DeletePartialMatch(prometheus.Labels{"account": account, "api": api})
	if over {
		m.passed.WithLabelValues(account, api, kind.String()).Set(1)
	}
}

// Limited implements [quota.Observer].
func (m *quotaMetrics) Limited(api string, _ limiter.Scope, _ limiter.Result) {
	m.limited.WithLabelValues(api).Inc()
}

// Margin implements [quota.Observer].
func (m *quotaMetrics) Margin(part float64) { m.margin.Set(part) }

// Store implements [quota.Observer].
func (m *quotaMetrics) StoreChanged(lost error) {
	m.lost.Set(0)
	if lost != nil {
		m.lost.Set(1)
	}
}
