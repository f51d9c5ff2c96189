package interceptor

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// newAccessLog writes one line per RPC: caller, method, result, duration. It never writes requests, answers, metadata
// or upstream addresses: they may contain secrets.
func newAccessLog(log *slog.Logger) link {
	return link{
		name: AccessLog, after: []string{RequestID, Caller, Metrics},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			start := time.Now()
			err := handler(srv, ss)
			record(ss.Context(), log, info.FullMethod, time.Since(start), err)
			return err
		},
	}
}

func record(ctx context.Context, log *slog.Logger, method string, took time.Duration, err error) {
	st := status.Convert(err)
	level := levelOf(st.Code())
	if !log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", method),
		slog.String("code", st.Code().String()),
		slog.Duration("took", took),
		slog.String("request_id", RequestIDFrom(ctx)),
		slog.String("caller", callerOf(ctx).id()),
	}
	if CallerName(ctx) != "" {
		attrs = append(attrs, slog.String("address", CallerAddress(ctx)))
	}
	if err != nil {
		attrs = append(attrs, slog.String("reason", rpcerr.Reason(st)), slog.String("detail", st.Message()))
		attrs = append(attrs, causeOf(err)...)
	}
	log.LogAttrs(ctx, level, "rpc", attrs...)
}

// levelOf is ERROR for defects, WARN for what an operator may have to act on, INFO for the rest.
func levelOf(code codes.Code) slog.Level {
	switch code {
	case codes.Internal, codes.Unknown, codes.DataLoss:
		return slog.LevelError
	case codes.Unavailable, codes.ResourceExhausted, codes.FailedPrecondition:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// causeOf is the cause, which callers do not see. The text of a *url.Error starts with the URL, which may be signed.
func causeOf(err error) []slog.Attr {
	t, ok := errors.AsType[*statusError](err)
	if !ok {
		return nil
	}
	if p, ok := errors.AsType[*panicked](t.err); ok {
		return []slog.Attr{slog.Any("panic", p.value), slog.String("stack", string(p.stack))}
	}
	cause := causeUnder(t.err)
	if cause == nil {
		return nil
	}
	if u, ok := errors.AsType[*url.Error](cause); ok {
		cause = u.Err
	}
	return []slog.Attr{slog.String("cause", cause.Error())}
}
