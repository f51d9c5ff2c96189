package oauth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

const (
	appKey    = "1000000"
	appSecret = "test123"
	callback  = "http://127.0.0.1:7777/callback"
)

// clock is moved by hand. The sandbox's and the client's may differ.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 10, 10, 4, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time { return time.UnixMilli(c.at.Load()) }

func (c *clock) advance(d time.Duration) { c.at.Add(d.Milliseconds()) }

// bare is an empty catalogue: search results do not matter here.
type bare struct{ market.Catalogue }

func (bare) Search(context.Context, catalog.Query) (catalog.Page, error) { return catalog.Page{}, nil }

// world is a sandbox on a port, with both clocks and a count of requests.
type world struct {
	*sandbox.Sandbox
	url                 string
	theirs, ours        *clock
	refreshes, searches atomic.Int64
	// down makes token calls fail.
	down atomic.Bool
	http *http.Client
}

func newWorld(t *testing.T, app sandbox.App) *world {
	t.Helper()
	w := &world{theirs: newClock(), ours: newClock()}
	app.Key, app.Secret = appKey, appSecret
	var err error
	w.Sandbox, err = sandbox.New(sandbox.Config{Apps: []sandbox.App{app}, Catalogue: bare{}, Clock: w.theirs.now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(w.count))
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	w.url, w.http = server.URL, &http.Client{Transport: transport}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return w
}

func (w *world) count(out http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "getToken") {
		w.refreshes.Add(1)
		if w.down.Load() {
			panic(http.ErrAbortHandler)
		}
	} else {
		w.searches.Add(1)
	}
	w.ServeHTTP(out, r)
}

func (w *world) issuer(t *testing.T) *oauth.Issuer {
	t.Helper()
	issuer, err := oauth.NewIssuer(oauth.IssuerOptions{
		BaseURL: w.url, AppKey: appKey, AppSecret: appSecret, HTTP: w.http, Timeout: 30 * time.Second, Now: w.ours.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

// login authorizes like a browser, stores the tokens, and returns a source of them.
func (w *world) login(t *testing.T) *oauth.Source {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	store, err := oauth.OpenStore(oauth.StoreOptions{Dir: dir, AppKey: appKey, AppSecret: appSecret})
	if err != nil {
		t.Fatal(err)
	}
	w.authorize(t, store)
	source := oauth.NewSource(oauth.Options{Issuer: w.issuer(t), Store: store, Now: w.ours.now})
	t.Cleanup(source.Close)
	return source
}

// authorize authorizes like a browser and stores the tokens.
func (w *world) authorize(t *testing.T, store *oauth.Store) {
	t.Helper()
	link, err := oauth.AuthorizeLink(w.url+"/oauth/authorize", appKey, callback, "state-1")
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Transport: w.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	code, err := oauth.ReadPaste(response.Header.Get("Location"), "state-1")
	if err != nil {
		t.Fatalf("HTTP %d to %q: %v", response.StatusCode, response.Header.Get("Location"), err)
	}
	issuer := w.issuer(t)
	if _, err := store.Update(t.Context(), func(ctx context.Context) (oauth.Token, error) {
		return issuer.Exchange(ctx, code, callback)
	}); err != nil {
		t.Fatal(err)
	}
	w.refreshes.Store(0)
}

// client is the upstream client over a dialect.
func (w *world) client(t *testing.T, dialect string, tokens upstream.Tokens) *upstream.Client {
	t.Helper()
	spoken := aop.New(aop.Config{BaseURL: w.url})
	if dialect == "top" {
		spoken = top.New(top.Config{URL: w.url + "/router/rest"})
	}
	c := upstream.New(upstream.Options{
		Dialect: spoken, AppKey: appKey, AppSecret: appSecret, Tokens: tokens, Quota: free{}, HTTP: w.http,
		AttemptTimeout: 30 * time.Second, AnswerBytesMax: 1 << 20,
		Backoff: upstream.Backoff{Attempts: 3, First: time.Millisecond, Max: time.Millisecond}, Now: w.theirs.now,
	})
	t.Cleanup(c.Close)
	return c
}

// free permits every attempt.
type free struct{}

func (free) Acquire(context.Context, upstream.PermitRequest) (upstream.Permit, error) {
	return free{}, nil
}

func (free) Account() string              { return "" }
func (free) PassOver(error) bool          { return false }
func (free) Commit(context.Context) error { return nil }
func (free) Sent()                        {}

func (free) Done(error) {}

// search returns how many upstream calls a search took.
func search(t *testing.T, c *upstream.Client) (int32, error) {
	t.Helper()
	answer, err := c.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "耳机"})
	return answer.GetMeta().GetUpstreamCalls(), err
}
