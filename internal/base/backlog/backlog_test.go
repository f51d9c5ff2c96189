package backlog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/backlog"
)

// TestEveryItemIsTakenOnceOrCountedAsLost: whatever rhythm items come in and however slow their taker is, the items keep their order, what was
// refused is what was counted, and the queue holds no more than its bound.
func TestEveryItemIsTakenOnceOrCountedAsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const largest = 7
		pauses := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 60).Draw(rt, "pauses before each call of Add")
		sizes := rapid.SliceOfN(rapid.IntRange(1, largest+1), len(pauses), len(pauses)).Draw(rt, "items of each call")
		slow := rapid.IntRange(0, 9).Draw(rt, "time that a call of Take needs")
		delay := rapid.IntRange(0, 3).Draw(rt, "delay")
		synctest.Test(t, func(t *testing.T) {
			var got []int
			lost := 0
			q := backlog.New(backlog.Options[int]{
				Max: largest, Delay: time.Duration(delay), Full: 5,
				Take: func(items []int, missing int) {
					got, lost = append(got, items...), lost+missing
					if len(items) > largest {
						rt.Errorf("%d items waited", len(items))
					}
					time.Sleep(time.Duration(slow))
				},
			})
			var want []int
			refused := 0
			for i, size := range sizes {
				time.Sleep(time.Duration(pauses[i]))
				if items := slices.Repeat([]int{i}, size); q.Add(items...) {
					want = append(want, items...)
				} else {
					refused++
				}
			}
			if err := q.Close(t.Context()); err != nil {
				rt.Error(err)
			}
			if !slices.Equal(got, want) || lost != refused {
				rt.Errorf("taken %v, lost %d; want %v and %d", got, lost, want, refused)
			}
			if q.Add(0) {
				rt.Error("a closed queue took an item")
			}
		})
	})
}

// TestNobodyWaitsForTheTaker: neither Add nor Close, however long Take blocks.
func TestNobodyWaitsForTheTaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		q := backlog.New(backlog.Options[string]{Max: 2, Take: func([]string, int) { <-release }})
		q.Add("taken")
		synctest.Wait()
		if !q.Add("1", "2") || q.Add("3") {
			t.Error("two items find room, and no third one")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("closed: %v", err)
		}
		close(release)
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestAddAllocatesNothing once the queue has grown.
func TestAddAllocatesNothing(t *testing.T) {
	q := backlog.New(backlog.Options[byte]{Max: 1 << 20, Take: func([]byte, int) {}})
	line := make([]byte, 300)
	if n := testing.AllocsPerRun(1000, func() { q.Add(line...) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if err := q.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func ExampleNew() {
	q := backlog.New(backlog.Options[string]{Max: 100, Take: func(items []string, lost int) { fmt.Println(items, lost) }})
	fmt.Println(q.Add("a", "b"))
	if err := q.Close(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(q.Add("c"))
	// Output:
	// true
	// [a b] 0
	// false
}
