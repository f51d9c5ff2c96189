package server_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// slowDoctor takes two seconds for an examination of nine calls, and counts them.
type slowDoctor struct {
	begun, ended atomic.Int32
	broken       any
}

func (c *slowDoctor) Diagnose(ctx context.Context, _ *zhaohuov1.DiagnoseRequest) (*zhaohuov1.DiagnoseResponse, error) {
	c.begun.Add(1)
	defer c.ended.Add(1)
	select {
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c.broken != nil {
		panic(c.broken)
	}
	return &zhaohuov1.DiagnoseResponse{Meta: &zhaohuov1.AnswerMeta{UpstreamCalls: 9}}, nil
}

// outcome is the result of an examination: the calls that its answer reports, or the error.
type outcome struct {
	calls int32
	err   error
}

// ask requests an examination for a caller who waits that long.
func ask(t *testing.T, info *server.Info, stays time.Duration) <-chan outcome {
	t.Helper()
	out := make(chan outcome, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), stays)
		defer cancel()
		answer, err := info.Diagnose(ctx, &zhaohuov1.DiagnoseRequest{})
		out <- outcome{answer.GetMeta().GetUpstreamCalls(), err}
	}()
	synctest.Wait()
	return out
}

func TestExaminationsAreJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doctor := &slowDoctor{}
		info := server.NewInfo(server.InfoParts{Doctor: doctor})
		first := ask(t, info, time.Minute)
		var others []<-chan outcome
		for range 50 {
			others = append(others, ask(t, info, time.Minute))
		}
		if got := <-first; got != (outcome{9, nil}) {
			t.Errorf("the first: %v", got)
		}
		for _, other := range others {
			if got := <-other; got != (outcome{0, nil}) {
				t.Errorf("one who joined: %v", got)
			}
		}
		if doctor.begun.Load() != 1 {
			t.Errorf("%d examinations", doctor.begun.Load())
		}
		// The next one is new: something may have been fixed.
		if got := <-ask(t, info, time.Minute); got != (outcome{9, nil}) || doctor.begun.Load() != 2 {
			t.Errorf("afterwards: %v after %d examinations", got, doctor.begun.Load())
		}
	})
}

func TestExaminationsHaveARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doctor := &slowDoctor{}
		info := server.NewInfo(server.InfoParts{Doctor: doctor})
		for range 3 {
			if got := <-ask(t, info, time.Minute); got.err != nil {
				t.Fatal(got.err)
			}
		}
		refused := <-ask(t, info, time.Minute)
		f, ok := fault.As(refused.err)
		if !ok || f.Kind != fault.CallerRateLimited || f.RetryAfter <= 0 || f.RetryAfter > 20*time.Second {
			t.Fatalf("the fourth: %v", refused.err)
		}
		time.Sleep(f.RetryAfter)
		if got := <-ask(t, info, time.Minute); got != (outcome{9, nil}) || doctor.begun.Load() != 4 {
			t.Errorf("after the wait: %v after %d examinations", got, doctor.begun.Load())
		}
	})
}

func TestExaminationsOutliveWhoBeganThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doctor := &slowDoctor{}
		info := server.NewInfo(server.InfoParts{Doctor: doctor})
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := info.Diagnose(ctx, &zhaohuov1.DiagnoseRequest{})
			left <- err
		}()
		synctest.Wait()
		stays := ask(t, info, time.Minute)
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		if got := <-stays; got.err != nil || doctor.begun.Load() != 1 {
			t.Errorf("who stayed: %v after %d examinations", got, doctor.begun.Load())
		}
		// One that ends with its caller's deadline is started again for a caller who has more time.
		brief, patient := ask(t, info, time.Second), ask(t, info, time.Minute)
		if got := <-brief; !errors.Is(got.err, context.DeadlineExceeded) {
			t.Errorf("who had a second: %v", got.err)
		}
		if got := <-patient; got != (outcome{9, nil}) || doctor.begun.Load() != 3 {
			t.Errorf("who had a minute: %v after %d examinations", got, doctor.begun.Load())
		}
	})
}

func TestExaminationsEndWithTheirLastCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doctor := &slowDoctor{}
		info := server.NewInfo(server.InfoParts{Doctor: doctor})
		for range 2 {
			one, other := ask(t, info, time.Second), ask(t, info, time.Second)
			if a, b := <-one, <-other; !errors.Is(a.err, context.DeadlineExceeded) || !errors.Is(b.err, context.DeadlineExceeded) {
				t.Errorf("%v, %v", a.err, b.err)
			}
			synctest.Wait()
			if doctor.begun.Load() != doctor.ended.Load() {
				t.Errorf("%d begun, %d ended", doctor.begun.Load(), doctor.ended.Load())
			}
		}
	})
}

func TestAPanickingExaminationIsTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		info := server.NewInfo(server.InfoParts{Doctor: &slowDoctor{broken: "a defect"}})
		defer func() {
			if got := recover(); got != "a defect" {
				t.Errorf("recovered %v", got)
			}
		}()
		_, _ = info.Diagnose(t.Context(), &zhaohuov1.DiagnoseRequest{})
	})
}

// An examination with another question is another one: who asks for the comparison does not get an answer without it.
func TestExaminationsOfTwoKindsAreNotJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doctor := &slowDoctor{}
		info := server.NewInfo(server.InfoParts{Doctor: doctor})
		plain := ask(t, info, time.Minute)
		compared := make(chan outcome, 1)
		go func() {
			answer, err := info.Diagnose(t.Context(), &zhaohuov1.DiagnoseRequest{CompareTranslation: true})
			compared <- outcome{answer.GetMeta().GetUpstreamCalls(), err}
		}()
		for _, one := range []<-chan outcome{plain, compared} {
			if got := <-one; got != (outcome{9, nil}) {
				t.Errorf("%v", got)
			}
		}
		if doctor.begun.Load() != 2 {
			t.Errorf("%d examinations", doctor.begun.Load())
		}
	})
}
