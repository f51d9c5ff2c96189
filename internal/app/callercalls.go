package app

import (
	"context"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/daycount"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// openCounts makes the counts of the day's calls by caller.
func (a *App) openCounts() error {
	s := a.settings
	c := daycount.Config{Scope: a.account(), Replicas: s.Quota.Replicas, Share: s.Quota.RedisLost == "share", Log: a.log}
	if s.Live() {
		c.DataDir = s.Listen.DataDir // As for the quota: the sandbox forgets its day when the process ends.
	}
	if !s.Quota.RedisURL.Empty() {
		var err error
		if c.Redis, err = a.redisOptions(); err != nil {
			return err
		}
	}
	a.counts = daycount.New(c)
	a.onClose(func(context.Context) error { return a.counts.Close() })
	return nil
}

// dayOf is what a caller may still spend today; nil for no bound.
func (a *App) dayOf(entry callers.Entry) *upstream.Budget {
	if entry.Daily == 0 {
		return nil
	}
	return a.counts.Budget(dayName(entry.Name), entry.Daily, fault.New(fault.CallerCallsUsedUp,
		"the %d upstream calls that the caller's entry allows in a day are made", entry.Daily).WithSubject("caller/calls_per_day"))
}

// dayName is under what name the calls of a caller are counted.
func dayName(caller string) string { return "caller " + caller }

// apiDay is what a caller may still spend on an API today that it calls by name. All callers without a key are one.
func (a *App) apiDay(caller string, api callers.API) *upstream.Budget {
	return a.counts.Budget("caller "+caller+" api "+api.Name, int64(api.Budget), fault.New(fault.QuotaDayUsedUp,
		"the %d calls that the list of APIs allows in a day are made", api.Budget).WithSubject(api.Name))
}

// ownerDemand is on whose behalf the observations of a caller's price watches are made.
func (a *App) ownerDemand(owner string) upstream.Demand {
	demand := upstream.Demand{Class: upstream.Batch, Caller: owner}
	if a.keys == nil {
		return demand
	}
	entry, ok := a.keys.Named(owner)
	if !ok {
		return demand
	}
	demand.Accounts, demand.Day = entry.Accounts, a.dayOf(entry)
	if entry.Admit() != nil {
		demand.Day = upstream.NewCountedBudget(pausedCaller{entry})
	}
	return demand
}

// pausedCaller leaves no calls to a caller that is paused.
type pausedCaller struct{ entry callers.Entry }

var _ upstream.Count = pausedCaller{}

// Left implements [upstream.Count].
func (pausedCaller) Left() int64 { return 0 }

// Take implements [upstream.Count].
func (p pausedCaller) Take() (undo func(), err error) { return nil, p.Refusal() }

// Refusal implements [upstream.Count].
func (p pausedCaller) Refusal() error { return p.entry.Admit() }
