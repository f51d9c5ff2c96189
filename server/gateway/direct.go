package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/klauspost/compress/gzip"
	"github.com/maypok86/otter/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

const (
	// directBytesMax bounds the requests that are remembered, directRequestMax the length of one, and directCost is the memory beside
	// its text, of which there are a few copies.
	directBytesMax   = 2 << 20
	directRequestMax = 1 << 10
	directCost       = 512
	directCopies     = 3
	// zipMin is the smallest answer that is compressed, as for the compressor at the edge.
	zipMin = 1024
)

// caller is a connection that also takes encoded requests, and that may give encoded answers: see interceptor.Local.
type caller interface {
	Call(ctx context.Context, method string, request []byte) (any, error)
	Encodes(method string) bool
}

// direct answers requests of unary RPCs without the generated code: a request that was read once is remembered in its encoded form, and
// an answer that is stored is sent in the form that is stored. It answers every GET, and a POST of an RPC that has stored answers.
type direct struct {
	conn caller
	json *codec
	read *otter.Cache[string, *directRequest]
}

// directRequest is a request that was read and found well-formed.
type directRequest struct {
	method string
	raw    []byte
}

// newDirect returns nil for connections without encoded answers.
func newDirect(conn any) (*direct, error) {
	c, ok := conn.(caller)
	if !ok {
		return nil, nil //nolint:nilnil // nil means that every request takes the other way.
	}
	read, err := otter.New(&otter.Options[string, *directRequest]{
		MaximumWeight: directBytesMax,
		Weigher:       func(text string, _ *directRequest) uint32 { return uint32(directCopies*len(text) + directCost) },
	})
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return &direct{conn: c, json: newCodec(), read: read}, nil
}

type directKey struct{}

// remembered answers a request that was read before. Otherwise it returns the request with its text, under which read keeps it.
func (g *gateway) remembered(w http.ResponseWriter, r *http.Request) (*http.Request, bool) {
	if g.direct == nil || r.ContentLength != 0 || r.Method != http.MethodGet && r.Method != http.MethodHead ||
		len(r.URL.Path)+len(r.URL.RawQuery) > directRequestMax {
		return r, false
	}
	text := r.URL.EscapedPath() + "?" + r.URL.RawQuery
	if found, ok := g.direct.read.GetIfPresent(text); ok {
		g.answer(w, r, found)
		return r, true
	}
	return r.WithContext(context.WithValue(r.Context(), directKey{}, text)), false
}

// directly answers a request that check has found well-formed; false for a file, and for a request that only the generated code can
// read.
func (g *gateway) directly(w http.ResponseWriter, r *http.Request, to route, pathParams map[string]string) bool {
	text, ok := r.Context().Value(directKey{}).(string)
	if !ok || to.isFile {
		return false
	}
	message := to.request.New().Interface()
	if readQuery(message, r.URL.Query(), pathParams) != nil {
		return false
	}
	for name, value := range pathParams {
		field := message.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(name))
		if field == nil || field.Kind() != protoreflect.StringKind || field.IsList() {
			return false
		}
		message.ProtoReflect().Set(field, protoreflect.ValueOfString(value))
	}
	return g.remember(w, r, to, text, message)
}

// remember keeps a request under its text and answers it; false for one that cannot be encoded.
func (g *gateway) remember(w http.ResponseWriter, r *http.Request, to route, text string, message proto.Message) bool {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return false
	}
	found := &directRequest{contract.FullMethod(to.method), raw}
	g.direct.read.Set(text, found)
	g.answer(w, r, found)
	return true
}

