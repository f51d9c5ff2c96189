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

// imageServer answers each picture of a batch with one product, whose id is the sum of the picture and whose title is its tag.
type imageServer struct {
	shelf
	// refused are pictures that fail, by their tags.
	refused map[string]*status.Status
	// answers has the answers; nil sends them.
	answers func(imageStream, *imageAnswer) error
	// ended is what follows after the last picture; nil is nothing.
	ended func(imageStream) error
	// instead does all of it; nil reads.
	instead func(imageStream) error

	options *zhaohuov1.ImageSearchOptions
	// calls has the tags of the pictures each call sent; chunk is the largest there was.
	calls [][]string
	chunk int
}

func (a *imageServer) serve(t *testing.T) string { return serveSearch(t, a) }

// change changes what is answered from now on.
func (a *imageServer) change(how func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	how()
}

// asked are the tags of all pictures so far, call by call.
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

// read takes in a batch picture by picture.
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
		if answer != nil && (err == nil || errors.Is(err, io.EOF)) { // It is whole now.
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

// held answers so many pictures of a call and keeps the others until the caller leaves.
func held(free int) func(imageStream, *imageAnswer) error {
	return func(stream imageStream, answer *imageAnswer) error {
		if int(answer.GetIndex()) >= free {
			<-stream.Context().Done()
			return stream.Context().Err()
		}
		return sendResult(stream, answer)
	}
}

// photoFiles makes files of those names and of that size, each with content of its own, in a folder of their own.
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

// manyNames are numbered, so that a folder's order is theirs.
func manyNames(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%03d.jpg", i)
	}
	return all
}

// photoRow is the .csv row of imageServer's answer to a file.
func photoRow(t *testing.T, name string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(contents(t, name)))
	title := name
	if len(name) > tagBytesMax {
		title = ""
	}
	return name + ",\"\t" + hex.EncodeToString(sum[:]) + "\"," + title + ",,,,,,,,,,false,,,,,,,,,,,,LIVE\n"
}

// imageResults are the lines that a search by these files writes, sorted.
func imageResults(t *testing.T, names ...string) []string {
	t.Helper()
	lines := []string{"\ufeffphoto," + strings.Join(csvHeader, ",") + "\n"}
	for _, name := range names {
		lines = append(lines, photoRow(t, name))
	}
	return inOrder(lines)
}
