package wire_test

import (
	"bytes"
	"testing"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

// counting counts the memory of buffers in use.
type counting struct {
	mem.BufferPool
	out, most int
}

func (c *counting) Get(n int) *[]byte {
	b := c.BufferPool.Get(n)
	c.out += cap(*b)
	c.most = max(c.most, c.out)
	return b
}

func (c *counting) Put(b *[]byte) {
	c.out -= cap(*b)
	c.BufferPool.Put(b)
}

func chunkOf(size int) *zhaohuov1.UploadImageSearchRequest {
	return &zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: bytes.Repeat([]byte{7}, size)}}
}

// TestBuffersFitChunks: a chunk takes about as much memory as it has bytes, for every chunk size.
func TestBuffersFitChunks(t *testing.T) {
	for _, size := range []int{200, 4000, contract.ChunkBytes, 32 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20} {
		buffers := &counting{BufferPool: wire.NewBuffers()}
		codec := wire.NewCodec(buffers)
		sent, err := codec.Marshal(chunkOf(size))
		if err != nil {
			t.Fatal(err)
		}
		// It arrives in pieces, like HTTP/2 frames.
		var come mem.BufferSlice
		for rest := sent.Materialize(); len(rest) > 0; rest = rest[min(len(rest), 16<<10):] {
			come = append(come, mem.SliceBuffer(rest[:min(len(rest), 16<<10)]))
		}
		sent.Free()
		buffers.most = 0
		got := &zhaohuov1.UploadImageSearchRequest{}
		if err := codec.Unmarshal(come, got); err != nil || !proto.Equal(got, chunkOf(size)) {
			t.Errorf("%d bytes arrived changed: %v", size, err)
		}
		if buffers.most > 2*size+4<<10 || buffers.out != 0 {
			t.Errorf("a chunk of %d bytes took a buffer of %d; %d bytes were not released", size, buffers.most, buffers.out)
		}
	}
}

func TestChunksOfThisProjectFitGRPCsOwnBuffers(t *testing.T) {
	if size := proto.Size(chunkOf(contract.ChunkBytes)); size > 32<<10 {
		t.Errorf("a message is %d bytes, and the next larger buffer 1 MiB", size)
	}
}
