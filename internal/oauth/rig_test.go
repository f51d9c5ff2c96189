package oauth

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// script is a platform inside the process: a transport that works in a bubble of testing/synctest.
type script struct {
	mu    sync.Mutex
	asked []string
	// take is the time until an answer.
	take time.Duration
	// broken is returned instead of every answer.
	broken error
	// say returns the answer to the nth request, counted from 1. False means the usual answer.
	say func(n int, form url.Values) (status int, body string, ok bool)
}

func (p *script) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	kind := form.Get("grant_type")
	if strings.Contains(r.URL.Path, "postponeToken") {
		kind = "postpone"
	}
	p.asked = append(p.asked, kind+" "+form.Get("refresh_token"))
	n := len(p.asked)
	broken, take := p.broken, p.take
	p.mu.Unlock()
	select {
	case <-time.After(take):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if broken != nil {
		return nil, broken
	}
	status, body, ok := 200, "", false
	if p.say != nil {
		status, body, ok = p.say(n, form)
	}
	if !ok {
		status, body = 200, fmt.Sprintf(`{"access_token":"access-%d","expires_in":"36000"}`, n+1)
		if kind == "postpone" {
			body = fmt.Sprintf(`{"access_token":"postponed-%d","expires_in":"36000","refresh_token":"refresh-%d","refresh_token_timeout":"20990101000000000+0800"}`, n, n)
		}
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
}

func (p *script) questions() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.asked...)
}

// rig is a source over a script. Its store has a token that was issued now for ten hours.
type rig struct {
	*Source
	platform *script
	store    *Store
	log      *bytes.Buffer
	first    Token
}

// bubble runs a test on a fake clock.
func bubble(t *testing.T, run func(t *testing.T, r *rig)) {
	t.Helper()
	store := storeIn(t, t.TempDir())
	chmod(t, store.dir, 0o700)
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC()
		first := Token{
			AppKey: "1000000", AccessToken: "access-1", ObtainedAt: now, ExpiresAt: now.Add(10 * time.Hour),
			RefreshToken: "refresh-1", RefreshExpiresAt: now.Add(183 * 24 * time.Hour),
		}
		save(t, store, first)
		r := &rig{platform: &script{}, store: store, log: &bytes.Buffer{}, first: first}
		r.Source = r.another(t)
		run(t, r)
	})
}

// another is a second source on the same store and platform, like that of another process.
func (r *rig) another(t *testing.T) *Source {
	t.Helper()
	issuer, err := NewIssuer(IssuerOptions{
		BaseURL: "https://gw.test", AppKey: "1000000", AppSecret: "CANARY", HTTP: &http.Client{Transport: r.platform}, Timeout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := NewSource(Options{Issuer: issuer, Store: r.store, Log: slog.New(slog.NewTextHandler(r.log, nil))})
	t.Cleanup(s.Close)
	return s
}

func (r *rig) want(t *testing.T, token string) {
	t.Helper()
	if got, err := r.Token(t.Context()); got.Reveal() != token || err != nil {
		t.Errorf("the token is %q (%v), want %q", got.Reveal(), err, token)
	}
}

func (r *rig) wantAsked(t *testing.T, questions ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, questions...), r.platform.questions()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind) *fault.Fault {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind {
		t.Fatalf("got %v, want %s", err, kind)
	}
	return f
}

// crowd lets many callers do the same at once, and counts the results.
func crowd(n int, do func() string) map[string]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[string]int{}
	for range n {
		all.Go(func() {
			outcome := do()
			mu.Lock()
			defer mu.Unlock()
			got[outcome]++
		})
	}
	all.Wait()
	return got
}

func (r *rig) tokenOf(ctx context.Context) string {
	token, err := r.Token(ctx)
	if err != nil {
		return err.Error()
	}
	return token.Reveal()
}
