package scenario_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

// uploadOverGRPC streams the photo of a case after its request, in chunks smaller than the photo.
func (s *runningService) uploadOverGRPC(ctx context.Context, t *testing.T, c scenario.Case) outcome {
	t.Helper()
	options := &zhaohuov1.ImageSearchOptions{}
	if err := protojson.Unmarshal(asJSON(t, c.Request), options); err != nil {
		t.Fatalf("the case's request: %v", err)
	}
	stream, err := zhaohuov1.NewSearchServiceClient(s.conn).UploadImageSearch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	parts := []*zhaohuov1.UploadImageSearchRequest{{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: options}}}
	for chunk := range slices.Chunk(photo(t, c.Upload), 1000) {
		parts = append(parts, &zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: chunk}})
	}
	for _, part := range parts {
		if err := stream.Send(part); err != nil {
			break // the server has answered already; CloseAndRecv returns the answer
		}
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return outcome{failed: status.Convert(err).Proto()}
	}
	return outcome{message: answer, json: marshal(t, answer)}
}

// picturesOverGRPC streams the pictures that the body of a batch names.
func (s *runningService) picturesOverGRPC(ctx context.Context, t *testing.T, c scenario.Case, method protoreflect.MethodDescriptor) outcome {
	t.Helper()
	body := &zhaohuov1.BatchImageSearchBody{}
	if err := protojson.Unmarshal(asJSON(t, c.Request), body); err != nil {
		t.Fatalf("the case's request: %v", err)
	}
	parts := []proto.Message{&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Options{Options: body.GetOptions()}}}
	for _, picture := range body.GetImages() {
		parts = append(parts, &zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Image{Image: picture}})
	}
	return s.streamOverGRPC(ctx, t, c, method, parts)
}

// withIDs returns a request with the ids of its photos, after sending them to the service.
func (s *runningService) withIDs(ctx context.Context, t *testing.T, in map[string]any) map[string]any {
	t.Helper()
	var put func(any) any
	put = func(v any) any {
		switch v := v.(type) {
		case string:
			if name, ok := strings.CutPrefix(v, "id@"); ok {
				return s.idOf(ctx, t, name)
			}
		case []any:
			all := make([]any, len(v))
			for i, inner := range v {
				all[i] = put(inner)
			}
			return all
		case map[string]any:
			return s.withIDs(ctx, t, v)
		}
		return v
	}
	out := make(map[string]any, len(in))
	for key, value := range in {
		out[key] = put(value)
	}
	return out
}

// idOf returns the id under which the service keeps a photo.
func (s *runningService) idOf(ctx context.Context, t *testing.T, name string) string {
	t.Helper()
	sent := s.uploadOverGRPC(ctx, t, scenario.Case{Upload: name})
	answer, ok := sent.message.(*zhaohuov1.UploadImageSearchResponse)
	if !ok {
		t.Fatalf("sending %s: %v", name, sent.failed)
	}
	return answer.GetResponse().GetImageId()
}

func photo(t *testing.T, name string) []byte {
	t.Helper()
	bytes, err := scenario.Photo(name)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// form writes fields and the photo as a browser would, the photo last.
func form(t *testing.T, fields map[string]any, upload string) (mediaType string, body io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for key, values := range query(fields) {
		for _, value := range values {
			if err := w.WriteField(key, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	part, err := w.CreateFormFile("image", fmt.Sprintf("photo of %s", upload))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(photo(t, upload)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), &b
}
