package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/redis"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// answers is the source of answers for the server's RPCs: the upstream, with or without a cache.
type answers interface {
	upstream.Searcher
	upstream.Products
}

// kept is what survives this process: a store, and what it stores besides answers. Its fields are nil without a store.
type kept struct {
	scope    cache.Scope
	observer cache.Observer
	store    cache.Store
	photoIDs *cache.PhotoIDs
	// warmed is closed when the store is open, or cannot be opened for now.
	warmed <-chan struct{}
}

// openKept opens the store. The cache closes it.
func (a *App) openKept(ctx context.Context, dialect *upstream.Dialect) (kept, error) {
	s := a.settings
	if s.Cache.Off {
		return kept{}, nil
	}
	k := kept{scope: a.scope(dialect)}
	var err error
	if k.observer, err = newCacheMetrics(a.registry); err != nil {
		return kept{}, err
	}
	if k.store, err = a.openStore(); err != nil || k.store == nil {
		return k, err
	}
	k.warmed = a.warm(ctx, k.store)
	k.photoIDs = cache.NewPhotoIDs(k.store, k.scope, a.place.appKeys(), k.observer)
	return k, nil
}

// scope is what stored answers depend on beside the question.
func (a *App) scope(dialect *upstream.Dialect) cache.Scope {
	s := a.settings
	return cache.Scope{
		Account: a.account(), Dialect: dialect.ID, Sandbox: !s.Live(), Origin: a.place.url + "\n" + s.AnswerOrigin(), Reading: dialect.Reading(),
	}
}

// ids is the store of the client's photo ids; nil for none.
func (k kept) ids() upstream.PhotoIDs {
	if k.photoIDs == nil {
		return nil
	}
	return k.photoIDs
}

// openCache puts the cache in front of the upstream, unless the settings disable it.
func (a *App) openCache(client *upstream.Client, k kept) (answers, error) {
	s := a.settings
	if s.Cache.Off {
		return client, nil
	}
	fresh, err := s.Cache.FreshTimes()
	if err != nil {
		return nil, err
	}
	lives := map[cache.Kind]cache.Life{}
	for kind, d := range fresh {
		lives[cache.Kind(kind)] = cache.LifeOf(d)
	}
	answers, err := cache.Wrap(client, cache.Config{
		Scope:       k.scope,
		MemoryBytes: s.Cache.MemoryBytes,
		Store:       k.store,
		Lives:       lives,
		Observer:    k.observer,
		Log:         a.log,
	})
	if err != nil {
		return nil, err
	}
	a.onClose(answers.Close)
	if k.photoIDs != nil {
		a.onClose(k.photoIDs.Close) // Before the cache closes the store.
	}
	return answers, nil
}

// openStore opens the persistent store of answers; nil for none. The sandbox has none, since its products and the URLs of
// their pictures end with its process.
func (a *App) openStore() (cache.Store, error) {
	s := a.settings
	switch storeOf(s) {
	case "none":
		return nil, nil //nolint:nilnil // nil means no store.
	case "redis":
		options, err := a.redisOptions()
		if err != nil {
			return nil, err
		}
		return redis.New(redis.Config{Options: *options}), nil
	}
	dir, err := a.dataDir()
	if err != nil || dir == "" {
		return nil, err
	}
	return disk.New(disk.Config{Dir: dir, MaxBytes: s.Cache.DiskBytes, Log: a.log}), nil
}

// warm opens the store before the first question, which would not wait that long, and beside what else is opened. If it cannot be opened
// now, it is tried again later; no question fails because of it.
func (a *App) warm(ctx context.Context, store cache.Store) <-chan struct{} {
	ctx, cancel := context.WithTimeout(ctx, warmTimeout)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = store.Ping(ctx)
	}()
	a.onClose(func(context.Context) error {
		cancel()
		<-done
		return nil
	})
	return done
}

const warmTimeout = 2 * time.Second

