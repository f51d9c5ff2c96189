package batch_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

// TestSlowReader: while no message is taken, no more questions are asked than run at once.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const width = 8
		var asked atomic.Int32
		r := batch.New(batch.Config{Width: width, Searcher: searcher(func(ctx context.Context, q *question) (*answer, error) {
			asked.Add(1)
			return deep(40)(ctx, q)
		})})
		var keywords []string
		for i := range 1000 {
			keywords = append(keywords, fmt.Sprint("k", i))
		}
		read := make(chan struct{})
		ended := make(chan error, 1)
		sent := int32(0)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			ended <- r.Keywords(ctx, &request{Keywords: keywords, Pages: proto.Int32(40)}, "", func(m *message) error {
				select {
				case <-read:
				case <-ctx.Done():
					return ctx.Err()
				}
				if m.GetResult() != nil {
					sent++
				}
				return nil
			})
		}()
		for range 500 {
			read <- struct{}{}
			synctest.Wait()
			if ahead := asked.Load() - sent; ahead > width+1 {
				t.Fatalf("%d answers wait for their reader", ahead)
			}
		}
		time.Sleep(time.Hour) // On the fake clock: no message is read, so nothing is asked.
		synctest.Wait()
		if ahead := asked.Load() - sent; ahead > width+1 {
			t.Fatalf("%d answers wait for their reader", ahead)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestWidthIsUsed: as many questions as the width run at once while there are enough, and never more.
func TestWidthIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		r := batch.New(batch.Config{Searcher: searcher(func(ctx context.Context, q *question) (*answer, error) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer now.Add(-1)
			time.Sleep(time.Second)
			return deep(1)(ctx, q)
		})})
		var keywords []string
		for i := range 320 {
			keywords = append(keywords, fmt.Sprint("k", i))
		}
		began := time.Now()
		all, err := collect(t.Context(), r, &request{Keywords: keywords})
		if took := time.Since(began); err != nil || took != 10*time.Second || most.Load() != 32 {
			t.Errorf("%v: %s, %d at once", err, took, most.Load())
		}
		// Progress: at the start, at most once a second, at the end; the remaining time follows the rate so far.
		var left []string
		for _, m := range all {
			if p := m.GetProgress(); p != nil {
				left = append(left, fmt.Sprint(p.GetDone() > 0, p.Remaining != nil))
			}
		}
		if len(left) < 10 || len(left) > 12 || left[0] != "false false" || left[len(left)-1] != "true true" {
			t.Errorf("progress %v", left)
		}
	})
}

// TestGoneCallerIsNotAskedFor: when the caller leaves or its deadline ends, running questions are cancelled, no new one
// begins, and a cancelled question has no result.
func TestGoneCallerIsNotAskedFor(t *testing.T) {
	for name, end := range map[string]struct {
		of   func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		"left": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(1500*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled},
		"late": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 1500*time.Millisecond)
		}, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := end.of(t.Context())
				defer cancel()
				var asked atomic.Int32
				r := batch.New(batch.Config{Width: 2, Searcher: searcher(func(ctx context.Context, q *question) (*answer, error) {
					asked.Add(1)
					select {
					case <-time.After(time.Second):
						return pageOf(q, 40), nil
					case <-ctx.Done():
						return nil, fault.New(fault.CallerGone, "").WithCause(ctx.Err())
					}
				})})
				all, err := collect(ctx, r, &request{Keywords: []string{"a", "b", "c"}, Pages: proto.Int32(9)})
				if !errors.Is(err, end.want) || asked.Load() != 4 {
					t.Errorf("%v, asked %d", err, asked.Load())
				}
				if diff := cmp.Diff([]string{"a 1 1", "b 1 1"}, described(all)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestFullQueueIsWaitedOut: a full queue delays a question of a batch and does not fail it.
func TestFullQueueIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		r := batch.New(batch.Config{Searcher: searcher(func(_ context.Context, q *question) (*answer, error) {
			if asked++; asked < 3 {
				return nil, fault.New(fault.QuotaQueueFull, "").WithRetryAfter(5 * time.Second)
			}
			return pageOf(q, 1), nil
		})})
		began := time.Now()
		all, err := collect(t.Context(), r, &request{Keywords: []string{"a"}})
		if err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if diff := cmp.Diff([]string{"a 1 1"}, described(all)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
