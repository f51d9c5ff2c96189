// Package sealing encrypts what is kept at rest under a key that is derived from a secret.
package sealing

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
)

// New makes the AES-256-GCM of a key that HKDF-SHA256 derives from the secret. Purpose parts it from the keys that are derived
// from the same secret for something else. It draws each nonce itself and keeps it in the ciphertext: pass none.
func New(secret, purpose string) (cipher.AEAD, error) {
	if secret == "" {
		return nil, errors.New("there is no secret to encrypt with")
	}
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
