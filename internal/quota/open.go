package quota

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

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
	// Limits are the upstream's limits for this App Key.
	Limits limiter.Limits
	// DataDir stores the day's count when there is no Redis; empty keeps the count in memory. Processes that share a
	// directory share the count, but not the rate: a shared rate needs Redis.
	DataDir string
	// Redis is the server that all replicas count on; nil for a single process.
	Redis *rueidis.ClientOption
	// Failover sets what happens without the server. Its OnChange is overwritten.
	Failover limiter.FailoverOptions
}

// Open returns a dispatcher with the limiter that c configures. An unreachable Redis server is not an error: the
// failover policy applies until it answers.
func Open(ctx context.Context, c Config) (*Dispatcher, error) {
	if c.Limits.Margin < 0 || c.Limits.Margin > 0.5 {
		return nil, fmt.Errorf("the quota's margin must be from 0 to 0.5, not %g", c.Limits.Margin)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Observer == nil {
		c.Observer = NopObserver{}
	}
	if c.Redis != nil {
		c.Failover.OnChange = c.storeChanged
		return withMargin(ctx, New(limiter.NewFailover(limiter.NewRedis(c.Limits, *c.Redis), c.Failover), c.Limits, c.Options)), nil
	}
	days := limiter.NewLedger()
	if c.DataDir != "" {
		var err error
		days, err = limiter.OpenLedger(ctx, filepath.Join(c.DataDir, FileName), c.Limits.AppKey, limiter.LedgerOptions{
			Exact: c.any(func(l limiter.Limit) bool { return l.PerSecond > 0 || l.PerDay > 0 }),
			// Without a daily limit the count is information only: an unwritable directory does not stop the service.
			Needed:  c.any(func(l limiter.Limit) bool { return l.PerDay > 0 }),
			OnError: func(err error) { c.Log.Warn("the quota's ledger fails", "error", err) },
		})
		if err != nil {
			return nil, err
		}
	}
	return withMargin(ctx, New(limiter.NewLocal(c.Limits, days), c.Limits, c.Options)), nil
}

// withMargin makes the dispatcher read the margin before its first call.
func withMargin(ctx context.Context, d *Dispatcher) *Dispatcher {
	d.Snapshot(ctx)
	return d
}

// any reports whether one of the limits satisfies is.
func (c Config) any(is func(limiter.Limit) bool) bool {
	for _, d := range c.Limits.PerAPI {
		if is(d) {
			return true
		}
	}
	return is(c.Limits.App)
}

func (c Config) storeChanged(lost error) {
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

// storeFault returns the fault for a limiter that does not answer.
func storeFault(err error) error {
	if f, ok := fault.As(err); ok {
		return f
	}
	return fault.New(fault.QuotaStoreUnavailable, "the quota store cannot be asked").WithCause(err)
}
