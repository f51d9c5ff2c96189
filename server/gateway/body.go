package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// requestBody is a body that remembers what reading it found wrong.
type requestBody struct {
	io.ReadCloser
	refused error
}

// codec writes answers and reads bodies as protojson. Empty lists and zeros are written, since they are answers;
// what is absent in the message ("unknown") stays absent.
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
		if body, ok := r.(*requestBody); ok && err != nil && !errors.Is(err, io.EOF) {
			body.refused = err
		}
		return err
	})
}

// readBody reads the whole of r as msg. An empty body is io.EOF, which generated code takes for an empty message.
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
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.RequestTooLarge, "the body is larger than %d bytes", tooLarge.Limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fault.New(fault.UploadStalled, "").WithCause(err)
	}
	return fault.New(fault.CallerGone, "the body broke off").WithCause(err)
}
