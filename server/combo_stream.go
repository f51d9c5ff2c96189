package server

import (
	"context"
	"sync"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// StreamFindSource implements [zhaohuov1.ComboServiceServer].
func (c *Combo) StreamFindSource(q *zhaohuov1.FindSourceRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamFindSourceResponse]) error {
	return streamSteps(stream.Context(), q, c.findSource, func(step *zhaohuov1.ComboStep) error {
		return stream.Send(&zhaohuov1.StreamFindSourceResponse{Event: &zhaohuov1.StreamFindSourceResponse_Step{Step: step}})
	}, func(answer *zhaohuov1.FindSourceResponse) error {
		return stream.Send(&zhaohuov1.StreamFindSourceResponse{Event: &zhaohuov1.StreamFindSourceResponse_Answer{Answer: answer}})
	})
}

// StreamExpandSelection implements [zhaohuov1.ComboServiceServer].
func (c *Combo) StreamExpandSelection(q *zhaohuov1.ExpandSelectionRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamExpandSelectionResponse]) error {
	return streamSteps(stream.Context(), q, c.expandSelection, func(step *zhaohuov1.ComboStep) error {
		return stream.Send(&zhaohuov1.StreamExpandSelectionResponse{Event: &zhaohuov1.StreamExpandSelectionResponse_Step{Step: step}})
	}, func(answer *zhaohuov1.ExpandSelectionResponse) error {
		return stream.Send(&zhaohuov1.StreamExpandSelectionResponse{Event: &zhaohuov1.StreamExpandSelectionResponse_Answer{Answer: answer}})
	})
}

// StreamComparePrices implements [zhaohuov1.ComboServiceServer].
func (c *Combo) StreamComparePrices(q *zhaohuov1.ComparePricesRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamComparePricesResponse]) error {
	return streamSteps(stream.Context(), q, c.comparePrices, func(step *zhaohuov1.ComboStep) error {
		return stream.Send(&zhaohuov1.StreamComparePricesResponse{Event: &zhaohuov1.StreamComparePricesResponse_Step{Step: step}})
	}, func(answer *zhaohuov1.ComparePricesResponse) error {
		return stream.Send(&zhaohuov1.StreamComparePricesResponse{Event: &zhaohuov1.StreamComparePricesResponse_Answer{Answer: answer}})
	})
}

// StreamAnalyzeCompetitors implements [zhaohuov1.ComboServiceServer].
func (c *Combo) StreamAnalyzeCompetitors(q *zhaohuov1.AnalyzeCompetitorsRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamAnalyzeCompetitorsResponse]) error {
	return streamSteps(stream.Context(), q, c.analyzeCompetitors, func(step *zhaohuov1.ComboStep) error {
		return stream.Send(&zhaohuov1.StreamAnalyzeCompetitorsResponse{Event: &zhaohuov1.StreamAnalyzeCompetitorsResponse_Step{Step: step}})
	}, func(answer *zhaohuov1.AnalyzeCompetitorsResponse) error {
		return stream.Send(&zhaohuov1.StreamAnalyzeCompetitorsResponse{Event: &zhaohuov1.StreamAnalyzeCompetitorsResponse_Answer{Answer: answer}})
	})
}

// streamSteps runs a strategy, and calls sendStep with each of its steps as it happens and sendAnswer with its answer. The
// strategy never waits for them: it ends and frees its image as soon as if nobody read its steps. It is cancelled if ctx
// ends or a step cannot be sent, and has ended when streamSteps returns.
func streamSteps[Q, A any](ctx context.Context, q Q, strategy func(context.Context, Q, report) (A, error),
	sendStep func(*zhaohuov1.ComboStep) error, sendAnswer func(A) error,
) error {
	ctx, cancel := context.WithCancel(ctx)
	var (
		answer   A
		failed   error
		panicked any
		steps    = newStepQueue()
	)
	go func() {
		defer steps.close()
		defer func() { panicked = recover() }()
		answer, failed = strategy(ctx, q, steps.put)
	}()
	defer func() {
		cancel()
		for steps.take() != nil {
			continue // Until the strategy has ended.
		}
	}()
	for all := steps.take(); all != nil; all = steps.take() {
		for _, step := range all {
			if err := sendStep(step); err != nil {
				return err
			}
		}
	}
	switch {
	case panicked != nil:
		panic(panicked)
	case failed != nil:
		return failed
	}
	return sendAnswer(answer)
}

// stepQueue holds the steps that are not sent yet. It grows as needed: a strategy has few more steps than its budget has
// calls.
type stepQueue struct {
	lock   sync.Mutex
	change sync.Cond
	steps  []*zhaohuov1.ComboStep
	closed bool
}

func newStepQueue() *stepQueue {
	q := &stepQueue{}
	q.change.L = &q.lock
	return q
}

// put never blocks.
func (q *stepQueue) put(step *zhaohuov1.ComboStep) {
	q.lock.Lock()
	defer q.lock.Unlock()
	q.steps = append(q.steps, step)
	q.change.Signal()
}

func (q *stepQueue) close() {
	q.lock.Lock()
	defer q.lock.Unlock()
	q.closed = true
	q.change.Signal()
}

// take waits for steps and removes them from the queue; nil if there will be none.
func (q *stepQueue) take() []*zhaohuov1.ComboStep {
	q.lock.Lock()
	defer q.lock.Unlock()
	for len(q.steps) == 0 && !q.closed {
		q.change.Wait()
	}
	taken := q.steps
	q.steps = nil
	return taken
}
