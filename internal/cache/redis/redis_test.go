package redis_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/redis"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, server *redistest.Server) *redis.Store {
	t.Helper()
	s := redis.New(redis.Config{Options: server.Option()})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func keyOf(i int) cache.Key {
	sum := sha256.Sum256([]byte(strconv.Itoa(i)))
	return cache.Key(sum[:16])
}

func TestWhatIsPutIsThereForItsTime(t *testing.T) {
	s := open(t, redistest.Start(t))
	binary := []byte{0, 1, '\r', '\n', 0xff, '$'}
	hour := time.Now().Add(time.Hour)
	if err := s.Put(t.Context(), []cache.Item{
		{Key: keyOf(1), Value: binary, Until: hour},
		{Key: keyOf(2), Value: []byte("short"), Until: time.Now().Add(50 * time.Millisecond)},
		{Key: keyOf(3), Value: []byte("before"), Until: hour},
		{Key: keyOf(4), Value: []byte("before"), Until: hour},
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), []cache.Item{
		{Key: keyOf(3), Value: []byte("after"), Until: hour},
		{Key: keyOf(4), Value: []byte("dead"), Until: time.Now().Add(-time.Second)},
	}); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(10 * time.Second); ; { // Redis' own clock drops it.
		if b, err := s.Get(t.Context(), keyOf(2)); err != nil || b == nil {
			break
		}
		if time.Now().After(limit) {
			t.Fatal("what is past its time is there still")
		}
		<-time.After(time.Millisecond)
	}
	for i, want := range map[int][]byte{1: binary, 2: nil, 3: []byte("after"), 4: nil, 5: nil} {
		b, err := s.Get(t.Context(), keyOf(i))
		if err != nil || !bytes.Equal(b, want) || (b == nil) != (want == nil) {
			t.Errorf("%d: %q, %v; want %q", i, b, err, want)
		}
	}
	if err := s.Put(t.Context(), nil); err != nil {
		t.Errorf("putting nothing: %v", err)
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	s := redis.New(redis.Config{Options: redistest.Start(t).Option()})
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil || err.Error() != "the connection to Redis is closed" {
		t.Errorf("got %v", err)
	}
}

// numbered is an upstream that answers at once and counts calls.
type numbered struct {
	cache.Upstream

	calls atomic.Int64
}

func (n *numbered) KeywordSearch(_ context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	n.calls.Add(1)
	return &zhaohuov1.KeywordSearchResponse{
		Products: []*zhaohuov1.Product{{Title: q.GetKeyword()}},
		Meta:     &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1},
	}, nil
}

// replica is a cache that counts answers which were not stored.
type replica struct {
	*cache.Cache

	lost atomic.Int64
}

func (*replica) Answered(cache.Kind, cache.By) {}
func (*replica) Refreshed(cache.Kind, error)   {}
func (*replica) Waited(cache.Kind, bool)       {}
func (*replica) StoreFailed(string, error)     {}
func (*replica) Forgotten(cache.Kind)          {}
func (r *replica) Dropped(answers int)         { r.lost.Add(int64(answers)) }

