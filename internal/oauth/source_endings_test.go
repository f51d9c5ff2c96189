package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func TestARefreshThatHangsIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.take = time.Hour
		time.Sleep(10 * time.Hour)
		began := time.Now()
		_ = wantKind(t, second(r.Token(t.Context())), fault.UpstreamTimeout)
		// Four calls of 20 s each, with the first three backoffs between them. A deadline would end it earlier.
		if took := time.Since(began); took != 87*time.Second {
			t.Errorf("given up after %s", took)
		}
	})
}

// TestADeadPlatformIsAskedSeldom: however many callers want a token, a process asks a platform that does not answer six times in the first
// minute and twice in each later one. No breaker is needed for that: docs/adr/0025-a-breaker-of-our-own.md.
func TestADeadPlatformIsAskedSeldom(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.broken = errors.New("connection refused")
		time.Sleep(10 * time.Hour) // The stored token has expired.
		var asked []int
		for range 3 {
			before := len(r.platform.questions())
			for range 120 {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				for outcome, n := range crowd(5, func() string { return r.tokenOf(ctx) }) {
					if !strings.HasPrefix(outcome, fault.UpstreamUnavailable.String()) {
						t.Fatalf("%d callers got %q", n, outcome)
					}
				}
				cancel()
				time.Sleep(500 * time.Millisecond)
			}
			asked = append(asked, len(r.platform.questions())-before)
		}
		if !slices.Equal(asked, []int{6, 2, 2}) {
			t.Errorf("the platform was asked %d times in one minute after the other", asked)
		}
	})
}

func TestACallerWhoLeavesDoesNotEndTheRefresh(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.take = 5 * time.Second
		time.Sleep(10 * time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := second(r.Token(ctx))
		if f := wantKind(t, err, fault.DeadlineExceeded); time.Since(began) != time.Second || !errors.Is(f, context.DeadlineExceeded) {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		r.want(t, "access-2")
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("the refresh took %s", took)
		}
		r.wantAsked(t, "refresh_token refresh-1")
	})
}

func TestCloseEndsTheRefresh(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.take = time.Hour
		r.want(t, "access-1")
		time.Sleep(9*time.Hour + 50*time.Minute)
		r.want(t, "access-1")
		synctest.Wait()
		began := time.Now()
		r.Close()
		if took := time.Since(began); took != closeGrace {
			t.Errorf("closing took %s", took)
		}
		if strings.Contains(r.log.String(), "no fresh access token") {
			t.Errorf("an end that was asked for is no failure:\n%s", r.log)
		}
	})
}

// A short command still stores the token that it began to get. An exchange of the refresh token is never cut off, because
// only its answer has the new one.
func TestCloseWaitsForWhatWouldBeLost(t *testing.T) {
	for name, test := range map[string]struct {
		age, take time.Duration
		want      string
	}{
		"a refresh":   {9*time.Hour + 50*time.Minute, 2 * time.Second, "access-2"},
		"an exchange": {160 * 24 * time.Hour, 10 * time.Second, "postponed-2"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				if test.take <= closeGrace {
					r.want(t, "access-1")
				}
				time.Sleep(test.age)
				r.platform.take = test.take
				if test.take <= closeGrace {
					r.want(t, "access-1")
				} else {
					ctx, cancel := context.WithTimeout(t.Context(), test.take+time.Second) // Until the exchange has begun.
					defer cancel()
					_ = r.tokenOf(ctx)
				}
				synctest.Wait()
				r.Close()
				if kept, err := r.store.Load(t.Context()); err != nil || kept.AccessToken.Reveal() != test.want {
					t.Errorf("stored %s (%v), want %s", kept.AccessToken.Reveal(), err, test.want)
				}
			})
		})
	}
}

func TestTheRefreshTokenIsPostponedNearItsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		time.Sleep(153*24*time.Hour - time.Second) // 30 days and a second are left.
		r.want(t, "access-2")
		r.wantAsked(t, "refresh_token refresh-1")
		time.Sleep(10 * time.Hour)
		r.want(t, "postponed-3")
		r.wantAsked(t, "refresh_token refresh-1", "refresh_token refresh-1", "postpone refresh-1")
		kept, err := r.store.Load(t.Context())
		if err != nil || kept.RefreshToken != "refresh-3" || !kept.RefreshExpiresAt.Equal(time.Date(2098, 12, 31, 16, 0, 0, 0, time.UTC)) {
			t.Errorf("kept %v with its end at %v (%v)", kept.RefreshToken.Reveal(), kept.RefreshExpiresAt, err)
		}
		time.Sleep(10 * time.Hour)
		r.want(t, "access-5")
		r.wantAsked(t, "refresh_token refresh-1", "refresh_token refresh-1", "postpone refresh-1", "refresh_token refresh-3")
	})
}

func TestAPostponingThatIsRefusedTroublesNobody(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.say = func(_ int, form url.Values) (int, string, bool) {
			return 400, `{"error":"invalid_request"}`, form.Get("grant_type") == ""
		}
		time.Sleep(160 * 24 * time.Hour)
		r.want(t, "access-2")
		r.want(t, "access-2")
		r.wantAsked(t, "refresh_token refresh-1", "postpone refresh-1")
	})
}

func TestAnUnknownEndIsFoundOutByRefusal(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.say = func(n int, _ url.Values) (int, string, bool) {
			return 200, fmt.Sprintf(`{"access_token":"endless-%d"}`, n), true
		}
		time.Sleep(10 * time.Hour)
		r.want(t, "endless-1")
		time.Sleep(1000 * time.Hour)
		r.want(t, "endless-1")
		if err := r.Renew(t.Context(), "endless-1"); err != nil {
			t.Fatal(err)
		}
		r.want(t, "endless-2")
	})
}

func TestTokensThatEndAtOnceAreNotAskedForForEver(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.platform.take = 2 * time.Second
		r.platform.say = func(int, url.Values) (int, string, bool) {
			return 200, `{"access_token":"brief","expires_in":"1"}`, true
		}
		time.Sleep(10 * time.Hour)
		_ = wantKind(t, second(r.Token(t.Context())), fault.UpstreamUnavailable)
		if n := len(r.platform.questions()); n > roundsMax {
			t.Errorf("asked %d times", n)
		}
	})
}
