// Package wire holds the memory layout of messages between gRPC and the server: their buffers, and the codec that reads
// from them. It knows no message type.
package wire

import (
	"google.golang.org/grpc/encoding"
	encproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// framing is the largest overhead of a message around a chunk whose size is a power of two.
const framing = 1 << 10

// NewBuffers is a pool with sizes that fit the messages. gRPC's own pool has nothing between 32 KiB and 1 MiB, so each
// chunk of 64 KiB, a common size, would take 1 MiB.
func NewBuffers() mem.BufferPool {
	return mem.NewTieredBufferPool(256, 4<<10, 16<<10, 32<<10, 64<<10+framing, 128<<10+framing, 256<<10+framing, 512<<10+framing, 1<<20+framing)
}

// NewCodec encodes and decodes messages with a pool's buffers. Of a message that is encoded already it sends the parts as they are. gRPC's own codec always uses gRPC's pool, even if the
// server has another one.
func NewCodec(buffers mem.BufferPool) encoding.CodecV2 { return codec{buffers} }

type codec struct{ buffers mem.BufferPool }

// Name implements [encoding.CodecV2].
func (codec) Name() string { return encproto.Name }

// Marshal implements [encoding.CodecV2].
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if answer, ok := v.(*encoded.Message); ok {
		return mem.BufferSlice{mem.SliceBuffer(answer.Head), mem.SliceBuffer(answer.Body)}, nil
	}
	message, ok := v.(proto.Message)
	if !ok {
		return nil, notMessage(v)
	}
	size := proto.Size(message)
	if mem.IsBelowBufferPoolingThreshold(size) {
		text, err := proto.Marshal(message)
		return mem.BufferSlice{mem.SliceBuffer(text)}, err
	}
	buffer := c.buffers.Get(size)
	// The size was just computed, and nobody changes a message while it is sent.
	if _, err := (proto.MarshalOptions{UseCachedSize: true}).MarshalAppend((*buffer)[:0], message); err != nil {
		c.buffers.Put(buffer)
		return nil, err
	}
	return mem.BufferSlice{mem.NewBuffer(buffer, c.buffers)}, nil
}

// Unmarshal implements [encoding.CodecV2].
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	message, ok := v.(proto.Message)
	if !ok {
		return notMessage(v)
	}
	flat := data.MaterializeToBuffer(c.buffers)
	defer flat.Free()
	return proto.Unmarshal(flat.ReadOnlyData(), message)
}

func notMessage(v any) error { return fault.New(fault.Internal, "%T is no protobuf message", v) }
