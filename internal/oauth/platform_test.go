package oauth

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// platform issues access-2, access-3, … for refresh tokens, and counts.
type platform struct {
	url       string
	refreshes atomic.Int64
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
	n := p.refreshes.Add(1)
	if r.FormValue("refresh_token") == "" || r.FormValue("client_secret") != "secret" || r.FormValue("client_id") != "1000000" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_request"}`)
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":"access-%d","expires_in":"36000","resource_owner":"沙箱买家"}`, n+1)
}
