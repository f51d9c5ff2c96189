package scenario_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"slices"
	"testing"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

// uploadOverGRPC streams a case's photo after its request, in chunks smaller than the photo.
func (s *service) uploadOverGRPC(ctx context.Context, t *testing.T, c scenario.Case) outcome {
	t.Helper()
	options := &zhaohuov1.UploadImageSearchOptions{}
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
			break // The server has answered already: CloseAndRecv says what.
		}
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return outcome{failed: status.Convert(err).Proto()}
	}
	return outcome{message: answer, json: marshal(t, answer)}
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
