package redis_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/redis"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestALeaseIsOnesOwnUntilItEnds(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server)
	lease := func(owner string, class upstream.Class) cache.Lease {
		return cache.Lease{Key: keyOf(1), Owner: owner, Class: class}
	}
	take := func(l cache.Lease, d time.Duration, want cache.Grant) {
		t.Helper()
		if got, err := s.Lease(t.Context(), l, d); err != nil || got != want {
			t.Errorf("%s takes it as %s: %v, %v", l.Owner, l.Class, got, err)
		}
	}
	free := func(l cache.Lease) {
		t.Helper()
		if err := s.Release(t.Context(), l); err != nil {
			t.Error(err)
		}
	}
	a, b, human := lease("a", upstream.Batch), lease("b", upstream.Batch), lease("h", upstream.Interactive)
	take(a, time.Hour, cache.Taken)
	take(a, time.Hour, cache.Renewed)
	take(b, time.Hour, cache.Refused)
	free(b)
	take(b, time.Hour, cache.Refused)
	take(human, time.Hour, cache.Taken)
	take(a, time.Hour, cache.Refused)
	take(lease("i", upstream.Interactive), time.Hour, cache.Refused)
	free(a)
	take(a, time.Hour, cache.Refused)
	free(human)
	free(human)
	take(b, 20*time.Millisecond, cache.Taken)
	until(t, "its end", func() bool {
		got, err := s.Lease(t.Context(), a, time.Hour)
		return err == nil && got == cache.Taken
	})
	take(lease("a", upstream.Interactive), time.Hour, cache.Renewed) // Its own, more urgent now.
	take(human, time.Hour, cache.Refused)
	// The server has lost it: that counts as expired.
	server.Kill(t)
	server.Restart(t)
	until(t, "the server", func() bool { return s.Ping(t.Context()) == nil })
	take(a, time.Hour, cache.Taken)

	var winners atomic.Int64
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			got, err := s.Lease(t.Context(), cache.Lease{Key: keyOf(2), Owner: string(rune('一' + i))}, time.Hour)
			if err != nil {
				t.Error(err)
			}
			if got == cache.Taken {
				winners.Add(1)
			}
		})
	}
	all.Wait()
	if winners.Load() != 1 {
		t.Errorf("%d have the lease", winners.Load())
	}
}

func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); !done(); {
		if time.Now().After(limit) {
			t.Fatalf("%s does not come about", what)
		}
		<-time.After(time.Millisecond)
	}
}

// gate is an upstream that counts calls, and answers when the test lets it.
type gate struct {
	cache.Upstream

	calls  atomic.Int64
	ended  atomic.Int64 // before they were answered
	answer chan error
}

func (g *gate) ask(ctx context.Context) (*zhaohuov1.AnswerMeta, error) {
	g.calls.Add(1)
	select {
	case err := <-g.answer:
		if err != nil {
			return nil, err
		}
	case <-ctx.Done():
		g.ended.Add(1)
		return nil, fault.New(fault.CallerGone, "")
	}
	return &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1}, nil
}

func (g *gate) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	meta, err := g.ask(ctx)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.KeywordSearchResponse{Products: []*zhaohuov1.Product{{Title: q.GetKeyword()}}, Meta: meta}, nil
}

func (g *gate) ImageSearch(ctx context.Context, _ *zhaohuov1.ImageSearchRequest, p upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	meta, err := g.ask(ctx)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.ImageSearchResponse{Products: []*zhaohuov1.Product{{Title: p.Key}}, Meta: meta}, nil
}

// station is a replica that counts, and whose store can be cut off.
type station struct {
	*cache.Cache

	store *redis.Store
	mu    sync.Mutex
	by    map[cache.By]int
}

func (s *station) Answered(_ cache.Kind, by cache.By) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[by]++
}

func (*station) Refreshed(cache.Kind, error) {}
func (*station) Waited(cache.Kind, bool)     {}
func (*station) StoreFailed(string, error)   {}
func (*station) Forgotten(cache.Kind)        {}
func (*station) Dropped(int)                 {}

// stations are replicas on one server with one upstream. Their timeouts are long enough for a busy machine: a replica that takes the
// server for lost asks for itself.
func stations(t *testing.T, server *redistest.Server, g *gate, n int, lease time.Duration) []*station {
	t.Helper()
	all := make([]*station, n)
	for i := range all {
		options := server.Option()
		options.Dialer.Timeout, options.ConnWriteTimeout = 20*time.Second, 20*time.Second
		s := &station{store: redis.New(redis.Config{Options: options}), by: map[cache.By]int{}}
		var err error
		s.Cache, err = cache.Wrap(g, cache.Config{Store: s.store, StoreTimeout: 10 * time.Second, LeaseTime: lease, Observer: s})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		all[i] = s
	}
	return all
}

// begin searches in the background and returns once the search has begun.
func (s *station) begin(t *testing.T, class upstream.Class) <-chan error {
	t.Helper()
	result := make(chan error, 1)
	ctx := upstream.WithDemand(t.Context(), upstream.Demand{Class: class})
	go func() {
		a, err := s.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "杯"})
		if err == nil && a.GetProducts()[0].GetTitle() != "杯" {
			err = errors.New("another's answer")
		}
		result <- err
	}()
	until(t, "the asking", func() bool { return s.Stats().Asking == 1 })
	return result
}

