package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestPurgeKeyword: no answer to a question with the keyword is used, whichever its filters and its page, however it is written. Those with
// other words stay.
func TestPurgeKeyword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := wrap(t, newPlatform(), cache.Config{})
		second := words("red cup")
		second.Page = new(int32(2))
		questions := []*zhaohuov1.KeywordSearchRequest{words("red cup"), second, words("red"), words("red cups")}
		for i, q := range questions {
			want(t, "first", search(t.Context(), c, q), got{strconv.Itoa(i + 1), live, 1, ""})
		}
		byPhoto := func() int32 {
			a, err := c.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{Keyword: "red cup"}, upstream.Picture{URL: "https://img.example/1.jpg"})
			if err != nil {
				t.Fatal(err)
			}
			return a.GetMeta().GetUpstreamCalls()
		}
		if first, then := byPhoto(), byPhoto(); first != 1 || then != 0 {
			t.Errorf("by a photo: %d and %d calls", first, then)
		}
		time.Sleep(time.Second)
		c.PurgeKeyword(t.Context(), "  red   cup ")
		time.Sleep(time.Second)
		want(t, "purged", search(t.Context(), c, questions[0]), got{"6", live, 1, ""})
		want(t, "and stored anew", search(t.Context(), c, questions[0]), got{"6", cached, 0, ""})
		want(t, "its second page", search(t.Context(), c, questions[1]), got{"7", live, 1, ""})
		want(t, "other words", search(t.Context(), c, questions[2]), got{"3", cached, 0, ""})
		want(t, "longer words", search(t.Context(), c, questions[3]), got{"4", cached, 0, ""})
		if first := byPhoto(); first != 1 {
			t.Errorf("by a photo, purged: %d calls", first)
		}
	})
}

// TestPurgedAnswersAreNotStaleOnes: a purged answer is not given when the upstream fails.
func TestPurgedAnswersAreNotStaleOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		for _, keyword := range []string{"red", "blue"} {
			search(t.Context(), c, words(keyword))
		}
		time.Sleep(time.Hour)
		c.PurgeKeyword(t.Context(), "red")
		time.Sleep(time.Second)
		c.Forget([]string{"7"}) // What is pushed afterwards changes nothing.
		p.fails(fault.UpstreamUnavailable)
		want(t, "purged", search(t.Context(), c, words("red")), got{Fault: fault.UpstreamUnavailable.String()})
		want(t, "not purged", search(t.Context(), c, words("blue")), got{"2", late, 2, ""})
	})
}

// purges are the ways to purge the search that showing("7") answers.
func purges() map[string]func(context.Context, *cache.Cache) cache.Reach {
	return map[string]func(context.Context, *cache.Cache) cache.Reach{
		"all":       func(ctx context.Context, c *cache.Cache) cache.Reach { return c.PurgeAll(ctx) },
		"a keyword": func(ctx context.Context, c *cache.Cache) cache.Reach { return c.PurgeKeyword(ctx, "red") },
		"a product": func(ctx context.Context, c *cache.Cache) cache.Reach { return c.PurgeProducts(ctx, []string{"7"}) },
	}
}

