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

// call is a long RPC. It ends when the command is interrupted, or when the server sends nothing for the silence timeout.
type call struct {
	session *session
	conn    *connection
	ctx     context.Context
	cancel  context.CancelCauseFunc
	silence time.Duration
	timer   *time.Timer
	silent  error
}

func newCall(s *session, conn *connection, silence time.Duration) *call {
	c := &call{session: s, conn: conn, silence: silence, silent: status.Errorf(codes.DeadlineExceeded, "the server said nothing for %s", silence)}
	ctx := metadata.AppendToOutgoingContext(s.ctx, "accept-language", s.acceptLanguage())
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	c.timer = time.AfterFunc(silence, func() { c.cancel(c.silent) })
	return c
}

// resetTimeout restarts the silence timeout.
func (c *call) resetTimeout() { c.timer.Reset(c.silence) }

// pause stops the timeout until resetTimeout is called.
func (c *call) pause() { c.timer.Stop() }

func (c *call) end() {
	c.timer.Stop()
	c.cancel(nil)
}

// failure is the error of a stream (nil if there is none); nil for a normal end.
func (c *call) failure(stream interface{ Header() (metadata.MD, error) }, err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	if errors.Is(context.Cause(c.ctx), c.silent) {
		err = c.silent
	}
	var header metadata.MD
	if stream != nil {
		header, _ = stream.Header() // Without a header there is no request id.
	}
	return c.conn.failure(c.session.ctx, err, header)
}

// receive calls a method that answers with a stream, and passes each message to take. silence is how long the stream
// may be silent; the time in take does not count. It fails with take's error or with the RPC's.
func receive[Q, M any](s *session, conn *connection, silence time.Duration,
	method func(context.Context, grpc.ClientConnInterface, Q, ...grpc.CallOption) (grpc.ServerStreamingClient[M], error), q Q,
	take func(*M) error,
) error {
	c := newCall(s, conn, silence)
	defer c.end()
	stream, err := method(c.ctx, conn, q)
	if err != nil {
		return c.failure(nil, err)
	}
	return receiveAll(c, stream, take)
}

// exchange is receive for a method that also receives a stream: send runs concurrently with receiving. Its error ends
// the RPC. If the server stops reading, that is not an error of send: the RPC's result says why. A sent message also
// counts against silence.
func exchange[Q, M any](s *session, conn *connection, silence time.Duration,
	method func(context.Context, grpc.ClientConnInterface, ...grpc.CallOption) (grpc.BidiStreamingClient[Q, M], error),
	send func(outbound[Q]) error, take func(*M) error,
) error {
	c := newCall(s, conn, silence)
	defer c.end()
	stream, err := method(c.ctx, conn)
	if err != nil {
		return c.failure(nil, err)
	}
	sent := make(chan error, 1)
	go func() {
		err := send(outbound[Q]{stream, c})
		if err != nil {
			c.cancel(err)
		}
		sent <- err
	}()
	err = receiveAll(c, stream, take)
	c.cancel(nil) // Nobody receives any more.
	if failed := <-sent; failed != nil {
		return failed
	}
	return err
}

// outbound sends a stream's messages.
type outbound[Q any] struct {
	stream interface {
		Send(*Q) error
		CloseSend() error
	}
	call *call
}

// put sends a message, and reports whether the server accepts more.
func (o outbound[Q]) put(message *Q) bool {
	if o.stream.Send(message) != nil {
		return false
	}
	o.call.resetTimeout()
	return true
}

// end closes the sending direction.
func (o outbound[Q]) end() {
	_ = o.stream.CloseSend() // If it fails, the RPC's result says why.
}

// receiveAll passes each message to take until the end.
func receiveAll[M any](c *call, stream interface {
	Recv() (*M, error)
	Header() (metadata.MD, error)
}, take func(*M) error,
) error {
	for {
		message, err := stream.Recv()
		if err != nil {
			return c.failure(stream, err)
		}
		c.pause()
		if err := take(message); err != nil {
			return err
		}
		c.resetTimeout()
	}
}
