package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fetch"
)

// jpegHead looks like a JPEG in the bytes that are checked here.
var jpegHead = append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00"), bytes.Repeat([]byte{7}, 300)...)

// permitted is a fetcher that may reach one test server.
func permitted(t *testing.T, handler http.HandlerFunc, change func(*fetch.Config)) (*fetch.Fetcher, string) {
	t.Helper()
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	own := netip.MustParseAddrPort(web.Listener.Addr().String())
	c := fetch.Config{
		Ports: []string{strconv.Itoa(int(own.Port()))}, Timeout: 5 * time.Second, BytesMax: 1 << 20,
		Permit: func(a netip.AddrPort) bool { return a == own },
	}
	if change != nil {
		change(&c)
	}
	return fetch.New(c), web.URL
}

func TestFetch(t *testing.T) {
	var asked *http.Request
	f, url := permitted(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.Clone(context.Background())
		switch r.URL.Path {
		case "/one":
			http.Redirect(w, r, "/two?signed=secret", http.StatusMovedPermanently)
		case "/two":
			http.Redirect(w, r, "/a%20b.jpg?x=%2F", http.StatusTemporaryRedirect)
		default:
			w.Header().Set("Content-Type", "text/plain") // It is ignored.
			_, _ = w.Write(jpegHead)
		}
	}, nil)
	for _, path := range []string{"", "/a.jpg", "/one", "/a.jpg#part"} {
		var got bytes.Buffer
		if err := f.Fetch(t.Context(), url+path, &got); err != nil || !bytes.Equal(got.Bytes(), jpegHead) {
			t.Errorf("%s: %d bytes, %v", path, got.Len(), err)
		}
		for _, header := range []string{"Referer", "Cookie", "Authorization", "Accept-Encoding", "X-Forwarded-For"} {
			if asked.Header.Get(header) != "" {
				t.Errorf("%s: %s is sent: %q", path, header, asked.Header.Get(header))
			}
		}
	}
	if asked.Method != http.MethodGet {
		t.Error(asked.Method)
	}
}

