package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// setCacheControl tells caches what they may keep: nothing without revalidation, and answers to a request with a key
// not at all in a shared cache.
func setCacheControl(w http.ResponseWriter, r *http.Request) {
	scope := "no-cache"
	if r.Header.Get("Authorization") != "" || r.Header.Get(interceptor.APIKeyHeader) != "" {
		scope = "private, no-cache"
	}
	w.Header().Set("Cache-Control", scope)
	w.Header().Add("Vary", "Accept-Language")
}

// tagged buffers the answer to a GET and sends it with an ETag, or 304 to a caller who has it already. The answer is in
// memory anyway: it is encoded in one piece.
type tagged struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

func (t *tagged) WriteHeader(code int) {
	if t.code == 0 {
		t.code = code
	}
}

func (t *tagged) Write(b []byte) (int, error) {
	t.WriteHeader(http.StatusOK)
	return t.body.Write(b)
}

// Unwrap is for http.ResponseController.
func (t *tagged) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// send sends the buffered answer.
func (t *tagged) send(r *http.Request) {
	if t.code == http.StatusOK {
		tag := tagOf(t.body.Bytes())
		t.Header().Set("ETag", tag)
		if matches(r.Header.Values("If-None-Match"), tag) {
			t.Header().Del("Content-Type")
			t.Header().Del("Content-Length")
			t.ResponseWriter.WriteHeader(http.StatusNotModified)
			return
		}
	}
	t.ResponseWriter.WriteHeader(max(t.code, http.StatusOK))
	_, _ = t.ResponseWriter.Write(t.body.Bytes())
}

// tagOf is the entity tag of an answer. It is weak, because the answer may also be sent compressed.
func tagOf(text []byte) string {
	sum := sha256.Sum256(text)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// matches reports whether If-None-Match names the tag, by weak comparison.
func matches(given []string, tag string) bool {
	for _, line := range given {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			if name == "*" || strings.TrimPrefix(name, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}
