package server

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
)

// BatchImageSearch implements [zhaohuov1.SearchServiceServer].
func (s *Search) BatchImageSearch(stream grpc.BidiStreamingServer[zhaohuov1.BatchImageSearchRequest, zhaohuov1.BatchImageSearchResponse]) error {
	ctx := stream.Context()
	in := &pictureStream{messages: messages[zhaohuov1.BatchImageSearchRequest]{stream.RecvMsg}, photos: s.photos}
	options, err := in.options(ctx)
	if err != nil {
		return err
	}
	question, err := s.imageQuestion(imageRequestOf(options))
	if err != nil {
		return within("options", err)
	}
	next := func(ctx context.Context) (*batch.Picture, error) {
		came, err := in.next(ctx)
		if err != nil {
			return nil, err
		}
		job := &pictureJob{search: s, question: question, came: came}
		return &batch.Picture{Index: came.index, Tag: came.GetTag(), Search: job.do, Close: job.close}, nil
	}
	return s.batches.Pictures(ctx, next, acceptLanguage(ctx), stream.Send)
}

// pictureJob is one image to search with.
type pictureJob struct {
	search   *Search
	question *zhaohuov1.ImageSearchRequest
	came     *arrived
	// taken is true if the image is stored here, or if its address is enough; kept is then nil.
	taken bool
	kept  *photo.Kept
}

// do fills in the image's result. A retry continues where the last attempt stopped.
func (j *pictureJob) do(ctx context.Context, result *zhaohuov1.BatchImageResult) error {
	if j.came.refused != nil {
		return j.came.refused
	}
	photos, question := j.search.photos, proto.CloneOf(j.question)
	if part := j.came.GetRegion(); part != nil {
		question.Region = part
	}
	if err := j.take(ctx, question.GetRegion()); err != nil {
		return err
	}
	picture, release, err := photos.pictureOn(ctx, j.kept, j.came.GetImage().GetUrl(), question.GetRegion())
	if err != nil {
		return err
	}
	defer release()
	found, err := j.search.searcher.ImageSearch(ctx, photos.asked(question), picture)
	if err != nil {
		return err
	}
	result.Outcome = &zhaohuov1.BatchImageResult_Response{Response: withID(found, j.kept)}
	return nil
}

// take stores the image here, once. Its message is then released: a search may wait longer for its permit than memory
// should be held.
func (j *pictureJob) take(ctx context.Context, part *zhaohuov1.ImageRegion) (err error) {
	if j.taken {
		return nil
	}
	if j.came.spool == nil {
		j.kept, err = j.search.photos.taken(ctx, j.came.GetImage(), part != nil)
	} else if j.kept, err = j.search.photos.keep(ctx, j.came.spool); err == nil {
		j.came.close()
	}
	j.taken = err == nil
	return err
}

func (j *pictureJob) close() {
	j.came.close()
	j.kept.Release()
}
