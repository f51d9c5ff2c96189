package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
)

// pictureStream reads a batch of pictures in the order its parts have to come.
type pictureStream struct {
	messages messages[zhaohuov1.BatchImageSearchRequest]
	photos   Photos
	// ahead is a picture's beginning that was read as the end of the one before it.
	ahead *beginning
	count int32
}

// beginning is the message that begins a picture, and what the chain refused of it.
type beginning struct {
	head    *zhaohuov1.BatchImage
	refused error
}

// arrived is a picture that has come in.
type arrived struct {
	// BatchImage is how it began.
	*zhaohuov1.BatchImage

	index int32
	// refused is why it is not searched by.
	refused error
	// spool is what came in chunks or as content; nil where the image is named by address or id.
	spool *photo.Spool
	once  sync.Once
}

// close frees what came in. It may be called twice.
func (a *arrived) close() {
	if a.spool != nil {
		a.once.Do(func() { _ = a.spool.Close() }) // It was only read.
	}
}

// options are the first message.
func (s *pictureStream) options(ctx context.Context) (*zhaohuov1.ImageSearchOptions, error) {
	first, err := s.messages.next(ctx, s.photos.IdleTimeout)
	if errors.Is(err, io.EOF) {
		return nil, fault.Invalid("options", ruleRequired, "the stream is empty: options come first, then the images")
	}
	if err != nil {
		return nil, err
	}
	part, ok := first.GetPart().(*zhaohuov1.BatchImageSearchRequest_Options)
	if !ok {
		return nil, fault.Invalid("options", ruleFirst, "must come first, before any image")
	}
	return cmp.Or(part.Options, &zhaohuov1.ImageSearchOptions{}), nil
}

// next takes in the next picture; io.EOF when there is none. What is wrong with one picture is told as its refusal; an error
// is what no further picture can be read after.
func (s *pictureStream) next(ctx context.Context) (*arrived, error) {
	begun, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	a := &arrived{BatchImage: begun.head, index: s.count, refused: begun.refused}
	s.count++
	receive := s.fill
	switch {
	case a.GetImage() == nil:
	case a.refused == nil && a.GetImage().GetContent() != nil:
		receive = s.store
	default:
		return a, nil
	}
	if err := receive(ctx, a); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// begin waits for a picture to begin, for as long as the caller likes.
func (s *pictureStream) begin(ctx context.Context) (*beginning, error) {
	if ahead := s.ahead; ahead != nil {
		s.ahead = nil
		return ahead, nil
	}
	for {
		message, err := s.messages.next(ctx, 0)
		refused, err := ofOnePicture(message, err)
		if err != nil {
			return nil, err
		}
		switch part := message.GetPart().(type) {
		case *zhaohuov1.BatchImageSearchRequest_Image:
			return &beginning{part.Image, refused}, nil
		case *zhaohuov1.BatchImageSearchRequest_End: // Of a picture that was named, and complete without.
		case *zhaohuov1.BatchImageSearchRequest_Chunk:
			return nil, fault.Invalid("chunk", ruleFirst, "must come after an image that is not named by address or id")
		default:
			return nil, errOptionsTwice()
		}
	}
}

// ofOnePicture tells what the chain refuses of one picture from what ends the stream.
func ofOnePicture(message *zhaohuov1.BatchImageSearchRequest, err error) (refused, ends error) {
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.InvalidField && f.Kind != fault.RequestTooLarge {
		return nil, err
	}
	switch message.GetPart().(type) {
	case *zhaohuov1.BatchImageSearchRequest_Image, *zhaohuov1.BatchImageSearchRequest_Chunk:
		return err, nil
	}
	return nil, err
}

// open waits until there is memory for an image.
func (s *pictureStream) open(ctx context.Context, a *arrived) error {
	return batch.WaitForCapacity(ctx, func() (err error) {
		a.spool, err = s.photos.Store.Spool(ctx)
		return err
	})
}

// store takes in an image that came as content, so that its message is not held while it waits to be searched.
func (s *pictureStream) store(ctx context.Context, a *arrived) error {
	if err := s.open(ctx, a); err != nil {
		return err
	}
	_, a.refused = a.spool.Write(a.GetImage().GetContent())
	a.BatchImage = &zhaohuov1.BatchImage{Tag: a.GetTag(), Region: a.GetRegion()}
	return nil
}

// fill takes in the chunks of a picture, up to its end.
func (s *pictureStream) fill(ctx context.Context, a *arrived) error {
	if err := s.open(ctx, a); err != nil {
		return err
	}
	rest := s.photos.Store.BytesMax() // How much of a refused picture is read past.
	arriving := s.photos.pace()
	for {
		began := time.Now()
		got, err := s.chunk(ctx)
		if err != nil {
			return err
		}
		if got == nil {
			break
		}
		if err := arriving.Arrived(len(got.bytes), time.Since(began)); err != nil {
			return err
		}
		if a.refused == nil {
			a.refused = got.refused
		}
		if a.refused == nil {
			_, a.refused = a.spool.Write(got.bytes)
			continue
		}
		a.close()
		if rest -= int64(len(got.bytes)); rest < 0 {
			return a.refused
		}
	}
	if a.refused == nil && a.spool.Size() == 0 {
		a.refused = fault.Invalid("image", ruleRequired, "an image is required: its url, content or id, or chunks")
	}
	return nil
}

// chunk is a part of a picture, and what the chain refused of it.
type chunk struct {
	bytes   []byte
	refused error
}

// chunk waits for the next part of the picture that is coming in; nil if it has come to its end.
func (s *pictureStream) chunk(ctx context.Context) (*chunk, error) {
	message, err := s.messages.next(ctx, s.photos.IdleTimeout)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	refused, err := ofOnePicture(message, err)
	if err != nil {
		return nil, err
	}
	switch part := message.GetPart().(type) {
	case *zhaohuov1.BatchImageSearchRequest_Chunk:
		return &chunk{part.Chunk, refused}, nil
	case *zhaohuov1.BatchImageSearchRequest_Image:
		s.ahead = &beginning{part.Image, refused}
		return nil, nil
	case *zhaohuov1.BatchImageSearchRequest_End:
		return nil, nil
	}
	return nil, errOptionsTwice()
}

func errOptionsTwice() error {
	return fault.Invalid("options", ruleOnce, "must come once, before the first image")
}
