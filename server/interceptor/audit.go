package interceptor

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/audit"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// requestSeen is a stream that keeps the first message that it received.
type requestSeen struct {
	grpc.ServerStream

	first any
}

// RecvMsg implements [grpc.ServerStream].
func (s *requestSeen) RecvMsg(m any) error {
	err := s.ServerStream.RecvMsg(m)
	if err == nil && s.first == nil {
		s.first = m
	}
	return err
}

// message is the first message; nil for none. One that was recalled by its bytes is decoded.
func (s *requestSeen) message() proto.Message {
	r, recalled := s.first.(*request)
	if !recalled {
		m, _ := s.first.(proto.Message)
		return m
	}
	if r.message != nil {
		return r.message
	}
	m := r.rpc.newRequest()
	if proto.Unmarshal([]byte(r.raw), m) != nil {
		return nil
	}
	return m
}

// entryOf is an RPC that has ended, for the audit.
func entryOf(ctx context.Context, method string, start time.Time, took time.Duration, bill *upstream.Bill, request proto.Message, err error) audit.Entry {
	st := status.Convert(err)
	e := audit.Entry{
		Time: start, Took: took, RequestID: RequestIDFrom(ctx), Caller: CallerName(ctx), Address: CallerAddress(ctx), Method: method,
		Code: st.Code().String(), UpstreamCalls: bill.Calls(), AnsweredBy: bill.Cache(), Question: bill.Question(), Request: request,
	}
	e.Waited, _ = bill.Waited()
	if err != nil {
		e.Reason = rpcerr.Reason(st)
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		e.TraceID = span.TraceID().String()
	}
	return e
}
