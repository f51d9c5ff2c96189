package server

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// WatchOverview is the price watches of all callers.
type WatchOverview interface {
	// Overview counts them, and lists up to size of each kind of trouble; 0 is the default. It leaves the quota out.
	Overview(ctx context.Context, size int32) (*zhaohuov1.GetWatchOverviewResponse, error)
}

// watchListMax is the most watches of a list.
const watchListMax = 100

// GetWatchOverview implements [zhaohuov1.AdminServiceServer].
func (a *Admin) GetWatchOverview(ctx context.Context, q *zhaohuov1.GetWatchOverviewRequest) (*zhaohuov1.GetWatchOverviewResponse, error) {
	if a.parts.Watches == nil {
		return nil, fault.New(fault.PriceWatchesNotServed, "this process serves no price watches")
	}
	if size := q.GetListSize(); size < 0 || size > watchListMax {
		return nil, fault.Invalid("list_size", "LIST_SIZE", "must be %v to %v", 0, watchListMax)
	}
	answer, err := a.parts.Watches.Overview(ctx, q.GetListSize())
	if err != nil {
		return nil, err
	}
	answer.Quota = a.parts.Quota(ctx)
	return answer, nil
}
