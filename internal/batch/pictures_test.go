package batch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

type (
	found = zhaohuov1.BatchImageResult
	step  = zhaohuov1.BatchImageSearchResponse
)

// imageSearcher provides pictures and counts how many were received and how many were closed.
type imageSearcher struct {
	pictures int32
	search   func(ctx context.Context, index int32, answer *found) error
	// end is the error after the last picture; io.EOF by default.
	end error

	given  int32
	closed atomic.Int32
}

func (a *imageSearcher) next(ctx context.Context) (*batch.Picture, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if a.given == a.pictures {
		if a.end != nil {
			return nil, a.end
		}
		return nil, io.EOF
	}
	index := a.given
	a.given++
	var closed atomic.Bool
	return &batch.Picture{
		Index: index, Tag: string('a' + index%26),
		Search: func(ctx context.Context, answer *found) error {
			if closed.Load() {
				panic("searched by after it was let go")
			}
			return a.search(ctx, index, answer)
		},
		Close: func() {
			if closed.Swap(true) {
				panic("let go twice")
			}
			a.closed.Add(1)
		},
	}, nil
}

// balanced checks that every received picture was closed.
func (a *imageSearcher) balanced(t interface{ Errorf(string, ...any) }) {
	if a.closed.Load() != a.given {
		t.Errorf("%d images were received, %d were closed", a.given, a.closed.Load())
	}
}

// keep collects results.
func keep(all *[]*found) func(*step) error {
	return func(s *step) error {
		if s.GetResult() != nil {
			*all = append(*all, s.GetResult())
		}
		return nil
	}
}

func goods(answer *found) error {
	answer.Outcome = &zhaohuov1.BatchImageResult_Response{Response: &zhaohuov1.ImageSearchResponse{
		Page: answer.GetIndex() + 1, Meta: &zhaohuov1.AnswerMeta{UpstreamCalls: 1},
	}}
	return nil
}

// TestPicturesAreAnsweredEach: every picture has exactly one answer, whatever fails and however long each takes.
func TestPicturesAreAnsweredEach(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			n := rapid.Int32Range(0, 60).Draw(rt, "pictures")
			took := rapid.SliceOfN(rapid.IntRange(0, 5), int(n), int(n)).Draw(rt, "took")
			fails := rapid.SliceOfN(rapid.Bool(), int(n), int(n)).Draw(rt, "fails")
			cut := rapid.Bool().Draw(rt, "the stream breaks at its end")
			a := &imageSearcher{pictures: n, search: func(_ context.Context, index int32, answer *found) error {
				time.Sleep(time.Duration(took[index]) * time.Second)
				if fails[index] {
					return fault.New(fault.ImageUnreadable, "not an image").WithCalls(1)
				}
				return goods(answer)
			}}
			if cut {
				a.end = fault.New(fault.UploadStalled, "nothing came")
			}
			seen := map[int32]bool{}
			var last *zhaohuov1.BatchImageProgress
			failures := int32(0)
			err := batch.New(batch.Config{}).Pictures(t.Context(), a.next, "en", func(s *step) error {
				m := s.GetResult()
				if last = s.GetProgress(); last != nil {
					if int(last.GetDone()) != len(seen) || last.GetFailed() != failures || last.GetReceived() < last.GetDone() || last.GetUpstreamCalls() != last.GetDone() {
						t.Errorf("after %d answers: %v", len(seen), last)
					}
					return nil
				}
				if seen[m.GetIndex()] || m.GetTag() != string('a'+m.GetIndex()%26) {
					t.Errorf("answered twice, or with another's tag: %v", m)
				}
				seen[m.GetIndex()] = true
				if fails[m.GetIndex()] {
					failures++
					if reason := rpcerr.Reason(status.FromProto(m.GetError())); reason != "IMAGE_UNREADABLE" {
						t.Errorf("image %d: %q", m.GetIndex(), reason)
					}
				} else if m.GetResponse().GetPage() != m.GetIndex()+1 {
					t.Errorf("image %d: %v", m.GetIndex(), m)
				}
				return nil
			})
			if want := a.end; !errors.Is(err, want) {
				t.Errorf("ended with %v, want %v", err, want)
			}
			if len(seen) != int(n) || last.GetDone() != n || last.GetReceived() != n {
				t.Errorf("%d of %d answered, at last %v", len(seen), n, last)
			}
			a.balanced(t)
		})
	})
}

// TestPicturesWaitForASlowReader: while the caller takes no answers, no more pictures are read.
func TestPicturesWaitForASlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &imageSearcher{pictures: 1000, search: func(_ context.Context, _ int32, answer *found) error { return goods(answer) }}
		reading := make(chan struct{})
		ended := make(chan error)
		answers := 0
		go func() {
			ended <- batch.New(batch.Config{}).Pictures(t.Context(), a.next, "", func(s *step) error {
				<-reading
				if s.GetResult() != nil {
					answers++
				}
				return nil
			})
		}()
		synctest.Wait()
		// Sixteen workers, the sender and the reader hold a picture each.
		if a.given > 18 {
			t.Errorf("%d images were received while nobody reads", a.given)
		}
		close(reading)
		if err := <-ended; err != nil || answers != 1000 {
			t.Errorf("%d answers, %v", answers, err)
		}
		a.balanced(t)
	})
}

