package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// receive puts a question to a method that answers with a stream, and hands each message to take. A stream may last, so
// patience is how long it may be silent: what take needs does not count. It fails with take's error, or with the RPC's.
func receive[Q, M any](s *session, conn grpc.ClientConnInterface, patience time.Duration,
	method func(context.Context, grpc.ClientConnInterface, Q, ...grpc.CallOption) (grpc.ServerStreamingClient[M], error), q Q,
	take func(*M) error,
) error {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	silent := status.Errorf(codes.DeadlineExceeded, "the server said nothing for %s", patience)
	timer := time.AfterFunc(patience, func() { cancel(silent) })
	defer timer.Stop()
	stream, err := method(metadata.AppendToOutgoingContext(ctx, "accept-language", s.acceptLanguage()), conn, q)
	for err == nil {
		var message *M
		if message, err = stream.Recv(); err != nil {
			break
		}
		timer.Stop()
		if err := take(message); err != nil {
			return err
		}
		timer.Reset(patience)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	failed := callError{error: err}
	if errors.Is(context.Cause(ctx), silent) {
		failed.error = silent
	}
	if stream != nil {
		if header, err := stream.Header(); err == nil && len(header.Get("x-request-id")) > 0 {
			failed.requestID = header.Get("x-request-id")[0]
		}
	}
	return failed
}
