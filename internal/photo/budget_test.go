package photo

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestBudgetIsAModel: without waiting, the budget is two counters. A caller holds no more of the first than it leaves
// free.
func TestBudgetIsAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bytes := rapid.Int64Range(8, 4000).Draw(t, "bytes")
		budget := NewBudget(bytes, 0)
		decoding, hands := bytes-bytes/4, max(bytes/4-bytes/16, 1)
		free := map[string]int64{"hold": hands, "decode": decoding}
		type taken struct {
			pool    string
			n       int64
			release func()
		}
		var all []taken
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if len(all) > 0 && rapid.Bool().Draw(t, "release") {
				i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
				all[i].release()
				all[i].release() // Releasing twice has no effect.
				free[all[i].pool] += all[i].n
				all = slices.Delete(all, i, i+1)
				continue
			}
			pool, n := "hold", rapid.Int64Range(0, bytes).Draw(t, "n")
			take, want := budget.Hold, fault.MemoryBudgetFull
			if rapid.Bool().Draw(t, "decode") {
				pool, take = "decode", budget.Decode
				if n > decoding {
					want = fault.ImageTooLarge
				}
			} else {
				n = min(n, hands)
			}
			release, err := take(t.Context(), n)
			room := free[pool]
			if pool == "hold" {
				room -= hands - free[pool]
			}
			if fits := n == 0 || n <= room; fits != (err == nil) {
				t.Fatalf("%s %d with %v free: %v", pool, n, free, err)
			}
			if err != nil {
				if fault.KindOf(err) != want {
					t.Fatalf("%v, want %v", err, want)
				}
				continue
			}
			free[pool] -= n
			all = append(all, taken{pool, n, release})
			if used := decoding + hands - free["hold"] - free["decode"]; budget.Used() != used {
				t.Fatalf("used %d, want %d", budget.Used(), used)
			}
		}
	})
}

func TestWaitingForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget := NewBudget(400, 5*time.Second)
		release, err := budget.Hold(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = budget.Hold(t.Context(), 50)
		f, _ := fault.As(err)
		if f == nil || f.Kind != fault.MemoryBudgetFull || f.RetryAfter != 2*time.Second || time.Since(began) != 5*time.Second {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := budget.Hold(ctx, 50); fault.KindOf(err) != fault.DeadlineExceeded {
			t.Errorf("%v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if _, err := budget.Hold(ctx, 1); fault.KindOf(err) != fault.CallerGone {
			t.Errorf("%v, although there was memory", err)
		}

		// The first to wait gets the memory first.
		order := make(chan int, 2)
		for i := range 2 {
			go func() {
				release, err := budget.Hold(t.Context(), int64(50-i*40))
				if err != nil {
					t.Error(err)
					return
				}
				order <- i
				time.Sleep(time.Second)
				release()
			}()
			synctest.Wait()
		}
		release()
		if first, second := <-order, <-order; first != 0 || second != 1 {
			t.Errorf("memory went to %d, then to %d", first, second)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if budget.Used() != 0 {
			t.Errorf("%d bytes are still reserved", budget.Used())
		}
	})
}

// TestHoldersAndDecodersDoNotWaitForEachOther: with all memory for received bytes in use, each holder can still decode.
func TestHoldersAndDecodersDoNotWaitForEachOther(t *testing.T) {
	budget := NewBudget(400, time.Hour)
	for i, n := range []int64{37, 19, 9, 10} {
		if _, err := budget.Hold(share.WithCaller(t.Context(), strconv.Itoa(i)), n); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		release, err := budget.Decode(t.Context(), budget.DecodeMax())
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
	if _, err := budget.Decode(t.Context(), budget.DecodeMax()+1); fault.KindOf(err) != fault.ImageTooLarge {
		t.Errorf("%v", err)
	}
	if errors.Is(t.Context().Err(), context.Canceled) {
		t.Error("waited for the test's end")
	}
}
