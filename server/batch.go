package server

import (
	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	batchKeywordSearchRPC  = "zhaohuo.v1.SearchService/BatchKeywordSearch"
	streamKeywordSearchRPC = "zhaohuo.v1.SearchService/StreamKeywordSearch"
)

// BatchKeywordSearch implements [zhaohuov1.SearchServiceServer].
func (s *Search) BatchKeywordSearch(q *zhaohuov1.BatchKeywordSearchRequest, stream grpc.ServerStreamingServer[zhaohuov1.BatchKeywordSearchResponse]) error {
	if err := s.offered.Check(batchKeywordSearchRPC, q); err != nil {
		return err
	}
	pages, size := *orDefault(q.Pages, defaultPage), *orDefault(q.PageSize, defaultPageSize)
	if err := checkWindow("pages", pages, size, s.limits.Window); err != nil {
		return err
	}
	if err := checkCriteria(q); err != nil {
		return err
	}
	ctx := stream.Context()
	return s.batches.Keywords(ctx, q, acceptLanguage(ctx), stream.Send)
}

// StreamKeywordSearch implements [zhaohuov1.SearchServiceServer].
func (s *Search) StreamKeywordSearch(q *zhaohuov1.StreamKeywordSearchRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamKeywordSearchResponse]) error {
	if err := s.offered.Check(streamKeywordSearchRPC, q); err != nil {
		return err
	}
	if err := checkCriteria(q); err != nil {
		return err
	}
	return s.batches.Stream(stream.Context(), q, stream.Send)
}
