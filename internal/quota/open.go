package quota

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
)

// MarginDefault is the default for the unused part of the rate.
const MarginDefault = 0.01

// FileName is the name of the file in the data directory that stores the day's count.
const FileName = "quota.db"

// Config is the configuration of a [Dispatcher].
type Config struct {
	Options
	// Limits are the upstream's limits for the only App Key.
	Limits limiter.Limits
	// Accounts are the App Keys of a pool, in place of Limits; empty for the one with Limits.
	Accounts []AccountConfig
	// DataDir stores the day's count when there is no Redis; empty keeps the count in memory. Processes that share a
	// directory share the count, but not the rate: a shared rate needs Redis.
	DataDir string
	// Redis is the server that all replicas count on; nil for a single process.
	Redis *rueidis.ClientOption
	// Failover sets what happens without the server. Its OnChange is overwritten.
	Failover limiter.FailoverOptions
}

// AccountConfig is the configuration of one account.
type AccountConfig struct {
	// Name is unique in the pool.
	Name string
	// Limits are the upstream's limits for the account's App Key.
	Limits limiter.Limits
	// Serves reports whether the account may call an API; nil if it may call all.
	Serves func(api string) bool
}

// Open returns a dispatcher with the limiters that c configures. An unreachable Redis server is not an error: the
// failover policy applies until it answers.
func Open(ctx context.Context, c Config) (*Dispatcher, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Observer == nil {
		c.Observer = NopObserver{}
	}
	if len(c.Accounts) == 0 {
		c.Accounts = []AccountConfig{{Limits: c.Limits}}
	}
	c.Failover.OnChange = c.storeChanged()
	var all []Account
	for _, one := range c.Accounts {
		l, err := c.open(ctx, one.Limits)
		if err != nil {
			for _, a := range all {
				err = errors.Join(err, a.Limiter.Close())
			}
			return nil, err
		}
		all = append(all, Account{Name: one.Name, Limiter: l, Limits: one.Limits, Serves: one.Serves})
	}
	return withMargin(ctx, NewPool(all, c.Options)), nil
}

// open returns the limiter of one App Key.
func (c Config) open(ctx context.Context, limits limiter.Limits) (limiter.Limiter, error) {
	if limits.Margin < 0 || limits.Margin > 0.5 {
		return nil, fmt.Errorf("the quota's margin must be from 0 to 0.5, not %g", limits.Margin)
	}
	if c.Redis != nil {
		return limiter.NewFailover(limiter.NewRedis(limits, *c.Redis), c.Failover), nil
	}
	days := limiter.NewLedger()
	if c.DataDir != "" {
		var err error
		days, err = limiter.OpenLedger(ctx, filepath.Join(c.DataDir, FileName), limits.AppKey, limiter.LedgerOptions{
			Exact: anyLimit(limits, func(l limiter.Limit) bool { return l.PerSecond > 0 || l.PerDay > 0 }),
			// Without a daily limit the count is information only: an unwritable directory does not stop the service.
			Needed:  anyLimit(limits, func(l limiter.Limit) bool { return l.PerDay > 0 }),
			OnError: func(err error) { c.Log.Warn("the quota's ledger fails", "error", err) },
		})
		if err != nil {
			return nil, err
		}
	}
	return limiter.NewLocal(limits, days), nil
}

// withMargin makes the dispatcher read the margin before its first call.
func withMargin(ctx context.Context, d *Dispatcher) *Dispatcher {
	d.Snapshot(ctx)
	return d
}

// anyLimit reports whether one of the limits satisfies is.
func anyLimit(limits limiter.Limits, is func(limiter.Limit) bool) bool {
	for _, d := range limits.PerAPI {
		if is(d) {
			return true
		}
	}
	return is(limits.App)
}

// storeChanged returns the observer of a lost store. The limiters of all accounts use one store: it is lost with the first
// that loses it, and back with the last.
func (c Config) storeChanged() func(lost error) {
	var mu sync.Mutex
	losses := 0
	return func(lost error) {
		mu.Lock()
		defer mu.Unlock()
		before := losses
		if lost == nil {
			losses = max(losses-1, 0)
		} else {
			losses++
		}
		if lost != nil && before > 0 || lost == nil && losses > 0 {
			return
		}
		c.Observer.StoreChanged(lost)
		switch {
		case lost == nil:
			c.Log.Info("the shared quota store is back")
		case c.Failover.Policy == limiter.Share:
			c.Log.Error("the shared quota store is lost; going on alone with a part of the limit, which may be exceeded", "replicas", c.Failover.Replicas, "error", lost)
		default:
			c.Log.Error("the shared quota store is lost; no upstream calls until it is back", "error", lost)
		}
	}
}

// storeFault returns the fault for a limiter that does not answer.
func storeFault(err error) error {
	if f, ok := fault.As(err); ok {
		return f
	}
	return fault.OfServer(fault.QuotaStoreUnavailable, "the quota store cannot be asked", err)
}
