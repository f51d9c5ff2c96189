package interceptor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

// Local calls the RPCs of registered services from within the process. Unary RPCs run the chain in the caller's goroutine, without
// encoding and without a connection; others use the connection.
type Local struct {
	chain   *Chain
	streams grpc.ClientConnInterface
	codec   requestCodec
}

var _ grpc.ClientConnInterface = (*Local)(nil)

// Local returns the local way to all services that the chain has registered or will register. streams is a connection to their
// server over the in-memory listener.
func (c *Chain) Local(streams grpc.ClientConnInterface) *Local {
	return &Local{c, streams, requestCodec{wire.NewCodec(mem.DefaultBufferPool())}}
}

// localMethod is a unary RPC with the chain around it.
type localMethod struct {
	impl    any
	handler grpc.StreamHandler
	// encodes is true if answers can stay encoded.
	encodes bool
}

// Invoke implements [grpc.ClientConnInterface]. Of the options only those that read headers have an effect. The caller must not
// use args afterwards.
func (l *Local) Invoke(ctx context.Context, method string, args, reply any, options ...grpc.CallOption) error {
	sent, isMessage := args.(proto.Message)
	into, intoMessage := reply.(proto.Message)
	if !isMessage || !intoMessage || l.chain.local[method].handler == nil {
		return l.streams.Invoke(ctx, method, args, reply, options...)
	}
	if md, ok := metadata.FromOutgoingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(metadata.NewIncomingContext(ctx, md), nil)
	}
	s := &localStream{ctx: ctx, message: sent}
	err := l.call(method, s)
	for _, option := range options {
		if header, ok := option.(grpc.HeaderCallOption); ok {
			*header.HeaderAddr = s.header
		}
	}
	if err != nil {
		return err
	}
	switch answer := s.answer.(type) {
	case *encoded.Message:
		return answer.DecodeInto(into)
	case proto.Message:
		copyFields(into.ProtoReflect(), answer.ProtoReflect())
		return nil
	default:
		return fmt.Errorf("interceptor: %s answered with %T", method, s.answer)
	}
}

// NewStream implements [grpc.ClientConnInterface].
func (l *Local) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, options ...grpc.CallOption) (grpc.ClientStream, error) {
	return l.streams.NewStream(ctx, desc, method, options...)
}

// Call calls a unary RPC with an encoded request. The context has the metadata as incoming. The answer is a message of the RPC's
// type or an *[encoded.Message]; nobody may change it. The error is a status.
func (l *Local) Call(ctx context.Context, method string, request []byte) (any, error) {
	s := &localStream{ctx: ctx, raw: request, codec: l.codec}
	if err := l.call(method, s); err != nil {
		return nil, err
	}
	return s.answer, nil
}

// Encodes reports whether a method's answers can be an *[encoded.Message].
func (l *Local) Encodes(method string) bool { return l.chain.local[method].encodes }

func (l *Local) call(method string, s *localStream) error {
	s.ctx = peer.NewContext(s.ctx, &peer.Peer{Addr: inMemory{}})
	to := l.chain.local[method]
	if to.handler == nil {
		return fmt.Errorf("interceptor: %s is no unary RPC", method)
	}
	if err := to.handler(to.impl, s); err != nil {
		return status.Convert(err).Err()
	}
	return nil
}

// inMemory is the address of local callers: that of the in-memory listener.
type inMemory struct{}

var _ net.Addr = inMemory{}

func (inMemory) Network() string { return InMemoryNetwork }
func (inMemory) String() string  { return InMemoryNetwork }

// localStream is the stream of a unary RPC that is called within the process.
type localStream struct {
	ctx context.Context //nolint:containedctx // As every stream's.
	// message or raw is the request.
	message proto.Message
	raw     []byte
	codec   requestCodec
	// read is true when the request was received.
	read   bool
	header metadata.MD
	answer any
}

var _ grpc.ServerStream = (*localStream)(nil)

// Context implements [grpc.ServerStream].
func (s *localStream) Context() context.Context { return s.ctx }

// SetHeader implements [grpc.ServerStream].
func (s *localStream) SetHeader(md metadata.MD) error {
	if s.header == nil {
		s.header = md
		return nil
	}
	s.header = metadata.Join(s.header, md)
	return nil
}

// SendHeader implements [grpc.ServerStream].
func (s *localStream) SendHeader(md metadata.MD) error { return s.SetHeader(md) }

// SetTrailer implements [grpc.ServerStream]. No RPC has trailers of its own.
func (s *localStream) SetTrailer(metadata.MD) {}

// SendMsg implements [grpc.ServerStream].
func (s *localStream) SendMsg(answer any) error {
	s.answer = answer
	return nil
}

// RecvMsg implements [grpc.ServerStream].
func (s *localStream) RecvMsg(into any) error {
	if s.read {
		return io.EOF
	}
	s.read = true
	if s.message == nil {
		return s.codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(s.raw)}, into)
	}
	if r, ok := into.(*request); ok {
		r.message = s.message
		return nil
	}
	m, ok := into.(proto.Message)
	if !ok {
		return errors.New("interceptor: a request that is no message")
	}
	copyFields(m.ProtoReflect(), s.message.ProtoReflect())
	return nil
}

// copyFields copies a message without what is in it: both share their lists and messages.
func copyFields(to, from protoreflect.Message) {
	from.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		to.Set(field, value)
		return true
	})
	to.SetUnknown(from.GetUnknown())
}
