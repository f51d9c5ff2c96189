package server_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// taken is a stream to nowhere that keeps what is sent.
type taken[M any] struct {
	grpc.ServerStream
	ctx  context.Context
	sent []*M
}

func (s *taken[M]) Context() context.Context { return s.ctx }

func (s *taken[M]) Send(m *M) error {
	s.sent = append(s.sent, m)
	return nil
}

// demanding answers every search and keeps on whose behalf.
type demanding struct {
	upstream.Searcher
	demand upstream.Demand
}

func (d *demanding) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	d.demand = upstream.DemandOf(ctx)
	return &zhaohuov1.KeywordSearchResponse{Page: q.GetPage()}, nil
}

// TestStreamsWaitBehindPeople: batches and whole results are lowered, and stay their caller's.
func TestStreamsWaitBehindPeople(t *testing.T) {
	for name, run := range map[string]func(*server.Search, context.Context) (int, error){
		"batch": func(s *server.Search, ctx context.Context) (int, error) {
			stream := &taken[zhaohuov1.BatchKeywordSearchResponse]{ctx: ctx}
			err := s.BatchKeywordSearch(&zhaohuov1.BatchKeywordSearchRequest{Keywords: []string{"a"}}, stream)
			return len(stream.sent), err
		},
		"whole": func(s *server.Search, ctx context.Context) (int, error) {
			stream := &taken[zhaohuov1.StreamKeywordSearchResponse]{ctx: ctx}
			err := s.StreamKeywordSearch(&zhaohuov1.StreamKeywordSearchRequest{Keyword: "a"}, stream)
			return len(stream.sent) + 2, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			searcher := &demanding{}
			s := server.NewSearch(searcher, zhaohuov1.Dialect_DIALECT_AOP, upstream.Limits{Window: 2000}, server.Photos{})
			sent, err := run(s, upstream.WithDemand(t.Context(), upstream.Demand{Caller: "shop", Weight: 3}))
			if err != nil || sent != 3 {
				t.Fatalf("%v, %d messages", err, sent)
			}
			if diff := cmp.Diff(upstream.Demand{Class: upstream.Batch, Caller: "shop", Weight: 3}, searcher.demand); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStreamsRefuseWithoutAsking(t *testing.T) {
	type batches = zhaohuov1.BatchKeywordSearchRequest
	for name, test := range map[string]struct {
		q     *batches
		kind  fault.Kind
		field fault.Field
	}{
		"pages beyond the window": {
			&batches{Pages: proto.Int32(40), PageSize: proto.Int32(50)}, fault.InvalidField,
			fault.Field{Path: "pages", Rule: "WINDOW", Why: "begins at item 1951, and only the first 1950 of a search can be paged to"},
		},
		"prices upside down": {
			&batches{PriceMin: "10", PriceMax: "9"}, fault.InvalidField,
			fault.Field{Path: "price_min", Rule: "PRICE_RANGE", Why: "must not be above price_max (9)"},
		},
		"what the dialect lacks": {
			&batches{Language: "en"}, fault.UnsupportedByDialect,
			fault.Field{Path: "language", Rule: "UNSUPPORTED_BY_DIALECT", Why: "dialect top offers language only as zh"},
		},
		"a foreign token": {
			&batches{ResumeToken: "x"}, fault.ResumeTokenInvalid,
			fault.Field{Path: "resume_token", Rule: "RESUME_TOKEN_INVALID", Why: "must be one that this request was given"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			searcher := &asked{}
			test.q.Keywords = []string{"a"}
			stream := &taken[zhaohuov1.BatchKeywordSearchResponse]{ctx: t.Context()}
			err := server.NewSearch(searcher, zhaohuov1.Dialect_DIALECT_TOP, upstream.Limits{PageSizeMax: 50, Window: 1950}, server.Photos{}).
				BatchKeywordSearch(test.q, stream)
			f, ok := fault.As(err)
			if !ok || f.Kind != test.kind {
				t.Fatalf("%v", err)
			}
			if diff := cmp.Diff([]fault.Field{test.field}, f.Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if searcher.questions != nil || stream.sent != nil {
				t.Errorf("asked %v, sent %v", searcher.questions, stream.sent)
			}
		})
	}
}