// posted answers a POST whose header check has accepted, if its body is short and well-formed. Otherwise it is false, and the generated
// code reads the body from its start and says what is wrong.
func (g *gateway) posted(w http.ResponseWriter, r *http.Request, to route) bool {
	body, ok := r.Body.(*requestBody)
	if g.direct == nil || !ok || len(body.inPath) > 0 || r.ContentLength < 0 || r.ContentLength > directRequestMax || !g.direct.conn.Encodes(contract.FullMethod(to.method)) {
		return false
	}
	data, err := io.ReadAll(body)
	if err == nil && len(data) <= directRequestMax { // A compressed body may have grown.
		text := http.MethodPost + " " + r.URL.EscapedPath() + "\n" + string(data)
		if found, ok := g.direct.read.GetIfPresent(text); ok {
			g.answer(w, r, found)
			return true
		}
		message := to.request.New().Interface()
		if readBody(bytes.NewReader(data), message) == nil && g.remember(w, r, to, text, message) {
			return true
		}
	}
	body.source, body.read = &reread{bytes.NewReader(data), err}, 0
	return false
}

// reread is what was read from a body, and then the error at its end.
type reread struct {
	*bytes.Reader

	end error
}

// Read implements [io.Reader].
func (r *reread) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF && r.end != nil {
		err = r.end
	}
	return n, err
}

// answer calls the RPC and writes its answer.
func (g *gateway) answer(w http.ResponseWriter, r *http.Request, request *directRequest) {
	ctx, err := runtime.AnnotateIncomingContext(r.Context(), g.api, r, request.method)
	if err != nil {
		g.fail(w, r, err)
		return
	}
	answer, err := g.direct.conn.Call(ctx, request.method, request.raw)
	if err != nil {
		g.fail(w, r, err)
		return
	}
	text, err := g.direct.jsonOf(answer)
	if err != nil {
		g.fail(w, r, fault.New(fault.Internal, "").WithCause(err))
		return
	}
	sendJSON(w, r, text)
}

// jsonOf is the answer as JSON. That of a stored answer is made once.
func (d *direct) jsonOf(answer any) (*encoded.JSON, error) {
	var message proto.Message
	var forms *encoded.Forms
	switch a := answer.(type) {
	case *encoded.Message:
		forms = a.Forms
		if forms != nil && forms.JSON() != nil {
			return forms.JSON(), nil
		}
		decoded, err := a.Decode()
		if err != nil {
			return nil, err
		}
		message = decoded
	case proto.Message:
		message = a
	default:
		return nil, fmt.Errorf("gateway: an answer of type %T", answer)
	}
	text, err := d.json.Marshal(message)
	if err != nil {
		return nil, err
	}
	made := &encoded.JSON{Text: text, Tag: tagOf(text)}
	if forms != nil {
		if made.Zipped, err = zipped(text); err != nil {
			return nil, err
		}
		forms.Keep(made)
	}
	return made, nil
}

// zipped is nil for what is too small to be worth it.
func zipped(text []byte) ([]byte, error) {
	if len(text) < zipMin {
		return nil, nil
	}
	var into bytes.Buffer
	zip := gzip.NewWriter(&into)
	if _, err := zip.Write(text); err != nil {
		return nil, err
	}
	err := zip.Close()
	return into.Bytes(), err
}

// sendJSON sends an answer. To a GET it has its tag, and is 304 for a caller who has it already.
func sendJSON(w http.ResponseWriter, r *http.Request, answer *encoded.JSON) {
	header := w.Header()
	if r.Method != http.MethodPost {
		header.Set("ETag", answer.Tag)
		if given := r.Header.Values("If-None-Match"); len(given) > 0 && matches(given, answer.Tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	text := answer.Text
	if answer.Zipped != nil && takesGzip(r.Header.Values("Accept-Encoding")) {
		text = answer.Zipped
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(text) //nolint:gosec // Content-Type is JSON with nosniff. It fails only if the caller has left.
}

// takesGzip reports whether a caller takes gzip and nothing better. Callers who weigh encodings are left to the compressor at the edge.
func takesGzip(given []string) bool {
	if len(given) != 1 || strings.ContainsAny(given[0], ";*") {
		return false
	}
	takes := false
	for name := range strings.SplitSeq(given[0], ",") {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip":
			takes = true
		case "zstd":
			return false
		}
	}
	return takes
}
