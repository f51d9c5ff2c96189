package oauth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
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

func (c *clock) now() time.Time          { return time.UnixMilli(c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(d.Milliseconds()) }

// bare is a catalogue of nothing: what is found does not matter here.
type bare struct{ market.Catalogue }

func (bare) Search(context.Context, catalog.Query) (catalog.Page, error) { return catalog.Page{}, nil }

// world is a sandbox on a port, with both clocks and a count of what is asked.
type world struct {
	*sandbox.Sandbox
	url                 string
	theirs, ours        *clock
	refreshes, searches atomic.Int64
	// down breaks the token calls off.
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

// login walks the authorize page as a browser does, stores what comes of it, and gives a source of it.
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

// authorize walks the authorize page as a browser does, and stores what comes of it.
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

// client is the whole attempt loop over a dialect.
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

// free lets every attempt go.
type free struct{}

func (free) Acquire(context.Context, upstream.PermitRequest) (upstream.Permit, error) {
	return free{}, nil
}
func (free) Commit(context.Context) error { return nil }
func (free) Done(error)                   {}

// search gives how many upstream calls a search took.
func search(t *testing.T, c *upstream.Client) (int32, error) {
	t.Helper()
	answer, err := c.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "耳机"})
	return answer.GetMeta().GetUpstreamCalls(), err
}

func TestTokenModes(t *testing.T) {
	for _, dialect := range []string{"aop", "top"} {
		for name, mode := range map[string]struct {
			app    sandbox.App
			tokens func(t *testing.T, w *world) upstream.Tokens
		}{
			"single-user, none sent": {sandbox.App{SingleUser: true}, func(*testing.T, *world) upstream.Tokens { return oauth.Static{} }},
			"multi-user, persistent": {sandbox.App{NeedSession: true, Tokens: []sandbox.Token{{Value: "user-1"}, {Value: "user-2"}}}, static("user-2")},
			"own use, fixed":         {sandbox.App{NeedSession: true, Tokens: []sandbox.Token{{Value: "fixed"}}}, static("fixed")},
			"by OAuth, refreshed":    {sandbox.App{NeedSession: true}, func(t *testing.T, w *world) upstream.Tokens { return w.login(t) }},
		} {
			t.Run(dialect+" "+name, func(t *testing.T) {
				w := newWorld(t, mode.app)
				c := w.client(t, dialect, mode.tokens(t, w))
				for range 3 {
					if calls, err := search(t, c); err != nil || calls != 1 {
						t.Fatalf("%d calls, %v", calls, err)
					}
					w.theirs.advance(9 * time.Hour) // The second time a token by OAuth has ended, the others never do.
					w.ours.advance(9 * time.Hour)
				}
			})
		}
	}
}

func static(token secret.Text) func(*testing.T, *world) upstream.Tokens {
	return func(*testing.T, *world) upstream.Tokens { return oauth.NewStatic(token) }
}

func TestAStaticTokenThatIsRefusedIsSentOnce(t *testing.T) {
	for _, dialect := range []string{"aop", "top"} {
		w := newWorld(t, sandbox.App{NeedSession: true})
		_, err := search(t, w.client(t, dialect, oauth.NewStatic("false")))
		if f, ok := fault.As(err); !ok || f.Kind != fault.UpstreamTokenInvalid || fault.CallsOf(f) != 1 {
			t.Errorf("%s: got %v", dialect, err)
		}
	}
}

// Two hundred at the moment of expiry: one refresh, and every question is answered. Where our clock knows the end, no
// call is spent on the old token; where it is behind, the old token is refused, and each question is asked twice.
func TestTwoHundredAtTheMomentOfExpiry(t *testing.T) {
	for name, test := range map[string]struct {
		behind   time.Duration
		searches int64
	}{
		"our clock is right":  {0, 200},
		"our clock is behind": {time.Hour, 400},
	} {
		for _, dialect := range []string{"aop", "top"} {
			t.Run(dialect+" "+name, func(t *testing.T) {
				w := newWorld(t, sandbox.App{NeedSession: true})
				c := w.client(t, dialect, w.login(t))
				if _, err := search(t, c); err != nil {
					t.Fatal(err)
				}
				w.searches.Store(0)
				w.theirs.advance(10 * time.Hour)
				w.ours.advance(10*time.Hour - test.behind)
				var all sync.WaitGroup
				var mu sync.Mutex
				outcomes := map[string]int{}
				start := make(chan struct{})
				for range 200 {
					all.Go(func() {
						<-start
						outcome := "answered"
						if _, err := search(t, c); err != nil {
							outcome = err.Error()
						}
						mu.Lock()
						defer mu.Unlock()
						outcomes[outcome]++
					})
				}
				close(start)
				all.Wait()
				if diff := cmp.Diff(map[string]int{"answered": 200}, outcomes); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if n := w.refreshes.Load(); n != 1 {
					t.Errorf("%d refreshes, want 1", n)
				}
				// A question that begins after the refresh is not refused any more.
				if n := w.searches.Load(); n > test.searches || n < 200 || test.behind == 0 && n != 200 {
					t.Errorf("%d searches, want 200 to %d", n, test.searches)
				}
			})
		}
	}
}

func TestARevokedTokenCostsOneCallMore(t *testing.T) {
	w := newWorld(t, sandbox.App{NeedSession: true})
	source := w.login(t)
	c := w.client(t, "aop", source)
	token, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.RevokeToken(appKey, token.Reveal())
	if calls, err := search(t, c); err != nil || calls != 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
	if calls, err := search(t, c); err != nil || calls != 1 {
		t.Errorf("then %d calls, %v", calls, err)
	}
	if n := w.refreshes.Load(); n != 1 {
		t.Errorf("%d refreshes", n)
	}
}

