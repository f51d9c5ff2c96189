package doctor_test

import (
	"slices"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

// tokenStorePatients share their tokens through a Redis server, each with another policy when its memory is full.
func tokenStorePatients() []patient {
	with := func(prepare func(t *testing.T, server *redistest.Server)) func(*testing.T, *bed) {
		return func(t *testing.T, b *bed) {
			server := redistest.Start(t)
			prepare(t, server)
			option := server.Option()
			store, err := oauth.OpenStore(oauth.StoreOptions{Dir: t.TempDir(), AppKey: appKey, AppSecret: appSecret, Redis: &option})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(store.Close)
			b.tokenStore = store
		}
	}
	policy := func(name string) func(*testing.T, *bed) {
		return with(func(t *testing.T, server *redistest.Server) {
			if err := server.Do(t, "CONFIG", "SET", "maxmemory-policy", name); err != nil {
				t.Fatal(err)
			}
		})
	}
	found := func(line string) (inAOP, inTOP []string) {
		return both(func(d string) []string { return slices.Insert(well(d), 5, line) })
	}
	evicting := patient{name: "tokens in a Redis that evicts", sick: policy("allkeys-lru"), calls: [2]int32{15, 4}}
	evicting.aop, evicting.top = found("TOKEN WARNING TOKENS_EVICTABLE maxmemory-policy allkeys-lru")
	silentServer := patient{
		name: "tokens in a Redis that tells nothing", calls: [2]int32{15, 4},
		sick: with(func(t *testing.T, server *redistest.Server) { server.Kill(t) }),
	}
	silentServer.aop, silentServer.top = found("TOKEN UNKNOWN TOKEN_EVICTION_UNKNOWN")
	return []patient{
		evicting, silentServer,
		{name: "tokens in a Redis that keeps them", sick: policy("volatile-lru"), aop: well("aop"), top: well("top"), calls: [2]int32{15, 4}},
	}
}
