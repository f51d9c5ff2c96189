package redis_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/redis"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

// counting is an upstream whose answers have the number of the call as their title.
type counting struct {
	cache.Upstream
	calls atomic.Int64
}

func (n *counting) KeywordSearch(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return &zhaohuov1.KeywordSearchResponse{
		Products: []*zhaohuov1.Product{{Id: "1", Title: strconv.FormatInt(n.calls.Add(1), 10)}},
		Meta:     &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1},
	}, nil
}

// TestReplicasSeeEachOthersAnswers: a real server reports new values, removed ones, and that all were removed, and again after it was killed.
func TestReplicasSeeEachOthersAnswers(t *testing.T) {
	server := redistest.Start(t)
	n := &counting{}
	var replicas [2]*cache.Cache
	var begun [2]*begins
	for i := range replicas {
		begun[i] = &begins{Store: redis.New(redis.Config{Options: server.Option()})}
		c, err := cache.Wrap(n, cache.Config{Store: begun[i]})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		replicas[i] = c
		if err := begun[i].Ping(t.Context()); err != nil { // Reports wait until somebody has connected.
			t.Fatal(err)
		}
	}
	reporting := func(times int64) {
		until(t, "reports", func() bool { return begun[0].times.Load() >= times && begun[1].times.Load() >= times })
	}
	ask := func(i int, anew bool) (number int64) {
		t.Helper()
		q := &zhaohuov1.KeywordSearchRequest{Keyword: "杯"}
		if anew {
			q.MaxStaleness = durationpb.New(0)
		}
		a, err := replicas[i].KeywordSearch(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if err := replicas[i].Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if number, err = strconv.ParseInt(a.GetProducts()[0].GetTitle(), 10, 64); err != nil {
			t.Fatal(err)
		}
		return number
	}
	// sees waits until the replica gives what the last call brought, without a call of its own.
	sees := func(what string, i int, number int64) {
		t.Helper()
		until(t, what, func() bool { return ask(i, false) == number })
		if calls := n.calls.Load(); calls != number {
			t.Errorf("%s: %d calls, want %d", what, calls, number)
		}
	}
	reporting(1)
	ask(0, false)
	sees("the first answer", 1, 1)
	ask(0, true)
	sees("a newer answer", 1, 2)
	ask(1, true)
	sees("a newer answer of the other", 0, 3)

	// Nobody sees what was removed. The first who asks gets a new answer, and so does the other.
	for _, remove := range [][]string{{"FLUSHALL"}, {"EVAL", "return redis.call('DEL', unpack(redis.call('KEYS', 'zhaohuo:cache:*')))", "0"}} {
		before := n.calls.Load()
		if err := server.Do(t, remove...); err != nil {
			t.Fatal(err)
		}
		until(t, remove[0], func() bool { return ask(0, false) == before+1 })
		sees("what was asked for after "+remove[0], 1, before+1)
	}

	// A purge by one replica holds on the other.
	for _, purge := range []func(*cache.Cache) cache.Reach{
		func(c *cache.Cache) cache.Reach { return c.PurgeKeyword(t.Context(), "杯") },
		func(c *cache.Cache) cache.Reach { return c.PurgeProducts(t.Context(), []string{"1"}) },
		func(c *cache.Cache) cache.Reach { return c.PurgeAll(t.Context()) },
	} {
		before := n.calls.Load()
		if reach := purge(replicas[0]); reach != cache.ReachReplicas {
			t.Errorf("a purge reaches %q", reach)
		}
		until(t, "a purge", func() bool { return ask(1, false) == before+1 })
		sees("what was asked for after a purge", 0, before+1)
	}

	// A server that lost everything costs no call, and reports once it is back.
	calls := n.calls.Load()
	server.Kill(t)
	if got := ask(0, false) + ask(1, false); got != 2*calls {
		t.Errorf("without the server: %d of %d calls, twice", got, calls)
	}
	server.Restart(t)
	reporting(2)
	if got := ask(0, false) + ask(1, false); got != 2*calls || n.calls.Load() != calls {
		t.Errorf("with an empty server: %d of %d calls, twice; %d calls", got, calls, n.calls.Load())
	}
	until(t, "a write", func() bool {
		ask(0, true)
		return ask(1, false) == n.calls.Load()
	})

	// A connection that is cut is made again.
	before := n.calls.Load()
	if err := server.Do(t, "CLIENT", "KILL", "TYPE", "normal"); err != nil {
		t.Fatal(err)
	}
	reporting(3)
	until(t, "a connection", func() bool { return ask(0, true) > before && ask(1, false) == n.calls.Load() })
}

// begins counts how often reports have begun.
type begins struct {
	*redis.Store
	times atomic.Int64
}

func (b *begins) Report(ctx context.Context, to cache.Changes) { b.Store.Report(ctx, beginning{to, b}) }

type beginning struct {
	cache.Changes
	*begins
}

func (t beginning) Begun() {
	t.Changes.Begun()
	t.times.Add(1)
}
