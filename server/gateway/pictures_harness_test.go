package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

const picturesPath = "/v1/products:batchImageSearch"

type (
	part     = zhaohuov1.BatchImageSearchRequest
	answered = zhaohuov1.BatchImageResult
	region   = zhaohuov1.ImageRegion
)

func asking(o *zhaohuov1.ImageSearchOptions) *part {
	return &part{Part: &zhaohuov1.BatchImageSearchRequest_Options{Options: o}}
}

func beginning(p *zhaohuov1.BatchImage) *part {
	return &part{Part: &zhaohuov1.BatchImageSearchRequest_Image{Image: p}}
}

func piece(b []byte) *part {
	return &part{Part: &zhaohuov1.BatchImageSearchRequest_Chunk{Chunk: b}}
}

func ending() *part {
	return &part{Part: &zhaohuov1.BatchImageSearchRequest_End{End: &emptypb.Empty{}}}
}

// sent are the parts of an image, in chunks.
func sent(tag string, content []byte) []*part {
	parts := []*part{beginning(&zhaohuov1.BatchImage{Tag: tag})}
	for chunk := range slices.Chunk(content, 64<<10) {
		parts = append(parts, piece(chunk))
	}
	return parts
}

// batch sends parts over gRPC while it reads, and returns the answers in the order of the images.
func (u *uploads) batch(t *testing.T, parts ...*part) ([]*answered, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := zhaohuov1.NewSearchServiceClient(u.conn).BatchImageSearch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sending := make(chan struct{})
	go func() {
		defer close(sending)
		for _, p := range parts {
			if stream.Send(p) != nil {
				return // The server has ended the stream; Recv returns why.
			}
		}
		_ = stream.CloseSend()
	}()
	var all []*answered
	for {
		m, err := stream.Recv()
		if err != nil {
			cancel()
			<-sending
			slices.SortFunc(all, func(a, b *answered) int { return int(a.GetIndex() - b.GetIndex()) })
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return all, err
		}
		if m.GetResult() != nil {
			all = append(all, m.GetResult())
		}
	}
}

// words describes answers: index, tag and outcome.
func words(all []*answered) []string {
	var lines []string
	for _, m := range all {
		what := fmt.Sprintf("page %d", m.GetResponse().GetPage())
		if m.GetError() != nil {
			what = reasonAndFields(m.GetError())
		}
		lines = append(lines, oneSpace(fmt.Sprintf("%d %s %s", m.GetIndex(), m.GetTag(), what)))
	}
	return lines
}

func oneSpace(text string) string { return strings.Join(strings.Fields(text), " ") }

func reasonAndFields(failed *statuspb.Status) string {
	st := status.FromProto(failed)
	what := rpcerr.Reason(st)
	for _, d := range st.Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok {
			for _, v := range bad.GetFieldViolations() {
				what += " " + v.GetField()
			}
		}
	}
	return what
}

// network holds a test's images, on a host that the upstream may fetch from and on others.
type network map[string]string

func (network) Passed(address string) (bool, error) {
	return strings.HasPrefix(address, "https://img.example.com/"), nil
}

func (n network) Fetch(_ context.Context, address string, into io.Writer) error {
	content, ok := n[address]
	if !ok {
		return fault.New(fault.ImageFetchFailed, "not there")
	}
	_, err := io.Copy(into, strings.NewReader(content))
	return err
}

func withNetwork(n network) func(*uploads) {
	return func(u *uploads) { u.photos.Addresses, u.photos.Hosts = n, n }
}
