package interceptor_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// preparing is a service that prepares its searches and counts them. It answers with the request's page.
func preparing(t *testing.T) (s *service, prepared, asked *atomic.Int32) {
	t.Helper()
	prepared, asked = new(atomic.Int32), new(atomic.Int32)
	return &service{prepare: func(request proto.Message) (encoded.Question, error) {
		prepared.Add(1)
		q := request.(*zhaohuov1.KeywordSearchRequest)
		if q.GetPage() == 13 {
			return nil, fault.Invalid("page", "THIRTEEN", "must not be 13")
		}
		body, err := proto.Marshal(&zhaohuov1.KeywordSearchResponse{Page: q.GetPage()})
		if err != nil {
			return nil, err
		}
		head, err := proto.Marshal(&zhaohuov1.KeywordSearchResponse{Meta: &zhaohuov1.AnswerMeta{UpstreamCalls: 3}})
		return func(context.Context) (*encoded.Message, error) {
			asked.Add(1)
			return &encoded.Message{Head: head, Body: body}, nil
		}, err
	}}, prepared, asked
}

// TestRequestsArePreparedOnce: the same bytes are prepared once, and asked each time. Other bytes, large requests and refused ones are
// prepared each time.
func TestRequestsArePreparedOnce(t *testing.T) {
	s, prepared, asked := preparing(t)
	r := start(t, interceptor.Config{RequestBytesMax: 8 << 10}, s)
	page := func(n int32, keyword string) *zhaohuov1.KeywordSearchRequest {
		return &zhaohuov1.KeywordSearchRequest{Keyword: keyword, Page: proto.Int32(n)}
	}
	large := page(4, "蓝牙耳机")
	large.ProtoReflect().SetUnknown(append([]byte{0xfa, 0x3f, 0x80, 0x10}, make([]byte, 2<<10)...)) // A field of a later version.
	for name, c := range map[string]struct {
		request         *zhaohuov1.KeywordSearchRequest
		times, prepared int32
		reason          string
	}{
		"the same":     {page(2, "蓝牙耳机"), 5, 1, ""},
		"another page": {page(3, "蓝牙耳机"), 5, 1, ""},
		"large":        {large, 3, 3, ""},
		"refused":      {page(13, "蓝牙耳机"), 3, 3, "INVALID_FIELD"},
		"invalid":      {page(2, " "), 3, 0, "INVALID_FIELD"},
		"too long":     {page(2, strings.Repeat("a", 101)), 3, 0, "INVALID_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			prepared.Store(0)
			asked.Store(0)
			for range c.times {
				got, err := ask(t.Context(), r.outside, c.request)
				if reason := rpcerr.Reason(status.Convert(err)); reason != c.reason {
					t.Fatalf("%v", err)
				}
				if err == nil && (got.GetPage() != c.request.GetPage() || got.GetMeta().GetUpstreamCalls() != 3) {
					t.Fatalf("%v", got)
				}
			}
			wantAsked := c.times
			if c.reason != "" {
				wantAsked = 0
			}
			if prepared.Load() != c.prepared || asked.Load() != wantAsked {
				t.Errorf("prepared %d times, want %d; asked %d times, want %d", prepared.Load(), c.prepared, asked.Load(), wantAsked)
			}
		})
	}
}

// TestRecalledRequestsPassTheChain: what is checked about a caller is checked each time.
func TestRecalledRequestsPassTheChain(t *testing.T) {
	s, _, asked := preparing(t)
	r := start(t, interceptor.Config{CallerRate: 2}, s)
	if _, err := ask(metadata.AppendToOutgoingContext(t.Context(), interceptor.ClassHeader, "batch"), r.outside, words()); err != nil {
		t.Fatal(err)
	}
	_, err := ask(metadata.AppendToOutgoingContext(t.Context(), interceptor.ClassHeader, "urgent"), r.outside, words())
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("an unknown class: %v", err)
	}
	if _, err = ask(t.Context(), r.outside, words()); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("the third request in a second: %v", err)
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times, want once", asked.Load())
	}
	if lines := len(r.log.entries(t)); lines != 3 {
		t.Errorf("%d lines in the log, want 3", lines)
	}
}
