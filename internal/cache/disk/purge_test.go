package disk_test

import (
	"context"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
)

// TestPurgesOutliveTheProcess: what was purged is not given by a process that starts later with the same file; the rest is.
func TestPurgesOutliveTheProcess(t *testing.T) {
	for name, test := range map[string]struct {
		purge     func(context.Context, *cache.Cache) cache.Reach
		red, blue int // calls of the later process
	}{
		"a keyword":                   {func(ctx context.Context, c *cache.Cache) cache.Reach { return c.PurgeKeyword(ctx, "red") }, 1, 0},
		"a product":                   {func(ctx context.Context, c *cache.Cache) cache.Reach { return c.PurgeProducts(ctx, []string{"19"}) }, 1, 1},
		"a product that nobody shows": {func(ctx context.Context, c *cache.Cache) cache.Reach { return c.PurgeProducts(ctx, []string{"20"}) }, 0, 0},
		"all":                         {func(ctx context.Context, c *cache.Cache) cache.Reach { return c.PurgeAll(ctx) }, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			// process starts one, asks for words, and then does something. It returns the calls of each question.
			process := func(then func(*cache.Cache)) (calls []int) {
				p := &pages{}
				c, err := cache.Wrap(p, cache.Config{Store: disk.New(disk.Config{Dir: dir})})
				if err != nil {
					t.Fatal(err)
				}
				for _, keyword := range []string{"red", "blue"} {
					before := p.calls
					if _, err := c.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: keyword}); err != nil {
						t.Fatal(err)
					}
					calls = append(calls, p.calls-before)
				}
				then(c)
				if err := c.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				return calls
			}
			process(func(c *cache.Cache) {
				if reach := test.purge(t.Context(), c); reach != cache.ReachStore {
					t.Errorf("it reaches %q", reach)
				}
			})
			if calls := process(func(*cache.Cache) {}); calls[0] != test.red || calls[1] != test.blue {
				t.Errorf("%d calls afterwards, want %d and %d", calls, test.red, test.blue)
			}
		})
	}
}
