package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

const (
	// batchMax is the contract's bound, and largestRequest the default of request-bytes-max.
	batchMax       = 10_000
	largestRequest = 4_718_592
)

// startBatches is start with the default bound of a request, in which the largest batch has room.
func startBatches(t *testing.T, s *searcher, bodies *share.Pool) *rig {
	t.Helper()
	return startWith(t, interceptor.Config{RequestBytesMax: largestRequest}, s, func(c *gateway.Config) {
		c.RequestBytesMax, c.Bodies = largestRequest, bodies
	})
}

// longKeywords are different keywords of 100 characters, the most that one may have, with three bytes each.
func longKeywords(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s%05d", strings.Repeat("长", 95), i)
	}
	return all
}

// batchWays send a batch over each transport. They hand each message to take until it returns false, and then leave. The error is
// what the batch was refused with.
var batchWays = map[string]func(context.Context, *rig, *zhaohuov1.BatchKeywordSearchRequest, string, func(*zhaohuov1.BatchKeywordSearchResponse) bool) error{
	"grpc": func(ctx context.Context, r *rig, q *zhaohuov1.BatchKeywordSearchRequest, language string, take func(*zhaohuov1.BatchKeywordSearchResponse) bool) error {
		ctx, leave := context.WithCancel(metadata.AppendToOutgoingContext(ctx, "accept-language", language))
		defer leave()
		stream, err := zhaohuov1.NewSearchServiceClient(r.conn).BatchKeywordSearch(ctx, q)
		for err == nil {
			var m *zhaohuov1.BatchKeywordSearchResponse
			if m, err = stream.Recv(); err == nil && !take(m) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	},
	"rest": func(ctx context.Context, r *rig, q *zhaohuov1.BatchKeywordSearchRequest, language string, take func(*zhaohuov1.BatchKeywordSearchResponse) bool) error {
		text, err := protojson.Marshal(q)
		if err != nil {
			return err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/v1/products:batchKeywordSearch", bytes.NewReader(text))
		if err != nil {
			return err
		}
		request.Header.Set("Accept-Language", language)
		response, err := r.http.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			refused := &statuspb.Status{}
			text, err := io.ReadAll(response.Body)
			if err = errors.Join(err, protojson.Unmarshal(text, refused)); err != nil {
				return err
			}
			return status.ErrorProto(refused)
		}
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var line struct{ Result json.RawMessage }
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				return err
			}
			m := &zhaohuov1.BatchKeywordSearchResponse{}
			if err := protojson.Unmarshal(line.Result, m); err != nil {
				return fmt.Errorf("%.200s: %w", lines.Bytes(), err)
			}
			if !take(m) {
				return nil
			}
		}
		return lines.Err()
	},
}

// TestLargestBatchIsResumed: 10,000 of the longest keywords are one stream. A caller that is cut off after 7,000 results resumes:
// no answer that it has is asked for or sent once more, and it has all in the end.
func TestLargestBatchIsResumed(t *testing.T) {
	for name, send := range batchWays {
		t.Run(name, func(t *testing.T) {
			s := &searcher{}
			r := startBatches(t, s, nil)
			q := &zhaohuov1.BatchKeywordSearchRequest{Keywords: longKeywords(batchMax)}
			answered := map[string]int{}
			var last *zhaohuov1.BatchKeywordSearchResponse
			note := func(m *zhaohuov1.BatchKeywordSearchResponse) {
				last = m
				if m.GetResult().GetResponse() != nil {
					answered[m.GetResult().GetKeyword()]++
				}
			}
			err := send(t.Context(), r, q, "", func(m *zhaohuov1.BatchKeywordSearchResponse) bool {
				note(m)
				return len(answered) < 7000
			})
			if err != nil || len(answered) != 7000 {
				t.Fatalf("%d answers: %v", len(answered), err)
			}
			s.take()
			before := map[string]bool{}
			for keyword := range answered {
				before[keyword] = true
			}

			resumed := proto.CloneOf(q)
			resumed.ResumeToken = last.GetResumeToken()
			first := true
			err = send(t.Context(), r, resumed, "", func(m *zhaohuov1.BatchKeywordSearchResponse) bool {
				if first && m.GetProgress().GetDone() != 7000 {
					t.Errorf("it begins with %v", m)
				}
				first = false
				note(m)
				return true
			})
			if done := last.GetProgress(); err != nil || done.GetDone() != batchMax || done.GetTotal() != batchMax || done.GetFailed() != 0 {
				t.Errorf("%v: it ended with %v", err, last)
			}
			for _, keyword := range q.GetKeywords() {
				if answered[keyword] != 1 {
					t.Errorf("%s was answered %d times", keyword, answered[keyword])
				}
			}
			for _, asked := range s.take() {
				if before[asked.GetKeyword()] {
					t.Errorf("%s was asked after its answer was there", asked.GetKeyword())
				}
			}
		})
	}
}

// TestTooLargeBatch: the refusal names the field, and says what is allowed in the caller's language.
func TestTooLargeBatch(t *testing.T) {
	q := &zhaohuov1.BatchKeywordSearchRequest{}
	for i := range batchMax + 1 {
		q.Keywords = append(q.Keywords, fmt.Sprint("k", i))
	}
	for name, send := range batchWays {
		for language, want := range map[string]string{
			"en": "must hold at most 10000 items, and holds 10001", "zh-CN": "最多 10000 项，现有 10001 项",
		} {
			t.Run(name+" "+language, func(t *testing.T) {
				s := &searcher{}
				err := send(t.Context(), startBatches(t, s, nil), q, language, func(m *zhaohuov1.BatchKeywordSearchResponse) bool {
					t.Errorf("it answers %v", m)
					return false
				})
				var said []string
				for _, detail := range status.Convert(err).Details() {
					if bad, ok := detail.(*errdetails.BadRequest); ok {
						for _, v := range bad.GetFieldViolations() {
							text := v.GetDescription()
							if local := v.GetLocalizedMessage(); local.GetLocale() == language {
								text = local.GetMessage()
							}
							said = append(said, v.GetField()+": "+text)
						}
					}
				}
				if !slices.Equal(said, []string{"keywords: " + want}) || len(s.take()) > 0 {
					t.Errorf("%q in %v", said, err)
				}
			})
		}
	}
}

// TestLongBatchHoldsLittleBodyMemory: while a batch runs over REST, which may take hours, it holds as much memory for its body as
// the body was long; nothing when it has ended.
func TestLongBatchHoldsLittleBodyMemory(t *testing.T) {
	bodies := share.NewPool(64 << 20)
	asked, goOn := make(chan struct{}), make(chan struct{})
	s := &searcher{answer: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		select {
		case asked <- struct{}{}:
		case <-goOn:
		case <-ctx.Done():
		}
		return &zhaohuov1.KeywordSearchResponse{Page: q.GetPage()}, nil
	}}
	r := startBatches(t, s, bodies)
	q := &zhaohuov1.BatchKeywordSearchRequest{Keywords: longKeywords(1000)}
	text, err := protojson.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(text))
	ended := make(chan error, 1)
	go func() {
		ended <- batchWays["rest"](context.WithoutCancel(t.Context()), r, q, "", func(*zhaohuov1.BatchKeywordSearchResponse) bool { return true })
	}()
	<-asked
	eventually(t, "the batch holds less", func() bool { return bodies.Used() > 0 && bodies.Used() <= size })
	close(goOn)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	eventually(t, "the batch holds nothing", func() bool { return bodies.Used() == 0 })
}
