package interceptor

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/audit"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// newAccessLog writes one line per RPC: caller, method, result, duration, and what it came to: upstream calls, the wait for the first of them,
// what answered, and the question's hash. It never writes requests, answers, metadata
// or upstream addresses: they may contain secrets.
func newAccessLog(log *slog.Logger, audited func(audit.Entry)) link {
	return link{
		name: AccessLog, after: []string{RequestID, Caller, Metrics},
		stream: func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			start, bill := time.Now(), (*upstream.Bill)(nil)
			if audited != nil || log.Enabled(ss.Context(), slog.LevelInfo) { // Otherwise almost no RPC has a line.
				var ctx context.Context
				ctx, bill = upstream.WithBill(ss.Context(), start)
				ss = &scoped{ss, ctx}
			}
			if audited == nil {
				err := handler(srv, ss)
				record(ss.Context(), log, info.FullMethod, time.Since(start), bill, err)
				return err
			}
			seen := &requestSeen{ServerStream: ss}
			err := handler(srv, seen)
			took := time.Since(start)
			record(ss.Context(), log, info.FullMethod, took, bill, err)
			audited(entryOf(ss.Context(), info.FullMethod, start, took, bill, seen.message(), err))
			return err
		},
	}
}

func record(ctx context.Context, log *slog.Logger, method string, took time.Duration, bill *upstream.Bill, err error) {
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
	attrs = append(attrs, billed(bill)...)
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		attrs = append(attrs, slog.String("trace_id", span.TraceID().String()))
	}
	if err != nil {
		attrs = append(attrs, slog.String("reason", rpcerr.Reason(st)), slog.String("detail", st.Message()))
		attrs = append(attrs, causeOf(err)...)
	}
	log.LogAttrs(ctx, level, "rpc", attrs...)
}

// billed is what an RPC came to. What does not apply is left out: RPCs without questions have none of it.
func billed(bill *upstream.Bill) []slog.Attr {
	if bill == nil {
		return nil
	}
	calls, cache := bill.Calls(), bill.Cache()
	if calls == 0 && cache == "" {
		return nil
	}
	attrs := []slog.Attr{slog.Int("upstream_calls", calls)}
	if cache != "" {
		attrs = append(attrs, slog.String("answered_by", cache))
	}
	if waited, sent := bill.Waited(); sent {
		attrs = append(attrs, slog.Duration("waited", waited))
	}
	if question := bill.Question(); question != "" {
		attrs = append(attrs, slog.String("question", question))
	}
	return attrs
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
