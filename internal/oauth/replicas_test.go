package oauth_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

// One replica exchanges the refresh token, which kills the old one. The other replica still works, even if Redis loses its data
// in between: the first replica writes its tokens there again, or the other has them on its own disk already.
func TestARefreshTokenThatOneReplicaRenewsIsTheOthersToo(t *testing.T) {
	for name, between := range map[string]func(t *testing.T, server *redistest.Server, first, second *replica){
		"nothing happens":       func(*testing.T, *redistest.Server, *replica, *replica) {},
		"Redis forgets all":     func(t *testing.T, server *redistest.Server, _, _ *replica) { flush(t, server) },
		"the first one is gone": func(_ *testing.T, _ *redistest.Server, first, _ *replica) { first.Close() },
		"both":                  goneAndFlushed,
		"Redis is gone with both": func(t *testing.T, server *redistest.Server, first, second *replica) {
			goneAndFlushed(t, server, first, second)
			server.Kill(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			w := newWorld(t, sandbox.App{NeedSession: true})
			first, second := w.replica(t, server, ""), w.replica(t, server, "")
			w.authorize(t, first.store)
			w.answered(t, first, "the first, at once")
			w.answered(t, second, "the second, at once")
			before, err := first.store.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			w.advance(nearItsEnd)
			w.answered(t, first, "the first, near the refresh token's end")
			after, err := first.store.Load(t.Context())
			if err != nil || after.RefreshToken == before.RefreshToken {
				t.Fatalf("the refresh token was not renewed: %v\n%s", err, first.log)
			}
			between(t, server, first, second)
			w.advance(11 * time.Hour)
			w.answered(t, second, "the second, afterwards")
			if kept, err := onDisk(t, second.dir); err != nil || kept.RefreshToken != after.RefreshToken || !kept.RevokedAt.IsZero() {
				t.Errorf("on the second one's disk: revoked at %v, %v", kept.RevokedAt, err)
			}
		})
	}
}

// goneAndFlushed ends the first replica once the second has its tokens on its own disk, and empties Redis.
func goneAndFlushed(t *testing.T, server *redistest.Server, first, second *replica) {
	t.Helper()
	newest, err := onDisk(t, first.dir)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the second replica has the tokens on its disk", func() bool {
		kept, err := onDisk(t, second.dir)
		return err == nil && kept.RefreshToken == newest.RefreshToken
	})
	first.Close()
	flush(t, server)
}

