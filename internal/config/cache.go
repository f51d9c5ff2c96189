package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Cache has the settings of the answer cache.
type Cache struct {
	Off         bool   `name:"no-cache" help:"Store no answers, and do not join equal questions."`
	MemoryBytes int64  `name:"cache-memory" default:"67108864" placeholder:"BYTES" help:"Answers kept in memory, in bytes."`
	Store       string `name:"cache-store" default:"auto" enum:"auto,none,disk,redis" help:"Where answers are kept beyond memory: none, disk (in data-dir, survives restarts), redis (redis-url, shared by replicas), or auto: redis if redis-url is set, else disk; none for the sandbox."`
	DiskBytes   int64  `name:"cache-disk" default:"1073741824" placeholder:"BYTES" help:"Answers kept on disk, in bytes."`
	Fresh       string `name:"cache-fresh" placeholder:"KIND=DURATION,…" help:"How long answers count as fresh, by kind: KeywordSearch, ImageSearch, GetProduct, ListSellerProducts, ListSearchFacets, ListTopKeywords, ListRelatedProducts, FindCategories, GetCategory, EstimateFreight, ListTopProducts, GetProductTrends. For example KeywordSearch=10m,GetProduct=1h."`
	Account     string `name:"cache-account" placeholder:"NAME" help:"Name of a pool of App Keys whose answers are interchangeable. Unset: the App Keys that are set, so that stored answers are lost when one is added or removed."`
}

// cacheKinds are the kinds of cached answers.
func cacheKinds() []string {
	return []string{
		"KeywordSearch", "ImageSearch", "GetProduct", "ListSellerProducts", "ListSearchFacets", "ListTopKeywords",
		"ListRelatedProducts", "FindCategories", "GetCategory", "EstimateFreight", "ListTopProducts", "GetProductTrends",
	}
}

// FreshTimes reads how long answers stay fresh, by kind.
func (c Cache) FreshTimes() (map[string]time.Duration, error) {
	times := map[string]time.Duration{}
	for text := range strings.SplitSeq(c.Fresh, ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		kind, duration, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not of the form KIND=DURATION", text)
		}
		if !slices.Contains(cacheKinds(), kind) {
			return nil, fmt.Errorf("%q is none of %s", kind, strings.Join(cacheKinds(), ", "))
		}
		d, err := time.ParseDuration(duration)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("%q: %q is not a duration such as 10m", text, duration)
		}
		times[kind] = d
	}
	return times, nil
}

// checkCache checks the cache settings.
func (l *Loaded) checkCache() error {
	if _, err := l.Cache.FreshTimes(); err != nil {
		return l.refuse("cache-fresh", "%v", err)
	}
	if l.Cache.Store == "redis" && l.Quota.RedisURL.Empty() {
		return l.refuse("cache-store", "is redis, but %s is not set", envName("redis-url"))
	}
	return nil
}