// TestPicturesWaitForCapacity: a batch waits where an interactive caller gets a retryable error.
func TestPicturesWaitForCapacity(t *testing.T) {
	for name, full := range map[string]*fault.Fault{
		"memory":                fault.New(fault.MemoryBudgetFull, "no room").WithRetryAfter(2 * time.Second),
		"queue":                 fault.New(fault.QuotaQueueFull, "no room").WithRetryAfter(3 * time.Second),
		"at no time of its own": fault.New(fault.MemoryBudgetFull, "no room"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries, began := 0, time.Now()
				a := &imageSearcher{pictures: 1, search: func(_ context.Context, _ int32, answer *found) error {
					if tries++; tries <= 3 {
						return full
					}
					return goods(answer)
				}}
				var all []*found
				err := batch.New(batch.Config{}).Pictures(t.Context(), a.next, "", keep(&all))
				if err != nil || len(all) != 1 || all[0].GetResponse() == nil {
					t.Fatalf("%v %v", all, err)
				}
				if took, want := time.Since(began), 3*max(full.RetryAfter, time.Second); took != want {
					t.Errorf("waited %v, want %v", took, want)
				}
				a.balanced(t)
			})
		})
	}
}

// TestPicturesEndWithTheCall: whoever ends the call, all work stops and all pictures are closed.
func TestPicturesEndWithTheCall(t *testing.T) {
	gone := errors.New("the caller's connection broke")
	slow := func(ctx context.Context, _ int32, _ *found) error { <-ctx.Done(); return ctx.Err() }
	quick := func(_ context.Context, _ int32, answer *found) error { return goods(answer) }
	for name, test := range map[string]struct {
		imageSearcher *imageSearcher
		send          error
		leave         time.Duration
		want          error
	}{
		"the caller leaves while images are searched by": {&imageSearcher{pictures: 40, search: slow}, nil, time.Second, context.Canceled},
		"the caller leaves while full":                   {&imageSearcher{pictures: 40, search: func(context.Context, int32, *found) error { return fault.New(fault.QuotaQueueFull, "") }}, nil, time.Second, context.Canceled},
		"an answer cannot be sent":                       {&imageSearcher{pictures: 40, search: quick}, gone, 0, gone},
		"an answer cannot be sent, and the rest would wait": {&imageSearcher{pictures: 40, search: func(ctx context.Context, index int32, answer *found) error {
			if index == 3 {
				return goods(answer)
			}
			return slow(ctx, index, answer)
		}}, gone, 0, gone},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.leave > 0 {
					time.AfterFunc(test.leave, cancel)
				}
				err := batch.New(batch.Config{}).Pictures(ctx, test.imageSearcher.next, "", func(*step) error { return test.send })
				if !errors.Is(err, test.want) {
					t.Errorf("%v, want %v", err, test.want)
				}
				test.imageSearcher.balanced(t)
			})
		})
	}
}

// TestPanicsReachTheRPC: a panic of any goroutine reaches the goroutine of the RPC.
func TestPanicsReachTheRPC(t *testing.T) {
	for name, a := range map[string]*imageSearcher{
		"a search": {pictures: 40, search: func(_ context.Context, index int32, answer *found) error {
			if index == 5 {
				panic("defect")
			}
			return goods(answer)
		}},
		"reading": {pictures: 3, search: func(_ context.Context, _ int32, answer *found) error { return goods(answer) }},
	} {
		t.Run(name, func(t *testing.T) {
			next := a.next
			if name == "reading" {
				next = func(ctx context.Context) (*batch.Picture, error) {
					if a.given == 3 {
						panic("defect")
					}
					return a.next(ctx)
				}
			}
			var panicked any
			func() {
				defer func() { panicked = recover() }()
				_ = batch.New(batch.Config{}).Pictures(t.Context(), next, "", func(*step) error { return nil })
			}()
			if diff := cmp.Diff("defect", panicked); diff != "" {
				t.Error(diff)
			}
			a.balanced(t)
		})
	}
}

// TestPictureErrorsAreInTheCallersLanguage: errors of pictures have a message in the caller's language.
func TestPictureErrorsAreInTheCallersLanguage(t *testing.T) {
	a := &imageSearcher{pictures: 1, search: func(context.Context, int32, *found) error { return fault.New(fault.ImageUnreadable, "x") }}
	var all []*found
	if err := batch.New(batch.Config{}).Pictures(t.Context(), a.next, "zh-CN", keep(&all)); err != nil {
		t.Fatal(err)
	}
	details := status.FromProto(all[0].GetError()).Details()
	if !slices.ContainsFunc(details, func(d any) bool {
		lines, ok := d.(interface{ GetLocale() string })
		return ok && lines.GetLocale() == "zh-CN"
	}) {
		t.Errorf("%v", details)
	}
}

// TestPicturesReportProgressEverySecond: progress is sent every second, also while no picture completes.
func TestPicturesReportProgressEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &imageSearcher{pictures: 2, search: func(_ context.Context, index int32, answer *found) error {
			time.Sleep(time.Duration(index)*3*time.Second + 500*time.Millisecond)
			return goods(answer)
		}}
		var lines []string
		began := time.Now()
		err := batch.New(batch.Config{}).Pictures(t.Context(), a.next, "", func(s *step) error {
			what := "result"
			if p := s.GetProgress(); p != nil {
				what = fmt.Sprintf("%d of %d, %d calls", p.GetDone(), p.GetReceived(), p.GetUpstreamCalls())
			}
			lines = append(lines, fmt.Sprintf("%v %s", time.Since(began), what))
			return nil
		})
		want := []string{
			"500ms result", "1s 1 of 2, 1 calls", "2s 1 of 2, 1 calls", "3s 1 of 2, 1 calls", "3.5s result", "3.5s 2 of 2, 2 calls",
		}
		if diff := cmp.Diff(want, lines); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}