// Two hundred callers whose token is withdrawn, and the next one right after it, all get their answer. Where every token
// is withdrawn, nobody who comes later spends a call to learn it.
func TestAFreshTokenThatIsWithdrawnTooFailsNobody(t *testing.T) {
	for name, withdrawn := range map[string]int{"two tokens": 2, "every token": 1000} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sandbox.App{NeedSession: true})
			source := w.login(t)
			spoiled := &withdrawing{Tokens: source, world: w, left: withdrawn}
			c := w.client(t, "aop", spoiled)
			var failed atomic.Int32
			var all sync.WaitGroup
			for range 200 {
				all.Go(func() {
					if _, err := search(t, c); err != nil {
						failed.Add(1)
					}
				})
			}
			all.Wait()
			if n := failed.Load(); withdrawn == 2 && n != 0 || withdrawn > 2 && n != 200 {
				t.Errorf("%d of 200 failed", n)
			}
			if withdrawn == 2 {
				return
			}
			for range 20 {
				_, err := search(t, c)
				if f, ok := fault.As(err); !ok || f.Kind != fault.UpstreamTokenInvalid || fault.CallsOf(f) != 0 {
					t.Errorf("who comes later: %v", err)
				}
			}
			if n := w.refreshes.Load(); n != 2 {
				t.Errorf("%d refreshes, want 2", n)
			}
		})
	}
}

// withdrawing is a source some of whose tokens are withdrawn as soon as they are handed out.
type withdrawing struct {
	upstream.Tokens
	world *world

	mu   sync.Mutex
	last secret.Text
	left int
}

func (s *withdrawing) Token(ctx context.Context) (secret.Text, error) {
	token, err := s.Tokens.Token(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && token != s.last && s.left > 0 {
		s.world.RevokeToken(appKey, token.Reveal())
		s.last = token
		s.left--
	}
	return token, err
}

func TestWhenNoTokenCanBeHad(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(w *world)
		kind  fault.Kind
	}{
		"tokens cannot be asked for": {func(w *world) { w.down.Store(true) }, fault.UpstreamUnavailable},
		"the authorization ended": {func(w *world) {
			w.theirs.advance(200 * 24 * time.Hour)
			w.ours.advance(200 * 24 * time.Hour)
		}, fault.UpstreamTokenInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sandbox.App{NeedSession: true})
			c := w.client(t, "aop", w.login(t))
			w.theirs.advance(10 * time.Hour)
			w.ours.advance(10 * time.Hour)
			test.spoil(w)
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					_, err := search(t, c)
					if f, ok := fault.As(err); !ok || f.Kind != test.kind || fault.CallsOf(f) != 0 {
						t.Errorf("got %v", err)
					}
				})
			}
			all.Wait()
			if n := w.refreshes.Load(); n != 1 {
				t.Errorf("%d token calls for twenty questions at once", n)
			}
		})
	}
}

// A token that is refused while none can be had is a trouble that passes, not an authorization that has ended.
func TestARefusedTokenThatCannotBeRenewedNow(t *testing.T) {
	w := newWorld(t, sandbox.App{NeedSession: true})
	c := w.client(t, "aop", w.login(t))
	w.theirs.advance(10 * time.Hour)
	w.down.Store(true)
	_, err := search(t, c)
	if f, ok := fault.As(err); !ok || f.Kind != fault.UpstreamUnavailable || fault.CallsOf(f) != 1 {
		t.Fatalf("got %v", err)
	}
	w.down.Store(false)
	w.ours.advance(time.Minute)
	if calls, err := search(t, c); err != nil || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestARefreshTokenNearItsEndIsExchangedAtTheSandbox(t *testing.T) {
	w := newWorld(t, sandbox.App{NeedSession: true})
	source := w.login(t)
	c := w.client(t, "aop", source)
	for day := range 400 {
		if _, err := search(t, c); err != nil {
			t.Fatalf("day %d: %v", day, err)
		}
		w.theirs.advance(24 * time.Hour)
		w.ours.advance(24 * time.Hour)
	}
	got, err := source.Refresh(t.Context())
	if err != nil || got.Owner != "沙箱买家" || got.MemberID != "b2b-8888888888" || got.RefreshExpiresAt.Before(w.theirs.now()) {
		t.Errorf("got %q %q until %v, %v", got.Owner, got.MemberID, got.RefreshExpiresAt, err)
	}
}

func TestACodeIsGoodOnceAndForItsAddress(t *testing.T) {
	w := newWorld(t, sandbox.App{})
	for name, test := range map[string]struct {
		code, redirect string
		secret         secret.Text
		kind           fault.Kind
	}{
		"false":        {"false", callback, appSecret, fault.UpstreamTokenInvalid},
		"wrong secret": {"false", callback, "wrong", fault.UpstreamCredentialsInvalid},
	} {
		issuer, err := oauth.NewIssuer(oauth.IssuerOptions{BaseURL: w.url, AppKey: appKey, AppSecret: test.secret, HTTP: w.http, Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		_, err = issuer.Exchange(t.Context(), secret.Text(test.code), test.redirect)
		if f, ok := fault.As(err); !ok || f.Kind != test.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	elsewhere, err := oauth.NewIssuer(oauth.IssuerOptions{BaseURL: w.url, AppKey: "unknown", AppSecret: "x", HTTP: w.http, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	_, err = elsewhere.Exchange(t.Context(), "x", callback)
	if f, ok := fault.As(err); !ok || f.Kind != fault.UpstreamCredentialsInvalid || f.Meta[fault.MetaUpstreamCode] != "gw.AppKeyNotFound" {
		t.Errorf("unknown App Key: %v", err)
	}
}
