package oauth

import (
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/sealing"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// keyInfo separates the key of tokens from other keys that may be derived from the App Secret.
const keyInfo = "zhaohuo tokens AES-256-GCM 1"

// Why a copy of the tokens cannot be used. The caller prefixes where the copy is.
var (
	errDamaged     = errors.New("is damaged: " + remedy)
	errOtherSecret = errors.New("cannot be decrypted: it was written under another App Secret, or was changed since; " +
		"set the App Secret it was written under, or " + remedy)
)

// sealer encrypts the tokens of one App Key, by AES-256-GCM under a key that HKDF-SHA256 derives from the App Secret.
type sealer struct {
	appKey string
	aead   cipher.AEAD
}

func newSealer(appKey string, appSecret secret.Text) (sealer, error) {
	if appSecret.Empty() {
		return sealer{}, errors.New("there is no App Secret to encrypt tokens with")
	}
	aead, err := sealing.New(appSecret.Reveal(), keyInfo)
	return sealer{appKey, aead}, err
}

// copied is one stored copy of the tokens, in JSON. A file of an old release is not encrypted: it has the fields of [stored]
// beside the App Key.
type copied struct {
	AppKey string `json:"app_key"`
	// Sealed is [stored] in JSON, encrypted. The App Key is authenticated with it.
	Sealed []byte `json:"sealed,omitempty"`
}

// stored are the tokens in JSON, before they are encrypted.
type stored struct {
	AppKey           string    `json:"app_key"`
	Owner            string    `json:"owner,omitempty"`
	MemberID         string    `json:"member_id,omitempty"`
	AuthorizedAt     time.Time `json:"authorized_at,omitzero"`
	Sequence         uint64    `json:"sequence,omitempty"`
	AccessToken      string    `json:"access_token"`
	ObtainedAt       time.Time `json:"obtained_at,omitzero"`
	ExpiresAt        time.Time `json:"expires_at,omitzero"`
	RefreshToken     string    `json:"refresh_token,omitempty"`
	RefreshExpiresAt time.Time `json:"refresh_expires_at,omitzero"`
	RevokedAt        time.Time `json:"revoked_at,omitzero"`
}

// seal encrypts the tokens into a copy to store.
func (s sealer) seal(t Token) ([]byte, error) {
	text, err := json.Marshal(stored{
		AppKey: t.AppKey, Owner: t.Owner, MemberID: t.MemberID, AuthorizedAt: plainTime(t.AuthorizedAt), Sequence: t.Sequence,
		AccessToken: t.AccessToken.Reveal(), ObtainedAt: plainTime(t.ObtainedAt), ExpiresAt: plainTime(t.ExpiresAt),
		RefreshToken: t.RefreshToken.Reveal(), RefreshExpiresAt: plainTime(t.RefreshExpiresAt), RevokedAt: plainTime(t.RevokedAt),
	})
	if err != nil {
		return nil, errors.New("the tokens cannot be written as JSON") // The cause might quote them.
	}
	sealed := s.aead.Seal(nil, nil, text, []byte(t.AppKey)) //nolint:gosec // G407: this AEAD draws each nonce itself.
	return json.Marshal(copied{AppKey: t.AppKey, Sealed: sealed})
}

// plainTime is a time without its zone and without the monotonic clock.
func plainTime(at time.Time) time.Time { return at.UTC().Round(0) }

// open reads a copy. plain means that it was not encrypted.
func (s sealer) open(text []byte) (t Token, plain bool, err error) {
	var kept copied
	// The decoder's errors are dropped, because they may quote the text.
	if len(text) > fileBytesMax || json.Unmarshal(text, &kept) != nil {
		return Token{}, false, errDamaged
	}
	if plain = len(kept.Sealed) == 0; plain {
		t, err = read(text)
	} else if kept.AppKey == s.appKey {
		if text, err = s.aead.Open(nil, nil, kept.Sealed, []byte(s.appKey)); err != nil {
			return Token{}, false, errOtherSecret
		}
		t, err = read(text)
	}
	if err == nil && kept.AppKey != s.appKey {
		err = fmt.Errorf("holds tokens of App Key %q, not of %q: %s, or name another ZHAOHUO_DATA_DIR", kept.AppKey, s.appKey, remedy)
	}
	if err != nil {
		return Token{}, false, err
	}
	return t, plain, nil
}

// read reads the tokens from JSON, after decryption.
func read(text []byte) (Token, error) {
	var kept stored
	if json.Unmarshal(text, &kept) != nil || kept.AccessToken == "" || !tokenForm(kept.AccessToken) || !tokenForm(kept.RefreshToken) {
		return Token{}, errDamaged
	}
	return Token{
		AppKey: kept.AppKey, Owner: kept.Owner, MemberID: kept.MemberID, AuthorizedAt: kept.AuthorizedAt, Sequence: kept.Sequence,
		AccessToken: secret.Text(kept.AccessToken), ObtainedAt: kept.ObtainedAt, ExpiresAt: kept.ExpiresAt,
		RefreshToken: secret.Text(kept.RefreshToken), RefreshExpiresAt: kept.RefreshExpiresAt, RevokedAt: kept.RevokedAt,
	}, nil
}
