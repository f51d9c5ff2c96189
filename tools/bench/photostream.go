package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// photoStream sends the same photos one after the other on one stream, where no photo is refused for memory.
func photoStream(ctx context.Context, r *report, sink string) error {
	for _, turned := range []bool{false, true} {
		s, how, err := serveCrowd(ctx, sink, turned)
		if err != nil {
			return err
		}
		photo, _ := picture(turned)
		from := time.Now()
		answered, failed := onOneStream(ctx, s.conn, photo)
		took := time.Since(from)
		peak, err := s.peakRSS()
		s.close()
		if err := errors.Join(failed, err); err != nil {
			return fmt.Errorf("photos on one stream: %w", err)
		}
		r.promise("64 photos of 5 MB on one stream, "+how+", 64 MiB: answered", answered == photosAtOnce, "64", "%d in %.1f s", answered, took.Seconds())
		r.promise("64 photos of 5 MB on one stream, "+how+", 64 MiB: peak RSS", peak <= rssPromise, "≤ 256 MiB", "%d MiB", peak>>20)
	}
	return nil
}

// onOneStream counts the photos that were answered with goods.
func onOneStream(ctx context.Context, conn *grpc.ClientConn, photo []byte) (answered int, _ error) {
	ctx, cancel := context.WithTimeout(ctx, crowdTime)
	defer cancel()
	stream, err := zhaohuov1.NewSearchServiceClient(conn).BatchImageSearch(ctx)
	if err != nil {
		return 0, err
	}
	sent := make(chan error, 1)
	go func() { sent <- sendCrowd(stream, photo) }()
	for {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return answered, <-sent
		case err != nil:
			return answered, err
		case m.GetResult().GetResponse() != nil:
			answered++
		}
	}
}

func sendCrowd(stream grpc.BidiStreamingClient[zhaohuov1.BatchImageSearchRequest, zhaohuov1.BatchImageSearchResponse], photo []byte) error {
	err := stream.Send(&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Options{}})
	for i := range uint32(photosAtOnce) {
		if err == nil {
			err = stream.Send(&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Image{Image: &zhaohuov1.BatchImage{}}})
		}
		for chunk := range slices.Chunk(another(photo, i), photoChunk) {
			if err == nil {
				err = stream.Send(&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Chunk{Chunk: chunk}})
			}
		}
	}
	return errors.Join(err, stream.CloseSend())
}
