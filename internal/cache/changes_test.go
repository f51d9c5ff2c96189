package cache_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// gossip is a store that reports every change to all who share it, as Redis does.
type gossip struct {
	*tiers
	all *listeners
	// read is called after a value was read and before it is returned.
	read func(cache.Key)
}

type listeners struct {
	mu  sync.Mutex
	all []cache.Changes
}

func (l *listeners) each(tell func(cache.Changes)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, to := range l.all {
		tell(to)
	}
}

func newGossip() *gossip { return &gossip{tiers: newTiers(), all: &listeners{}} }

func (g *gossip) Report(ctx context.Context, to cache.Changes) {
	g.all.mu.Lock()
	g.all.all = append(g.all.all, to)
	g.all.mu.Unlock()
	to.Begun()
	<-ctx.Done()
}

func (g *gossip) Get(ctx context.Context, key cache.Key) ([]byte, error) {
	b, err := g.tiers.Get(ctx, key)
	if read := g.read; read != nil {
		g.read = nil
		read(key)
	}
	return b, err
}

func (g *gossip) Put(ctx context.Context, items []cache.Item) error {
	if err := g.tiers.Put(ctx, items); err != nil {
		return err
	}
	for _, item := range items {
		g.changed(item.Key)
	}
	return nil
}

func (g *gossip) changed(key cache.Key) { g.all.each(func(to cache.Changes) { to.Changed(key) }) }

// forget removes everything, without a report.
func (g *gossip) forget() (were []cache.Key) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for key := range g.kept {
		were = append(were, key)
	}
	clear(g.kept)
	return were
}

func anew(keyword string) *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{Keyword: keyword, MaxStaleness: durationpb.New(0)}
}

// TestChangesOfTheStore: answers in memory give way to what the store reports, and to nothing else.
func TestChangesOfTheStore(t *testing.T) {
	number := func(n int, from zhaohuov1.ServedFrom, calls int32) got { return got{strconv.Itoa(n), from, calls, ""} }
	tests := map[string]struct {
		happens func(t *testing.T, g *gossip, other *cache.Cache)
		want    got
	}{
		"nothing": {func(*testing.T, *gossip, *cache.Cache) {}, number(1, cached, 0)},
		"another replica has a newer answer": {func(t *testing.T, _ *gossip, other *cache.Cache) {
			want(t, "there", search(t.Context(), other, anew("杯")), number(2, live, 1))
		}, number(2, cached, 0)},
		"somebody removes it": {func(_ *testing.T, g *gossip, _ *cache.Cache) {
			for _, key := range g.forget() {
				g.changed(key)
			}
		}, number(2, live, 1)},
		"somebody removes everything": {func(_ *testing.T, g *gossip, _ *cache.Cache) {
			g.forget()
			g.all.each(cache.Changes.Emptied)
		}, number(2, live, 1)},
		"the store is started empty": {func(_ *testing.T, g *gossip, _ *cache.Cache) {
			g.forget()
			g.all.each(cache.Changes.Begun)
		}, number(1, cached, 0)},
		"its own write is reported, then the store is started empty": {func(t *testing.T, g *gossip, other *cache.Cache) {
			want(t, "there", search(t.Context(), other, anew("茶")), number(2, live, 1))
			synctest.Wait()
			g.forget()
			g.all.each(cache.Changes.Begun)
			want(t, "there, afterwards", search(t.Context(), other, words("茶")), number(2, cached, 0))
		}, number(1, cached, 0)},
		"a newer answer came while nothing was reported": {func(t *testing.T, g *gossip, other *cache.Cache) {
			reporting := g.all.all
			g.all.all = nil
			want(t, "there", search(t.Context(), other, anew("杯")), number(2, live, 1))
			synctest.Wait()
			g.all.all = reporting
			g.all.each(cache.Changes.Begun)
		}, number(2, cached, 0)},
		"it is removed, and the store fails": {func(_ *testing.T, g *gossip, _ *cache.Cache) {
			for _, key := range g.forget() {
				g.changed(key)
			}
			g.set(errors.New("broken"), nil)
		}, number(1, cached, 0)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, p := newGossip(), newPlatform()
				one, other := wrap(t, p, cache.Config{Store: g}), wrap(t, p, cache.Config{Store: g})
				synctest.Wait()
				want(t, "first", search(t.Context(), one, words("杯")), number(1, live, 1))
				synctest.Wait()
				want(t, "then", search(t.Context(), one, words("杯")), number(1, cached, 0))
				time.Sleep(time.Second)
				test.happens(t, g, other)
				synctest.Wait()
				want(t, "afterwards", search(t.Context(), one, words("杯")), test.want)
			})
		})
	}
}

// TestOneReadAChange: an answer in memory is compared once after a report, as is when anything was forgotten last, and is given from memory
// otherwise.
func TestOneReadAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, p, seen := newGossip(), newPlatform(), newCounts()
		c := wrap(t, p, cache.Config{Store: g, Observer: seen})
		synctest.Wait()
		search(t.Context(), c, words("杯"))
		synctest.Wait() // The store has reported the process's own write too.
		for range 5 {
			search(t.Context(), c, words("杯"))
		}
		before := g.gets
		g.all.each(cache.Changes.Begun)
		for range 5 {
			search(t.Context(), c, words("杯"))
		}
		if read := g.gets - before; read != 2 || before > 4 || seen.by(cache.ByMemory) != 10 || p.asked() != 1 {
			t.Errorf("%d reads before, %d afterwards; answered %v; %d calls", before, read, seen.answered, p.asked())
		}
	})
}

// TestAChangeDuringARead: what was read before a report does not count as newer than it.
func TestAChangeDuringARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, p := newGossip(), newPlatform()
		one, other := wrap(t, p, cache.Config{Store: g}), wrap(t, p, cache.Config{Store: g})
		synctest.Wait()
		search(t.Context(), other, words("杯"))
		synctest.Wait()
		time.Sleep(time.Second)
		g.read = func(cache.Key) {
			want(t, "there", search(t.Context(), other, anew("杯")), got{"2", live, 1, ""})
			if err := other.Flush(t.Context()); err != nil {
				t.Error(err)
			}
		}
		want(t, "read before it", search(t.Context(), one, words("杯")), got{"1", cached, 0, ""})
		want(t, "and compared", search(t.Context(), one, words("杯")), got{"2", cached, 0, ""})
	})
}