func wrap(t testing.TB, n *numbered, server *redistest.Server) *replica {
	t.Helper()
	r := &replica{}
	var err error
	r.Cache, err = cache.Wrap(n, cache.Config{
		Store: redis.New(redis.Config{Options: server.Option()}), StoreTimeout: time.Second, Observer: r,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// search reports whether the answer was stored before, and whether it and all that came with it are stored now.
func search(t testing.TB, r *replica, i int) (kept, stored bool) {
	t.Helper()
	keyword := fmt.Sprintf("货%d", i)
	before := r.lost.Load()
	a, err := r.KeywordSearch(context.Background(), &zhaohuov1.KeywordSearchRequest{Keyword: keyword})
	if err != nil || a.GetProducts()[0].GetTitle() != keyword {
		t.Errorf("%s: %v, %v", keyword, a, err)
	}
	if err := r.Flush(context.Background()); err != nil {
		t.Error(err)
	}
	return a.GetMeta().GetServedFrom() == zhaohuov1.ServedFrom_SERVED_FROM_CACHE, r.lost.Load() == before
}

func TestReplicasShareAnswers(t *testing.T) {
	server := redistest.Start(t)
	n := &numbered{}
	one, other := wrap(t, n, server), wrap(t, n, server)
	for i := range 100 {
		if _, stored := search(t, one, i); !stored {
			t.Errorf("%d is not stored", i)
		}
	}
	for i := range 100 {
		if kept, stored := search(t, other, i); !kept || !stored {
			t.Errorf("%d: kept %v, stored %v", i, kept, stored)
		}
	}
	if calls := n.calls.Load(); calls != 100 {
		t.Errorf("asked %d times", calls)
	}
}

// No search fails when the server is killed and restarted under load, and the server is used again.
func TestRedisRestartUnderLoad(t *testing.T) {
	server := redistest.Start(t)
	n := &numbered{}
	c := wrap(t, n, server)
	var next, stored atomic.Int64
	stop := make(chan struct{})
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if _, ok := search(t, c, int(next.Add(1))); ok {
						stored.Add(1)
					}
				}
			}
		})
	}
	until := func(what string, done func() bool) {
		t.Helper()
		for limit := time.Now().Add(20 * time.Second); !done(); {
			if time.Now().After(limit) {
				t.Fatalf("%s does not come about", what)
			}
			<-time.After(time.Millisecond)
		}
	}
	until("storing", func() bool { return stored.Load() > 200 })
	server.Kill(t)
	until("noticing", func() bool { return c.Stats().StoreDown })
	at := next.Load()
	until("going on without", func() bool { return next.Load() > at+500 })
	server.Restart(t)
	before := stored.Load()
	until("storing again", func() bool { return stored.Load() > before+200 })
	until("reading again", func() bool { return !c.Stats().StoreDown })
	close(stop)
	load.Wait()
	second := wrap(t, n, server)
	if kept, _ := search(t, second, int(next.Load())); !kept {
		t.Error("the last answer is not in Redis")
	}
}

// A server that is dead or silent delays a few searches and no others.
func TestADeadRedisAddsNoTime(t *testing.T) {
	for name, spoil := range map[string]func(*redistest.Server){
		"dead":   func(s *redistest.Server) { s.Kill(t) },
		"frozen": func(s *redistest.Server) { s.Freeze(t) },
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			n := &numbered{}
			store := redis.New(redis.Config{Options: server.Option()})
			c, err := cache.Wrap(n, cache.Config{Store: store, StoreTimeout: 100 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			plain := func(i int) time.Duration {
				from := time.Now()
				if _, err := c.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: strconv.Itoa(i)}); err != nil {
					t.Error(err)
				}
				return time.Since(from)
			}
			plain(0)
			spoil(server)
			slow := 0
			for i := range 2000 {
				if plain(i+1) > 50*time.Millisecond {
					slow++
				}
			}
			// A few have to wait to find out. A busy machine stops some of the others.
			if slow > 50 {
				t.Errorf("%d of 2000 searches were slow", slow)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if err := c.Close(ctx); err != nil {
				t.Errorf("closing: %v", err)
			}
		})
	}
}

func TestAFullRedisFailsNoSearch(t *testing.T) {
	server := redistest.Start(t)
	n := &numbered{}
	c := wrap(t, n, server)
	if _, stored := search(t, c, 1); !stored {
		t.Fatal("not stored")
	}
	if err := server.Do(t, "CONFIG", "SET", "maxmemory", "1"); err != nil {
		t.Fatal(err)
	}
	for i := 2; i < 50; i++ {
		if _, stored := search(t, c, i); stored {
			t.Errorf("%d is said to be stored", i)
		}
	}
	if kept, _ := search(t, wrap(t, n, server), 1); !kept {
		t.Error("what was there cannot be read")
	}
}

func BenchmarkGet(b *testing.B) {
	s := open(b, redistest.Start(b))
	item := cache.Item{Key: keyOf(1), Value: bytes.Repeat([]byte("x"), 8000), Until: time.Now().Add(time.Hour)}
	if err := s.Put(b.Context(), []cache.Item{item}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		if value, err := s.Get(b.Context(), keyOf(1)); err != nil || value == nil {
			b.Fatal(err)
		}
	}
}
