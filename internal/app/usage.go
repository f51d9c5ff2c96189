package app

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// usageOf reports the calls of today as the limiter counts them.
func usageOf(d *quota.Dispatcher) server.Usage {
	scopes := map[limiter.Reach]zhaohuov1.QuotaScope{
		limiter.OneStore:   zhaohuov1.QuotaScope_QUOTA_SCOPE_ALL_REPLICAS,
		limiter.OneFile:    zhaohuov1.QuotaScope_QUOTA_SCOPE_DATA_DIR,
		limiter.OneProcess: zhaohuov1.QuotaScope_QUOTA_SCOPE_PROCESS,
	}
	return func(ctx context.Context) *zhaohuov1.QuotaUsage {
		s := d.Snapshot(ctx)
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
