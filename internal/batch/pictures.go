package batch

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// picturesWidth is how many pictures of one batch run at once. Each holds a file's bytes until it is stored, and costs two
// calls if the upstream requires an upload first. Sixteen are enough to use 16 calls a second at two seconds each.
const picturesWidth = 16

// Picture is one received picture of a batch.
type Picture struct {
	// Index and Tag are returned with its result.
	Index int32
	Tag   string
	// Search fills in the result. It must return soon after ctx ends, and every failure must be a fault. It is called again
	// after a fault of missing capacity.
	Search func(ctx context.Context, answer *zhaohuov1.BatchImageResult) error
	// Close frees the picture. It is called exactly once.
	Close func()
}

// pictureOutcome is the result of one picture.
type pictureOutcome struct {
	result *zhaohuov1.BatchImageResult
	// calls is its upstream calls, failed or not.
	calls    int32
	panicked any
}

// Pictures searches by each picture that next returns, until next fails; io.EOF ends the batch. It calls send once for each
// picture, in order of completion, one at a time, with progress messages between them. It reads little ahead of what is
// sent. Errors of single pictures are messages in acceptLanguage. It fails with next's error after all earlier pictures are
// answered, or with the error of send or ctx. All its goroutines have ended when it returns.
func (r *Runner) Pictures(ctx context.Context, next func(context.Context) (*Picture, error), acceptLanguage string,
	send func(*zhaohuov1.BatchImageSearchResponse) error,
) error {
	working, stop := context.WithCancel(ctx)
	line := &pictureLine{language: acceptLanguage, pictures: make(chan *Picture), outcomes: make(chan pictureOutcome)}
	go line.read(working, next)
	line.work(working)
	defer func() {
		stop()
		for range line.outcomes {
			continue // Drain, so that the workers end. These outcomes are discarded.
		}
	}()
	if err := line.report(ctx, r.c.Every, send); err != nil {
		return err
	}
	return line.ended()
}

// pictureLine connects the reader, the workers and the sender of a batch of pictures. Both channels are unbuffered, so that a
// blocked sender blocks the workers, and they block the reader.
type pictureLine struct {
	language string
	pictures chan *Picture
	outcomes chan pictureOutcome
	// received counts the received pictures.
	received atomic.Int32
	// done, failures and calls are the sums of all results so far. Only the sender uses them.
	done, failures, calls int32

	// failed is next's error, and panicked the value it panicked with. Both are read after the last outcome.
	failed   error
	panicked any
}

// read passes pictures to free workers, and closes the channel when there are no more.
func (l *pictureLine) read(ctx context.Context, next func(context.Context) (*Picture, error)) {
	defer close(l.pictures)
	defer func() { l.panicked = recover() }()
	for {
		p, err := next(ctx)
		if err != nil {
			l.failed = err
			return
		}
		l.received.Add(1)
		select {
		case l.pictures <- p:
		case <-ctx.Done():
			p.Close()
			l.failed = ctx.Err()
			return
		}
	}
}

// work starts the workers. They search until there are no more pictures; then outcomes is closed.
func (l *pictureLine) work(ctx context.Context) {
	var workers sync.WaitGroup
	for range picturesWidth {
		workers.Go(func() {
			for p := range l.pictures {
				got := l.search(ctx, p)
				select {
				case l.outcomes <- got:
				case <-ctx.Done():
				}
			}
		})
	}
	go func() {
		workers.Wait()
		close(l.outcomes)
	}()
}

func (l *pictureLine) search(ctx context.Context, p *Picture) (got pictureOutcome) {
	defer p.Close()
	defer func() {
		if why := recover(); why != nil {
			got = pictureOutcome{panicked: why}
		}
	}()
	result := &zhaohuov1.BatchImageResult{Index: p.Index, Tag: p.Tag}
	err := WaitForCapacity(ctx, func() error { return p.Search(ctx, result) })
	if err != nil {
		result.Outcome = &zhaohuov1.BatchImageResult_Error{Error: rpcerr.Status(err, l.language).Proto()}
		return pictureOutcome{result: result, calls: int32(fault.CallsOf(err))}
	}
	return pictureOutcome{result: result, calls: result.GetResponse().GetMeta().GetUpstreamCalls()}
}

// report sends messages until all outcomes are sent.
func (l *pictureLine) report(ctx context.Context, every time.Duration, send func(*zhaohuov1.BatchImageSearchResponse) error) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		var message *zhaohuov1.BatchImageSearchResponse
		select {
		case got, more := <-l.outcomes:
			switch {
			case ctx.Err() != nil:
				return ctx.Err() // The outcome of a cancelled search is not reported.
			case !more:
				return send(l.progress())
			case got.panicked != nil:
				panic(got.panicked)
			}
			message = l.message(got)
		case <-tick.C:
			message = l.progress()
		}
		if err := send(message); err != nil {
			return err
		}
	}
}

// message counts an outcome and makes its message.
func (l *pictureLine) message(got pictureOutcome) *zhaohuov1.BatchImageSearchResponse {
	l.done++
	l.calls += got.calls
	if got.result.GetError() != nil {
		l.failures++
	}
	return &zhaohuov1.BatchImageSearchResponse{Event: &zhaohuov1.BatchImageSearchResponse_Result{Result: got.result}}
}

func (l *pictureLine) progress() *zhaohuov1.BatchImageSearchResponse {
	return &zhaohuov1.BatchImageSearchResponse{Event: &zhaohuov1.BatchImageSearchResponse_Progress{Progress: &zhaohuov1.BatchImageProgress{
		Received: l.received.Load(), Done: l.done, Failed: l.failures, UpstreamCalls: l.calls,
	}}}
}

// ended is the reader's error; nil for io.EOF.
func (l *pictureLine) ended() error {
	switch {
	case l.panicked != nil:
		panic(l.panicked)
	case errors.Is(l.failed, io.EOF):
		return nil
	}
	return l.failed
}
