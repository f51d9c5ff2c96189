package cache

import (
	"context"
	"log/slog"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// asking puts a question to the upstream and keeps the answer. The photo is nil where the question is not about one.
type asking func(ctx context.Context, photo upstream.Photo) outcome

// outcome is what an asking came to: an answer or an error.
type outcome struct {
	held *held
	err  error
	// by is empty where the upstream was asked; ByTwin where another process asked it, ByStore where the answer turned
	// out to be kept.
	by By
	// demand is what those who waited allowed in the end.
	demand upstream.Demand
}

// newQuestions has equal questions at the same time asked once.
func newQuestions(crew *crew, log *slog.Logger) *upstream.Shared[Key, outcome] {
	start := func(work func()) bool { return crew.start(func(context.Context) { work() }) }
	broken := func() outcome { return outcome{err: fault.New(fault.Internal, "")} }
	return upstream.NewShared[Key](start, broken, log)
}

// withDemand is an asking that remembers what was allowed.
func withDemand(ask asking) upstream.Work[outcome] {
	return func(ctx context.Context, photo upstream.Photo) outcome {
		out := ask(ctx, photo)
		out.demand = upstream.DemandOf(ctx)
		return out
	}
}