func TestFetchFailures(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/html":
			fmt.Fprint(w, "<!doctype html><title>the secret of the house</title>")
		case "/empty":
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write(jpegHead)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		case "/partial":
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(jpegHead)
		case "/announced":
			w.Header().Set("Content-Length", "1048577")
			_, _ = w.Write(jpegHead)
		case "/long":
			_, _ = w.Write(jpegHead)
			_, _ = w.Write(make([]byte, 1<<20))
		case "/short":
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write(jpegHead)
		case "/zipped":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"))
		case "/hangs":
			select {
			case <-r.Context().Done():
			case <-release:
			}
		case "/drips":
			_, _ = w.Write(jpegHead)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-release:
			}
		case "/headers":
			w.Header().Set("X-Much", strings.Repeat("a", 64<<10))
			_, _ = w.Write(jpegHead)
		}
	}
	f, url := permitted(t, handler, func(c *fetch.Config) { c.Timeout = 300 * time.Millisecond })
	const failed, large = fault.ImageFetchFailed, fault.ImageTooLarge
	for path, want := range map[string]struct {
		kind   fault.Kind
		detail string
	}{
		"/html":      {failed, "its address does not answer with an image"},
		"/empty":     {failed, "its address does not answer with an image"},
		"/zipped":    {failed, "its address does not answer with an image"},
		"/missing":   {failed, "its address answers HTTP 404"},
		"/partial":   {failed, "its address answers HTTP 206"},
		"/nowhere":   {failed, "its address answers HTTP 302"},
		"/loop":      {failed, "its address redirects more than 3 times"},
		"/announced": {large, "the image has 1048577 bytes; at most 1048576 are accepted"},
		"/long":      {large, "the image has more than 1048576 bytes, which is the most that is accepted"},
		"/short":     {failed, "the connection to its host failed"},
		"/headers":   {failed, "the connection to its host failed"},
		"/hangs":     {failed, "its host does not answer in time"},
		"/drips":     {failed, "its host does not answer in time"},
	} {
		t.Run(path, func(t *testing.T) {
			err := f.Fetch(t.Context(), url+path, new(bytes.Buffer))
			got, ok := fault.As(err)
			if !ok || got.Kind != want.kind || !strings.HasSuffix(got.Detail, want.detail) {
				t.Errorf("%v", err)
			}
		})
	}
	broken := errors.New("the disk is full")
	if err := f.Fetch(t.Context(), url+"/long", failingAfter{&bytes.Buffer{}, broken}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// failingAfter accepts the first bytes and no more.
type failingAfter struct {
	*bytes.Buffer
	err error
}

func (f failingAfter) Write(p []byte) (int, error) {
	if f.Len() > 0 {
		return 0, f.err
	}
	return f.Buffer.Write(p)
}

func TestFetchEndsWithItsCaller(t *testing.T) {
	arrived := make(chan struct{}, 1)
	f, url := permitted(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Fetch(ctx, url, io.Discard) }()
	<-arrived
	cancel()
	if err := <-ended; fault.KindOf(err) != fault.CallerGone {
		t.Errorf("%v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := f.Fetch(ctx, url, io.Discard); fault.KindOf(err) != fault.DeadlineExceeded {
		t.Errorf("%v", err)
	}
}

func TestFetchWithoutAListener(t *testing.T) {
	dns := startNames(t)
	f := fetch.New(fetch.Config{Resolver: dns.resolver(), Timeout: 3 * time.Second})
	err := f.Fetch(t.Context(), "http://nobody.example.com/a.jpg", io.Discard)
	if got, ok := fault.As(err); !ok || got.Kind != fault.ImageFetchFailed || !strings.HasSuffix(got.Detail, "its host's name cannot be resolved") {
		t.Errorf("%v", err)
	}
	// Without a listener it is a failure, not a refusal.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	own := netip.MustParseAddrPort(l.Addr().String())
	_ = l.Close()
	f = fetch.New(fetch.Config{Ports: []string{strconv.Itoa(int(own.Port()))}, Permit: func(a netip.AddrPort) bool { return a == own }})
	if err := f.Fetch(t.Context(), "http://"+own.String(), io.Discard); fault.KindOf(err) != fault.ImageFetchFailed {
		t.Errorf("%v", err)
	}
}

// TestNoProxy: a proxy in the environment is ignored.
func TestNoProxy(t *testing.T) {
	trap := startTrap(t)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"} {
		t.Setenv(name, "http://127.0.0.1:"+trap.port)
	}
	f, url := permitted(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jpegHead) }, nil)
	if err := f.Fetch(t.Context(), url, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestOff(t *testing.T) {
	f := fetch.New(fetch.Config{Off: true, Hosts: []string{"img.example.com"}})
	refusedQuietly(t, f.Fetch(t.Context(), "http://example.com/a.jpg", io.Discard))
	if passed, err := f.Passed("https://img.example.com/a.jpg"); !passed || err != nil {
		t.Errorf("%t %v", passed, err)
	}
}

func TestPassed(t *testing.T) {
	f := fetch.New(fetch.Config{Hosts: []string{"cbu01.alicdn.com", "127.0.0.1:4567"}})
	for address, want := range map[string]bool{
		"https://cbu01.alicdn.com/img/a.jpg":   true,
		"http://cbu01.alicdn.com:80/img/a.jpg": true,
		"HTTPS://CBU01.AliCDN.com./a.jpg":      true,
		"http://127.0.0.1:4567/img/1.jpg":      true,
		"https://cbu01.alicdn.com:444/a.jpg":   false,
		"http://cbu01.alicdn.com:443/a.jpg":    false,
		"https://cbu01.alicdn.com.evil.com/":   false,
		"https://evilcbu01.alicdn.com/":        false,
		"https://evil.com/cbu01.alicdn.com":    false,
		"https://evil.com?cbu01.alicdn.com":    false,
		"https://evil.com#@cbu01.alicdn.com":   false,
		"http://127.0.0.1/":                    false,
		"http://127.0.0.1:4568/":               false,
		"http://localhost.example.com:4567/":   false,
		"https://图片.example.com/a":             false,
	} {
		if got, err := f.Passed(address); got != want || err != nil {
			t.Errorf("%s: %t %v", address, got, err)
		}
	}
	for _, address := range []string{
		"", "cbu01.alicdn.com/a.jpg", "//cbu01.alicdn.com/a.jpg", "ftp://cbu01.alicdn.com/", "https://", "https:cbu01.alicdn.com",
		"https://u@cbu01.alicdn.com/", "https://u:p@cbu01.alicdn.com/", "https://evil.com\\@cbu01.alicdn.com/", "https://cbu01.alicdn.com /a",
		"https://cbu01.alicdn.com\t/", "https://cbu01.alicdn.com\n/", " https://cbu01.alicdn.com/", "https://cbu01.alicdn.com:/a",
		"https://cbu01.alicdn.com:0443/", "https://cbu01.alicdn.com:65536/", "https://cbu01.alicdn.com:0/", "https://cbu01..alicdn.com/",
		"https://%63bu01.alicdn.com/", "https://cbu01.alicdn.com%00.evil.com/", "https://[cbu01.alicdn.com]/", "http://\xff.com/",
		"https://cbu01.alicdn.com/" + strings.Repeat("a", 2048), "data:image/png;base64,AAAA", "file:///etc/passwd",
	} {
		passed, err := f.Passed(address)
		if passed || fault.KindOf(err) != fault.ImageFetchRefused {
			t.Errorf("%.60q: %t %v", address, passed, err)
		}
	}
}

// FuzzPassed: whatever is passed is also on the list when net/http parses it.
func FuzzPassed(f *testing.F) {
	for _, seed := range []string{"https://img.example.com/a", "http://a@img.example.com", "https://IMG.example.com.", "http://img.example.com:80", "http://[::1]/", "http://１.com"} {
		f.Add(seed)
	}
	fetcher := fetch.New(fetch.Config{Hosts: []string{"img.example.com"}})
	f.Fuzz(func(t *testing.T, address string) {
		passed, err := fetcher.Passed(address)
		if err != nil && (passed || fault.KindOf(err) != fault.ImageFetchRefused) {
			t.Fatalf("%t %v", passed, err)
		}
		if !passed {
			return
		}
		request, err := http.NewRequest(http.MethodGet, address, http.NoBody)
		if err != nil || request.URL.User != nil {
			t.Fatalf("%q: %v", address, err)
		}
		if host := strings.TrimSuffix(strings.ToLower(request.URL.Hostname()), "."); host != "img.example.com" {
			t.Fatalf("%q is read as %q", address, host)
		}
	})
}
