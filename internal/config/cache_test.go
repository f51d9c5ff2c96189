package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

func TestFreshTimes(t *testing.T) {
	for _, c := range []struct {
		given string
		want  map[string]time.Duration
		wrong string
	}{
		{"", map[string]time.Duration{}, ""},
		{"KeywordSearch=10m, GetProduct=1h", map[string]time.Duration{"KeywordSearch": 10 * time.Minute, "GetProduct": time.Hour}, ""},
		{"KeywordSearch", nil, `"KeywordSearch" is not of the form KIND=DURATION`},
		{"Search=1m", nil, `"Search" is none of KeywordSearch, `},
		{"GetProduct=soon", nil, `"GetProduct=soon": "soon" is not a duration such as 10m`},
		{"GetProduct=-1s", nil, `"GetProduct=-1s": "-1s" is not a duration such as 10m`},
	} {
		got, err := config.Cache{Fresh: c.given}.FreshTimes()
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.given, diff)
		}
		if (err == nil) != (c.wrong == "") || (err != nil && !strings.HasPrefix(err.Error(), c.wrong)) {
			t.Errorf("%q: %v, want %s", c.given, err, c.wrong)
		}
	}
}

func TestACacheInRedisNeedsRedis(t *testing.T) {
	_, err := config.Load(nil, config.Environ{"ZHAOHUO_CACHE_STORE": "redis"})
	if err == nil || !strings.Contains(err.Error(), "is redis, but ZHAOHUO_REDIS_URL is not set") {
		t.Errorf("got %v", err)
	}
}
