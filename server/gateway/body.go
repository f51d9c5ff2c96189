package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

const (
	// bodyFree is how much of a body needs no budget: most are smaller, and the number of connections bounds their sum.
	bodyFree = 64 << 10
	// bodyStep is how much memory is requested at a time.
	bodyStep = 64 << 10
	// bodyCost is the memory per byte of JSON: the read buffer is copied as it grows, and the message exists beside it.
	bodyCost = 3
	// bodyWait is how long a body waits for memory in total: bodies hold memory while they wait for more.
	bodyWait = 5 * time.Second
	// bodyRetry is the retry delay for a body that got no memory: about the time a large body takes.
	bodyRetry = 2 * time.Second
)

// requestBody is a body that reserves memory for what has arrived, and keeps the fault of reading.
type requestBody struct {
	*paced
	// source is the paced body, or a decoder of it.
	source   io.Reader
	bytesMax int64

	closer  io.Closer
	pool    *share.Pool
	ctx     context.Context //nolint:containedctx // The body's request.
	refused error
	// cut ends when the server cancels running requests; unwatch stops watching for that.
	cut     context.Context //nolint:containedctx // The server's lifetime, not a request's.
	unwatch func() bool

	// inPath are the fields that the path gives, by name: the body may not give them too.
	inPath map[string]string

	// waitLeft is how long the body may still wait for memory.
	waitLeft time.Duration
	// read is how many bytes were read, and taken how much memory was reserved for them.
	read, taken int64
}

// bounded returns the body of a request that is not an upload.
func (g *gateway) bounded(w http.ResponseWriter, r *http.Request) *requestBody {
	from := g.paced(w, r, g.RequestBytesMax)
	body := &requestBody{
		paced: from, source: from, bytesMax: g.RequestBytesMax, closer: r.Body, pool: g.Bodies, ctx: r.Context(), waitLeft: bodyWait,
	}
	body.until = time.Now().Add(g.BodyTimeout)
	body.cut, body.unwatch = g.Cut, context.AfterFunc(g.Cut, from.interrupt)
	return body
}

// Read implements [io.Reader].
func (b *requestBody) Read(p []byte) (int, error) {
	p = p[:min(len(p), bodyStep)]
	if err := b.makeRoom(b.read + int64(len(p))); err != nil {
		return 0, err
	}
	n, err := b.source.Read(p)
	b.read += int64(n)
	if errors.Is(err, os.ErrDeadlineExceeded) && !b.stalled && b.cut.Err() != nil {
		return n, fault.New(fault.ServerDraining, "this server is shutting down and has ended the request").WithCause(err)
	}
	return n, err
}

// makeRoom reserves memory for the first n bytes of the body.
func (b *requestBody) makeRoom(n int64) error {
	room := bodyCost*n - b.taken
	if b.pool == nil || n <= bodyFree || room <= 0 {
		return nil
	}
	began := time.Now()
	granted := b.pool.Take(b.ctx, share.CallerOf(b.ctx), room, b.waitLeft)
	b.waitLeft -= time.Since(began)
	if !granted {
		return fault.New(fault.MemoryBudgetFull, "there is not enough memory for so large a request right now").WithRetryAfter(bodyRetry)
	}
	b.taken += room
	return nil
}

// Close implements [io.Closer].
func (b *requestBody) Close() error { return b.closer.Close() }

// release frees what a body holds after its request: its memory, and the watch for the server's end.
func release(body io.Reader) {
	b, ok := body.(*requestBody)
	if !ok {
		return
	}
	b.unwatch()
	if b.taken > 0 {
		b.pool.Give(share.CallerOf(b.ctx), b.taken)
		b.taken = 0
	}
}

// settle gives back the memory that a body needed while it was read. What stays is as much as the body was long: its message, which
// exists as long as the RPC. A stream may take hours.
func settle(body io.Reader) {
	b, ok := body.(*requestBody)
	if !ok {
		return
	}
	if less := b.taken - b.read; less > 0 {
		b.pool.Give(share.CallerOf(b.ctx), less)
		b.taken -= less
	}
}

// codec writes answers and reads bodies as protojson. Empty lists and zeros are written, because they are known values.
// Fields that are absent in the message ("unknown") stay absent.
type codec struct {
	runtime.JSONPb
}

func newCodec() *codec {
	return &codec{runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{EmitDefaultValues: true}}}
}

// NewDecoder reads one message from r.
func (*codec) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(into any) error {
		msg, ok := into.(proto.Message)
		if !ok {
			return fault.New(fault.Internal, "")
		}
		err := readBody(r, msg)
		body, ok := r.(*requestBody)
		if !ok {
			return err
		}
		if err == nil {
			err = notInPath(msg.ProtoReflect(), body.inPath)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			body.refused = err
		}
		return err
	})
}

// notInPath refuses a body with a field that the path gives: of two values, one would be dropped.
func notInPath(msg protoreflect.Message, inPath map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(inPath)) {
		if field := msg.Descriptor().Fields().ByName(protoreflect.Name(name)); field != nil && msg.Has(field) {
			return fault.New(fault.UnknownField, "%s is given by the path and must not be in the body", name).
				WithField(name, ruleUnknown, "is given by the path")
		}
	}
	return nil
}

// readBody reads all of r as msg. An empty body is io.EOF, which generated code takes for an empty message.
func readBody(r io.Reader, msg proto.Message) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return readFault(err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return io.EOF
	}
	if !utf8.Valid(data) {
		return fault.New(fault.MalformedRequest, "the body is not UTF-8")
	}
	if err := protojson.Unmarshal(data, msg); err != nil {
		return diagnose(msg.ProtoReflect().Type(), data)
	}
	return nil
}

func readFault(err error) error {
	if _, ok := fault.As(err); ok {
		return err
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.RequestTooLarge, "the body is larger than %d bytes", tooLarge.Limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fault.New(fault.UploadStalled, "").WithCause(err)
	}
	return fault.New(fault.CallerGone, "the body ended too early").WithCause(err)
}
