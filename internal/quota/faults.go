package quota

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/gate"
)

// closure is a used-up allowance: nothing leaves until it can be there again.
type closure struct {
	// api is empty for the App Key.
	api          string
	cause        gate.Cause
	until, asked time.Time
}

// recheck is how long a closure is believed without asking the gate, which another process may have opened.
const recheck = time.Second

// fault is the refusal while the closure is believed; nil otherwise.
func (c closure) fault(now time.Time) error {
	if !c.until.After(now) || now.Sub(c.asked) >= recheck {
		return nil
	}
	f := fault.New(fault.UpstreamQuotaExhausted, "an allowance at the upstream is used up")
	if c.cause == gate.Spent {
		setting := "upstream-daily"
		if c.api != "" {
			setting = "upstream-api-limits"
		}
		f = fault.New(fault.QuotaDayUsedUp, "the calls that the setting %s allows in a day are made", setting)
	}
	return f.WithSubject(subject(c.api, c.cause)).WithRetryAfter(c.until.Sub(now))
}

// subject names a limit. The App Key itself is nobody's business.
func subject(api string, cause gate.Cause) string {
	about := "app_key"
	if api != "" {
		about = api
	}
	switch cause {
	case gate.Banned:
		return about + "/ban"
	case gate.Spent:
		return about + "/calls_per_day"
	case gate.Exhausted:
		return about + "/allowance"
	case gate.Settling:
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

// gone names why a context ended before the call had its turn.
func gone(ctx context.Context) error { return fault.Ended(ctx, "before the call's turn") }
