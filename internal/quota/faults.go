package quota

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
)

// exhaustion is a used-up allowance. No call is sent until it can be available again.
type exhaustion struct {
	// api is empty for the App Key.
	api          string
	cause        limiter.Cause
	until, asked time.Time
}

// recheck is how long an exhaustion is trusted without asking the limiter: another process may have found the allowance
// available.
const recheck = time.Second

// trusted reports whether the exhaustion holds without asking the limiter.
func (c exhaustion) trusted(now time.Time) bool {
	return c.until.After(now) && now.Sub(c.asked) < recheck
}

// fault returns the refusal while the exhaustion is trusted; nil otherwise.
func (c exhaustion) fault(now time.Time) error {
	if !c.trusted(now) {
		return nil
	}
	f := fault.New(fault.UpstreamQuotaExhausted, "an allowance at the upstream is used up")
	if c.cause == limiter.DailyLimit {
		setting := "upstream-daily"
		if c.api != "" {
			setting = "upstream-api-limits"
		}
		f = fault.New(fault.QuotaDayUsedUp, "the calls that the setting %s allows in a day are made", setting)
	}
	return f.WithSubject(subject(c.api, c.cause)).WithRetryAfter(c.until.Sub(now))
}

// subject names a limit. It never contains the App Key.
func subject(api string, cause limiter.Cause) string {
	about := "app_key"
	if api != "" {
		about = api
	}
	switch cause {
	case limiter.Banned:
		return about + "/ban"
	case limiter.DailyLimit:
		return about + "/calls_per_day"
	case limiter.Exhausted:
		return about + "/allowance"
	case limiter.Settling:
		return about + "/start"
	default:
		return about + "/calls_per_second"
	}
}

func tooLong(wait time.Duration, limit string) error {
	return fault.New(fault.QuotaWaitTooLong, "the call's turn would come after the request's deadline").
		WithSubject(limit).WithRetryAfter(wait)
}

func queueFull(wait time.Duration) error {
	return fault.New(fault.QuotaQueueFull, "too many calls wait for their turn").
		WithSubject("app_key/queue").WithRetryAfter(wait)
}

func draining() error {
	return fault.New(fault.ServerDraining, "this process is shutting down")
}

// gone returns the fault for a context that ended before the call got its permit.
func gone(ctx context.Context) error { return fault.Ended(ctx, "before the call got its permit") }
