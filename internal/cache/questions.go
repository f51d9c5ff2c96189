package cache

import (
	"context"
	"log/slog"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// fetchFunc makes the upstream call and stores the answer. The photo is nil where the question has none.
type fetchFunc func(ctx context.Context, photo upstream.Photo) outcome

// outcome is the result of a call: an answer or an error.
type outcome struct {
	stored *stored
	err    error
	// by is empty where the upstream was called; ByTwin where another process called it, ByStore where the answer was
	// found stored.
	by By
	// demand is the demand of the waiting callers at the end.
	demand upstream.Demand
}

// newQuestions coalesces equal questions.
func newQuestions(workers *workers, log *slog.Logger) *upstream.Shared[Key, outcome] {
	start := func(work func()) bool { return workers.start(func(context.Context) { work() }) }
	afterPanic := func() outcome { return outcome{err: fault.New(fault.Internal, "")} }
	return upstream.NewShared[Key](start, afterPanic, log)
}

// withDemand is a fetchFunc that records the demand.
func withDemand(ask fetchFunc) upstream.Work[outcome] {
	return func(ctx context.Context, photo upstream.Photo) outcome {
		out := ask(ctx, photo)
		out.demand = upstream.DemandOf(ctx)
		return out
	}
}
