package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// questionsOf are the lines of a file without values that may differ between answers.
func questionsOf(t *testing.T, name string) []string {
	t.Helper()
	lines := sorted(t, name)
	if strings.HasSuffix(name, ".csv") {
		return lines
	}
	for i, line := range lines {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		delete(one["response"].(map[string]any), "meta")
		delete(one, "expiresAt")
		text, _ := json.Marshal(one)
		lines[i] = string(text)
	}
	slices.Sort(lines)
	return lines
}

// eventually waits for an expected event.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(testTimeout)
	for !done() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it did not happen")
		}
	}
}

// batchServer answers batches with one page of one product per keyword; a token is the number of answers.
type batchServer struct {
	searchServer
	refused string
	why     *status.Status
	tokens  []string
	sizes   []int
	// held keeps batches open until their caller leaves.
	held chan struct{}
}

func (d *batchServer) serve(t *testing.T) string { return serveSearch(t, d) }

func (d *batchServer) fail(keyword string, why *status.Status) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused, d.why = keyword, why
}

func (d *batchServer) asked() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.tokens)
}

func (d *batchServer) BatchKeywordSearch(q *zhaohuov1.BatchKeywordSearchRequest, stream grpc.ServerStreamingServer[zhaohuov1.BatchKeywordSearchResponse]) error {
	d.mu.Lock()
	d.tokens, d.sizes = append(d.tokens, q.GetResumeToken()), append(d.sizes, len(q.GetKeywords()))
	refused, why := d.refused, d.why
	d.mu.Unlock()
	if d.held != nil {
		<-stream.Context().Done()
		return stream.Context().Err()
	}
	answered := 0
	progress := &zhaohuov1.BatchKeywordProgress{Total: int32(len(q.GetKeywords()))}
	for _, keyword := range q.GetKeywords() {
		result := &zhaohuov1.BatchKeywordResult{Keyword: keyword, Page: 1}
		if q.GetResumeToken() != "" && keyword != "b" {
			progress.Done++
			answered++
			continue
		}
		progress.Done++
		if keyword == refused {
			progress.Failed++
			result.Outcome = &zhaohuov1.BatchKeywordResult_Error{Error: why.Proto()}
		} else {
			answered++
			result.Outcome = &zhaohuov1.BatchKeywordResult_Response{Response: &zhaohuov1.KeywordSearchResponse{
				Products: []*zhaohuov1.Product{{Id: "1"}}, Page: 1, Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE},
			}}
		}
		err := stream.Send(&zhaohuov1.BatchKeywordSearchResponse{
			Event: &zhaohuov1.BatchKeywordSearchResponse_Result{Result: result}, ResumeToken: fmt.Sprint(answered),
		})
		if err != nil {
			return err
		}
	}
	return stream.Send(&zhaohuov1.BatchKeywordSearchResponse{
		Event: &zhaohuov1.BatchKeywordSearchResponse_Progress{Progress: progress}, ResumeToken: fmt.Sprint(answered),
	})
}

// streamServer sends its messages for a complete result, and then fails if it must.
type streamServer struct {
	searchServer
	messages []*zhaohuov1.StreamKeywordSearchResponse
	question *zhaohuov1.StreamKeywordSearchRequest
	silent   bool
}

func (w *streamServer) StreamKeywordSearch(q *zhaohuov1.StreamKeywordSearchRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamKeywordSearchResponse]) error {
	w.question = q
	_ = stream.SetHeader(metadata.Pairs("x-request-id", "r-1"))
	for _, m := range w.messages {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	if w.silent {
		<-stream.Context().Done()
	}
	return w.err
}
