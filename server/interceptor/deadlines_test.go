package interceptor_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

func TestDeadline(t *testing.T) {
	var left time.Duration
	var set bool
	r := start(t, interceptor.Config{DefaultTimeout: 10 * time.Second, TimeoutMax: time.Minute}, &service{
		search: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			end, ok := ctx.Deadline()
			left, set = time.Until(end), ok
			return answer(ctx, q)
		},
	})
	for name, test := range map[string]struct{ given, most time.Duration }{
		"none given": {0, 10 * time.Second}, "shorter": {5 * time.Second, 5 * time.Second}, "too long": {time.Hour, time.Minute},
	} {
		ctx, cancel := t.Context(), context.CancelFunc(func() {})
		if test.given > 0 {
			ctx, cancel = context.WithTimeout(ctx, test.given)
		}
		_, err := ask(ctx, r.outside, words())
		cancel()
		if err != nil || !set || left > test.most || left < test.most-4*time.Second {
			t.Errorf("%s: %s left, want about %s (%v)", name, left, test.most, err)
		}
	}
}

// TestDeadlineOfStreams: an RPC that answers with a stream has its own default; one that receives a stream has none.
func TestDeadlineOfStreams(t *testing.T) {
	var left time.Duration
	see := func(ss grpc.ServerStream) error {
		end, _ := ss.Context().Deadline()
		left = time.Until(end)
		return nil
	}
	r := start(t, interceptor.Config{
		DefaultTimeout: time.Minute, StreamTimeout: time.Hour, TimeoutMax: 2 * time.Minute, StreamTimeoutMax: 2 * time.Hour,
	}, &service{talk: see})
	for name, test := range map[string]struct {
		given, want time.Duration
		method      string
	}{
		"answers": {0, time.Hour, "Tell"}, "answers within": {time.Second, time.Second, "Tell"}, "both": {0, time.Hour, "Talk"},
		"takes": {0, time.Minute, "Take"}, "answers too long": {24 * time.Hour, 2 * time.Hour, "Tell"}, "takes too long": {time.Hour, 2 * time.Minute, "Take"},
	} {
		left = 0
		ctx, cancel := t.Context(), context.CancelFunc(func() {})
		if test.given > 0 {
			ctx, cancel = context.WithTimeout(ctx, test.given)
		}
		stream, err := r.outside.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/test.Streams/"+test.method)
		if err == nil {
			err = stream.RecvMsg(words())
		}
		cancel()
		if !errors.Is(err, io.EOF) || left > test.want || left < test.want*9/10 {
			t.Errorf("%s: %s left, want about %s (%v)", name, left, test.want, err)
		}
	}
}

// TestDeadlineOfOneAnswerWithItsSteps: the stream of a strategy may take as long as the strategy.
func TestDeadlineOfOneAnswerWithItsSteps(t *testing.T) {
	for _, method := range contract.Methods() {
		if method.Parent().Name() != "ComboService" || !method.IsStreamingServer() {
			continue
		}
		if !contract.OneAnswer(method) {
			t.Errorf("%s is not known as the stream of one answer", method.Name())
		}
	}
	var left time.Duration
	r := start(t, interceptor.Config{DefaultTimeout: time.Minute, StreamTimeout: time.Hour}, &service{
		source: func(ctx context.Context) {
			end, _ := ctx.Deadline()
			left = time.Until(end)
		},
	})
	stream, err := zhaohuov1.NewComboServiceClient(r.outside).StreamFindSource(t.Context(), &zhaohuov1.FindSourceRequest{Keyword: "a"})
	if err == nil {
		_, err = stream.Recv()
	}
	if !errors.Is(err, io.EOF) || left > time.Minute || left < 50*time.Second {
		t.Errorf("%s left, want about a minute (%v)", left, err)
	}
}

func TestServerDeadlineIsReported(t *testing.T) {
	r := start(t, interceptor.Config{DefaultTimeout: time.Millisecond, StreamTimeout: time.Millisecond}, &service{
		search: func(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		talk: func(ss grpc.ServerStream) error {
			<-ss.Context().Done()
			return ss.Context().Err()
		},
	})
	_, unary := ask(t.Context(), r.outside, words())
	for _, err := range []error{unary, talk(t.Context(), t, r.outside)} {
		if st := status.Convert(err); st.Code() != codes.DeadlineExceeded || rpcerr.Reason(st) != "DEADLINE_EXCEEDED" {
			t.Errorf("%v", err)
		}
	}
}
