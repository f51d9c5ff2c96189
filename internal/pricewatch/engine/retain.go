package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// retainEvery is how often what is not to be kept is deleted.
const retainEvery = time.Hour

// retainJob asks for the deletion of what is not to be kept.
type retainJob struct{}

// Kind implements [river.JobArgs].
func (retainJob) Kind() string { return kindRetain }

// retainOptions let one such job be open at a time.
func retainOptions() *river.InsertOpts {
	o := jobOptions(false)
	o.Priority, o.MaxAttempts = priorityRetain, 3
	return o
}

// retainWorker works [retainJob]s.
type retainWorker struct {
	river.WorkerDefaults[retainJob]
	engine *Engine
}

// Work implements [river.Worker]. What does not fit into its time is deleted the next time.
func (w *retainWorker) Work(ctx context.Context, _ *river.Job[retainJob]) error {
	e := w.engine
	ctx, cancel := context.WithTimeout(ctx, observeTimeout)
	defer cancel()
	pruned, err := e.store.Prune(ctx, e.now(), e.retention)
	if pruned.Observations > 0 || pruned.Events > 0 {
		e.log.InfoContext(ctx, "old observations of price watches were deleted", "observations", pruned.Observations, "events", pruned.Events)
	}
	if fault.KindOf(err) == fault.DeadlineExceeded && err != nil {
		return river.JobSnooze(time.Minute)
	}
	return err
}

func decodeArgs(job *rivertype.JobRow, args any) error {
	if err := json.Unmarshal(job.EncodedArgs, args); err != nil {
		return fault.New(fault.Internal, "a job of the queue of price watches cannot be read").WithCause(err)
	}
	return nil
}
