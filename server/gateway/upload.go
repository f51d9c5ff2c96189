package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// pathUpload is the only route of the contract without an annotation: its body is a form or an image.
const pathUpload = "/v1/products:uploadImageSearch"

// formSlack is how much larger than its image a form may be: other fields, headers of parts, boundaries.
const formSlack = 128 << 10

type (
	uploadOptions = zhaohuov1.ImageSearchOptions
	uploadAnswer  = zhaohuov1.UploadImageSearchResponse
	uploadStream  = grpc.ClientStreamingClient[zhaohuov1.UploadImageSearchRequest, zhaohuov1.UploadImageSearchResponse]
)

// upload serves UploadImageSearch. It reads a form's fields, then streams the image on; for a raw body the options are
// in the query. It refuses as much as possible before the body is read: a caller with `Expect: 100-continue` then never
// sends it.
func (g *gateway) upload(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		g.refuseMethod(w, r, http.MethodPost)
		return
	}
	answer, err := g.uploaded(w, r)
	if err != nil {
		g.fail(w, r, outOfOptions(err))
		return
	}
	text, err := newCodec().Marshal(answer)
	if err != nil {
		g.fail(w, r, fault.New(fault.Internal, "").WithCause(err))
		return
	}
	writeJSON(w, http.StatusOK, text)
}

func (g *gateway) uploaded(w http.ResponseWriter, r *http.Request) (*uploadAnswer, error) {
	if err := refuseEncoded(w, r); err != nil {
		return nil, err
	}
	boundary, err := boundaryOf(r.Header.Values("Content-Type"))
	if err != nil {
		return nil, err
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.MalformedRequest, "the query cannot be read: an invalid %% escape, or a semicolon").WithCause(err)
	}
	if boundary == "" {
		return g.uploadedRaw(w, r, query)
	}
	fields, err := newFormFields(query)
	if err != nil {
		return nil, err
	}
	if r.ContentLength > g.PhotoBytesMax+formSlack {
		return nil, g.overlong()
	}
	body := g.paced(w, r, g.PhotoBytesMax+formSlack)
	options, picture, err := readForm(body, boundary, fields, g.overlong())
	if err != nil {
		return nil, err
	}
	return g.sendOn(r, body, options, picture)
}

func (g *gateway) uploadedRaw(w http.ResponseWriter, r *http.Request, query url.Values) (*uploadAnswer, error) {
	options := &uploadOptions{}
	if err := readQuery(options, query, nil); err != nil {
		return nil, err
	}
	if r.ContentLength > g.PhotoBytesMax {
		return nil, g.overlong()
	}
	body := g.paced(w, r, g.PhotoBytesMax+formSlack)
	return g.sendOn(r, body, options, rawPicture{body, g.overlong()})
}

func (g *gateway) overlong() error {
	return fault.New(fault.ImageTooLarge, "the image is too large: at most %d bytes are accepted", g.PhotoBytesMax)
}

// picture is the image in a body.
type picture interface {
	io.Reader
	// fault is the fault of a failed read, or after io.EOF the fault of what follows the image; nil if there is none.
	fault(err error) error
}

// rawPicture is a body that is only an image.
type rawPicture struct {
	*paced
	// overlong is the fault of a body that is too large.
	overlong error
}

func (p rawPicture) fault(err error) error {
	var over *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &over):
		return p.overlong // The same fault as the server's, which may notice it first.
	}
	return readFault(err)
}

// sendOn makes the RPC. It reads no byte of the image before the server has accepted the options, and stops reading as
// soon as the RPC ends.
func (g *gateway) sendOn(r *http.Request, body *paced, options *uploadOptions, from picture) (*uploadAnswer, error) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	ctx, err := runtime.AnnotateContext(ctx, g.api, r, zhaohuov1.SearchService_UploadImageSearch_FullMethodName)
	if err != nil {
		return nil, err
	}
	stream, err := zhaohuov1.NewSearchServiceClient(g.Conn).UploadImageSearch(ctx)
	if err != nil {
		return nil, err
	}
	// If it fails, the RPC's result says why; the same for every Send.
	_ = stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: options}})
	header, err := stream.Header()
	if err != nil || !slices.Contains(header.Get(contract.UploadKey), contract.UploadAccepted) {
		return nil, endOf(stream)
	}
	rpc := watch(stream, body.interrupt)
	defer func() {
		cancel()
		<-rpc.ended
	}()
	wrong := copyPicture(stream, body, from)
	if interrupted := body.interrupted(); wrong != nil && !interrupted {
		return nil, wrong
	}
	_ = stream.CloseSend() // CloseSend never fails.
	<-rpc.ended
	return rpc.answer, rpc.err
}

// endOf returns the result of an RPC that was not accepted.
func endOf(stream uploadStream) error {
	if err := stream.RecvMsg(&uploadAnswer{}); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return fault.New(fault.Internal, "")
}

// running is an RPC that is waited for.
type running struct {
	ended  chan struct{}
	answer *uploadAnswer
	err    error
}

// watch waits for the RPC's header and its result; it calls failed if the RPC fails.
func watch(stream uploadStream, failed func()) *running {
	rpc := &running{ended: make(chan struct{}), answer: &uploadAnswer{}}
	go func() {
		defer close(rpc.ended)
		if rpc.err = stream.RecvMsg(rpc.answer); rpc.err != nil {
			failed()
		}
	}()
	return rpc
}

// copyPicture sends the image in chunks, each as soon as it arrives: a delay here would look like a silent caller to
// the server. A nil error is the end of the image or of the RPC.
func copyPicture(stream uploadStream, body *paced, from picture) error {
	buffer := make([]byte, contract.ChunkBytes)
	sent := false
	for {
		n, err := from.Read(buffer)
		if err != nil && !errors.Is(err, io.EOF) {
			return from.fault(err)
		}
		if n > 0 {
			sent = true
			part := &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: buffer[:n]}
			if stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: part}) != nil {
				// The error of the body may be why the RPC ended: package multipart returns buffered bytes before the
				// error.
				return body.broken()
			}
		}
		switch {
		case err == nil:
		case !sent:
			return fault.Invalid(fieldImage, ruleRequired, "the image is empty")
		default:
			return from.fault(err)
		}
	}
}

// outOfOptions renames fields as REST callers know them: without the "options." prefix.
func outOfOptions(err error) error {
	st, ok := status.FromError(err)
	if !ok || st.Code() == 0 {
		return err
	}
	const prefix = "options."
	proto := st.Proto()
	proto.Message = strings.TrimPrefix(proto.GetMessage(), prefix)
	for i, detail := range proto.GetDetails() {
		refused := &errdetails.BadRequest{}
		if detail.UnmarshalTo(refused) != nil {
			continue
		}
		for _, v := range refused.GetFieldViolations() {
			v.Field = strings.TrimPrefix(v.GetField(), prefix)
		}
		if packed, err := anypb.New(refused); err == nil {
			proto.Details[i] = packed
		}
	}
	return status.ErrorProto(proto)
}
