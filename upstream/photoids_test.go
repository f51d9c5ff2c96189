package upstream_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/redis"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// silent is an observer that counts failures only.
type silent struct{ failures int }

func (*silent) Answered(cache.Kind, cache.By) {}
func (*silent) Refreshed(cache.Kind, error)   {}
func (*silent) Forgotten(cache.Kind)          {}
func (*silent) Waited(cache.Kind, bool)       {}
func (s *silent) StoreFailed(string, error)   { s.failures++ }
func (*silent) Dropped(int)                   {}

// clientWithStore returns a client that keeps the ids of photos in the store. end waits until all of them are stored, and
// closes the store.
func clientWithStore(t *testing.T, o upstream.Options, store cache.Store, scope cache.Scope, appKey string) (c *upstream.Client, end func()) {
	t.Helper()
	ids := cache.NewPhotoIDs(store, scope, appKey, &silent{})
	o.PhotoIDs = ids
	return aopClient(t, o), func() {
		if err := errors.Join(ids.Close(context.Background()), store.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestPhotoIsSentOnceByAllReplicas(t *testing.T) {
	server := redistest.Start(t)
	g := &gateway{}
	o := serve(t, g.ServeHTTP)
	scope := cache.Scope{Account: "pool"}
	for _, step := range []struct {
		name   string
		scope  cache.Scope
		appKey string
		key    string
		calls  int32
	}{
		{"the first", scope, "1", "k", 2},
		{"another replica", scope, "1", "k", 1},
		{"another photo", scope, "1", "l", 2},
		{"another App Key of the account", scope, "2", "k", 2},
		{"another account with it", cache.Scope{Account: "other"}, "1", "k", 2},
		{"the sandbox", cache.Scope{Account: "pool", Sandbox: true}, "1", "k", 2},
		{"another address", cache.Scope{Account: "pool", Origin: "http://x"}, "1", "k", 2},
		{"the first again, after all of them", scope, "1", "k", 1},
	} {
		client, end := clientWithStore(t, o, redis.New(redis.Config{Options: server.Option()}), step.scope, step.appKey)
		answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: step.key})
		if err != nil || answer.GetMeta().GetUpstreamCalls() != step.calls {
			t.Errorf("%s: %v, %v, want %d calls", step.name, answer.GetMeta(), err, step.calls)
		}
		answer, err = search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: step.key})
		wantCalls(t, answer, err, 1)
		end()
	}
}

func TestPhotoIsNotResentAfterRestart(t *testing.T) {
	dir := t.TempDir()
	g := &gateway{}
	o := serve(t, g.ServeHTTP)
	for _, calls := range []int32{2, 1, 1} {
		client, end := clientWithStore(t, o, disk.New(disk.Config{Dir: dir}), cache.Scope{}, "1")
		answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
		wantCalls(t, answer, err, calls)
		end()
	}
	g.want(t, 1, 3)
}

// One replica learns that a photo is forgotten and uploads it again. Another replica with the old id gets the new one, and
// so does one that starts later.
func TestForgottenPhotoIsResentByOneReplica(t *testing.T) {
	server := redistest.Start(t)
	forget := false
	g := &gateway{search: func(_ int, query gjson.Result) string {
		if forget && query.Get("imageId").String() == "1" {
			return forgotten
		}
		return envelope(noGoods)
	}}
	o := serve(t, g.ServeHTTP)
	replica := func() (*upstream.Client, func()) {
		return clientWithStore(t, o, redis.New(redis.Config{Options: server.Option()}), cache.Scope{}, "1")
	}
	ask := func(client *upstream.Client, calls int32) {
		t.Helper()
		answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
		wantCalls(t, answer, err, calls)
	}
	first, endFirst := replica()
	ask(first, 2)
	endFirst()
	second, endSecond := replica()
	defer endSecond()
	ask(second, 1)
	third, endThird := replica()
	ask(third, 1)
	forget = true
	ask(third, 3)
	endThird()
	ask(second, 2)
	ask(second, 1)
	fourth, endFourth := replica()
	defer endFourth()
	ask(fourth, 1)
	g.want(t, 2, 9)
}

// fixedPhotoIDs always returns the same id, and records its calls.
type fixedPhotoIDs struct {
	id    string
	until time.Time
	calls []string
}

func (s *fixedPhotoIDs) Find(context.Context, string) (string, time.Time) { return s.id, s.until }
func (s *fixedPhotoIDs) Keep(key, id string, until time.Time) {
	s.calls = append(s.calls, fmt.Sprintf("keep %s %s for %s", key, id, time.Until(until)))
}
func (s *fixedPhotoIDs) Forget(key, id string) { s.calls = append(s.calls, "forget "+key+" "+id) }

func TestStoredIDsAreBoundedInTime(t *testing.T) {
	for name, test := range map[string]struct {
		until time.Duration
		// calls are those of two searches, half an hour apart, and then of a third one after an hour more.
		calls []int32
		noted []string
	}{
		"valid":                   {2 * time.Minute, []int32{1, 1, 2}, []string{"keep k 1 for 1h0m0s"}},
		"for longer than the TTL": {48 * time.Hour, []int32{1, 1, 1}, nil},
		"expired":                 {-time.Second, []int32{2, 1, 2}, []string{"keep k 1 for 1h0m0s", "keep k 2 for 1h0m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{}
				o := simulate(t, g.ServeHTTP)
				store := &fixedPhotoIDs{id: "99", until: time.Now().Add(test.until)}
				o.PhotoIDs = store
				client := aopClient(t, o)
				var calls []int32
				for _, pause := range []time.Duration{time.Minute, 90 * time.Minute, 0} {
					answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
					if err != nil {
						t.Fatal(err)
					}
					calls = append(calls, answer.GetMeta().GetUpstreamCalls())
					time.Sleep(pause)
				}
				if !slices.Equal(calls, test.calls) || !slices.Equal(store.calls, test.noted) {
					t.Errorf("calls %v, noted %q", calls, store.calls)
				}
			})
		})
	}
}

// A store that did not process Forget returns the id that the upstream forgot. The client does not use it again.
func TestForgottenIDIsNotReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{search: func(_ int, query gjson.Result) string {
			if query.Get("imageId").String() == "99" {
				return forgotten
			}
			return envelope(noGoods)
		}}
		o := simulate(t, http.HandlerFunc(g.ServeHTTP))
		store := &fixedPhotoIDs{id: "99", until: time.Now().Add(time.Hour)}
		o.PhotoIDs = store
		client := aopClient(t, o)
		for _, calls := range []int32{3, 1} {
			answer, err := search(t.Context(), client, upstream.Picture{Photo: newPhoto(t, 100), Key: "k"})
			wantCalls(t, answer, err, calls)
		}
		if want := []string{"forget k 99", "keep k 1 for 1h0m0s"}; !slices.Equal(store.calls, want) {
			t.Errorf("noted %q", store.calls)
		}
	})
}
