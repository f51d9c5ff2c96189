package parallel_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
)

// TestEachBoundsItsWorkers: every job runs once, and never more than width at the same time.
func TestEachBoundsItsWorkers(t *testing.T) {
	for _, test := range []struct{ n, width int }{{0, 3}, {1, 3}, {3, 3}, {10, 3}, {4, 1}} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			running, most := 0, 0
			ran := make([]atomic.Int32, test.n)
			parallel.Each(test.n, test.width, func(i int) {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				running--
				mu.Unlock()
				ran[i].Add(1)
			})
			for i := range ran {
				if n := ran[i].Load(); n != 1 {
					t.Errorf("%d jobs, %d workers: job %d ran %d times", test.n, test.width, i, n)
				}
			}
			if want := min(test.n, test.width); most != want {
				t.Errorf("%d jobs, %d workers: %d at the same time, want %d", test.n, test.width, most, want)
			}
		})
	}
}

// TestEachPanicsInItsCaller: the caller can recover what a job panics with, after all running jobs have ended.
func TestEachPanicsInItsCaller(t *testing.T) {
	var ran atomic.Int32
	defer func() {
		if why := recover(); why != "broken" {
			t.Errorf("recovered %v, want the job's panic", why)
		}
		if n := ran.Load(); n > 9 {
			t.Errorf("%d jobs ended", n)
		}
	}()
	parallel.Each(10, 2, func(i int) {
		if i == 3 {
			panic("broken")
		}
		ran.Add(1)
	})
	t.Error("the panic is lost")
}