// Replicas whose token has expired at the same time make one refresh.
func TestReplicasRefreshOnce(t *testing.T) {
	server := redistest.Start(t)
	w := newWorld(t, sandbox.App{NeedSession: true})
	var replicas []*replica
	for range 6 {
		replicas = append(replicas, w.replica(t, server, ""))
	}
	w.authorize(t, replicas[0].store)
	for _, r := range replicas {
		w.answered(t, r, "at once")
	}
	w.advance(11 * time.Hour)
	var all sync.WaitGroup
	for _, r := range replicas {
		for range 5 {
			all.Go(func() {
				if _, err := r.Token(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if n := w.refreshes.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

// A replica that dies with the lease does not keep others waiting for long. Here it ends without releasing the lease.
func TestALeaseOfADeadReplicaEnds(t *testing.T) {
	server := redistest.Start(t)
	w := newWorld(t, sandbox.App{NeedSession: true})
	r := w.replica(t, server, "")
	w.authorize(t, r.store)
	w.answered(t, r, "at once")
	if err := server.Do(t, "SET", "zhaohuo:tokens-lease:"+appKey, "the dead", "PX", "500"); err != nil {
		t.Fatal(err)
	}
	w.advance(11 * time.Hour)
	w.answered(t, r, "after the lease has ended")
}

// While Redis cannot be reached, tokens come from disk and are refreshed. But no refresh token is exchanged, because another
// replica might do the same. Tokens that were refreshed meanwhile are written to Redis when it is back.
func TestRedisThatIsAway(t *testing.T) {
	server := redistest.Start(t)
	w := newWorld(t, sandbox.App{NeedSession: true})
	r := w.replica(t, server, "")
	w.authorize(t, r.store)
	w.answered(t, r, "at once")
	r.Close()
	server.Kill(t)
	second := w.replica(t, server, r.dir)
	w.answered(t, second, "a process that is new while Redis is away")
	before, err := onDisk(t, r.dir)
	if err != nil {
		t.Fatal(err)
	}
	w.advance(nearItsEnd)
	w.answered(t, second, "after the access token's end")
	kept, err := onDisk(t, r.dir)
	if err != nil || kept.RefreshToken != before.RefreshToken || kept.AccessToken == before.AccessToken {
		t.Errorf("the refresh token was exchanged without the lease, or nothing was refreshed: %v", err)
	}
	if !strings.Contains(second.log.String(), "this replica goes on with its own copy") {
		t.Errorf("the log does not contain it:\n%s", second.log)
	}
	server.Restart(t)
	fresh, _ := openStore(t, server.Option(), "", appSecret, &locked{})
	until(t, "the tokens are in Redis again", func() bool {
		there, err := fresh.Load(t.Context())
		return err == nil && there.AccessToken == kept.AccessToken
	})
	server.Kill(t)
	nowhere, _ := openStore(t, server.Option(), "", appSecret, &locked{})
	if _, err := nowhere.Load(t.Context()); !errors.Is(err, oauth.ErrAway) {
		t.Errorf("no copy and no Redis: %v", err)
	}
	if _, err := nowhere.Exists(t.Context()); !errors.Is(err, oauth.ErrAway) {
		t.Errorf("whether there is a copy: %v", err)
	}
}

func TestCopiesShowNoTokenAndNoOtherSecretReadsThem(t *testing.T) {
	server := redistest.Start(t)
	w := newWorld(t, sandbox.App{NeedSession: true})
	r := w.replica(t, server, "")
	w.authorize(t, r.store)
	kept, err := r.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(r.store.Path())
	if err != nil {
		t.Fatal(err)
	}
	name := "zhaohuo:tokens:" + appKey
	inRedis := get(t, server, name)
	for place, text := range map[string]string{"the file": string(file), "Redis": inRedis} {
		for _, hidden := range []secret.Text{kept.AccessToken, kept.RefreshToken, appSecret, "沙箱买家", "b2b-8888888888"} {
			if text == "" || strings.Contains(text, hidden.Reveal()) {
				t.Errorf("%s shows %q:\n%s", place, hidden.Reveal(), text)
			}
		}
	}
	const refused = "cannot be decrypted: it was written under another App Secret, or was changed since; " +
		"set the App Secret it was written under, or run `zhaohuo auth login`"
	for place, dir := range map[string]string{r.store.Path(): r.dir, "the copy of the tokens in Redis (" + name + ")": ""} {
		other, _ := openStore(t, server.Option(), dir, "another", &locked{})
		if _, err := other.Load(t.Context()); err == nil || err.Error() != place+" "+refused {
			t.Errorf("got:  %v\nwant: %s %s", err, place, refused)
		}
		if _, err := other.Sync(t.Context()); err == nil {
			t.Error("kept in step under another secret")
		}
	}
	if get(t, server, name) != inRedis {
		t.Error("tokens that cannot be decrypted were replaced")
	}
	// One flipped bit makes the copy unusable.
	if err := server.Do(t, "SET", name, strings.Replace(inRedis, `"sealed":"`, `"sealed":"A`, 1)); err != nil {
		t.Fatal(err)
	}
	if got, err := r.store.Load(t.Context()); err != nil || got.AccessToken != kept.AccessToken {
		t.Errorf("with a copy in Redis that was changed: %v", err)
	}
}

// get reads a key of Redis.
func get(t *testing.T, server *redistest.Server, name string) string {
	t.Helper()
	client, err := rueidis.NewClient(server.Option())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	text, err := client.Do(t.Context(), client.B().Get().Key(name).Build()).ToString()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// After a login on one replica all replicas use its tokens, whatever they had and whichever clock is ahead.
func TestALoginReachesEveryReplica(t *testing.T) {
	server := redistest.Start(t)
	w := newWorld(t, sandbox.App{NeedSession: true})
	first, second := w.replica(t, server, ""), w.replica(t, server, "")
	w.authorize(t, first.store)
	w.answered(t, second, "at once")
	w.ours.advance(-24 * time.Hour) // The machine of the second login has another clock.
	w.authorize(t, second.store)
	want, err := onDisk(t, second.dir)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the first replica has the tokens of the second login", func() bool {
		kept, err := onDisk(t, first.dir)
		return err == nil && kept.RefreshToken == want.RefreshToken
	})
}

// When one replica learns of a revocation, all replicas know it. The next login ends it.
func TestRevocationReachesAllReplicas(t *testing.T) {
	server := redistest.Start(t)
	w := newWorld(t, sandbox.App{NeedSession: true})
	first, second := w.replica(t, server, ""), w.replica(t, server, "")
	w.authorize(t, first.store)
	w.answered(t, first, "at once")
	w.answered(t, second, "at once")
	w.advance(200 * 24 * time.Hour) // Beyond the refresh token's end.
	_, err := search(t, w.client(t, "aop", first))
	if fault.KindOf(err) != fault.UpstreamTokenInvalid {
		t.Fatalf("got %v", err)
	}
	until(t, "the second replica knows", func() bool {
		kept, err := onDisk(t, second.dir)
		return err == nil && !kept.RevokedAt.IsZero()
	})
	w.authorize(t, second.store)
	until(t, "the first replica has the new tokens", func() bool {
		kept, err := onDisk(t, first.dir)
		return err == nil && kept.RevokedAt.IsZero()
	})
}

// A file of an old release, which is not encrypted, is taken over.
func TestAPlainFileIsTakenOver(t *testing.T) {
	server := redistest.Start(t)
	for name, openIn := range map[string]func(t *testing.T, dir string) *oauth.Store{
		"on disk alone": func(t *testing.T, dir string) *oauth.Store {
			t.Helper()
			store, err := oauth.OpenStore(oauth.StoreOptions{Dir: dir, AppKey: appKey, AppSecret: appSecret})
			if err != nil {
				t.Fatal(err)
			}
			return store
		},
		"with Redis": func(t *testing.T, dir string) *oauth.Store {
			t.Helper()
			store, _ := openStore(t, server.Option(), dir, appSecret, &locked{})
			return store
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			const plain = `{"app_key":"1000000","access_token":"old-access","refresh_token":"old-refresh","obtained_at":"2026-10-10T04:00:00Z"}`
			if err := os.WriteFile(filepath.Join(dir, "token.json"), []byte(plain), 0o600); err != nil {
				t.Fatal(err)
			}
			store := openIn(t, dir)
			if got, err := store.Sync(t.Context()); err != nil || got.AccessToken != "old-access" || got.RefreshToken != "old-refresh" {
				t.Fatalf("got %v", err)
			}
			text, err := os.ReadFile(store.Path())
			if err != nil || strings.Contains(string(text), "old-") {
				t.Errorf("%v:\n%s", err, text)
			}
			if got, err := onDisk(t, dir); err != nil || got.RefreshToken != "old-refresh" {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestEviction(t *testing.T) {
	server := redistest.Start(t)
	for policy, want := range map[string]string{"noeviction": "", "volatile-lru": "", "allkeys-lru": "allkeys-lru", "allkeys-random": "allkeys-random"} {
		if err := server.Do(t, "CONFIG", "SET", "maxmemory-policy", policy); err != nil {
			t.Fatal(err)
		}
		store, _ := openStore(t, server.Option(), "", appSecret, &locked{})
		if got, err := store.Eviction(t.Context()); got != want || err != nil {
			t.Errorf("%s: %q, %v", policy, got, err)
		}
	}
	// One of the two commands is enough. Without both, the policy is not known.
	if err := server.Do(t, "CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"); err != nil {
		t.Fatal(err)
	}
	for commands, reported := range map[string]bool{"-config": true, "-info": true, "-config -info": false} {
		words := append([]string{"ACL", "SETUSER", "poor", "reset", "on", ">pass", "~*", "&*", "+@all"}, strings.Fields(commands)...)
		if err := server.Do(t, words...); err != nil {
			t.Fatal(err)
		}
		option := server.Option()
		option.Username, option.Password = "poor", "pass"
		store, _ := openStore(t, option, "", appSecret, &locked{})
		got, err := store.Eviction(t.Context())
		if reported && (got != "allkeys-lfu" || err != nil) || !reported && err == nil {
			t.Errorf("%s: %q, %v", commands, got, err)
		}
	}
}
