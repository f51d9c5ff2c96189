package baddays_test

import (
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/secret"
)

// platform is an upstream that can have bad days: a sandbox behind a door of the test's.
type platform struct {
	url   string
	calls atomic.Int64
	mood  atomic.Pointer[mood]
}

// mood answers in the sandbox's place.
type mood struct {
	answer func(p *platform, w http.ResponseWriter, r *http.Request)
}

const accessToken = "fixed"

func open(t *testing.T) *platform {
	t.Helper()
	sandbox, err := app.NewSandbox(t.Context(), app.SandboxOptions{
		Addr: "127.0.0.1:0", AppKey: "k", AppSecret: "s", Tokens: []secret.Text{accessToken},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Serve() }()
	target, err := url.Parse(sandbox.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	inside := httputil.NewSingleHostReverseProxy(target)
	inside.Transport = transport
	p := &platform{}
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.calls.Add(1)
		if m := p.mood.Load(); m != nil {
			m.answer(p, w, r)
			return
		}
		inside.ServeHTTP(w, r)
	}))
	p.url = door.URL
	t.Cleanup(func() {
		door.Close()
		transport.CloseIdleConnections()
		if err := sandbox.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return p
}

// at are the settings of a service that asks the platform.
func (p *platform) at(dir string, more map[string]string) map[string]string {
	settings := map[string]string{
		"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_ACCESS_TOKEN": accessToken, "ZHAOHUO_DIALECT": "aop",
		"ZHAOHUO_UPSTREAM_URL": p.url, "ZHAOHUO_DATA_DIR": dir, "ZHAOHUO_UPSTREAM_QPS": "0", "ZHAOHUO_UPSTREAM_BACKOFF": "1ms",
		"ZHAOHUO_LOG_FORMAT": "json",
	}
	maps.Copy(settings, more)
	return settings
}

// says is a mood of one answer, whatever is asked.
func says(status int, kind, body string) *mood {
	return &mood{func(_ *platform, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}}
}

// breaks is a mood of connections that end in the middle of what is said.
func breaks(said string, reset bool) *mood {
	return &mood{func(_ *platform, w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = buffered.WriteString(said)
		_ = buffered.Flush()
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0)
		}
	}}
}

// TestBadUpstream: while the upstream fails in one way or another, new questions are refused with a reason that says so, those
// answered before are answered still, also after a kill; and when it is well again, so is the service.
func TestBadUpstream(t *testing.T) {
	const asJSON = "application/json"
	for name, day := range map[string]struct {
		mood   *mood
		status int
		reason string
		// lasts tells that it is not over when the upstream is well again: the operator, or midnight, ends it.
		lasts bool
	}{
		"HTTP 500":       {says(500, "text/plain", "oops"), 503, "UPSTREAM_UNAVAILABLE", false},
		"reset":          {breaks("", true), 503, "UPSTREAM_UNAVAILABLE", false},
		"truncated JSON": {breaks("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"result\":{\"succ", false), 503, "UPSTREAM_UNAVAILABLE", false},
		"JSON cut short": {says(200, asJSON, `{"result":{"success":"tr`), 503, "UPSTREAM_UNAVAILABLE", false},
		"HTML with 200":  {says(200, "text/html", "<html><body>维护中</body></html>"), 503, "UPSTREAM_UNAVAILABLE", false},
		"silence": {&mood{func(_ *platform, _ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}}, 503, "UPSTREAM_TIMEOUT", false},
		"throttle storm":       {says(400, asJSON, `{"error_code":"gw.QosAppFrequencyLimit","error_message":"App call exceeds limited frequency"}`), 429, "UPSTREAM_THROTTLED", false},
		"the day is used up":   {says(400, asJSON, `{"error_code":"gw.NoUsageLeftError","error_message":"SLA bill has no usage left"}`), 429, "UPSTREAM_QUOTA_EXHAUSTED", true},
		"the token is expired": {says(401, asJSON, `{"error_code":"401","error_message":"Request need user authorized"}`), 500, "UPSTREAM_TOKEN_INVALID", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // Most of its time is waiting.
			p, dir := open(t), t.TempDir()
			settings := p.at(dir, map[string]string{"ZHAOHUO_UPSTREAM_ATTEMPTS": "2", "ZHAOHUO_UPSTREAM_TIMEOUT": "500ms"})
			const known = 10
			s := serve(t, settings)
			s.answers(t, 0, known)
			stored(t, dir, known)

			p.mood.Store(day.mood)
			if got := s.ask(t, known); got.status != day.status || got.reason != day.reason {
				t.Errorf("%+v, want %d %s", got, day.status, day.reason)
			}
			for range 2 {
				calls := p.calls.Load()
				s.knows(t, 0, known)
				if spent := p.calls.Load() - calls; spent != 0 {
					t.Errorf("%d upstream calls for what was stored", spent)
				}
				s.end(t, syscall.SIGKILL)
				s = serve(t, settings)
			}
			p.mood.Store(nil)
			if day.lasts {
				return
			}
			s.answers(t, known, known+3)
		})
	}
}
