package oauth_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

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

// Two hundred callers at the moment of expiry: one refresh, and every search is answered. If our clock is right, no call is
// made with the old token. If our clock is behind, the old token is refused and each search takes two calls.
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
				// A search that begins after the refresh is not refused any more.
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

// Two hundred callers whose token is withdrawn, and then the next token too, all get their answer. If every token is withdrawn,
// later callers make no more calls.
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

// withdrawing is a source that withdraws some tokens as soon as it has returned them.
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

// If a token is refused and the platform cannot issue another one now, the fault is temporary: the authorization has not ended.
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
