package quota

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/gate"
)

// MarginDefault is the part of the rate that is left unused unless it is said.
const MarginDefault = 0.01

// FileName is the name of the file in the data directory that keeps the day's count.
const FileName = "quota.db"

// Config is what an operator says about quota.
type Config struct {
	Options
	// Limits are the upstream's, for this App Key.
	Limits gate.Limits
	// DataDir keeps the day's count when there is no Redis; empty keeps it in memory. Processes on one directory share
	// the count, but not the rate: that takes Redis.
	DataDir string
	// Redis is the server that all replicas count on; nil for one process.
	Redis *rueidis.ClientOption
	// Failover says how to go on without the server. Its Told is not used.
	Failover gate.FailoverOptions
}

// Open returns a limiter with the gate that c asks for. A Redis server that cannot be reached is no error: the policy
// decides until it can.
func Open(ctx context.Context, c Config) (*Limiter, error) {
	if c.Limits.Margin < 0 || c.Limits.Margin > 0.5 {
		return nil, fmt.Errorf("the quota's margin must be from 0 to 0.5, not %g", c.Limits.Margin)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Observer == nil {
		c.Observer = Nobody{}
	}
	if c.Redis != nil {
		c.Failover.Told = c.storeTold
		return begin(ctx, New(gate.NewFailover(gate.NewRedis(c.Limits, *c.Redis), c.Failover), c.Limits, c.Options)), nil
	}
	days := gate.NewLedger()
	if c.DataDir != "" {
		var err error
		days, err = gate.OpenLedger(ctx, filepath.Join(c.DataDir, FileName), c.Limits.AppKey, gate.LedgerOptions{
			Exact: c.any(func(l gate.Limit) bool { return l.PerSecond > 0 || l.PerDay > 0 }),
			// Without a limit a day the count is for information: a directory that cannot be written costs no service.
			Needed: c.any(func(l gate.Limit) bool { return l.PerDay > 0 }),
			Tell:   func(err error) { c.Log.Warn("the quota's ledger fails", "error", err) },
		})
		if err != nil {
			return nil, err
		}
	}
	return begin(ctx, New(gate.NewLocal(c.Limits, days), c.Limits, c.Options)), nil
}

// begin has the limiter know the margin before its first call.
func begin(ctx context.Context, l *Limiter) *Limiter {
	l.Snapshot(ctx)
	return l
}

// any tells whether something holds for one of the limits.
func (c Config) any(is func(gate.Limit) bool) bool {
	for _, l := range c.Limits.PerAPI {
		if is(l) {
			return true
		}
	}
	return is(c.Limits.App)
}

func (c Config) storeTold(lost error) {
	c.Observer.Store(lost)
	switch {
	case lost == nil:
		c.Log.Info("the shared quota store is back")
	case c.Failover.Policy == gate.Share:
		c.Log.Error("the shared quota store is lost; going on alone with a part of the limit, which may be exceeded", "replicas", c.Failover.Replicas, "error", lost)
	default:
		c.Log.Error("the shared quota store is lost; no upstream calls until it is back", "error", lost)
	}
}

// storeFault names a gate that cannot be asked.
func storeFault(err error) error {
	if f, ok := fault.As(err); ok {
		return f
	}
	return fault.New(fault.QuotaStoreUnavailable, "the quota store cannot be asked").WithCause(err)
}
