package oauth

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// platform gives access-2, access-3, … for refresh tokens, as its script says, and counts.
type platform struct {
	url       string
	refreshes atomic.Int64
	postpones atomic.Int64
	// answer overrules the answer to a refresh; nil for the usual one.
	answer atomic.Pointer[func(n int64, w http.ResponseWriter, r *http.Request)]
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{}
	server := httptest.NewServer(p)
	p.url = server.URL
	t.Cleanup(server.Close)
	return p
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "postponeToken") {
		n := p.postpones.Add(1)
		_, _ = fmt.Fprintf(w, `{"access_token":"postponed-%d","expires_in":"36000","refresh_token":"refresh-%d","refresh_token_timeout":"20990101000000000+0800"}`, n+1, n+1)
		return
	}
	n := p.refreshes.Add(1)
	if answer := p.answer.Load(); answer != nil {
		(*answer)(n, w, r)
		return
	}
	usual(n, w, r)
}

func usual(n int64, w http.ResponseWriter, r *http.Request) {
	if r.FormValue("refresh_token") == "" || r.FormValue("client_secret") != "secret" || r.FormValue("client_id") != "1000000" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_request"}`)
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":"access-%d","expires_in":"36000","resource_owner":"沙箱买家"}`, n+1)
}

func refuse(status int, body string) *func(int64, http.ResponseWriter, *http.Request) {
	answer := func(_ int64, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
	return &answer
}
