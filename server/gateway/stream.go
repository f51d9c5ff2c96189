package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/klauspost/compress/gzhttp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// ndjson is the media type of streams: one JSON object per line.
const ndjson = "application/x-ndjson"

// stalled is how long a caller may read nothing of a stream. Slow reading is allowed; a caller who has stopped would
// hold the RPC until its deadline.
const stalled = 5 * time.Minute

// streamed calls an RPC that answers with a stream. Its request was already checked.
func (g *gateway) streamed(w http.ResponseWriter, r *http.Request, to route) {
	question, err := g.question(to, r)
	if err != nil {
		g.fail(w, r, err)
		return
	}
	if _, ok := w.(headOnly); ok { // Do not run the stream: its lines would be discarded, and they cost calls.
		streamWriter(w, r, to).begin()
		return
	}
	if wantsEvents(r, to) {
		goOn(question, r)
	}
	g.stream(w, r, to, func(ctx context.Context) (grpc.ClientStream, error) {
		messages, err := g.openStream(ctx, r, to)
		if err == nil {
			send(messages, question)
			settle(r.Body)
		}
		return messages, err
	})
}

// stream writes an RPC's messages as they arrive: lines {"result":…} and, if it fails after the first, one last line
// {"error":…}. A failure before the first line is an ordinary HTTP error; the library's own streaming does not do that.
// A slow reader slows the RPC down: nothing is buffered here. When stream returns, the RPC has ended or was cancelled.
func (g *gateway) stream(w http.ResponseWriter, r *http.Request, to route, open func(context.Context) (grpc.ClientStream, error)) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	messages, err := open(ctx)
	if err != nil {
		g.fail(w, r, err)
		return
	}
	answer := to.response.New().Interface()
	err = messages.RecvMsg(answer)
	if err != nil && !errors.Is(err, io.EOF) {
		g.fail(w, r, err)
		return
	}
	out := streamWriter(w, r, to)
	out.begin()
	for err == nil {
		if !out.message(answer) {
			return
		}
		proto.Reset(answer)
		err = messages.RecvMsg(answer)
	}
	if !errors.Is(err, io.EOF) {
		out.failure(rpcerr.Status(err, r.Header.Get("Accept-Language")).Proto())
	}
}

// messageWriter writes an answer of many messages in one media type. message and failure report whether the caller is
// still there.
type messageWriter interface {
	begin()
	message(m proto.Message) bool
	failure(st proto.Message) bool
}

// streamWriter writes the answer in the form that the caller asks for.
func streamWriter(w http.ResponseWriter, r *http.Request, to route) messageWriter {
	out := flushed{w: w, control: http.NewResponseController(w)}
	if sendsEvents(to) {
		w.Header().Add("Vary", "Accept")
	}
	if wantsEvents(r, to) {
		return serverSentEvents{out}
	}
	return lines{out}
}

func (g *gateway) openStream(ctx context.Context, r *http.Request, to route) (grpc.ClientStream, error) {
	rpc := contract.FullMethod(to.method)
	ctx, err := runtime.AnnotateContext(ctx, g.api, r, rpc)
	if err != nil {
		return nil, err
	}
	return g.Conn.NewStream(ctx, &grpc.StreamDesc{
		StreamName: string(to.method.Name()), ServerStreams: true, ClientStreams: to.method.IsStreamingClient(),
	}, rpc)
}

// send sends all messages. A failure shows in the RPC's result.
func send(messages grpc.ClientStream, all ...proto.Message) {
	for _, message := range all {
		if messages.SendMsg(message) != nil {
			return
		}
	}
	_ = messages.CloseSend()
}

// question reads the request of a streaming route.
func (g *gateway) question(to route, r *http.Request) (proto.Message, error) {
	message := to.request.New().Interface()
	if !to.hasBody {
		return message, readQuery(message, r.URL.Query(), nil)
	}
	if err := readBody(r.Body, message); err != nil && !errors.Is(err, io.EOF) {
		if _, ok := fault.As(err); !ok {
			err = fault.New(fault.Internal, "").WithCause(err)
		}
		return nil, err
	}
	return message, nil
}

// flushed sends what is written at once.
type flushed struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// begin sends the header of a stream.
func (f flushed) begin(mediaType string) {
	f.w.Header().Set("Content-Type", mediaType)
	// The compressor would hold back the first lines of a stream until it has seen enough of them.
	f.w.Header().Set(gzhttp.HeaderNoCompression, "1")
	f.w.WriteHeader(http.StatusOK)
}

// write reports whether the caller is still there.
func (f flushed) write(text []byte) bool {
	_ = f.control.SetWriteDeadline(time.Now().Add(stalled)) // Without support for it, the RPC's deadline applies.
	if _, err := f.w.Write(text); err != nil {
		return false
	}
	return f.control.Flush() == nil
}

// streamJSON is a message of a stream in JSON, in one line; nil for what JSON cannot hold, which neither our messages nor
// our errors have.
func streamJSON(m proto.Message) []byte {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return nil
	}
	return text
}

// lines is NDJSON: {"result":…} for each message, and {"error":…}.
type lines struct{ out flushed }

func (l lines) begin() { l.out.begin(ndjson) }

func (l lines) message(m proto.Message) bool { return l.line("result", m) }

func (l lines) failure(st proto.Message) bool { return l.line("error", st) }

func (l lines) line(name string, m proto.Message) bool {
	text := streamJSON(m)
	return text != nil && l.out.write(append(append([]byte(`{"`+name+`":`), text...), '}', '\n'))
}
