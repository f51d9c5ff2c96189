package gateway_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"runtime"
	"strings"
	"testing"
	"time"
)

// atOnce is the head of a chunked upload.
const atOnce = "POST " + uploadPath + " HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n"

// goroutines waits until there are no more than before.
func goroutines(t *testing.T, before int) {
	t.Helper()
	eventually(t, "goroutines were left behind", func() bool { return runtime.NumGoroutine() <= before })
}

// ends checks that this was the connection's last answer, and that no reset followed it.
func (c *talk) ends(t *testing.T) {
	t.Helper()
	if rest, err := io.ReadAll(c.answers); err != nil || len(rest) != 0 {
		t.Errorf("after the last answer: %q %v", rest, err)
	}
	_ = c.Close()
}

// TestSendsAllThenReads: a client that reads no answer before it has sent everything, such as Python's, still gets it.
func TestSendsAllThenReads(t *testing.T) {
	u := startUploads(t, nil)
	jpeg := noise(t, 3)
	c := u.talk(t, rawHead("", len(jpeg), "Connection: close\r\n")+string(jpeg)) // So that gRPC has started its goroutines.
	if got := c.answer(t); got.code != 200 {
		t.Fatalf("%d %s", got.code, got.body)
	}
	_ = c.Close()
	before := runtime.NumGoroutine()
	for name, test := range map[string]struct {
		begin  string
		full   bool
		code   int
		reason string
	}{
		"too large":   {begin: string(jpeg[:1000]), code: 413, reason: "IMAGE_TOO_LARGE"},
		"no image":    {begin: "<!DOCTYPE html>", code: 413, reason: "IMAGE_TOO_LARGE"},
		"memory full": {begin: string(jpeg[:1000]), full: true, code: 503, reason: "MEMORY_BUDGET_FULL"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.full {
				release, err := u.store.Budget().Hold(t.Context(), 1<<30)
				if err != nil {
					t.Fatal(err)
				}
				defer release()
			}
			c := u.talk(t, atOnce)
			body := httputil.NewChunkedWriter(c)
			if _, err := io.Copy(body, io.MultiReader(strings.NewReader(test.begin), io.LimitReader(forever('x'), 40<<20))); err != nil {
				t.Fatal(err)
			}
			got := c.answer(t)
			if _, reason, _ := got.read(t); got.code != test.code || reason != test.reason {
				t.Errorf("%d %s", got.code, got.body)
			}
			c.ends(t)
		})
		goroutines(t, before)
	}
}

// TestResumesAfterRefusal: a chunked body that was refused in a pause, and continues afterwards.
func TestResumesAfterRefusal(t *testing.T) {
	u := startUploads(t, func(u *uploads) { u.config.UploadIdle, u.photos.IdleTimeout = time.Minute, 50*time.Millisecond })
	c := u.talk(t, atOnce+"5\r\n\xff\xd8\xff\xe0\x00\r\n")
	if _, err := c.answers.Peek(1); err != nil { // The answer is there.
		t.Fatal(err)
	}
	if _, err := io.CopyN(c, forever('x'), 20<<20); err != nil {
		t.Fatal(err)
	}
	got := c.answer(t)
	if _, reason, _ := got.read(t); got.code != 408 || reason != "UPLOAD_STALLED" {
		t.Errorf("%d %s", got.code, got.body)
	}
	c.ends(t)
}

// TestEndlessSender is disconnected, and nothing is left.
func TestEndlessSender(t *testing.T) {
	u := startUploads(t, nil)
	_ = u.do(t, http.MethodPost, uploadPath, bytes.NewReader(noise(t, 3)), "Content-Type", "image/jpeg")
	u.http.CloseIdleConnections()
	before := runtime.NumGoroutine()
	c := u.talk(t, atOnce)
	sent, err := io.Copy(httputil.NewChunkedWriter(c), io.MultiReader(bytes.NewReader(noise(t, 3)), forever('x')))
	if err == nil || sent < 1<<20 || sent > 128<<20 {
		t.Errorf("sent %d bytes: %v", sent, err)
	}
	goroutines(t, before)
}

// TestRefusedConnectionIsReused: a refusal closes the connection only if much of the request is unread.
func TestRefusedConnectionIsReused(t *testing.T) {
	u := startUploads(t, nil)
	const small, large = 1 << 10, 1 << 20
	for name, test := range map[string]struct {
		body   string
		second bool
	}{
		"announced":        {fmt.Sprintf("Content-Length: %d\r\n\r\n%s", small, strings.Repeat("x", small)), true},
		"chunked":          {fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", small, strings.Repeat("x", small)), true},
		"announced, large": {fmt.Sprintf("Content-Length: %d\r\n\r\n%s", large, strings.Repeat("x", large)), false},
		"chunked, broken":  {"Transfer-Encoding: chunked\r\n\r\nno number\r\n", false},
		"chunked, slow":    {"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := u.talk(t, "POST /v1/nothing HTTP/1.1\r\nHost: x\r\n"+test.body)
			got := c.answer(t)
			if _, reason, _ := got.read(t); got.code != 404 || reason != "ROUTE_NOT_FOUND" {
				t.Errorf("%d %s", got.code, got.body)
			}
			if !test.second {
				c.ends(t)
				return
			}
			if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			if got := c.answer(t); got.code != 200 {
				t.Errorf("%d", got.code)
			}
		})
	}
}

// TestRefusedWhileSendingOverTLS: the same holds for HTTP/1.1 over TLS, and for HTTP/2, which has its own means.
func TestRefusedWhileSendingOverTLS(t *testing.T) {
	u := startUploads(t, func(u *uploads) { u.sealed = true })
	for _, modern := range []bool{true, false} {
		transport := u.http.Transport.(*http.Transport).Clone()
		if !modern {
			transport.TLSClientConfig.NextProtos = []string{"http/1.1"}
			transport.ForceAttemptHTTP2, transport.TLSNextProto = false, map[string]func(string, *tls.Conn) http.RoundTripper{}
		}
		retry := *u
		retry.http = &http.Client{Transport: transport}
		got := retry.do(t, http.MethodPost, uploadPath, io.LimitReader(forever('x'), 30<<20), "Content-Type", "image/jpeg")
		if _, reason, _ := got.read(t); got.code != 413 || reason != "IMAGE_TOO_LARGE" {
			t.Errorf("HTTP/2 %t: %d %s", modern, got.code, got.body)
		}
		transport.CloseIdleConnections()
	}
}
