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
		w.Header().Set("Content-Type", ndjson)
		w.WriteHeader(http.StatusOK)
		return
	}
	g.stream(w, r, to, func(ctx context.Context) (grpc.ClientStream, error) {
		messages, err := g.openStream(ctx, r, to)
		if err == nil {
			send(messages, question)
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
	w.Header().Set("Content-Type", ndjson)
	// The compressor would hold back the first lines of a stream.
	w.Header().Set(gzhttp.HeaderNoCompression, "1")
	w.WriteHeader(http.StatusOK)
	out := lines{w: w, control: http.NewResponseController(w)}
	for err == nil {
		if !out.write("result", answer) {
			return
		}
		proto.Reset(answer)
		err = messages.RecvMsg(answer)
	}
	if !errors.Is(err, io.EOF) {
		out.write("error", rpcerr.Status(err, r.Header.Get("Accept-Language")).Proto())
	}
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

// lines writes one message per line and flushes each.
type lines struct {
	w       io.Writer
	control *http.ResponseController
}

// write reports whether the caller is still connected.
func (l lines) write(name string, message proto.Message) bool {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(message)
	if err != nil {
		return false // Messages and errors always have a JSON form.
	}
	line := append(append([]byte(`{"`+name+`":`), text...), '}', '\n')
	_ = l.control.SetWriteDeadline(time.Now().Add(stalled)) // Without support for it, the RPC's deadline applies.
	if _, err := l.w.Write(line); err != nil {
		return false
	}
	return l.control.Flush() == nil
}
