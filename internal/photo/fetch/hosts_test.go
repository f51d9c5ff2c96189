package fetch_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fetch"
)

// TestHostsOnly: only the named hosts are connected to, even if they are not public.
func TestHostsOnly(t *testing.T) {
	trap := startTrap(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/a.jpg", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jpegHead) })
	for path, to := range map[string]string{"/home": "/a.jpg", "/away": "http://127.0.0.1:" + trap.port + "/a.jpg", "/public": "https://example.com/a.jpg"} {
		mux.Handle(path, http.RedirectHandler(to, http.StatusFound))
	}
	own := httptest.NewServer(mux)
	defer own.Close()
	at, err := url.Parse(own.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := fetch.New(fetch.Config{HostsOnly: true, Hosts: []string{at.Host, "img.example.com"}})
	for _, path := range []string{"/a.jpg", "/home"} {
		var got bytes.Buffer
		if err := f.Fetch(t.Context(), own.URL+path, &got); err != nil || !bytes.Equal(got.Bytes(), jpegHead) {
			t.Errorf("%s: %d bytes, %v", path, got.Len(), err)
		}
	}
	for _, address := range []string{
		own.URL + "/away", own.URL + "/public", "http://127.0.0.1:" + trap.port + "/a.jpg", "https://example.com/a.jpg",
		"https://img.example.com:444/a.jpg", "http://localhost:" + at.Port() + "/a.jpg",
	} {
		var got bytes.Buffer
		if err := f.Fetch(t.Context(), address, &got); fault.KindOf(err) != fault.ImageFetchRefused || got.Len() > 0 {
			t.Errorf("%s: %d bytes, %v", address, got.Len(), err)
		}
	}
}
