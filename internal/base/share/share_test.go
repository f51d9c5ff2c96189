package share_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

// TestThereIsRoomForTheNextCaller: whatever callers take, a caller that holds nothing gets some, and no byte is lost.
func TestThereIsRoomForTheNextCaller(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size, piece = 1 << 20, 1 << 10
		pool := share.NewPool(size)
		held := map[string]int64{}
		callers := rapid.IntRange(1, 8).Draw(t, "callers")
		for range rapid.IntRange(1, 3000).Draw(t, "steps") {
			caller := fmt.Sprint(rapid.IntRange(1, callers).Draw(t, "caller"))
			if held[caller] > 0 && rapid.IntRange(0, 9).Draw(t, "give") == 0 {
				pool.Give(caller, piece)
				held[caller] -= piece
				continue
			}
			if pool.Try(caller, piece) {
				held[caller] += piece
			}
			if held[caller] > size/2+piece {
				t.Fatalf("one caller holds %d of %d", held[caller], size)
			}
		}
		if left := int64(size >> callers); !pool.Try("next", left-piece) {
			t.Fatalf("no room for %d of the next caller beside %v", left-piece, held)
		}
		pool.Give("next", size>>callers-piece)
		for caller, n := range held {
			pool.Give(caller, n)
		}
		if pool.Used() != 0 || !pool.Try("all", size) {
			t.Fatalf("%d bytes are lost", pool.Used())
		}
	})
}

// TestWaiting: the requests of one caller are served in order. Another caller does not wait for them.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := share.NewPool(100)
		if !pool.Take(t.Context(), "a", 50, 0) || pool.Take(t.Context(), "a", 1, 0) {
			t.Fatal("a caller's share is not the half")
		}
		began := time.Now()
		if pool.Take(t.Context(), "a", 1, time.Second) || time.Since(began) != time.Second {
			t.Errorf("waited %v", time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if pool.Take(ctx, "a", 1, time.Hour) || time.Since(began) != 2*time.Second {
			t.Errorf("waited %v", time.Since(began))
		}
		order := make(chan int64, 2)
		for _, n := range []int64{40, 30} {
			go func() {
				if pool.Take(t.Context(), "a", n, time.Hour) {
					order <- n
				}
			}()
			synctest.Wait()
		}
		if !pool.Take(t.Context(), "b", 20, 0) {
			t.Error("another caller waits too")
		}
		pool.Give("b", 20)
		pool.Give("a", 50)
		if first := <-order; first != 40 {
			t.Errorf("%d came first", first)
		}
		pool.Give("a", 40)
		if second := <-order; second != 30 {
			t.Errorf("%d came second", second)
		}
		pool.Give("a", 30)
		if pool.Used() != 0 {
			t.Errorf("%d bytes are lost", pool.Used())
		}
	})
}
