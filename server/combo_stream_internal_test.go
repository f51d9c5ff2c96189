package server

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// stepsOf is a strategy that reports so many steps and then answers.
func stepsOf(many int32, ended *bool) func(context.Context, string, report) (string, error) {
	return func(_ context.Context, q string, report report) (string, error) {
		defer func() { *ended = true }()
		for n := range many {
			report(&zhaohuov1.ComboStep{Number: n + 1})
		}
		return "answer to " + q, nil
	}
}

// TestASlowReaderDoesNotHoldTheStrategy: the strategy ends while its first step is not read, and nothing is lost.
func TestASlowReaderDoesNotHoldTheStrategy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := make(chan struct{})
		ended, got, answer := false, int32(0), ""
		streaming := make(chan error, 1)
		go func() {
			streaming <- streamSteps(t.Context(), "q", stepsOf(200, &ended), func(step *zhaohuov1.ComboStep) error {
				<-reads
				if got++; step.GetNumber() != got {
					t.Errorf("step %d was sent as number %d", step.GetNumber(), got)
				}
				return nil
			}, func(a string) error {
				answer = a
				return nil
			})
		}()
		synctest.Wait()
		if !ended || got != 0 {
			t.Fatalf("ended: %v, with %d steps read", ended, got)
		}
		close(reads)
		if err := <-streaming; err != nil || got != 200 || answer != "answer to q" {
			t.Errorf("%d steps and %q: %v", got, answer, err)
		}
	})
}

// TestAStrategyEndsBeforeItsStream: when a step cannot be sent, the strategy is cancelled, and has ended when the stream has.
func TestAStrategyEndsBeforeItsStream(t *testing.T) {
	lost, ended := errors.New("the reader has left"), false
	err := streamSteps(t.Context(), "q", func(ctx context.Context, _ string, report report) (string, error) {
		report(&zhaohuov1.ComboStep{Number: 1})
		<-ctx.Done()
		report(&zhaohuov1.ComboStep{Number: 2})
		ended = true
		return "", ctx.Err()
	}, func(*zhaohuov1.ComboStep) error { return lost }, func(string) error {
		t.Error("an answer was sent")
		return nil
	})
	if !errors.Is(err, lost) || !ended {
		t.Errorf("ended: %v, with %v", ended, err)
	}
}

// TestAPanicOfAStrategyReachesTheHandler, where the chain recovers it. The steps before it are sent.
func TestAPanicOfAStrategyReachesTheHandler(t *testing.T) {
	sent := 0
	defer func() {
		if why := recover(); why != "made to panic" || sent != 1 {
			t.Errorf("recovered %v after %d steps", why, sent)
		}
	}()
	_ = streamSteps(t.Context(), "q", func(_ context.Context, _ string, report report) (string, error) {
		report(&zhaohuov1.ComboStep{})
		panic("made to panic")
	}, func(*zhaohuov1.ComboStep) error {
		sent++
		return nil
	}, func(string) error { return nil })
	t.Error("no panic")
}
