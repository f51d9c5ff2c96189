package gateway_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestAnswersCarryATag: a caller who has the answer gets 304, and shared caches do not store an answer for a key.
func TestAnswersCarryATag(t *testing.T) {
	s := &searcher{}
	r := start(t, s, nil)
	const target = path + "?keyword=a"
	first := r.do(t, "GET", target, nil)
	tag := first.header.Get("ETag")
	if first.code != 200 || !strings.HasPrefix(tag, `W/"`) || first.header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("%d, %v", first.code, first.header)
	}
	for _, given := range []string{tag, strings.TrimPrefix(tag, "W/"), `"x", ` + tag, "*"} {
		if got := r.do(t, "GET", target, nil, "If-None-Match", given); got.code != 304 || len(got.body) != 0 || got.header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s: %d %q", given, got.code, got.body)
		}
	}
	if got := r.do(t, "GET", target, nil, "If-None-Match", `W/"other"`); got.code != 200 || len(got.body) == 0 {
		t.Errorf("another tag: %d %q", got.code, got.body)
	}
	if got := r.do(t, "GET", target+"&page=2", nil); got.header.Get("ETag") == tag {
		t.Error("another answer has the same tag")
	}
	for _, header := range []string{"Authorization", "X-Api-Key"} {
		if got := r.do(t, "GET", target, nil, header, "Bearer k"); got.header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: Cache-Control %q", header, got.header.Get("Cache-Control"))
		}
	}
	if got := r.do(t, "GET", path, nil); got.code != 400 || got.header.Get("Cache-Control") != "no-store" || got.header.Get("ETag") != "" {
		t.Errorf("a refusal: %d %v", got.code, got.header)
	}
}

// TestHeadAndOptions answer as HTTP says.
func TestHeadAndOptions(t *testing.T) {
	s := &searcher{}
	r := start(t, s, nil)
	got := r.do(t, "HEAD", path+"?keyword=a", nil)
	if got.code != 200 || len(got.body) != 0 || got.header.Get("ETag") == "" || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD: %d %q %v", got.code, got.body, got.header)
	}
	s.take()
	got = r.do(t, "HEAD", "/v1/products:streamKeywordSearch?keyword=a", nil)
	if got.code != 200 || got.header.Get("Content-Type") != "application/x-ndjson" || s.take() != nil {
		t.Errorf("HEAD of a stream: %d %v", got.code, got.header)
	}
	if got := r.do(t, "HEAD", path, nil); got.code != 400 {
		t.Errorf("HEAD of a bad request: %d", got.code)
	}
	for target, want := range map[string]string{
		path:                             "GET, HEAD, POST, OPTIONS",
		"/v1/products:imageSearch":       "POST, OPTIONS",
		"/v1/products:uploadImageSearch": "POST, OPTIONS",
		"/v1/sellers/a%2Fb/products":     "GET, HEAD, OPTIONS",
		"/healthz":                       "GET, HEAD, OPTIONS",
	} {
		if got := r.do(t, http.MethodOptions, target, nil); got.code != 204 || got.header.Get("Allow") != want || len(got.body) != 0 {
			t.Errorf("OPTIONS %s: %d, Allow %q; want %q", target, got.code, got.header.Get("Allow"), want)
		}
	}
	if got := r.do(t, http.MethodOptions, "/nothing", nil); got.code != 404 {
		t.Errorf("OPTIONS of no path: %d", got.code)
	}
	if got := r.do(t, "HEAD", "/v1/products:imageSearch", nil); got.code != 405 || got.header.Get("Allow") != "POST" {
		t.Errorf("HEAD of a path that only takes POST: %d, Allow %q", got.code, got.header.Get("Allow"))
	}
}
