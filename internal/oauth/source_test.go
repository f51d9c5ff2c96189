package oauth

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

func TestATokenIsRefreshedAheadAndNobodyWaits(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.take = 3 * time.Second
		r.want(t, "access-1")
		time.Sleep(9 * time.Hour) // A lead is 15 minutes and up to half as much again.
		r.want(t, "access-1")
		r.wantAsked(t)
		time.Sleep(45*time.Minute + time.Second)
		began := time.Now()
		if diff := cmp.Diff(map[string]int{"access-1": 200}, crowd(200, func() string { return r.tokenOf(t.Context()) })); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("callers waited %s for a token that was good", took)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		r.want(t, "access-2")
		r.wantAsked(t, "refresh_token refresh-1")
		kept, err := r.store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := r.first
		want.AccessToken, want.ObtainedAt, want.Sequence = "access-2", began.UTC(), 1
		want.ExpiresAt = want.ObtainedAt.Add(10 * time.Hour)
		if diff := cmp.Diff(want, kept); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
	})
}

func TestTheLeadIsATenthOfAShortLife(t *testing.T) {
	at := time.Date(2026, 10, 10, 0, 0, 0, 0, time.UTC)
	for life, lead := range map[time.Duration]time.Duration{
		10 * time.Hour: 15 * time.Minute, 100 * time.Minute: 10 * time.Minute, 10 * time.Second: time.Second, time.Nanosecond: 0,
	} {
		token := Token{ObtainedAt: at, ExpiresAt: at.Add(life)}
		for range 100 {
			if got := token.ExpiresAt.Sub(token.dueAt()); got < lead || got > lead*3/2 {
				t.Errorf("a life of %s is refreshed %s before its end, want %s and up to half as much again", life, got, lead)
			}
		}
	}
	if due := (Token{ObtainedAt: at}).dueAt(); !due.IsZero() {
		t.Errorf("an unknown end is due at %v", due)
	}
}

func TestAtTheEndAllWaitForOneRefresh(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.want(t, "access-1")
		r.platform.take = time.Second
		time.Sleep(10 * time.Hour)
		if diff := cmp.Diff(map[string]int{"access-2": 200}, crowd(200, func() string { return r.tokenOf(t.Context()) })); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		r.wantAsked(t, "refresh_token refresh-1")
	})
}

func TestARefusedTokenIsRenewedOnceForAll(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.take = time.Second
		r.want(t, "access-1")
		renewed := crowd(200, func() string {
			if err := r.Renew(t.Context(), "access-1"); err != nil {
				return err.Error()
			}
			return r.tokenOf(t.Context())
		})
		if diff := cmp.Diff(map[string]int{"access-2": 200}, renewed); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := r.Renew(t.Context(), "access-1"); err != nil { // A straggler.
			t.Error(err)
		}
		r.wantAsked(t, "refresh_token refresh-1")
		r.want(t, "access-2")
	})
}

// A new token that is refused is replaced once more. If that one is refused as well, callers get no token for some time: it
// would cost them a call.
func TestFreshTokensThatAreRefusedAreHeldBack(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.want(t, "access-1")
		for _, refused := range []secret.Text{"access-1", "access-2"} {
			if err := r.Renew(t.Context(), refused); err != nil {
				t.Fatal(err)
			}
		}
		r.want(t, "access-3")
		for range 10 {
			for _, err := range []error{r.Renew(t.Context(), "access-3"), second(r.Token(t.Context()))} {
				if f := wantKind(t, err, fault.UpstreamTokenInvalid); !strings.Contains(f.Detail, "zhaohuo auth login") {
					t.Errorf("no remedy: %s", f.Detail)
				}
			}
		}
		r.wantAsked(t, "refresh_token refresh-1", "refresh_token refresh-1")
		time.Sleep(renewPause)
		r.want(t, "access-4")
		r.wantAsked(t, "refresh_token refresh-1", "refresh_token refresh-1", "refresh_token refresh-1")
	})
}

// A fault of the platform that ends before a caller's deadline only delays the caller.
func TestAPassingFaultOfThePlatformIsWaitedOut(t *testing.T) {
	for name, say := range map[string]func(int, url.Values) (int, string, bool){
		"not available": func(n int, _ url.Values) (int, string, bool) { return 503, `{}`, n <= 2 },
		"throttled":     func(n int, _ url.Values) (int, string, bool) { return 429, `{}`, n <= 2 },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.platform.say = say
				time.Sleep(10 * time.Hour)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				began := time.Now()
				got := crowd(50, func() string { return r.tokenOf(ctx) })
				if diff := cmp.Diff(map[string]int{"access-4": 50}, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if took := time.Since(began); took != 3*time.Second {
					t.Errorf("took %v, want the first two backoffs", took)
				}
			})
		})
	}
}

