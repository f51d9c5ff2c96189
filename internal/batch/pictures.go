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

// picturesWidth is how many pictures of one batch are under way at once. Each holds a file's bytes until it is kept, and
// costs two calls where the upstream has photos sent first; sixteen keep 16 calls a second in use at two seconds each.
const picturesWidth = 16

// Picture is one picture of a batch that has come in and waits to be searched by.
type Picture struct {
	// Index and Tag are given back with what comes of it.
	Index int32
	Tag   string
	// Search fills in what came of the picture. It must return soon after ctx ends, and every failure as a fault. After a
	// fault that is a matter of waiting it is called again.
	Search func(ctx context.Context, answer *zhaohuov1.BatchImageResult) error
	// Close frees what the picture holds. It is called once, always.
	Close func()
}

// pictureOutcome is what came of one picture.
type pictureOutcome struct {
	result *zhaohuov1.BatchImageResult
	// calls is what it cost, failed or not.
	calls    int32
	panicked any
}

// Pictures works off the pictures that next gives, until it fails; io.EOF is the end of them. Each picture is answered by
// one message to send, in the order they are done, one at a time, with reports of progress between them; none is taken in
// far ahead of what is sent. Errors of single pictures are told in acceptLanguage. It fails with next's error, after the
// pictures before it were answered, with send's, or with ctx's when that ends; all of its work has ended when it returns.
func (r *Room) Pictures(ctx context.Context, next func(context.Context) (*Picture, error), acceptLanguage string,
	send func(*zhaohuov1.BatchImageSearchResponse) error,
) error {
	working, stop := context.WithCancel(ctx)
	line := &pictureLine{language: acceptLanguage, pictures: make(chan *Picture), outcomes: make(chan pictureOutcome)}
	go line.read(working, next)
	line.work(working)
	defer func() {
		stop()
		for range line.outcomes {
			continue // The workers' way out: what they still bring is of no use.
		}
	}()
	if err := line.report(ctx, r.c.Every, send); err != nil {
		return err
	}
	return line.ended()
}

// pictureLine is a batch of pictures between its reader, its workers and its sender. Neither channel has room, so that a
// sender who cannot send stops the workers, and they the reader.
type pictureLine struct {
	language string
	pictures chan *Picture
	outcomes chan pictureOutcome
	// received counts the pictures that came in.
	received atomic.Int32
	// done, failures and calls are what the results so far come to; the sender's alone.
	done, failures, calls int32

	// failed is what next failed with, and panicked what it died of. Both are read when all outcomes are.
	failed   error
	panicked any
}

// read hands pictures to whoever is free, and closes pictures when there are no more.
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

// work searches by pictures until there are no more, and closes outcomes when all are done.
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
	err := Patiently(ctx, func() error { return p.Search(ctx, result) })
	if err != nil {
		result.Outcome = &zhaohuov1.BatchImageResult_Error{Error: rpcerr.Status(err, l.language).Proto()}
		return pictureOutcome{result: result, calls: int32(fault.CallsOf(err))}
	}
	return pictureOutcome{result: result, calls: result.GetResponse().GetMeta().GetUpstreamCalls()}
}

// report sends until all outcomes are told.
func (l *pictureLine) report(ctx context.Context, every time.Duration, send func(*zhaohuov1.BatchImageSearchResponse) error) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		var message *zhaohuov1.BatchImageSearchResponse
		select {
		case got, more := <-l.outcomes:
			switch {
			case ctx.Err() != nil:
				return ctx.Err() // What came of a search that was cut off is no outcome.
			case !more:
				return send(l.progress())
			case got.panicked != nil:
				panic(got.panicked)
			}
			message = l.tell(got)
		case <-tick.C:
			message = l.progress()
		}
		if err := send(message); err != nil {
			return err
		}
	}
}

// tell counts an outcome, and makes the message of it.
func (l *pictureLine) tell(got pictureOutcome) *zhaohuov1.BatchImageSearchResponse {
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

// ended is how the pictures came to their end.
func (l *pictureLine) ended() error {
	switch {
	case l.panicked != nil:
		panic(l.panicked)
	case errors.Is(l.failed, io.EOF):
		return nil
	}
	return l.failed
}