// storeOf is the kind of the persistent store: disk, redis or none.
func storeOf(s *config.Settings) string {
	switch {
	case s.Cache.Store != "auto":
		return s.Cache.Store
	case !s.Live():
		return "none"
	case !s.Quota.RedisURL.Empty():
		return "redis"
	default:
		return "disk"
	}
}

// cacheMetrics count answers by their source.
type cacheMetrics struct {
	answered  *prometheus.CounterVec
	refreshed *prometheus.CounterVec
	waited    *prometheus.CounterVec
	failed    *prometheus.CounterVec
	forgotten *prometheus.CounterVec
	dropped   prometheus.Counter
}

var _ cache.Observer = (*cacheMetrics)(nil)

func newCacheMetrics(r prometheus.Registerer) (*cacheMetrics, error) {
	m := &cacheMetrics{
		answered: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_cache_answers_total", Help: "Questions by kind and what answered them: memory, store, upstream, twin, stale or nobody.",
		}, []string{"kind", "by"}),
		refreshed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_cache_refreshes_total", Help: "Answers renewed in the background, by kind and outcome.",
		}, []string{"kind", "outcome"}),
		waited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_cache_replica_waits_total",
			Help: "Questions that another replica was found asking, by kind and outcome: answered by it, or asked after all, because it failed, ended or took too long.",
		}, []string{"kind", "outcome"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_cache_store_failures_total", Help: "Failures of the store behind memory, by operation. No question fails of them.",
		}, []string{"operation"}),
		forgotten: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_cache_forgotten_total",
			Help: "Stored answers that were not used because 1688 pushed a change of their product, or an operator purged them, after they were stored, by kind.",
		}, []string{"kind"}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "zhaohuo_cache_dropped_total", Help: "Answers that were not stored: the store fails, or cannot keep up.",
		}),
	}
	// They are 0 from the beginning, so that their first growth is seen.
	for _, kind := range append(cache.Kinds(), cache.Call) {
		for _, by := range cache.Ways() {
			m.answered.WithLabelValues(string(kind), string(by))
		}
		for _, outcome := range []string{refreshRenewed, refreshFailed} {
			m.refreshed.WithLabelValues(string(kind), outcome)
		}
		for _, outcome := range []string{waitAnswered, waitAsked} {
			m.waited.WithLabelValues(string(kind), outcome)
		}
		m.forgotten.WithLabelValues(string(kind))
	}
	for _, operation := range cache.Operations() {
		m.failed.WithLabelValues(operation)
	}
	return m, register(r, m.answered, m.refreshed, m.waited, m.failed, m.forgotten, m.dropped)
}

// The outcomes of answers renewed in the background, and of waits for another replica.
const (
	refreshRenewed = "renewed"
	refreshFailed  = "failed"
	waitAnswered   = "answered"
	waitAsked      = "asked"
)

// Answered implements [cache.Observer].
func (m *cacheMetrics) Answered(kind cache.Kind, by cache.By) {
	m.answered.WithLabelValues(string(kind), string(by)).Inc()
}

// Refreshed implements [cache.Observer].
func (m *cacheMetrics) Refreshed(kind cache.Kind, err error) {
	outcome := refreshRenewed
	if err != nil {
		outcome = refreshFailed
	}
	m.refreshed.WithLabelValues(string(kind), outcome).Inc()
}

// Waited implements [cache.Observer].
func (m *cacheMetrics) Waited(kind cache.Kind, answered bool) {
	outcome := waitAsked
	if answered {
		outcome = waitAnswered
	}
	m.waited.WithLabelValues(string(kind), outcome).Inc()
}

// StoreFailed implements [cache.Observer].
func (m *cacheMetrics) StoreFailed(operation string, _ error) {
	m.failed.WithLabelValues(operation).Inc()
}

// Forgotten implements [cache.Observer].
func (m *cacheMetrics) Forgotten(kind cache.Kind) {
	m.forgotten.WithLabelValues(string(kind)).Inc()
}

// Dropped implements [cache.Observer].
func (m *cacheMetrics) Dropped(answers int) { m.dropped.Add(float64(answers)) }
