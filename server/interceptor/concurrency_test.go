package interceptor_test

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// entries are keys that are the names of their callers.
type entries []callers.Entry

func (all entries) Identify(_ context.Context, c callers.Credentials) (callers.Entry, error) {
	i := slices.IndexFunc(all, func(e callers.Entry) bool { return e.Name == c.Key.Reveal() })
	if i < 0 {
		return callers.Entry{}, fault.New(fault.CallerUnauthenticated, "")
	}
	return all[i], nil
}

// TestConcurrency: streams count as well, each caller has its own bound, and a place is free when its request has ended, also by a
// panic.
func TestConcurrency(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	r := start(t, interceptor.Config{Keys: entries{{Name: "two", Concurrent: 2}, {Name: "free"}, {Name: "paused", Paused: true, Concurrent: 1}}}, &service{
		search: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			if q.GetKeyword() == "panic" {
				panic("of a test")
			}
			return answer(ctx, q)
		},
		talk: func(grpc.ServerStream) error {
			began <- struct{}{}
			<-end
			return nil
		},
	})
	as := func(name string) context.Context {
		return metadata.AppendToOutgoingContext(t.Context(), "x-api-key", name)
	}
	search := func(name, keyword string) string {
		_, err := ask(as(name), r.outside, &zhaohuov1.KeywordSearchRequest{Keyword: keyword})
		st := status.Convert(err)
		if st.Code() == codes.OK {
			return "OK"
		}
		return rpcerr.Reason(st)
	}
	var streams []grpc.ClientStream
	for range 2 {
		stream, err := r.outside.NewStream(as("two"), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/test.Streams/Talk")
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, stream)
		<-began
	}
	got := []string{search("two", "x"), search("free", "x"), search("paused", "x")}
	end <- struct{}{}
	end <- struct{}{}
	for _, stream := range streams {
		_ = stream.RecvMsg(&zhaohuov1.KeywordSearchResponse{}) // It has ended.
	}
	for range 3 {
		got = append(got, search("two", "panic"))
	}
	got = append(got, search("two", "x"))
	want := []string{"CALLER_CONCURRENCY_LIMITED", "OK", "CALLER_PAUSED", "INTERNAL", "INTERNAL", "INTERNAL", "OK"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestTheDayOfACaller: the upstream calls of a request count for the caller's day.
func TestTheDayOfACaller(t *testing.T) {
	var got []string
	day := func(e callers.Entry) *upstream.Budget {
		if e.Daily == 0 {
			return nil
		}
		return upstream.NewBudget(int(e.Daily))
	}
	r := start(t, interceptor.Config{Keys: entries{{Name: "two", Daily: 2}, {Name: "free"}}, DayOf: day}, &service{
		search: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			for range 3 {
				if _, err := upstream.Charge(ctx); err != nil {
					return nil, err
				}
				got = append(got, upstream.DemandOf(ctx).Caller)
			}
			return answer(ctx, q)
		},
	})
	for _, name := range []string{"two", "free"} {
		_, err := ask(metadata.AppendToOutgoingContext(t.Context(), "x-api-key", name), r.outside, words())
		if (err != nil) != (name == "two") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if want := []string{"two", "two", "free", "free", "free"}; !slices.Equal(got, want) {
		t.Errorf("calls of %q, want %q", got, want)
	}
}
