package push

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Signature is the signature of a message: HMAC-SHA1 with the App Secret over the word "message" and the message's text, in
// upper-case hexadecimal digits. It is the platform's rule for parameters (here one, named message) without a path before them.
func Signature(appSecret secret.Text, message string) string {
	return strings.ToUpper(hex.EncodeToString(mac(appSecret, message)))
}

func mac(appSecret secret.Text, message string) []byte {
	h := hmac.New(sha1.New, []byte(appSecret.Reveal()))
	_, _ = h.Write([]byte("message" + message)) // A hash takes everything.
	return h.Sum(nil)
}

// signed reports whether a signature is the message's. How long it takes says nothing of the right one.
func signed(appSecret secret.Text, message, signature string) bool {
	given, err := hex.DecodeString(signature)
	return err == nil && hmac.Equal(given, mac(appSecret, message))
}