// That an authorization has ended is stored, and cleared by the next valid one.
func TestARevokedAuthorizationIsStoredAsSuch(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.say = func(int, url.Values) (int, string, bool) { return 400, `{"error":"invalid_grant"}`, true }
		r.want(t, "access-1")
		_ = wantKind(t, r.Renew(t.Context(), "access-1"), fault.UpstreamTokenInvalid)
		kept, err := r.store.Load(t.Context())
		if err != nil || !kept.RevokedAt.Equal(time.Now()) || kept.RefreshToken != r.first.RefreshToken {
			t.Errorf("stored %+v, %v", kept, err)
		}
		r.platform.say = nil
		time.Sleep(backoffMax)
		r.want(t, "access-3")
		if kept, err = r.store.Load(t.Context()); err != nil || !kept.RevokedAt.IsZero() {
			t.Errorf("stored %+v, %v", kept, err)
		}
	})
}

func TestAnotherProcessesRefreshIsTakenOver(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		other := r.another(t)
		r.want(t, "access-1")
		if got, err := other.Token(t.Context()); got != "access-1" || err != nil {
			t.Fatal(got.Reveal(), err)
		}
		time.Sleep(time.Second)
		if err := other.Renew(t.Context(), "access-1"); err != nil {
			t.Fatal(err)
		}
		r.want(t, "access-1") // It does not know, and need not.
		if err := r.Renew(t.Context(), "access-1"); err != nil {
			t.Fatal(err)
		}
		r.want(t, "access-2")
		r.wantAsked(t, "refresh_token refresh-1")
	})
}

func TestALoginIsTakenOver(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.say = func(int, url.Values) (int, string, bool) { return 400, `{"error":"invalid_grant"}`, true }
		time.Sleep(10 * time.Hour)
		_, err := r.Token(t.Context())
		_ = wantKind(t, err, fault.UpstreamTokenInvalid)
		fresh := r.first
		fresh.AccessToken, fresh.RefreshToken, fresh.ObtainedAt = "login", "refresh-login", time.Now().UTC()
		fresh.ExpiresAt = fresh.ObtainedAt.Add(10 * time.Hour)
		save(t, r.store, fresh)
		time.Sleep(backoffFirst)
		r.want(t, "login")
		r.wantAsked(t, "refresh_token refresh-1")
	})
}

func TestFailuresStandForAShortWhile(t *testing.T) {
	for name, test := range map[string]struct {
		broken error
		say    func(int, url.Values) (int, string, bool)
		kind   fault.Kind
		detail string
		waits  bool
	}{
		"network": {broken: errors.New("CANARY"), kind: fault.UpstreamUnavailable, detail: "the upstream could not be asked for a token", waits: true},
		"refused": {
			say:  func(int, url.Values) (int, string, bool) { return 400, `{"error":"invalid_grant"}`, true },
			kind: fault.UpstreamTokenInvalid, detail: "the upstream refused the authorization: it is false, spent or has ended; run `zhaohuo auth login`",
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.platform.broken, r.platform.say = test.broken, test.say
				time.Sleep(10 * time.Hour)
				var at []time.Duration
				for began := time.Now(); time.Since(began) < 2*time.Minute; time.Sleep(100 * time.Millisecond) {
					before := len(r.platform.questions())
					hurried, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
					f := wantKind(t, second(r.Token(hurried)), test.kind)
					cancel()
					if f.Detail != test.detail {
						t.Fatalf("detail %q", f.Detail)
					}
					if len(r.platform.questions()) > before {
						at = append(at, time.Since(began))
					} else if test.waits != (f.RetryAfter > 0) || f.RetryAfter > backoffMax {
						t.Fatalf("told to wait %s", f.RetryAfter)
					}
				}
				want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second, 31 * time.Second, 61 * time.Second, 91 * time.Second}
				if diff := cmp.Diff(want, at); diff != "" {
					t.Errorf("asked at (-want +got):\n%s", diff)
				}
				r.platform.broken, r.platform.say = nil, nil
				time.Sleep(backoffMax)
				if got := r.tokenOf(t.Context()); !strings.HasPrefix(got, "access-") {
					t.Errorf("got %s after the trouble", got)
				}
			})
		})
	}
}

