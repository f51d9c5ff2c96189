package app

import (
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// TestWhereAnswersAreKept: the meaning of auto depends on whether the products are real and whether there is a Redis.
func TestWhereAnswersAreKept(t *testing.T) {
	live := map[string]string{"ZHAOHUO_APP_KEY": "1", "ZHAOHUO_APP_SECRET": "s"}
	with := func(more map[string]string) map[string]string {
		all := map[string]string{}
		for _, m := range []map[string]string{live, more} {
			for k, v := range m {
				all[k] = v
			}
		}
		return all
	}
	redis := map[string]string{"ZHAOHUO_REDIS_URL": "redis://127.0.0.1:1/0"}
	for _, c := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"sandbox", nil, "none"},
		{"sandbox with Redis", redis, "none"},
		{"live", live, "disk"},
		{"live with Redis", with(redis), "redis"},
		{"said", with(map[string]string{"ZHAOHUO_CACHE_STORE": "none"}), "none"},
		{"said against Redis", with(map[string]string{"ZHAOHUO_CACHE_STORE": "disk", "ZHAOHUO_REDIS_URL": "redis://127.0.0.1:1/0"}), "disk"},
	} {
		if got := storeOf(&settings(t, c.env).Settings); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// What the decoders read is part of the key: a version that reads more never gives what an older one stored.
func TestWhatTheDecodersReadIsPartOfTheKey(t *testing.T) {
	for _, d := range []*upstream.Dialect{aop.New(aop.Config{}), top.New(top.Config{})} {
		scope := (&App{settings: &settings(t, nil).Settings}).scope(d)
		if scope.Reading == "" || scope.Reading != d.Reading() {
			t.Errorf("%s: the scope has the reading %q", d.ID, scope.Reading)
		}
	}
}
