package app

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// usageOf reports the calls of today as the limiters count them, the accounts if there are several, and queues, rate and ban.
func usageOf(d *quota.Dispatcher) server.Usage {
	return func(ctx context.Context) (*zhaohuov1.QuotaUsage, []*zhaohuov1.AccountState, *zhaohuov1.ServerLoad) {
		s := d.Snapshot(ctx)
		if len(s.Accounts) == 1 {
			return usage(s.Accounts[0]), nil, waitingOf(s)
		}
		return usageOfAll(s), accountStates(s), waitingOf(s)
	}
}

// waitingOf is what waits, and the present rate and ban where they are known.
func waitingOf(s quota.Snapshot) *zhaohuov1.ServerLoad {
	load := &zhaohuov1.ServerLoad{PresentQps: presentRate(s.PerSecond, s.Limits), BannedUntilTime: fields.Time(s.BannedUntil)}
	for _, class := range upstream.Classes() {
		load.Queues = append(load.Queues, &zhaohuov1.CallQueue{
			CallClass: class.String(), WaitingCalls: int64(s.Waiting[class]), WaitingCallers: int64(s.Callers[class]),
		})
	}
	return load
}

// presentRate is a rate that is limited and known; nil otherwise.
func presentRate(perSecond float64, limits limiter.Limits) *float64 {
	if limits.App.PerSecond <= 0 || perSecond <= 0 {
		return nil
	}
	return &perSecond
}

// circuitOf is a state of the breaker in the contract's words.
func circuitOf(state upstream.BreakerState) zhaohuov1.UpstreamCircuit {
	switch state {
	case upstream.BreakerProbing:
		return zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_PROBING
	case upstream.BreakerOpen:
		return zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_OPEN
	}
	return zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_CLOSED
}

// usage is the calls of today of one account; nil if they are not known.
func usage(s quota.AccountSnapshot) *zhaohuov1.QuotaUsage {
	scopes := map[limiter.Reach]zhaohuov1.QuotaScope{
		limiter.OneStore:   zhaohuov1.QuotaScope_QUOTA_SCOPE_ALL_REPLICAS,
		limiter.OneFile:    zhaohuov1.QuotaScope_QUOTA_SCOPE_DATA_DIR,
		limiter.OneProcess: zhaohuov1.QuotaScope_QUOTA_SCOPE_PROCESS,
	}
	if !s.Known {
		return nil
	}
	used := &zhaohuov1.QuotaUsage{
		CallsUsed: s.DayUsed, ResetTime: timestamppb.New(chinaday.Next(time.Now())), Scope: scopes[s.Reach],
	}
	if limit := s.Limits.App.PerDay; limit > 0 {
		used.CallsPerDay = &limit
	}
	if s.DayLimit > 0 {
		left := max(s.DayLimit-s.DayUsed, 0)
		used.CallsLeft = &left
	}
	if !s.ExhaustedUntil.IsZero() {
		used.ExhaustedUntilTime, used.CallsLeft = timestamppb.New(s.ExhaustedUntil), new(int64)
	}
	return used
}

// usageOfAll is the calls of today of all accounts. What is left is the sum of what each has left, if each says it.
func usageOfAll(s quota.Snapshot) *zhaohuov1.QuotaUsage {
	all := usage(quota.AccountSnapshot{
		Limits: s.Limits, DayUsed: s.DayUsed, DayLimit: s.DayLimit, Reach: s.Reach, ExhaustedUntil: s.ExhaustedUntil, Known: s.Known,
	})
	if all == nil {
		return nil
	}
	left := int64(0)
	for _, a := range s.Accounts {
		one := usage(a)
		if one == nil || one.CallsLeft == nil {
			all.CallsLeft = nil
			return all
		}
		left += one.GetCallsLeft()
	}
	all.CallsLeft = &left
	return all
}

// watchOffer reports what is offered of price watches.
func (a *App) watchOffer(enabled bool) *zhaohuov1.PriceWatchOffer {
	if !enabled {
		return &zhaohuov1.PriceWatchOffer{}
	}
	return &zhaohuov1.PriceWatchOffer{
		Enabled: true, IntervalMin: durationpb.New(a.settings.Watches.IntervalMin), IntervalMax: durationpb.New(config.IntervalMax),
	}
}
