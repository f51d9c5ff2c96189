package upstream_test

import (
	"compress/gzip"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func TestAnswersOfTooManyBytes(t *testing.T) {
	const limit = 1000
	exact := `{"page":7,"pad":"` + strings.Repeat("x", limit-len(`{"page":7,"pad":""}`)) + `"}`
	for _, row := range []struct {
		name  string
		kind  fault.Kind
		serve http.HandlerFunc
	}{
		{"announced length", fault.UpstreamAnswerTooLarge, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(exact + " "))
		}},
		{"chunks without a length", fault.UpstreamAnswerTooLarge, func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				_, _ = w.Write([]byte(strings.Repeat(" ", 100)))
				_ = http.NewResponseController(w).Flush()
			}
		}},
		{"compressed", fault.UpstreamAnswerTooLarge, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write([]byte(strings.Repeat(" ", 1<<20)))
			_ = z.Close()
		}},
		{"just fits", fault.Internal, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(exact)) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := serve(t, row.serve)
			o.AnswerBytesMax = limit
			answer, err := ask(t.Context(), o)
			if row.kind == fault.Internal {
				if err != nil || answer.GetPage() != 7 {
					t.Errorf("got %v, %v", answer, err)
				}
				return
			}
			wantFault(t, err, row.kind, 1)
		})
	}
}

// hangUp takes over the connection from the server, writes bytes and closes it; with a reset if abrupt.
func hangUp(t *testing.T, w http.ResponseWriter, bytes string, abrupt bool) {
	t.Helper()
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = buffered.WriteString(bytes)
	_ = buffered.Flush()
	if tcp, ok := conn.(*net.TCPConn); ok && abrupt {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func TestBrokenConnectionsAreRetried(t *testing.T) {
	for _, row := range []struct {
		name, bytes string
		abrupt      bool
	}{
		{"closed without an answer", "", false},
		{"reset", "", true},
		{"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", false},
		{"cut within the headers", "HTTP/1.1 200 OK\r\nContent-Le", false},
		{"cut within the body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"page\":7", false},
		{"cut within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"page\":7}", false},
		{"cut where JSON happens to end", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"page\":7}", false},
		{"invalid compression", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n12345", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			var calls atomic.Int32
			o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				hangUp(t, w, row.bytes, row.abrupt)
			})
			_, err := ask(t.Context(), o)
			wantFault(t, err, fault.UpstreamUnavailable, 3)
			if got := calls.Load(); got != 3 {
				t.Errorf("the upstream was called %d times, want 3", got)
			}
			once := false
			o = serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if !once {
					once = true
					hangUp(t, w, row.bytes, row.abrupt)
					return
				}
				respond(w, "", 0)
			})
			answer, err := ask(t.Context(), o)
			if err != nil || answer.GetMeta().GetUpstreamCalls() != 2 {
				t.Errorf("after one failure: got %v, %v", answer, err)
			}
		})
	}
}

func TestRefusedConnection(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL
	server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	_, err := ask(t.Context(), options(url, transport))
	f := failure(t, err, fault.UpstreamUnavailable, 0) // Nothing was sent, so nothing was spent.
	if strings.Contains(f.Error(), url) {
		t.Errorf("the address is in a text for callers: %s", f)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			t.Errorf("HTTP %d was followed", status)
		}))
		o := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		_, err := ask(t.Context(), o)
		wantFault(t, err, fault.UpstreamAPIUnknown, 1)
		elsewhere.Close()
	}
}

func TestConnectionsAreKept(t *testing.T) {
	peers := map[string]bool{}
	n := 0
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		peers[r.RemoteAddr] = true
		kind := ""
		if n++; n%2 == 1 {
			kind = "UPSTREAM_UNAVAILABLE"
		}
		respond(w, kind, 0)
	})
	for range 5 {
		if _, err := ask(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if n != 10 || len(peers) != 1 {
		t.Errorf("%d attempts came over %d connections, want 10 over 1", n, len(peers))
	}
}
