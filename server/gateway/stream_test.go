package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// paged answers with two products per page and fails at failAt; later pages wait for hold.
func paged(failAt int32, hold <-chan struct{}) func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		if q.GetPage() == failAt {
			return nil, fault.New(fault.UpstreamTimeout, "too late").WithRetryAfter(time.Second)
		}
		if q.GetPage() > 1 && hold != nil {
			select {
			case <-hold:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		id := func(n int32) string { return fmt.Sprint(q.GetPage()*10 + n) }
		return &zhaohuov1.KeywordSearchResponse{
			Products: []*zhaohuov1.Product{{Id: id(1)}, {Id: id(2)}},
			Total:    proto.Int64(6), Page: q.GetPage(), EffectivePageSize: 2, NextPage: (q.GetPage() + 1) % 4,
		}, nil
	}
}

// line is one line of a stream, with the fields that tests check.
type line struct {
	Result *struct {
		Products []struct {
			ID string `json:"id"`
		} `json:"products"`
		EndReason string          `json:"endReason"`
		Result    json.RawMessage `json:"result"`
		Progress  json.RawMessage `json:"progress"`
	} `json:"result"`
	Error *failure `json:"error"`
}

func linesOf(t *testing.T, body string) []line {
	t.Helper()
	var all []line
	for text := range strings.Lines(body) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil || !strings.HasSuffix(text, "\n") {
			t.Fatalf("%q: %v", text, err)
		}
		all = append(all, l)
	}
	return all
}

func TestStreamIsNDJSON(t *testing.T) {
	for name, test := range map[string]struct {
		failAt int32
		want   []string
	}{
		"all":           {0, []string{"11 12", "21 22", "31 32", "STREAM_END_REASON_TOTAL"}},
		"fails halfway": {2, []string{"11 12", "UPSTREAM_TIMEOUT"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, &searcher{answer: paged(test.failAt, nil)}, nil)
			got := r.do(t, http.MethodGet, "/v1/products:streamKeywordSearch?keyword=x&pageSize=2", nil, "Accept-Encoding", "gzip")
			if got.code != http.StatusOK || got.header.Get("Content-Type") != "application/x-ndjson" {
				t.Fatalf("%d %v", got.code, got.header)
			}
			var said []string
			for _, l := range linesOf(t, string(got.body)) {
				switch {
				case l.Error != nil:
					said = append(said, l.Error.Details[0].Reason)
				case l.Result.EndReason != "STREAM_END_REASON_UNSPECIFIED":
					said = append(said, l.Result.EndReason)
				default:
					var ids []string
					for _, p := range l.Result.Products {
						ids = append(ids, p.ID)
					}
					said = append(said, strings.Join(ids, " "))
				}
			}
			if diff := cmp.Diff(test.want, said); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestStreamFailsAsHTTPBeforeItBegins: status, content type and Retry-After are those of other answers.
func TestStreamFailsAsHTTPBeforeItBegins(t *testing.T) {
	for name, test := range map[string]struct {
		method, path, body string
		code               int
		reason             string
	}{
		"first page":         {http.MethodGet, "/v1/products:streamKeywordSearch?keyword=x", "", http.StatusServiceUnavailable, "UPSTREAM_TIMEOUT"},
		"rule":               {http.MethodGet, "/v1/products:streamKeywordSearch?keyword=+", "", http.StatusBadRequest, "INVALID_FIELD"},
		"unknown parameter":  {http.MethodGet, "/v1/products:streamKeywordSearch?keyword=x&page=1", "", http.StatusBadRequest, "UNKNOWN_FIELD"},
		"method":             {http.MethodPost, "/v1/products:streamKeywordSearch", `{}`, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED"},
		"no keywords":        {http.MethodPost, "/v1/products:batchKeywordSearch", ``, http.StatusBadRequest, "INVALID_FIELD"},
		"unknown field":      {http.MethodPost, "/v1/products:batchKeywordSearch", `{"keywords":["a"],"x":1}`, http.StatusBadRequest, "UNKNOWN_FIELD"},
		"broken body":        {http.MethodPost, "/v1/products:batchKeywordSearch", `{"keywords":[`, http.StatusBadRequest, "MALFORMED_REQUEST"},
		"too large":          {http.MethodPost, "/v1/products:batchKeywordSearch", `{"keywords":["` + strings.Repeat("x", bytesMax) + `"]}`, http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE"},
		"another's token":    {http.MethodPost, "/v1/products:batchKeywordSearch", `{"keywords":["a"],"resumeToken":"AAAA"}`, http.StatusBadRequest, "RESUME_TOKEN_INVALID"},
		"a batch's prices":   {http.MethodPost, "/v1/products:batchKeywordSearch", `{"keywords":["a"],"priceMin":"2","priceMax":"1"}`, http.StatusBadRequest, "INVALID_FIELD"},
		"prices upside down": {http.MethodGet, "/v1/products:streamKeywordSearch?keyword=x&priceMin=2&priceMax=1", "", http.StatusBadRequest, "INVALID_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, &searcher{answer: paged(1, nil)}, nil)
			got := r.do(t, test.method, test.path, strings.NewReader(test.body))
			if _, reason, _ := got.read(t); got.code != test.code || reason != test.reason {
				t.Errorf("%d %s: %s", got.code, reason, got.body)
			}
			if test.reason == "UPSTREAM_TIMEOUT" && got.header.Get("Retry-After") != "1" {
				t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
			}
		})
	}
}

// TestStreamIsFlushed reads the first lines while the second page is still being requested, with a client that accepts
// compression, and then leaves: the question must end.
func TestStreamIsFlushed(t *testing.T) {
	hold, left := make(chan struct{}), make(chan struct{})
	ask := paged(0, hold)
	r := start(t, &searcher{answer: func(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
		answer, err := ask(ctx, q)
		if err != nil {
			close(left)
		}
		return answer, err
	}}, nil)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/v1/products:batchKeywordSearch", strings.NewReader(`{"keywords":["a"],"pages":3}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := r.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	read := bufio.NewReader(resp.Body)
	for _, want := range []string{`{"result":{"progress":{"done":0,`, `{"result":{"result":{"keyword":"a",`} {
		text, err := read.ReadString('\n')
		// protojson varies its spaces between builds.
		if err != nil || !strings.HasPrefix(strings.ReplaceAll(text, " ", ""), want) {
			t.Fatalf("%q %v, want %s…", text, err, want)
		}
	}
	leave()
	<-left
}
