package topwire

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
)

// Sign computes the sign of the parameters by the method that their own sign_method names; false when it names none. All
// parameters except sign are signed. File parts are not parameters.
func Sign(secret string, params map[string]string) (string, bool) {
	return signBy(params["sign_method"], secret, params)
}

// signBy computes the sign by a method that sign_method need not name.
func signBy(rule, secret string, params map[string]string) (string, bool) {
	var joined strings.Builder
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != "sign" {
			joined.WriteString(name)
			joined.WriteString(params[name])
		}
	}
	text := joined.String()
	var h hash.Hash
	switch rule {
	case "md5":
		h, text = md5.New(), secret+text+secret
	case "hmac":
		h = hmac.New(md5.New, []byte(secret))
	case "hmac-sha256":
		h = hmac.New(sha256.New, []byte(secret))
	case "hmac-sha1": // the tutorial's own method, with the secret in the text too
		h, text = hmac.New(sha1.New, []byte(secret)), secret+text+secret
	default:
		return "", false
	}
	h.Write([]byte(text))
	return strings.ToUpper(hex.EncodeToString(h.Sum(nil))), true
}

func signedBy(secret string, params map[string]string, sign string) bool {
	want, ok := Sign(secret, params)
	return ok && hmac.Equal([]byte(want), []byte(sign))
}

// signedByTutorial accepts what the tutorial's HMAC-SHA1 function sends: its own method, with sign_method left at md5.
func signedByTutorial(secret string, params map[string]string, sign string) bool {
	want, ok := signBy("hmac-sha1", secret, params)
	return ok && params["sign_method"] == "md5" && hmac.Equal([]byte(want), []byte(sign))
}
