package webhook

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/sealing"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// RotationTime is how long the secret before signs too after a rotation.
const RotationTime = 24 * time.Hour

// keyInfo parts the key of signing secrets from whatever else is derived from the App Secret.
const keyInfo = "zhaohuo webhook secrets AES-256-GCM 1"

// Secrets makes signing secrets, and encrypts them for the store: who reads a copy of the store cannot sign. It is safe for
// concurrent use.
type Secrets struct {
	aead cipher.AEAD
}

// NewSecrets encrypts under a key that is derived from the App Secret. All processes that share a store need the same one.
func NewSecrets(appSecret secret.Text) (*Secrets, error) {
	aead, err := sealing.New(appSecret.Reveal(), keyInfo)
	if err != nil {
		return nil, fmt.Errorf("signing secrets of webhooks: %w", err)
	}
	return &Secrets{aead}, nil
}

// NewWebhook makes an active webhook with a new secret, which is in Plain too.
func (s *Secrets) NewWebhook(url string) store.Webhook {
	random := make([]byte, 10)
	_, _ = rand.Read(random) // It never fails.
	w := store.Webhook{ID: "wh_" + strings.ToLower(base32.StdEncoding.EncodeToString(random)), URL: url}
	w.Plain, w.Secret = s.New(w.ID)
	return w
}

// New makes a secret for the webhook: as its owner gets it, and encrypted.
func (s *Secrets) New(webhookID string) (plain secret.Text, sealed []byte) {
	plain = newSecret()
	return plain, s.aead.Seal(nil, nil, []byte(plain.Reveal()), []byte(webhookID)) //nolint:gosec // G407: this AEAD draws each nonce itself.
}

var errSealed = errors.New("the signing secret cannot be decrypted: it was written under another App Secret; rotate it with RotateWebhookSecret")

// open gives the secrets that sign at a time, the present one first.
func (s *Secrets) open(w *store.Webhook, at time.Time) ([]secret.Text, error) {
	plain, err := s.aead.Open(nil, nil, w.Secret, []byte(w.ID))
	if err != nil {
		return nil, errSealed
	}
	secrets := []secret.Text{secret.Text(plain)}
	if at.Before(w.OldUntil) {
		// One that cannot be read does not stop the present one.
		if old, err := s.aead.Open(nil, nil, w.OldSecret, []byte(w.ID)); err == nil {
			secrets = append(secrets, secret.Text(old))
		}
	}
	return secrets, nil
}
