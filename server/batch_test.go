package server_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// taken is a stream that records what is sent.
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

func TestStreamsRefuseWithoutAsking(t *testing.T) {
	type batches = zhaohuov1.BatchKeywordSearchRequest
	for name, test := range map[string]struct {
		q     *batches
		kind  fault.Kind
		field fault.Field
	}{
		"pages beyond the window": {
			&batches{Pages: proto.Int32(40), PageSize: proto.Int32(50)}, fault.InvalidField,
			fault.Field{Path: "pages", Rule: "WINDOW", Why: "begins at item 1951, but only the first 1950 items of a search can be paged to"},
		},
		"prices upside down": {
			&batches{PriceMin: "10", PriceMax: "9"}, fault.InvalidField,
			fault.Field{Path: "price_min", Rule: "PRICE_RANGE", Why: "must not be above price_max (9)"},
		},
		"what the dialect lacks": {
			&batches{LanguageCode: "en"}, fault.UnsupportedByDialect,
			fault.Field{Path: "language_code", Rule: "UNSUPPORTED_BY_DIALECT", Why: "dialect top offers language_code only as zh"},
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
			err := server.NewSearch(searcher, topOffers(), upstream.Limits{PageSizeMax: 50, Window: 1950}, server.Photos{}).
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
