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

// pictureStream reads a batch of images in the required order.
type pictureStream struct {
	messages messages[zhaohuov1.BatchImageSearchRequest]
	photos   Photos
	// ahead is the beginning of the next image, which was read as the end of the one before.
	ahead *beginning
	count int32
}

// beginning is the message that starts an image, and the chain's refusal of it.
type beginning struct {
	head    *zhaohuov1.BatchImage
	refused error
}

// arrived is a received image.
type arrived struct {
	// BatchImage is its first message.
	*zhaohuov1.BatchImage

	index int32
	// refused is why it is not searched.
	refused error
	// spool is the content; nil if the image is given by address or id.
	spool *photo.Spool
	once  sync.Once
}

// close frees the content. It may be called twice.
func (a *arrived) close() {
	if a.spool != nil {
		a.once.Do(func() { _ = a.spool.Close() }) // The spool was only read.
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

// next receives the next image; io.EOF if there is none. A fault of one image is its refusal. An error means that no
// further image can be read.
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

// begin waits for an image to start, without a time limit.
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
		case *zhaohuov1.BatchImageSearchRequest_End: // An image given by address or id needs no end.
		case *zhaohuov1.BatchImageSearchRequest_Chunk:
			return nil, fault.Invalid("chunk", ruleFirst, "must come after an image that is not named by address or id")
		default:
			return nil, errOptionsTwice()
		}
	}
}

// ofOnePicture separates the chain's refusal of one image from what ends the stream.
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

// store receives an image sent as content, so that its message is not held while it waits for its search.
func (s *pictureStream) store(ctx context.Context, a *arrived) error {
	if err := s.open(ctx, a); err != nil {
		return err
	}
	_, a.refused = a.spool.Write(a.GetImage().GetContent())
	a.BatchImage = &zhaohuov1.BatchImage{Tag: a.GetTag(), Region: a.GetRegion()}
	return nil
}

// fill receives the chunks of an image, up to its end.
func (s *pictureStream) fill(ctx context.Context, a *arrived) error {
	if err := s.open(ctx, a); err != nil {
		return err
	}
	rest := s.photos.Store.BytesMax() // How much of a refused image is skipped.
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

// chunk is a part of an image, and the chain's refusal of it.
type chunk struct {
	bytes   []byte
	refused error
}

// chunk waits for the next part of the current image; nil at its end.
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
