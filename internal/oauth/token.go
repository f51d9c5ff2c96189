package oauth

import (
	"cmp"
	"math/rand/v2"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Token is what the platform has issued under one authorization so far. A zero time means that the platform did not state it.
type Token struct {
	// AppKey is the App Key the tokens were issued to. They cannot be used with another one.
	AppKey string
	// Owner is the login name of the user who authorized, MemberID their member id. Empty means not stated.
	Owner, MemberID string
	// AuthorizedAt is when the user authorized, by the clock of the machine where they did. It is zero for tokens of old
	// releases. Sequence counts the tokens that the platform has issued since.
	AuthorizedAt time.Time
	Sequence     uint64

	AccessToken secret.Text
	// ObtainedAt is when the access token was requested, by our clock.
	ObtainedAt time.Time
	// ExpiresAt is when the access token expires, by our clock.
	ExpiresAt time.Time

	// RefreshToken is empty if the authorization came without one.
	RefreshToken secret.Text
	// RefreshExpiresAt is when the refresh token expires, by the platform's clock.
	RefreshExpiresAt time.Time

	// RevokedAt is when the platform refused to renew these tokens: the user withdrew the authorization, or it has ended.
	// Zero means that it has not.
	RevokedAt time.Time
}

// How long before its end a token is refreshed: a tenth of its life, but at most leadMax.
const (
	leadShare = 10
	leadMax   = 15 * time.Minute
)

// postponeWindow is how long before its end the platform exchanges a refresh token for a new one (docs/PROTOCOL.md §7.2).
const postponeWindow = 30 * 24 * time.Hour

// newer reports whether the platform issued t later: under a later authorization, or later under the same one. Of equal
// tokens, those that are known to be revoked are newer.
func (t Token) newer(than Token) bool {
	return cmp.Or(
		t.AuthorizedAt.Compare(than.AuthorizedAt),
		cmp.Compare(t.Sequence, than.Sequence),
		t.ObtainedAt.Compare(than.ObtainedAt),
		t.RevokedAt.Compare(than.RevokedAt),
	) > 0
}

// Expired reports whether the access token has expired. It is false if its end is not known.
func (t Token) Expired(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

// dueAt draws a time to refresh: before the end, and at random, so that processes do not refresh at the same moment. Zero means
// never: a token whose end is not known is renewed when it is refused.
func (t Token) dueAt() time.Time {
	if t.ExpiresAt.IsZero() {
		return time.Time{}
	}
	lead := min(t.ExpiresAt.Sub(t.ObtainedAt)/leadShare, leadMax)
	if lead <= 1 {
		return t.ExpiresAt
	}
	return t.ExpiresAt.Add(-lead - rand.N(lead/2))
}

// postponable reports whether the platform would exchange the refresh token for a new one now.
func (t Token) postponable(now time.Time) bool {
	left := t.RefreshExpiresAt.Sub(now)
	return !t.RefreshToken.Empty() && !t.RefreshExpiresAt.IsZero() && left > 0 && left <= postponeWindow
}

// with returns t updated by the answer to a request of that time. Fields that the answer does not have stay: the answer to a
// refresh has no refresh token, and the old one can still be used (docs/PROTOCOL.md §7.3).
func (t Token) with(a answer, asked time.Time) Token {
	t.RevokedAt = time.Time{}
	t.Sequence++
	asked = asked.Round(0) // Without the monotonic clock, which stands still while a machine sleeps.
	if !a.access.Empty() {
		t.AccessToken, t.ObtainedAt, t.ExpiresAt = a.access, asked, time.Time{}
		if a.life > 0 {
			t.ExpiresAt = asked.Add(a.life)
		}
	}
	if !a.refresh.Empty() {
		if a.refresh != t.RefreshToken {
			t.RefreshExpiresAt = time.Time{} // The end of the old one is not that of the new one.
		}
		t.RefreshToken = a.refresh
	}
	if !a.refreshEnds.IsZero() {
		t.RefreshExpiresAt = a.refreshEnds
	}
	if a.owner != "" {
		t.Owner = a.owner
	}
	if a.memberID != "" {
		t.MemberID = a.memberID
	}
	return t
}
