package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
	"github.com/zhaohuo-dev/zhaohuo/server/pace"
)

// UploadImageSearch implements [zhaohuov1.SearchServiceServer]. It sends the header as soon as the options are accepted
// and there is memory for a photo, so that a caller can wait for it before sending one.
func (s *Search) UploadImageSearch(stream grpc.ClientStreamingServer[zhaohuov1.UploadImageSearchRequest, zhaohuov1.UploadImageSearchResponse]) error {
	ctx := stream.Context()
	up := &upload{stream: stream, messages: messages[zhaohuov1.UploadImageSearchRequest]{stream.RecvMsg}, idle: s.photos.IdleTimeout, pace: s.photos.pace()}
	options, err := up.options(ctx)
	if err != nil {
		return err
	}
	question, err := s.imageQuestion(imageRequestOf(options))
	if err != nil {
		return within("options", err)
	}
	kept, err := s.received(ctx, up)
	if err != nil {
		return err
	}
	defer kept.Release()
	picture, release, err := s.photos.pictureOn(ctx, kept, "", question.GetRegion())
	if err != nil {
		return within("options", err)
	}
	defer release()
	answer, err := s.searcher.ImageSearch(ctx, s.photos.asked(question), picture)
	if err != nil {
		return err
	}
	return stream.SendAndClose(&zhaohuov1.UploadImageSearchResponse{Response: withID(answer, kept)})
}

// received receives the photo and stores it.
func (s *Search) received(ctx context.Context, up *upload) (*photo.Kept, error) {
	spool, err := s.photos.Store.Spool(ctx)
	if err != nil {
		return nil, err
	}
	defer spool.Close() //nolint:errcheck // The photo was stored, or is not needed.
	if err := up.stream.SendHeader(metadata.Pairs(contract.UploadKey, contract.UploadAccepted)); err != nil {
		return nil, err
	}
	if err := up.picture(ctx, spool); err != nil {
		return nil, err
	}
	return s.photos.keep(ctx, spool)
}

// upload reads a stream of messages in the required order.
type upload struct {
	stream   grpc.ClientStreamingServer[zhaohuov1.UploadImageSearchRequest, zhaohuov1.UploadImageSearchResponse]
	messages messages[zhaohuov1.UploadImageSearchRequest]
	idle     time.Duration
	pace     pace.Pace
}

// options are the first message.
func (u *upload) options(ctx context.Context) (*zhaohuov1.ImageSearchOptions, error) {
	first, err := u.messages.next(ctx, u.idle)
	if errors.Is(err, io.EOF) {
		return nil, fault.Invalid("options", ruleRequired, "the stream is empty: options come first, then the image in chunks")
	}
	if err != nil {
		return nil, err
	}
	part, ok := first.GetPart().(*zhaohuov1.UploadImageSearchRequest_Options)
	if !ok {
		return nil, fault.Invalid("options", ruleFirst, "must come first, before any chunk")
	}
	return cmp.Or(part.Options, &zhaohuov1.ImageSearchOptions{}), nil
}

// picture writes all further messages, which are chunks, to the spool.
func (u *upload) picture(ctx context.Context, spool *photo.Spool) error {
	for {
		began := time.Now()
		message, err := u.messages.next(ctx, u.idle)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := u.pace.Arrived(len(message.GetChunk()), time.Since(began)); err != nil {
			return err
		}
		switch part := message.GetPart().(type) {
		case *zhaohuov1.UploadImageSearchRequest_Chunk:
			if _, err := spool.Write(part.Chunk); err != nil {
				return err
			}
		case *zhaohuov1.UploadImageSearchRequest_Options:
			return fault.Invalid("options", ruleOnce, "must come once, before the first chunk")
		default:
			return fault.Invalid("part", ruleRequired, "must be a chunk")
		}
	}
	if spool.Size() == 0 {
		return fault.Invalid("chunk", ruleRequired, "an image is wanted, in at least one chunk")
	}
	return nil
}

// imageRequestOf is the upload's options as an ImageSearch request.
func imageRequestOf(o *zhaohuov1.ImageSearchOptions) *zhaohuov1.ImageSearchRequest {
	q := &zhaohuov1.ImageSearchRequest{}
	fields.Copy(q, o)
	return q
}

// within prefixes the fields of a fault with the field that contains them.
func within(field string, err error) error {
	f, ok := fault.As(err)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	inner := *f
	inner.Fields = slices.Clone(f.Fields)
	for i := range inner.Fields {
		inner.Fields[i].Path = field + "." + inner.Fields[i].Path
	}
	return &inner
}
