package cache_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// photoIDs gives a memory that the test closes.
func photoIDs(t *testing.T, store cache.Store, seen *counts) *cache.PhotoIDs {
	t.Helper()
	ids := cache.NewPhotoIDs(store, cache.Scope{}, "1", seen)
	t.Cleanup(func() {
		if err := ids.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return ids
}

func TestPhotoIDsAreKeptUntilTheyAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newTiers()
		ids := photoIDs(t, store, newCounts())
		until := time.Now().Add(time.Hour)
		known := func(want string) {
			t.Helper()
			synctest.Wait()
			id, at := ids.Find(t.Context(), "k")
			if id != want || id != "" && !at.Equal(until) {
				t.Errorf("known as %q until %v, want %q", id, at, want)
			}
		}
		known("")
		ids.Keep("k", "1", until)
		known("1")
		ids.Forget("k", "another")
		known("1")
		ids.Keep("k", "2", until)
		ids.Forget("k", "1")
		known("2")
		ids.Forget("k", "2")
		known("")
		if n := store.count(); n != 1 {
			t.Errorf("%d keys", n)
		}
		for key, item := range store.kept {
			if item.Until.After(time.Now()) {
				t.Errorf("what is forgotten is good until %v", item.Until)
			}
			for _, broken := range [][]byte{{}, {1}, {2, 0, 0, 0, 0, 0, 0, 0, 0, '7'}} { // Of no version this one knows.
				store.kept[key] = cache.Item{Value: broken}
				known("")
			}
		}
	})
}

func TestAFailingStoreKnowsNoPhotos(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, seen := newTiers(), newCounts()
		store.set(errors.New("broken"), nil)
		ids := photoIDs(t, store, seen)
		for i := range 100 {
			if id, _ := ids.Find(t.Context(), strconv.Itoa(i)); id != "" {
				t.Errorf("%d is known as %s", i, id)
			}
			ids.Keep(strconv.Itoa(i), "1", time.Now().Add(time.Hour))
			synctest.Wait()
		}
		if store.gets != 3 || seen.failed["get"] != 3 || seen.failed["put"] != 3 {
			t.Errorf("%d reads, observed %v", store.gets, seen.failed)
		}
	})
}

func TestAHangingStoreDelaysNoPhoto(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, hang := newTiers(), make(chan struct{})
		store.set(nil, hang)
		ids := photoIDs(t, store, newCounts())
		from := time.Now()
		for i := range 100 {
			ids.Find(t.Context(), strconv.Itoa(i))
			ids.Keep(strconv.Itoa(i), "1", from.Add(time.Hour))
			ids.Forget(strconv.Itoa(i), "2")
		}
		if took := time.Since(from); took > 3*300*time.Millisecond {
			t.Errorf("took %v", took)
		}
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := ids.Close(brief); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("closing: %v", err)
		}
		store.set(nil, nil)
		close(hang)
	})
}
