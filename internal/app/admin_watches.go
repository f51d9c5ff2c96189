package app

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// overviewOf is the overview of a service of price watches; nil if none are served.
func overviewOf(watches *pricewatch.Service) server.WatchOverview {
	if watches == nil {
		return nil
	}
	return watches
}

// callsOfToday are the upstream calls of today, of all accounts; nil if they are not known.
func (p parts) callsOfToday(ctx context.Context) *zhaohuov1.QuotaUsage {
	ctx, cancel := context.WithTimeout(ctx, quotaStateTimeout)
	defer cancel()
	used, _, _ := usageOf(p.limiter)(ctx)
	return used
}
