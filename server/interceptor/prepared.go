package interceptor

import (
	"context"

	"github.com/maypok86/otter/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

const (
	// recalledBytesMax bounds the requests of one RPC that are recalled, with what was prepared for them: about a thousand.
	recalledBytesMax = 2 << 20
	// recalledCost is the memory beside a request's bytes, of which the question that was prepared has a few copies.
	recalledCost   = 1 << 10
	recalledCopies = 4
)

// RecalledRequestMax is the size of the largest request that is recalled. The question of a larger one is asked once.
const RecalledRequestMax = 1 << 10

// Preparer is a service with RPCs whose answers can stay encoded.
type Preparer interface {
	// Preparers returns, by method name, functions that check a request of the RPC as its method does, and prepare it. A request
	// of at most [RecalledRequestMax] bytes that was prepared once may be asked again whenever the same bytes arrive: what is checked may
	// depend on nothing else. The answer may depend on the caller.
	Preparers() map[string]func(proto.Message) (encoded.Question, error)
}

func preparersOf(impl any) map[string]func(proto.Message) (encoded.Question, error) {
	if p, ok := impl.(Preparer); ok {
		return p.Preparers()
	}
	return nil
}

// preparedRPC is a unary RPC whose requests are prepared. Requests whose bytes have been found valid and were prepared before are
// neither decoded nor checked again.
type preparedRPC struct {
	prepare  func(proto.Message) (encoded.Question, error)
	input    protoreflect.MessageType
	recalled *otter.Cache[string, encoded.Question]
}

// newPreparedRPC returns nil for an RPC that is not in the contract.
func newPreparedRPC(fullMethod string, prepare func(proto.Message) (encoded.Question, error)) *preparedRPC {
	for _, method := range contract.Methods() {
		if contract.FullMethod(method) != fullMethod {
			continue
		}
		input, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
		if err != nil {
			return nil
		}
		recalled, err := otter.New(&otter.Options[string, encoded.Question]{
			MaximumWeight: recalledBytesMax,
			Weigher:       func(raw string, _ encoded.Question) uint32 { return uint32(recalledCopies*len(raw) + recalledCost) },
		})
		if err != nil {
			return nil
		}
		return &preparedRPC{prepare, input, recalled}
	}
	return nil
}

func (p *preparedRPC) newRequest() proto.Message { return p.input.New().Interface() }

func (p *preparedRPC) serve(_ any, ss grpc.ServerStream) error {
	r := &request{rpc: p}
	if err := ss.RecvMsg(r); err != nil {
		return err
	}
	answer, err := p.ask(ss.Context(), r)
	if err != nil {
		return err
	}
	return ss.SendMsg(answer)
}

func (p *preparedRPC) ask(ctx context.Context, r *request) (*encoded.Message, error) {
	question := r.question
	if question == nil {
		var err error
		if question, err = p.prepare(r.message); err != nil {
			return nil, err
		}
		if r.small {
			p.recalled.Set(r.raw, question)
		}
	}
	return question(ctx)
}

// request is the request of a prepared RPC as it arrives: either a message, or a question if its bytes are known. Links that look at
// messages get it from [messageOf].
type request struct {
	rpc *preparedRPC
	// raw is the bytes of the message, if they are few enough to be recalled: small.
	raw      string
	small    bool
	message  proto.Message
	question encoded.Question
}

// recall reports whether the bytes are known.
func (r *request) recall(data mem.BufferSlice) bool {
	if data.Len() > RecalledRequestMax {
		return false
	}
	r.small = true
	if len(data) == 1 {
		r.raw = string(data[0].ReadOnlyData())
	} else {
		r.raw = string(data.Materialize())
	}
	question, ok := r.rpc.recalled.GetIfPresent(r.raw)
	r.question = question
	return ok
}

// messageOf is the message to check; false for one that was checked before, and for what is no message.
func messageOf(received any) (proto.Message, bool) {
	if r, ok := received.(*request); ok {
		return r.message, r.question == nil
	}
	m, ok := received.(proto.Message)
	return m, ok
}