func second(_ secret.Text, err error) error { return err }

func TestAFailureAheadOfTheEndTroublesNobody(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.broken = errors.New("down")
		r.want(t, "access-1")
		time.Sleep(9*time.Hour + 45*time.Minute + time.Second)
		for range 100 {
			r.want(t, "access-1")
			synctest.Wait()
		}
		r.wantAsked(t, "refresh_token refresh-1")
		time.Sleep(backoffFirst)
		r.platform.broken = nil
		r.want(t, "access-1")
		synctest.Wait()
		r.want(t, "access-3")
	})
}

func TestWithoutTokens(t *testing.T) {
	for name, test := range map[string]struct {
		arrange func(t *testing.T, r *rig)
		detail  string
	}{
		"nobody logged in": {func(t *testing.T, r *rig) {
			if err := os.Remove(r.store.Path()); err != nil {
				t.Fatal(err)
			}
		}, "nobody has authorized this server yet: run `zhaohuo auth login`"},
		"others may read them": {func(t *testing.T, r *rig) { chmod(t, r.store.Path(), 0o644) }, "the stored tokens cannot be used: `zhaohuo auth status` says why"},
		"no refresh token": {func(t *testing.T, r *rig) {
			bare := r.first
			bare.RefreshToken = ""
			save(t, r.store, bare)
			time.Sleep(10 * time.Hour)
		}, "the access token has ended and came without a refresh token: run `zhaohuo auth login`"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				test.arrange(t, r)
				if f := wantKind(t, second(r.Token(t.Context())), fault.UpstreamTokenInvalid); f.Detail != test.detail {
					t.Errorf("got  %s\nwant %s", f.Detail, test.detail)
				}
				r.wantAsked(t)
			})
		})
	}
}

// A full disk does not stop searches, and the token is stored when that is possible again.
func TestATokenThatCannotBeStoredIsStillUsed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		replace := r.store.replace
		r.store.replace = func(string, []byte) error { return errors.New("disk full") }
		time.Sleep(160 * 24 * time.Hour) // The refresh token could be postponed, but a new one could not be kept.
		r.want(t, "access-2")
		r.want(t, "access-2")
		r.wantAsked(t, "refresh_token refresh-1")
		r.store.replace = replace
		time.Sleep(backoffMax)
		r.want(t, "access-2")
		synctest.Wait()
		r.want(t, "postponed-2")
		r.wantAsked(t, "refresh_token refresh-1", "postpone refresh-1")
		if kept, err := r.store.Load(t.Context()); err != nil || kept.AccessToken != "postponed-2" {
			t.Errorf("stored: %v (%v)", kept.AccessToken.Reveal(), err)
		}
	})
}

func TestRefreshOnDemand(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		got, err := r.Refresh(t.Context())
		if err != nil || got.AccessToken != "access-2" {
			t.Errorf("got %v, %v", got.AccessToken.Reveal(), err)
		}
		r.wantAsked(t, "refresh_token refresh-1")
		r.store.replace = func(string, []byte) error { return errors.New("disk full") }
		if _, err := r.another(t).Refresh(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "the tokens were refreshed but could not be stored in ") {
			t.Errorf("got %v", err)
		}
	})
}

func TestTheLogHoldsNoSecret(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.say = func(n int, form url.Values) (int, string, bool) {
			return 400, `{"error":"` + form.Get("refresh_token") + ` CANARY","error_description":"refresh-1 CANARY"}`, n < 3
		}
		time.Sleep(10 * time.Hour)
		for range 3 {
			_ = r.tokenOf(t.Context())
			time.Sleep(10 * time.Second)
		}
		log := r.log.String()
		for _, word := range []string{"CANARY", "access-1", "access-4", "refresh-1"} {
			if strings.Contains(log, word) {
				t.Errorf("the log holds %s:\n%s", word, log)
			}
		}
		for _, word := range []string{"no fresh access token", "access token refreshed"} {
			if !strings.Contains(log, word) {
				t.Errorf("the log does not say %q:\n%s", word, log)
			}
		}
	})
}

func TestStatic(t *testing.T) {
	s := NewStatic("fixed")
	if got, err := s.Token(t.Context()); got != "fixed" || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	_ = wantKind(t, s.Renew(t.Context(), "fixed"), fault.UpstreamTokenInvalid)
	if got, err := (Static{}).Token(t.Context()); got != "" || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}
