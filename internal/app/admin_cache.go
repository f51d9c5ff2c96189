package app

import (
	"cmp"
	"context"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// operatorCache is the cache as operators see it.
type operatorCache struct{ answers *cache.Cache }

var _ server.AnswerCache = operatorCache{}

// answerCache is the cache for operators; nil if none is in front of the upstream.
func answerCache(source answers) server.AnswerCache {
	if c, ok := source.(*cache.Cache); ok {
		return operatorCache{c}
	}
	return nil
}

// State implements [server.AnswerCache].
func (o operatorCache) State() *zhaohuov1.CacheState {
	now := o.answers.Stats()
	state := &zhaohuov1.CacheState{
		MemoryAnswers: int64(now.MemoryAnswers), MemoryBytes: now.MemoryBytes, WaitingBytes: int64(now.WaitingBytes),
		RunningQuestions: int64(now.Asking), StoreDown: now.StoreDown,
	}
	for by, n := range now.Answered {
		if n > 0 {
			state.Uses = append(state.Uses, &zhaohuov1.CacheUse{AnsweredBy: string(by), Questions: n})
		}
	}
	slices.SortFunc(state.GetUses(), func(a, b *zhaohuov1.CacheUse) int {
		return cmp.Or(cmp.Compare(b.GetQuestions(), a.GetQuestions()), cmp.Compare(a.GetAnsweredBy(), b.GetAnsweredBy()))
	})
	return state
}

// PurgeAll implements [server.AnswerCache].
func (o operatorCache) PurgeAll(ctx context.Context) zhaohuov1.PurgeReach {
	return reachOf(o.answers.PurgeAll(ctx))
}

// PurgeProducts implements [server.AnswerCache].
func (o operatorCache) PurgeProducts(ctx context.Context, ids []string) zhaohuov1.PurgeReach {
	return reachOf(o.answers.PurgeProducts(ctx, ids))
}

// PurgeKeyword implements [server.AnswerCache].
func (o operatorCache) PurgeKeyword(ctx context.Context, keyword string) zhaohuov1.PurgeReach {
	return reachOf(o.answers.PurgeKeyword(ctx, keyword))
}

func reachOf(r cache.Reach) zhaohuov1.PurgeReach {
	switch r {
	case cache.ReachReplicas:
		return zhaohuov1.PurgeReach_PURGE_REACH_REPLICAS
	case cache.ReachStore:
		return zhaohuov1.PurgeReach_PURGE_REACH_STORE
	default:
		return zhaohuov1.PurgeReach_PURGE_REACH_PROCESS
	}
}
