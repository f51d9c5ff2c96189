package aopwire

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"slices"
	"strings"
)

const signatureName = "_aop_signature"

// Sign computes the platform's signature: HMAC-SHA1 of the path and of every name+value, sorted after joining, in
// upper-case hex. Values are not URL-encoded. File parts are not signed.
func Sign(secret, path string, params map[string]string) string {
	pairs := make([]string, 0, len(params))
	for name, value := range params {
		if name != signatureName {
			pairs = append(pairs, name+value)
		}
	}
	slices.Sort(pairs) // byte by byte, as Go compares strings
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(path))
	mac.Write([]byte(strings.Join(pairs, "")))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

func signedBy(secret, path string, params map[string]string, signature string) bool {
	return hmac.Equal([]byte(Sign(secret, path, params)), []byte(signature))
}
