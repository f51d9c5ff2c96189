package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// talk is a raw connection, written by hand.
type talk struct {
	net.Conn
	answers *bufio.Reader
}

func (u *uploads) talk(t *testing.T, text string) *talk {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(u.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return &talk{conn, bufio.NewReader(conn)}
}

// answer reads one answer, or "100 Continue".
func (c *talk) answer(t *testing.T) reply {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusContinue {
		return reply{code: resp.StatusCode}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, body}
}

func rawHead(query string, length int, more string) string {
	return fmt.Sprintf("POST %s%s HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n%s\r\n", uploadPath, query, length, more)
}

// TestExpectContinue: an image that would be refused is never sent.
func TestExpectContinue(t *testing.T) {
	u := startUploads(t, nil)
	picture := noise(t, 3)
	const expect = "Expect: 100-continue\r\n"
	for name, test := range map[string]struct {
		head   string
		code   int
		reason string
	}{
		"bad options":     {rawHead("?pageSize=-1", 1000, expect), 400, "INVALID_FIELD"},
		"beyond window":   {rawHead("?page=101", 1000, expect), 400, "INVALID_FIELD"},
		"unknown options": {rawHead("?x=1", 1000, expect), 400, "UNKNOWN_FIELD"},
		"too large":       {rawHead("", 2<<20+1, expect), 413, "IMAGE_TOO_LARGE"},
		"another kind":    {strings.Replace(rawHead("", 10, expect), "image/jpeg", "text/html", 1), 415, "UNSUPPORTED_MEDIA_TYPE"},
	} {
		t.Run(name, func(t *testing.T) {
			got := u.talk(t, test.head).answer(t)
			if _, reason, _ := got.read(t); got.code != test.code || reason != test.reason {
				t.Errorf("%d %s", got.code, reason)
			}
		})
	}
	release, err := u.store.Budget().Hold(t.Context(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	got := u.talk(t, rawHead("", 1000, expect)).answer(t)
	if _, reason, _ := got.read(t); got.code != 503 || reason != "MEMORY_BUDGET_FULL" || got.header.Get("Retry-After") != "2" {
		t.Errorf("without room: %d %s", got.code, got.body)
	}
	release()
	c := u.talk(t, rawHead("", len(picture), expect))
	if got := c.answer(t); got.code != 100 {
		t.Fatalf("%d", got.code)
	}
	if _, err := c.Write(picture); err != nil {
		t.Fatal(err)
	}
	if got := c.answer(t); got.code != 200 {
		t.Errorf("%d %s", got.code, got.body)
	}
}

// TestSilentUploaderOverREST: whichever side notices first, the caller gets the error at once.
func TestSilentUploaderOverREST(t *testing.T) {
	picture := noise(t, 3)
	kind, form := formOf(picture, []string{"keyword", "some words"}, nil)
	formHead := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", uploadPath, kind, form.Len())
	for side, change := range map[string]func(*uploads){
		"gateway": func(u *uploads) { u.config.UploadIdle, u.photos.IdleTimeout = 100*time.Millisecond, time.Minute },
		"server":  func(u *uploads) { u.config.UploadIdle, u.photos.IdleTimeout = time.Minute, 100*time.Millisecond },
	} {
		for name, sent := range map[string]string{
			"raw, at once":          rawHead("", len(picture), ""),
			"raw, in the middle":    rawHead("", len(picture), "") + string(picture[:1000]),
			"form, at once":         formHead,
			"form, in the fields":   formHead + form.String()[:100],
			"form, in the middle":   formHead + form.String()[:form.Len()-500],
			"form, before its end":  formHead + form.String()[:form.Len()-3],
			"raw, before last byte": rawHead("", len(picture), "") + string(picture[:len(picture)-1]),
		} {
			if side == "server" && (name == "form, at once" || name == "form, in the fields") {
				continue // There is no RPC yet.
			}
			t.Run(side+" "+name, func(t *testing.T) {
				u := startUploads(t, change)
				got := u.talk(t, sent).answer(t)
				if _, reason, _ := got.read(t); got.code != 408 || reason != "UPLOAD_STALLED" {
					t.Errorf("%d %s", got.code, got.body)
				}
				if questions, _ := u.searcher.take(); questions != nil {
					t.Errorf("asked %v", questions)
				}
			})
		}
	}
}

// TestSlowUploader: a caller who sends slowly but steadily is not cut off.
func TestSlowUploader(t *testing.T) {
	u := startUploads(t, func(u *uploads) {
		u.config.UploadIdle, u.photos.IdleTimeout = 300*time.Millisecond, 300*time.Millisecond
	})
	picture := noise(t, 1)
	c := u.talk(t, rawHead("", len(picture), ""))
	pace := time.NewTicker(60 * time.Millisecond)
	defer pace.Stop()
	for i := 0; i < len(picture); i += len(picture)/12 + 1 {
		<-pace.C
		if _, err := c.Write(picture[i:min(i+len(picture)/12+1, len(picture))]); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.answer(t); got.code != 200 {
		t.Errorf("%d %s", got.code, got.body)
	}
}

// eventually waits for an effect of another goroutine.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	end := time.After(10 * time.Second)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !happened() {
		select {
		case <-look.C:
		case <-end:
			t.Fatal(what)
		}
	}
}

// TestLeaverOverREST: a connection closed in the middle frees everything that was held for it.
func TestLeaverOverREST(t *testing.T) {
	u := startUploads(t, nil)
	picture := noise(t, 1500)
	c := u.talk(t, rawHead("", len(picture), "")+string(picture[:600_000]))
	eventually(t, "nothing is held for an upload under way", func() bool { return u.store.Budget().Used() > 0 })
	_ = c.Close()
	eventually(t, "what was held is not freed", func() bool { return u.store.Budget().Used() == 0 })

	// While the upstream is asked, the call ends with the caller.
	asked, ended := make(chan struct{}), make(chan error, 1)
	u.searcher.meanwhile = func(ctx context.Context) error {
		close(asked)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}
	c = u.talk(t, rawHead("", len(picture), "")+string(picture))
	<-asked
	_ = c.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestLeaverOfAForm: in a chunked body, the end of the form is not the end of the body. Its caller's leaving is still
// noticed.
func TestLeaverOfAForm(t *testing.T) {
	u := startUploads(t, nil)
	asked, ended := make(chan struct{}), make(chan error, 1)
	u.searcher.meanwhile = func(ctx context.Context) error {
		close(asked)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}
	kind, form := formOf(noise(t, 3), nil, nil)
	c := u.talk(t, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n",
		uploadPath, kind, form.Len(), form))
	select {
	case <-asked: // Too early.
	case <-time.After(200 * time.Millisecond):
	}
	if _, err := io.WriteString(c, "0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	_ = c.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestConnectionIsReused: after an upload the same connection serves the next request, however long the upstream takes.
func TestConnectionIsReused(t *testing.T) {
	u := startUploads(t, func(u *uploads) {
		u.config.UploadIdle, u.photos.IdleTimeout = 250*time.Millisecond, 250*time.Millisecond
	})
	picture := noise(t, 3)
	u.searcher.meanwhile = func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond): // Longer than an upload may be idle.
			return nil
		}
	}
	c := u.talk(t, "")
	for range 2 {
		if _, err := io.WriteString(c, rawHead("", len(picture), "")+string(picture)); err != nil {
			t.Fatal(err)
		}
		if got := c.answer(t); got.code != 200 {
			t.Fatalf("%d %s", got.code, got.body)
		}
	}
}
