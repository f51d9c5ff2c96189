package cache_test

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

func TestAnswersOutliveTheProcessInTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, p := newTiers(), newPlatform()
		first, err := cache.Wrap(p, cache.Config{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		search(t.Context(), first, words("杯"))
		if err := first.Close(t.Context()); err != nil || !store.closed {
			t.Fatalf("closing: %v; the store is closed: %v", err, store.closed)
		}
		seen := newCounts()
		second := wrap(t, p, cache.Config{Store: store, Observer: seen})
		want(t, "after a restart", search(t.Context(), second, words("杯")), got{"1", cached, 0, ""})
		want(t, "then from memory", search(t.Context(), second, words("杯")), got{"1", cached, 0, ""})
		if seen.by(cache.ByStore) != 1 || seen.by(cache.ByMemory) != 1 || store.gets != 3 {
			t.Errorf("observed %v, and %d reads; want the answer's by each process, and when anything was forgotten last", seen.answered, store.gets)
		}
		time.Sleep(time.Hour)
		p.fails(fault.UpstreamUnavailable)
		want(t, "past its time", search(t.Context(), second, words("杯")), got{"1", late, 2, ""})
	})
}

func TestScopesShareAStoreAndNoAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, p := newTiers(), newPlatform()
		first := wrap(t, p, cache.Config{Store: store, Scope: cache.Scope{Sandbox: true}})
		search(t.Context(), first, words("杯"))
		synctest.Wait()
		second := wrap(t, p, cache.Config{Store: store})
		want(t, "another scope", search(t.Context(), second, words("杯")), got{"2", live, 1, ""})
	})
}

func TestWhatAnotherReplicaRenewedIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, p := newTiers(), newPlatform()
		one, other := wrap(t, p, cache.Config{Store: store}), wrap(t, p, cache.Config{Store: store})
		search(t.Context(), one, words("杯"))
		synctest.Wait()
		search(t.Context(), other, words("杯"))
		time.Sleep(11 * time.Minute)
		want(t, "renewed here", search(t.Context(), one, words("杯")), got{"2", live, 1, ""})
		synctest.Wait()
		want(t, "found there", search(t.Context(), other, words("杯")), got{"2", cached, 0, ""})
		time.Sleep(9 * time.Minute)
		want(t, "ripe here", search(t.Context(), one, words("杯")), got{"2", cached, 0, ""})
		synctest.Wait()
		want(t, "ripe there", search(t.Context(), other, words("杯")), got{"2", cached, 0, ""})
		synctest.Wait()
		if p.asked() != 3 {
			t.Errorf("asked %d times, want 3", p.asked())
		}
	})
}

func TestAFailingStoreFailsNoSearchAndIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, p, seen := newTiers(), newPlatform(), newCounts()
		store.set(errors.New("broken"), nil)
		c := wrap(t, p, cache.Config{Store: store, Observer: seen})
		for i := range 100 {
			want(t, "while it fails", search(t.Context(), c, words(strconv.Itoa(i))), got{strconv.Itoa(i + 1), live, 1, ""})
			synctest.Wait()
		}
		if store.gets != 3 || seen.failed["get"] != 3 || seen.failed["put"] != 3 || seen.dropped != 100 {
			t.Errorf("%d reads; observed %v and %d dropped", store.gets, seen.failed, seen.dropped)
		}
		if !c.Stats().StoreDown {
			t.Error("it does not say so")
		}
		store.set(nil, nil)
		time.Sleep(2 * time.Second)
		search(t.Context(), c, words("probing"))
		synctest.Wait()
		search(t.Context(), c, words("back"))
		synctest.Wait()
		if store.pings != 1 || c.Stats().StoreDown || store.count() != 2 {
			t.Errorf("%d probes, down: %v, %d stored", store.pings, c.Stats().StoreDown, store.count())
		}
	})
}

func TestAHangingStoreCostsItsTimeAFewTimesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, p := newTiers(), newPlatform()
		hang := make(chan struct{})
		store.set(nil, hang)
		c := wrap(t, p, cache.Config{Store: store, StoreTimeout: 100 * time.Millisecond})
		from := time.Now()
		for i := range 1000 {
			want(t, "while it hangs", search(t.Context(), c, words(strconv.Itoa(i))), got{strconv.Itoa(i + 1), live, 1, ""})
		}
		if took := time.Since(from); took != 450*time.Millisecond {
			t.Errorf("took %v", took)
		}
		close(hang)
		store.set(nil, nil)
	})
}

func TestFlushWaitsUntilAnswersAreStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, hang := newTiers(), make(chan struct{})
		c := wrap(t, newPlatform(), cache.Config{Store: store})
		if err := c.Flush(t.Context()); err != nil {
			t.Errorf("nothing to store: %v", err)
		}
		search(t.Context(), c, words("杯"))
		if err := c.Flush(t.Context()); err != nil || store.count() != 1 {
			t.Errorf("%v, %d stored", err, store.count())
		}
		store.set(nil, hang)
		search(t.Context(), c, words("碗"))
		brief, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.Flush(brief); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while the store hangs: %v", err)
		}
		close(hang)
		if err := c.Flush(t.Context()); err != nil || store.count() != 2 {
			t.Errorf("%v, %d stored", err, store.count())
		}
		if err := wrap(t, newPlatform(), cache.Config{}).Flush(t.Context()); err != nil {
			t.Errorf("without a store: %v", err)
		}
	})
}

func TestASlowStoreDoesNotDelayAnswersNorPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, p, seen := newTiers(), newPlatform(), newCounts()
		c := wrap(t, p, cache.Config{Store: &slowPuts{tiers: store}, WaitingBytes: 4096, Observer: seen})
		from := time.Now()
		for i := range 1000 {
			search(t.Context(), c, words(strconv.Itoa(i)))
		}
		if took := time.Since(from); took != 0 {
			t.Errorf("took %v", took)
		}
		if waiting := c.Stats().WaitingBytes; waiting > 4096 || waiting < 3500 {
			t.Errorf("%d bytes wait", waiting)
		}
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if store.count()+seen.dropped != 1000 || seen.dropped < 800 || c.Stats().WaitingBytes != 0 {
			t.Errorf("%d stored, %d dropped, %d bytes wait", store.count(), seen.dropped, c.Stats().WaitingBytes)
		}
	})
}

// slowPuts takes a second for each batch.
type slowPuts struct{ *tiers }

func (s *slowPuts) Put(ctx context.Context, items []cache.Item) error {
	select {
	case <-time.After(time.Second):
		return s.tiers.Put(ctx, items)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestClosingStoresWhatWaitsInItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			time   time.Duration
			stored int
			want   error
		}{{time.Minute, 1000, nil}, {1500 * time.Millisecond, 1, context.DeadlineExceeded}} {
			store, p := newTiers(), newPlatform()
			c, err := cache.Wrap(p, cache.Config{Store: &slowPuts{tiers: store}})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 1000 {
				search(t.Context(), c, words(strconv.Itoa(i)))
				if i == 0 {
					synctest.Wait() // The first one goes alone.
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), test.time)
			if err := c.Close(ctx); !errors.Is(err, test.want) || store.count() != test.stored {
				t.Errorf("in %v: %v, %d stored", test.time, err, store.count())
			}
			cancel()
		}
	})
}

func TestWhatAStoreGivesBackBrokenIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, p := newTiers(), newPlatform()
		first := wrap(t, p, cache.Config{Store: store})
		search(t.Context(), first, words("杯"))
		synctest.Wait()
		for name, spoil := range map[string]func([]byte) []byte{
			"cut":    func(b []byte) []byte { return b[:len(b)-1] },
			"empty":  func([]byte) []byte { return []byte{} },
			"filled": func(b []byte) []byte { return append(b[:19:19], bytes.Repeat([]byte{0xff}, 40)...) },
			"shape":  func(b []byte) []byte { b = bytes.Clone(b); b[1] = 1; return b },
		} {
			spoilt := newTiers()
			for key, item := range store.kept {
				item.Value = spoil(item.Value)
				spoilt.kept[key] = item
			}
			calls := p.asked()
			c := wrap(t, p, cache.Config{Store: spoilt})
			want(t, name, search(t.Context(), c, words("杯")), got{strconv.Itoa(calls + 1), live, 1, ""})
			want(t, name+", then kept", search(t.Context(), c, words("杯")), got{strconv.Itoa(calls + 1), cached, 0, ""})
		}
	})
}

func TestMemoryIsBoundedByBytes(t *testing.T) {
	p := newPlatform()
	c := wrap(t, p, cache.Config{MemoryBytes: 100_000})
	for i := range 10_000 {
		search(t.Context(), c, words(strconv.Itoa(i)))
	}
	// An answer weighs some 300 bytes here.
	eventually(t, func() bool { s := c.Stats(); return s.MemoryBytes <= 100_000 && s.MemoryAnswers < 400 })
	if s := c.Stats(); s.MemoryBytes < 50_000 || s.MemoryAnswers < 150 {
		t.Errorf("%+v", s)
	}
}

// eventually waits for what the memory's own goroutines do.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	limit := time.After(10 * time.Second)
	for tick := time.NewTicker(time.Millisecond); !done(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it does not come about")
		}
	}
}
