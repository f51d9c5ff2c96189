package batch

import (
	"context"
	"errors"
	"io"
	"sync"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/rpcerr"
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
	Search func(ctx context.Context, answer *zhaohuov1.BatchImageSearchResponse) error
	// Close frees what the picture holds. It is called once, always.
	Close func()
}

// pictureOutcome is what came of one picture.
type pictureOutcome struct {
	answer   *zhaohuov1.BatchImageSearchResponse
	panicked any
}

// Pictures works off the pictures that next gives, until it fails; io.EOF is the end of them. Each picture is answered by
// one message to send, in the order they are done, one at a time; none is taken in far ahead of what is sent. Errors of
// single pictures are told in acceptLanguage. It fails with next's error, after the pictures before it were answered, with
// send's, or with ctx's when that ends; all of its work has ended when it returns.
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
	for got := range line.outcomes {
		switch {
		case ctx.Err() != nil:
			return ctx.Err() // What came of a search that was cut off is no outcome.
		case got.panicked != nil:
			panic(got.panicked)
		}
		if err := send(got.answer); err != nil {
			return err
		}
	}
	return line.ended()
}

// pictureLine is a batch of pictures between its reader, its workers and its sender. Neither channel has room, so that a
// sender who cannot send stops the workers, and they the reader.
type pictureLine struct {
	language string
	pictures chan *Picture
	outcomes chan pictureOutcome

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
	answer := &zhaohuov1.BatchImageSearchResponse{Index: p.Index, Tag: p.Tag}
	err := Patiently(ctx, func() error { return p.Search(ctx, answer) })
	if err != nil {
		answer.Outcome = &zhaohuov1.BatchImageSearchResponse_Error{Error: rpcerr.Status(err, l.language).Proto()}
	}
	return pictureOutcome{answer: answer}
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
