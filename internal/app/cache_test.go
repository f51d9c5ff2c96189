package app

import "testing"

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
