package oauth

import (
	"cmp"
	"math/rand/v2"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Token is what one authorization has given so far. A zero time is one that the platform did not tell.
type Token struct {
	// AppKey is the App Key the tokens were given to; they are good for no other.
	AppKey string
	// Owner is the login name of the user who authorized, MemberID their member id; empty if not told.
	Owner, MemberID string
	// AuthorizedAt is when the user authorized, by the clock of the machine where they did; zero for tokens of before this
	// was noted. Sequence counts what the platform has given since.
	AuthorizedAt time.Time
	Sequence     uint64

	AccessToken secret.Text
	// ObtainedAt is when the access token was asked for, by our clock.
	ObtainedAt time.Time
	// ExpiresAt is when the access token ends, by our clock.
	ExpiresAt time.Time

	// RefreshToken is empty where the authorization came without one.
	RefreshToken secret.Text
	// RefreshExpiresAt is when the refresh token ends, by the platform's clock.
	RefreshExpiresAt time.Time

	// RevokedAt is when the platform refused to renew these tokens: the user withdrew the authorization, or it has ended.
	// Zero where it has not.
	RevokedAt time.Time
}

// The bounds of refreshing ahead: a tenth of the token's life, but no more than leadMax.
const (
	leadShare = 10
	leadMax   = 15 * time.Minute
)

// postponeWindow is how long before its end the platform exchanges a refresh token for a new one (docs/PROTOCOL.md §7.2).
const postponeWindow = 30 * 24 * time.Hour

// newer tells whether t is what the platform gave later: by a later authorization, or later under the same one. Of the same
// tokens, those that are known to be revoked are newer.
func (t Token) newer(than Token) bool {
	return cmp.Or(
		t.AuthorizedAt.Compare(than.AuthorizedAt),
		cmp.Compare(t.Sequence, than.Sequence),
		t.ObtainedAt.Compare(than.ObtainedAt),
		t.RevokedAt.Compare(than.RevokedAt),
	) > 0
}

// Expired tells whether the access token has ended. One whose end is not known has not.
func (t Token) Expired(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

// dueAt draws when to refresh: ahead of the end, and not at the same moment in every process. Zero is never: a token
// whose end is not known is renewed when it is refused.
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

// postponable tells whether the platform would exchange the refresh token for a new one now.
func (t Token) postponable(now time.Time) bool {
	left := t.RefreshExpiresAt.Sub(now)
	return !t.RefreshToken.Empty() && !t.RefreshExpiresAt.IsZero() && left > 0 && left <= postponeWindow
}

// with is t after an answer to a question asked at the time: what the answer does not tell stays, since a refresh's
// answer names no refresh token and the old one stays good (docs/PROTOCOL.md §7.3).
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
			t.RefreshExpiresAt = time.Time{} // The old one's end says nothing of the new one's.
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