// TestPurgeReaches says which processes a purge holds for, in each place where answers are stored: what it says is so.
func TestPurgeReaches(t *testing.T) {
	for name, purge := range purges() {
		for where, test := range map[string]struct {
			store func() cache.Store
			fails bool
			want  cache.Reach
			// other and later: another process that shares the store, and one that starts afterwards, give no answer from before.
			other, later bool
		}{
			"a store that reports":                    {func() cache.Store { return newGossip() }, false, cache.ReachReplicas, true, true},
			"a store that reports nothing":            {func() cache.Store { return newTiers() }, false, cache.ReachStore, false, true},
			"a store that reports, and fails":         {func() cache.Store { return newGossip() }, true, cache.ReachProcess, false, false},
			"a store that reports nothing, and fails": {func() cache.Store { return newTiers() }, true, cache.ReachProcess, false, false},
		} {
			t.Run(name+" in "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					store, s := test.store(), showing("7")
					start := func() *cache.Cache {
						c := wrap(t, s, cache.Config{Store: store})
						synctest.Wait()
						return c
					}
					// given is when the answer that a process gives was fetched.
					given := func(c *cache.Cache) time.Time {
						a, err := c.KeywordSearch(t.Context(), words("red"))
						if err != nil {
							t.Fatal(err)
						}
						synctest.Wait()
						return a.GetMeta().GetFetchTime().AsTime()
					}
					one, other := start(), start()
					for _, c := range []*cache.Cache{one, other, one, other} {
						given(c)
					}
					if s.asked() != 1 {
						t.Fatalf("%d calls, want that of the first question", s.asked())
					}
					time.Sleep(time.Second)
					setFailing(store, test.fails)
					if got := purge(t.Context(), one); got != test.want {
						t.Errorf("it reaches %q, want %q", got, test.want)
					}
					purged := time.Now()
					setFailing(store, false)
					time.Sleep(10 * time.Second) // The store is found to be back.
					synctest.Wait()
					for _, step := range []struct {
						who  string
						c    *cache.Cache
						want bool
					}{{"another process", other, test.other}, {"a later one", start(), test.later}, {"this one", one, true}} {
						if got := given(step.c).After(purged); got != step.want {
							t.Errorf("the answer of %s is from afterwards: %t, want %t", step.who, got, step.want)
						}
					}
				})
			})
		}
	}
}

// setFailing has a store fail, or not.
func setFailing(store cache.Store, on bool) {
	var err error
	if on {
		err = errors.New("broken")
	}
	switch s := store.(type) {
	case *gossip:
		s.set(err, nil)
	case *tiers:
		s.set(err, nil)
	}
}

// TestPurgeOutlastsOtherAnswers: without a store only memory knows of a purge. Answers that fill the memory do not displace it.
func TestPurgeOutlastsOtherAnswers(t *testing.T) {
	for name, purge := range purges() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := showing("7")
				c := wrap(t, s, cache.Config{MemoryBytes: 100_000})
				for range 100 { // Answers that are often asked for stay in memory.
					search(t.Context(), c, words("red"))
				}
				time.Sleep(time.Second)
				purge(t.Context(), c)
				time.Sleep(time.Second)
				s.shown[0] = &zhaohuov1.Product{Id: "8", Title: strings.Repeat("x", 1000)}
				for i := range 1000 {
					search(t.Context(), c, words(fmt.Sprint("other ", i)))
				}
				before := s.asked()
				want(t, "purged", search(t.Context(), c, words("red")), got{"8", live, 1, ""})
				if s.asked() != before+1 {
					t.Errorf("%d calls", s.asked()-before)
				}
			})
		})
	}
}

// TestMarksOfPurgesEnd: what a purge leaves in memory ends with the answers that it could be about.
func TestMarksOfPurgesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := wrap(t, newPlatform(), cache.Config{})
		var ids []string
		for i := range 500 {
			ids = append(ids, strconv.Itoa(i+1))
		}
		for range 3 {
			c.PurgeProducts(t.Context(), ids)
			synctest.Wait()
			if n := c.Stats().MemoryAnswers; n != len(ids)+2 {
				t.Errorf("%d in memory", n)
			}
			time.Sleep(25 * time.Hour)
		}
		c.PurgeAll(t.Context())
		if n := c.Stats().MemoryAnswers; n != 2 {
			t.Errorf("%d in memory at the end", n)
		}
	})
}

// TestStatsCountAnswers by what gave them.
func TestStatsCountAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		for range 3 {
			search(t.Context(), c, words("red"))
		}
		p.fails(fault.UpstreamUnavailable)
		search(t.Context(), c, words("blue"))
		for by, want := range map[cache.By]int64{cache.ByUpstream: 1, cache.ByMemory: 2, cache.ByNobody: 1, cache.ByStale: 0, cache.ByTwin: 0, cache.ByStore: 0} {
			if got := c.Stats().Answered[by]; got != want {
				t.Errorf("%d were answered by %s, want %d", got, by, want)
			}
		}
	})
}