// asked is how many questions the replica answered by its own calls.
func (s *station) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[cache.ByUpstream]
}

func TestAThousandEqualQuestionsOfThreeReplicasAreOneCall(t *testing.T) {
	server := redistest.Start(t)
	g := &gate{answer: make(chan error)}
	all := stations(t, server, g, 3, time.Minute)
	var asking sync.WaitGroup
	for i := range 1000 {
		asking.Go(func() {
			if _, err := all[i%3].KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "杯"}); err != nil {
				t.Error(err)
			}
		})
	}
	for _, s := range all {
		until(t, "the asking", func() bool { return s.Stats().Asking == 1 })
	}
	until(t, "the call", func() bool { return g.calls.Load() > 0 })
	close(g.answer) // A second call must fail the test and not block it.
	asking.Wait()
	sum := 0
	for _, s := range all {
		sum += s.asked()
	}
	if g.calls.Load() != 1 || sum != 1 {
		t.Errorf("%d calls, %d told", g.calls.Load(), sum)
	}
}

type photo string

func (p photo) Size() int64     { return int64(len(p)) }
func (p photo) Open() io.Reader { return bytes.NewReader([]byte(p)) }

func TestEqualPhotosOfReplicasAreOneSearch(t *testing.T) {
	g := &gate{answer: make(chan error)}
	all := stations(t, redistest.Start(t), g, 2, time.Minute)
	var asking sync.WaitGroup
	for _, s := range all {
		asking.Go(func() {
			a, err := s.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{}, upstream.Picture{Photo: photo("cup"), Key: "cup"})
			if err != nil || a.GetProducts()[0].GetTitle() != "cup" {
				t.Error(a, err)
			}
		})
		until(t, "the asking", func() bool { return s.Stats().Asking == 1 })
	}
	g.answer <- nil
	asking.Wait()
	if g.calls.Load() != 1 {
		t.Errorf("%d calls", g.calls.Load())
	}
}

func TestWhenAReplicaDiesAnotherOneAsks(t *testing.T) {
	g := &gate{answer: make(chan error)}
	all := stations(t, redistest.Start(t), g, 2, 200*time.Millisecond)
	dead := all[0].begin(t, upstream.Interactive)
	until(t, "the call", func() bool { return g.calls.Load() == 1 })
	other := all[1].begin(t, upstream.Interactive)
	_ = all[0].store.Close() // It renews its lease no more, nor gives it back.
	until(t, "the other's call", func() bool { return g.calls.Load() == 2 })
	g.answer <- nil
	g.answer <- nil
	if err := errors.Join(<-dead, <-other); err != nil {
		t.Error(err)
	}
}

func TestWhenAReplicaFailsTheOthersAsk(t *testing.T) {
	g := &gate{answer: make(chan error)}
	all := stations(t, redistest.Start(t), g, 3, time.Minute)
	var results []<-chan error
	for _, s := range all {
		results = append(results, s.begin(t, upstream.Interactive))
	}
	g.answer <- fault.New(fault.UpstreamUnavailable, "")
	g.answer <- nil
	failed := 0
	for _, result := range results {
		if err := <-result; err != nil {
			failed++
		}
	}
	if failed != 1 || g.calls.Load() != 2 {
		t.Errorf("%d failed, %d calls", failed, g.calls.Load())
	}
}

func TestAHumanTakesABatchsLease(t *testing.T) {
	g := &gate{answer: make(chan error)}
	all := stations(t, redistest.Start(t), g, 2, 300*time.Millisecond)
	batch := all[0].begin(t, upstream.Batch)
	until(t, "the batch's call", func() bool { return g.calls.Load() == 1 })
	human := all[1].begin(t, upstream.Interactive)
	until(t, "the human's call", func() bool { return g.calls.Load() == 2 })
	until(t, "the end of the batch's call", func() bool { return g.ended.Load() == 1 })
	g.answer <- nil
	if err := errors.Join(<-human, <-batch); err != nil {
		t.Error(err)
	}
	if upstreams := all[0].asked(); upstreams != 0 || g.calls.Load() != 2 {
		t.Errorf("%d calls, %d of them answered the batch", g.calls.Load(), upstreams)
	}
}

// Redis is killed while one replica asks and another waits: both get an answer.
func TestRedisKilledWhileAReplicaWaits(t *testing.T) {
	server := redistest.Start(t)
	g := &gate{answer: make(chan error)}
	all := stations(t, server, g, 2, time.Minute)
	first := all[0].begin(t, upstream.Interactive)
	until(t, "the call", func() bool { return g.calls.Load() == 1 })
	second := all[1].begin(t, upstream.Interactive)
	server.Kill(t)
	until(t, "the other's call", func() bool { return g.calls.Load() == 2 })
	g.answer <- nil
	g.answer <- nil
	if err := errors.Join(<-first, <-second); err != nil {
		t.Error(err)
	}
	// A server that has lost its data is used as it is.
	server.Restart(t)
	until(t, "the server", func() bool { return all[0].store.Ping(t.Context()) == nil && all[1].store.Ping(t.Context()) == nil })
}
