package interceptor

import (
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

// unreadable is the number of an unknown field that marks a request which could not be decoded; no field of the
// contract has it. A caller who sends it gets the same refusal.
const unreadable protowire.Number = 536870911

// requestCodec decodes requests like gRPC's own codec. gRPC would answer undecodable requests with INTERNAL, before any
// link runs. This codec marks them instead, and the chain refuses them as the caller's mistake.
type requestCodec struct{ encoding.CodecV2 }

func decoding(buffers mem.BufferPool) grpc.ServerOption {
	return grpc.ForceServerCodecV2(requestCodec{wire.NewCodec(buffers)})
}

// Unmarshal implements [encoding.CodecV2].
func (c requestCodec) Unmarshal(data mem.BufferSlice, v any) error {
	r, ok := v.(*request)
	if !ok {
		return c.decode(data, v)
	}
	if r.recall(data) {
		return nil
	}
	r.message = r.rpc.newRequest()
	return c.decode(data, r.message)
}

func (c requestCodec) decode(data mem.BufferSlice, v any) error {
	err := c.CodecV2.Unmarshal(data, v)
	msg, ok := v.(proto.Message)
	if err == nil || !ok {
		return err
	}
	m := msg.ProtoReflect()
	path, _ := badText(m.Descriptor(), data.Materialize(), "", maxDepth)
	proto.Reset(msg)
	m.SetUnknown(protowire.AppendString(protowire.AppendTag(nil, unreadable, protowire.BytesType), path))
	return nil
}

// undecoded is the fault of a request that the codec has marked; nil for any other.
func undecoded(msg proto.Message) error {
	raw := msg.ProtoReflect().GetUnknown()
	number, kind, n := protowire.ConsumeTag(raw)
	if n < 0 || number != unreadable || kind != protowire.BytesType {
		return nil
	}
	path, n := protowire.ConsumeString(raw[n:])
	if n <= 0 || path == "" || len(path) > pathMax {
		return fault.New(fault.MalformedRequest, "the request is not a message of this RPC's type")
	}
	return fault.New(fault.MalformedRequest, "%q is not UTF-8", path).WithField(path, "TEXT", "must be UTF-8")
}

const (
	// maxDepth bounds nested messages, pathMax the shown path.
	maxDepth = 16
	pathMax  = 200
)

// badText finds the first text in an encoded message that is not UTF-8. It only checks fields of the type.
func badText(in protoreflect.MessageDescriptor, raw []byte, at string, depth int) (string, bool) {
	for len(raw) > 0 && depth > 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return "", false
		}
		raw = raw[n:]
		n = protowire.ConsumeFieldValue(number, kind, raw)
		if n < 0 {
			return "", false
		}
		value := raw[:n]
		raw = raw[n:]
		field := in.Fields().ByNumber(number)
		if field == nil || kind != protowire.BytesType {
			continue
		}
		content, _ := protowire.ConsumeBytes(value)
		path := at + string(field.Name())
		switch {
		case field.Kind() == protoreflect.StringKind && !utf8.Valid(content):
			return path, true
		case field.Kind() == protoreflect.MessageKind:
			if found, ok := badText(field.Message(), content, path+".", depth-1); ok {
				return found, true
			}
		}
	}
	return "", false
}
