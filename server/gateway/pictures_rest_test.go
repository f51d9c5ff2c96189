package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPicturesOverREST: a list in, lines out; a bad image is one line.
func TestPicturesOverREST(t *testing.T) {
	content := noise(t, 30)
	u := startUploads(t, withNetwork(network{"http://shop.example.com/a.jpg": string(content)}))
	got := u.do(t, http.MethodPost, picturesPath, strings.NewReader(`{"options":{"keyword":"杯","pageSize":5},"images":[
		{"tag":"一","image":{"url":"http://shop.example.com/a.jpg"},"region":{"right":0.5,"bottom":1}},
		{"tag":"b","image":{"id":"img_nobody"}},
		{"image":{"url":"https://img.example.com/b.jpg"}},
		{"tag":"d"}]}`), "Content-Type", "application/json", "Accept-Language", "zh-CN")
	if got.code != http.StatusOK || got.header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("%d %v %s", got.code, got.header, got.body)
	}
	lines := map[int]string{}
	for text := range strings.Lines(string(got.body)) {
		var line struct {
			Result *struct {
				Progress json.RawMessage `json:"progress"`
				Result   *struct {
					Index    int                 `json:"index"`
					Tag      string              `json:"tag"`
					Response *struct{ Page int } `json:"response"`
					Error    *failure            `json:"error"`
				} `json:"result"`
			} `json:"result"`
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil || line.Result == nil {
			t.Fatalf("%q %v", text, err)
		}
		if line.Result.Progress != nil {
			continue
		}
		what := ""
		if line.Result.Result.Response != nil {
			what = fmt.Sprintf("page %d", line.Result.Result.Response.Page)
		}
		if line.Result.Result.Error != nil {
			for _, d := range line.Result.Result.Error.Details {
				what += d.Reason
				if d.Locale != "" && d.Locale != "zh-CN" {
					t.Errorf("the error's locale is %s", d.Locale)
				}
			}
		}
		lines[line.Result.Result.Index] = strings.TrimSpace(line.Result.Result.Tag + " " + what)
	}
	if diff := cmp.Diff(map[int]string{0: "一 page 1", 1: "b IMAGE_EXPIRED", 2: "page 1", 3: "d INVALID_FIELD"}, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPicturesOverRESTRefusals(t *testing.T) {
	u := startUploads(t, withNetwork(nil))
	many := `{"images":[` + strings.TrimSuffix(strings.Repeat(`{"image":{"id":"x"}},`, 1001), ",") + `]}`
	for name, test := range map[string]struct {
		method, query, body, kind string
		code                      int
		reason                    string
		fields                    []string
	}{
		"another method":     {http.MethodGet, "", "", "", 405, "METHOD_NOT_ALLOWED", nil},
		"a query":            {http.MethodPost, "?keyword=x", "{}", "application/json", 400, "UNKNOWN_FIELD", []string{"keyword UNKNOWN_FIELD"}},
		"another kind":       {http.MethodPost, "", "{}", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE", nil},
		"no body":            {http.MethodPost, "", "", "application/json", 400, "INVALID_FIELD", []string{"images REQUIRED"}},
		"no images":          {http.MethodPost, "", `{"options":{}}`, "application/json", 400, "INVALID_FIELD", []string{"images REQUIRED"}},
		"too many":           {http.MethodPost, "", many, "application/json", 400, "INVALID_FIELD", []string{"images REPEATED_MAX_ITEMS"}},
		"an unknown field":   {http.MethodPost, "", `{"images":[{"image":{"id":"x"},"url":"y"}]}`, "application/json", 400, "UNKNOWN_FIELD", []string{"images[0].url UNKNOWN_FIELD"}},
		"a broken text":      {http.MethodPost, "", `{"images":[`, "application/json", 400, "MALFORMED_REQUEST", nil},
		"bad options":        {http.MethodPost, "", `{"options":{"priceMin":"x"},"images":[{"image":{"id":"x"}}]}`, "application/json", 400, "INVALID_FIELD", []string{"options.price_min STRING_YUAN"}},
		"prices upside down": {http.MethodPost, "", `{"options":{"priceMin":"5","priceMax":"1"},"images":[{"image":{"id":"x"}}]}`, "application/json", 400, "INVALID_FIELD", []string{"options.price_min PRICE_RANGE"}},
	} {
		t.Run(name, func(t *testing.T) {
			var headers []string
			if test.kind != "" {
				headers = []string{"Content-Type", test.kind}
			}
			got := u.do(t, test.method, picturesPath+test.query, strings.NewReader(test.body), headers...)
			_, reason, fields := got.read(t)
			if got.code != test.code || reason != test.reason {
				t.Errorf("%d %s, want %d %s", got.code, reason, test.code, test.reason)
			}
			if diff := cmp.Diff(test.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPicturesOverRESTWhoseCallerLeaves: the RPC ends with its caller; startUploads checks that nothing is left.
func TestPicturesOverRESTWhoseCallerLeaves(t *testing.T) {
	content := noise(t, 30)
	u := startUploads(t, withNetwork(network{"http://shop.example.com/a.jpg": string(content)}))
	asked, ended := make(chan struct{}, 10), make(chan struct{}, 10)
	u.searcher.meanwhile = func(ctx context.Context) error {
		asked <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.url+picturesPath, strings.NewReader(`{"images":[{"image":{"url":"http://shop.example.com/a.jpg"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	go func() {
		<-asked
		cancel()
	}()
	if response, err := u.http.Do(request); err == nil {
		response.Body.Close()
		t.Errorf("HTTP %d", response.StatusCode)
	}
	<-ended
}
