package process

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// Platform is an upstream that can be made to fail: a sandbox behind a server of the test.
type Platform struct {
	// URL is its origin.
	URL string
	// Calls counts the calls it received.
	Calls atomic.Int64
	// Mood, if set, answers instead of the sandbox.
	Mood atomic.Pointer[Mood]
}

// Mood is one way to answer every call.
type Mood struct {
	Answer http.HandlerFunc
}

const accessToken = "fixed"

// Open starts a platform, which ends with the test.
func Open(t *testing.T) *Platform {
	t.Helper()
	sandbox, err := app.NewSandbox(t.Context(), app.SandboxOptions{
		Addr: "127.0.0.1:0", AppKey: "k", AppSecret: "s", Tokens: []secret.Text{accessToken}, Goods: service.Goods(t),
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
	p := &Platform{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Calls.Add(1)
		if m := p.Mood.Load(); m != nil {
			m.Answer(w, r)
			return
		}
		inside.ServeHTTP(w, r)
	}))
	p.URL = server.URL
	t.Cleanup(func() {
		server.Close()
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

// Settings returns the settings of a service that calls the platform and keeps its files in dir. more adds to them.
func (p *Platform) Settings(dir string, more map[string]string) map[string]string {
	settings := map[string]string{
		"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_ACCESS_TOKEN": accessToken, "ZHAOHUO_DIALECT": "aop",
		"ZHAOHUO_UPSTREAM_URL": p.URL, "ZHAOHUO_DATA_DIR": dir, "ZHAOHUO_UPSTREAM_QPS": "0", "ZHAOHUO_UPSTREAM_BACKOFF": "1ms",
		"ZHAOHUO_LOG_FORMAT": "json",
	}
	maps.Copy(settings, more)
	return settings
}
