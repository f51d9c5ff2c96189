package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

type (
	imageStream = grpc.BidiStreamingServer[zhaohuov1.BatchImageSearchRequest, zhaohuov1.BatchImageSearchResponse]
	imageAnswer = zhaohuov1.BatchImageResult
)

// imageServer answers each image of a batch with one product: its id is the hash of the image, its title the tag.
type imageServer struct {
	searchServer
	// refused are images that fail, by their tags.
	refused map[string]*status.Status
	// answers receives the answers; nil sends them.
	answers func(imageStream, *imageAnswer) error
	// ended is the error after the last image; nil for none.
	ended func(imageStream) error
	// instead replaces the whole handler; nil reads.
	instead func(imageStream) error

	options *zhaohuov1.ImageSearchOptions
	// calls has the tags of the images of each call; chunk is the size of the largest chunk.
	calls [][]string
	chunk int
}

func (a *imageServer) serve(t *testing.T) string { return serveSearch(t, a) }

// change changes the answers from now on.
func (a *imageServer) change(how func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	how()
}

// asked are the tags of all images so far, call by call.
func (a *imageServer) asked() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []string
	for _, call := range a.calls {
		all = append(all, strings.Join(call, " "))
	}
	return strings.Join(all, " | ")
}

func (a *imageServer) BatchImageSearch(stream imageStream) error {
	_ = stream.SetHeader(metadata.Pairs("x-request-id", "r-1"))
	if a.instead != nil {
		return a.instead(stream)
	}
	return a.read(stream)
}

// read receives a batch image by image.
func (a *imageServer) read(stream imageStream) error {
	first, err := stream.Recv()
	if err != nil || first.GetOptions() == nil {
		return status.Error(codes.InvalidArgument, "options come first")
	}
	a.mu.Lock()
	a.options = first.GetOptions()
	a.calls = append(a.calls, nil)
	call := len(a.calls) - 1
	a.mu.Unlock()
	sum, answer := sha256.New(), (*imageAnswer)(nil)
	for index := int32(0); ; {
		m, err := stream.Recv()
		picture := m.GetImage()
		if chunk := m.GetChunk(); err == nil && picture == nil {
			a.change(func() { a.chunk = max(a.chunk, len(chunk)) })
			sum.Write(chunk)
			continue
		}
		if answer != nil && (err == nil || errors.Is(err, io.EOF)) { // The image is complete.
			if err := a.answer(stream, answer, hex.EncodeToString(sum.Sum(nil))); err != nil {
				return err
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) && a.ended != nil {
				return a.ended(stream)
			}
			return nil
		}
		sum.Reset()
		answer = &imageAnswer{Index: index, Tag: picture.GetTag()}
		index++
		a.change(func() { a.calls[call] = append(a.calls[call], picture.GetTag()) })
	}
}

// sendResult sends a result in the contract's form.
func sendResult(stream imageStream, answer *imageAnswer) error {
	return stream.Send(&zhaohuov1.BatchImageSearchResponse{Event: &zhaohuov1.BatchImageSearchResponse_Result{Result: answer}})
}

func (a *imageServer) answer(stream imageStream, answer *imageAnswer, sum string) error {
	a.mu.Lock()
	why, send := a.refused[answer.GetTag()], a.answers
	a.mu.Unlock()
	if why != nil {
		answer.Outcome = &zhaohuov1.BatchImageResult_Error{Error: why.Proto()}
	} else {
		answer.Outcome = &zhaohuov1.BatchImageResult_Response{Response: &zhaohuov1.ImageSearchResponse{
			Products: []*zhaohuov1.Product{{Id: sum, Title: answer.GetTag()}}, Page: 1,
			Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, UpstreamCalls: 2},
		}}
	}
	if send == nil {
		return sendResult(stream, answer)
	}
	return send(stream, answer)
}

// held answers that many images of a call and withholds the others until the caller leaves.
func held(free int) func(imageStream, *imageAnswer) error {
	return func(stream imageStream, answer *imageAnswer) error {
		if int(answer.GetIndex()) >= free {
			<-stream.Context().Done()
			return stream.Context().Err()
		}
		return sendResult(stream, answer)
	}
}

// photoFiles makes files with those names and that size, each with different content, in a new folder.
func photoFiles(t *testing.T, size int, names ...string) []string {
	t.Helper()
	dir := t.TempDir()
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = filepath.Join(dir, name)
		writePhoto(t, all[i], strings.Repeat(name+" ", size/(len(name)+1)+1)[:size])
	}
	return all
}

func writePhoto(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// manyNames are numbered, so that their order is the folder's.
func manyNames(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%03d.jpg", i)
	}
	return all
}

// photoRow is the .csv row of imageServer's answer for a file.
func photoRow(t *testing.T, name string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(contents(t, name)))
	title := name
	if len(name) > tagBytesMax {
		title = ""
	}
	return name + ",\"\t" + hex.EncodeToString(sum[:]) + "\"," + title + ",,,,,,,,,,false,,,,,,,,,,,,LIVE\n"
}

// imageResults are the lines of a search with these files, sorted.
func imageResults(t *testing.T, names ...string) []string {
	t.Helper()
	lines := []string{"\ufeffphoto," + strings.Join(csvHeader, ",") + "\n"}
	for _, name := range names {
		lines = append(lines, photoRow(t, name))
	}
	return inOrder(lines)
}
