package cache_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// fact is what the model knows of one question.
type fact struct {
	at       time.Time
	number   int // of the answer; 0 is a not-found
	resting  time.Time
	renewing time.Time
}

// model is what the cache should do, with a plain map and without tiers.
type model struct {
	life  cache.Life
	facts map[string]*fact
	calls int
	fails fault.Kind // Internal: the upstream works
}

func (m *model) forgets() {
	for _, f := range m.facts {
		f.resting, f.renewing = time.Time{}, time.Time{}
	}
}

// upstream is one call.
func (m *model) upstream(id string, now time.Time) (number int, failed string) {
	m.calls++
	switch m.fails {
	case fault.Internal:
		m.facts[id] = &fact{at: now, number: m.calls}
		return m.calls, ""
	case fault.ProductNotFound:
		m.facts[id] = &fact{at: now}
	}
	return 0, m.fails.String()
}

// ask is what a question should be answered with.
func (m *model) ask(id string, maxAge *time.Duration, now time.Time) got {
	f := m.facts[id]
	if f != nil {
		age := now.Sub(f.at)
		limit, keep := m.life.Fresh, m.life.Stale
		if f.number == 0 {
			limit, keep = m.life.NotFound, m.life.NotFound
		}
		if maxAge != nil && (f.number != 0 || *maxAge < limit) {
			limit = *maxAge
		}
		switch {
		case age <= limit && age <= keep && (maxAge == nil || *maxAge > 0):
			if f.number == 0 {
				return got{Fault: fault.ProductNotFound.String()}
			}
			if maxAge == nil && age >= m.life.Refresh && !now.Before(f.renewing) {
				f.renewing = now.Add(30 * time.Second)
				m.upstream(id, now)
			}
			return got{Number: strconv.Itoa(f.number), From: cached}
		case maxAge == nil && f.number != 0 && age <= m.life.Stale:
			if now.Before(f.resting) {
				return got{Number: strconv.Itoa(f.number), From: late}
			}
			if m.fails == fault.UpstreamUnavailable {
				m.calls++
				f.resting = now.Add(time.Second)
				return got{Number: strconv.Itoa(f.number), From: late, Calls: 2}
			}
		}
	}
	number, failed := m.upstream(id, now)
	if failed != "" {
		return got{Fault: failed}
	}
	return got{Number: strconv.Itoa(number), From: live, Calls: 1}
}

func TestTheCacheDoesWhatAMapWithAClockDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var failed any
		synctest.Test(t, func(*testing.T) {
			defer func() { failed = recover() }() // rapid ends a failed try with a panic, and wants it in its own goroutine.
			checkAgainstModel(rt)
		})
		if failed != nil {
			panic(failed)
		}
	})
}

func checkAgainstModel(t *rapid.T) {
	life := cache.Life{Fresh: 10 * time.Minute, Refresh: 8 * time.Minute, Stale: time.Hour, NotFound: time.Minute}
	m := &model{life: life, facts: map[string]*fact{}}
	p, store := newPlatform(), newTiers()
	open := func() *cache.Cache {
		c, err := cache.Wrap(p, cache.Config{Store: store, Lives: map[cache.Kind]cache.Life{cache.GetProduct: life}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := open()
	defer func() { _ = c.Close(context.Background()) }()
	t.Repeat(map[string]func(*rapid.T){
		"": func(t *rapid.T) {
			if p.asked() != m.calls {
				t.Fatalf("asked %d times, the model %d", p.asked(), m.calls)
			}
		},
		"ask": func(t *rapid.T) {
			q := &zhaohuov1.GetProductRequest{Id: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id")}
			var maxAge *time.Duration
			if d := rapid.SampledFrom([]time.Duration{-1, -1, -1, 0, time.Minute, 30 * time.Minute, 3 * time.Hour}).Draw(t, "maxAge"); d >= 0 {
				maxAge, q.MaxStaleness = &d, durationpb.New(d)
			}
			wanted := m.ask(q.GetId(), maxAge, time.Now())
			var g got
			a, err := c.GetProduct(context.Background(), q)
			if err != nil {
				g.Fault = fault.KindOf(err).String()
			} else {
				g = got{Number: a.GetProduct().GetSummary().GetId(), From: a.GetMeta().GetServedFrom(), Calls: a.GetMeta().GetUpstreamCalls()}
				full := &zhaohuov1.GetProductResponse{
					Product: &zhaohuov1.ProductDetail{Summary: &zhaohuov1.Product{Id: g.Number, Title: q.GetId()}}, Meta: a.GetMeta(),
				}
				if diff := cmp.Diff(full, a, protocmp.Transform()); diff != "" {
					t.Fatal(diff)
				}
			}
			if g != wanted {
				t.Fatalf("got %+v, want %+v", g, wanted)
			}
			synctest.Wait() // What goes on in the background ends.
		},
		"wait": func(t *rapid.T) {
			time.Sleep(rapid.SampledFrom([]time.Duration{
				time.Second / 2, 31 * time.Second, time.Minute, 2 * time.Minute, 8 * time.Minute, 10 * time.Minute, time.Hour,
			}).Draw(t, "how long"))
		},
		"upstream": func(t *rapid.T) {
			m.fails = rapid.SampledFrom([]fault.Kind{fault.Internal, fault.UpstreamUnavailable, fault.ProductNotFound, fault.UpstreamRefused}).Draw(t, "fails")
			if m.fails == fault.Internal {
				p.works()
			} else {
				p.fails(m.fails)
			}
		},
		"restart": func(t *rapid.T) {
			if err := c.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
			c = open()
			m.forgets()
		},
	})
}
