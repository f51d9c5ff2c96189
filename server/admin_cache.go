package server

import (
	"context"
	"log/slog"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// AnswerCache is a cache of answers. Its purges wait for what it stores answers in until ctx ends, and say which processes they hold for.
type AnswerCache interface {
	State() *zhaohuov1.CacheState
	PurgeAll(ctx context.Context) zhaohuov1.PurgeReach
	// PurgeProducts drops what is about products or shows them.
	PurgeProducts(ctx context.Context, ids []string) zhaohuov1.PurgeReach
	PurgeKeyword(ctx context.Context, keyword string) zhaohuov1.PurgeReach
}

// GetCacheState implements [zhaohuov1.AdminServiceServer].
func (a *Admin) GetCacheState(context.Context, *zhaohuov1.GetCacheStateRequest) (*zhaohuov1.GetCacheStateResponse, error) {
	answer := &zhaohuov1.GetCacheStateResponse{}
	if a.parts.Cache != nil {
		answer.Cache = a.parts.Cache.State()
	}
	return answer, nil
}

// PurgeCache implements [zhaohuov1.AdminServiceServer].
func (a *Admin) PurgeCache(ctx context.Context, q *zhaohuov1.PurgeCacheRequest) (*zhaohuov1.PurgeCacheResponse, error) {
	kind, name, err := purgeTarget(q)
	if err != nil {
		return nil, err
	}
	reach := zhaohuov1.PurgeReach_PURGE_REACH_NO_CACHE
	switch cache := a.parts.Cache; {
	case cache == nil:
	case kind == "all":
		reach = cache.PurgeAll(ctx)
	case kind == "product":
		reach = cache.PurgeProducts(ctx, q.GetProductIds())
	default:
		reach = cache.PurgeKeyword(ctx, name)
	}
	a.audit(ctx, "purge", "cache_"+kind, name, slog.String("reach", strings.ToLower(strings.TrimPrefix(reach.String(), "PURGE_REACH_"))))
	return &zhaohuov1.PurgeCacheResponse{Reach: reach}, nil
}

// purgeTarget is what a request drops: its kind, and the words or products.
func purgeTarget(q *zhaohuov1.PurgeCacheRequest) (kind, name string, _ error) {
	ids, words := q.GetProductIds(), strings.TrimSpace(q.GetKeyword())
	switch place, ok := fields.Only(q.GetAll(), len(ids) > 0, words != ""); {
	case !ok:
		return "", "", fault.Invalid("all", "PURGE_TARGET", "must have one of all, product_ids and keyword")
	case place == 0:
		return "all", "", nil
	case place == 1:
		return "product", strings.Join(ids, ","), nil
	}
	return "keyword", words, nil
}
