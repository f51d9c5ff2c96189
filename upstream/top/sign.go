package top

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// SignMethod is a rule of signing, by the name it has on the wire.
type SignMethod string

const (
	// SignMD5 is MD5(secret + text + secret).
	SignMD5 SignMethod = "md5"
	// SignHMAC is HMAC-MD5 of the text.
	SignHMAC SignMethod = "hmac"
	// SignHMACSHA256 is HMAC-SHA256 of the text.
	SignHMACSHA256 SignMethod = "hmac-sha256"
	// SignHMACSHA1 is the tutorial's HMAC-SHA1(secret + text + secret), under a name of its own. The tutorial sends it as
	// "md5", which a server that obeys sign_method must refuse.
	SignHMACSHA1 SignMethod = "hmac-sha1"
)

// SignMethods are all rules, the default first.
func SignMethods() []SignMethod {
	return []SignMethod{SignMD5, SignHMAC, SignHMACSHA256, SignHMACSHA1}
}

// begin gives the rule's hash and whether the text stands between two copies of the secret.
func (m SignMethod) begin(key []byte) (h hash.Hash, wrapped, ok bool) {
	switch m {
	case SignMD5:
		return md5.New(), true, true
	case SignHMAC:
		return hmac.New(md5.New, key), false, true
	case SignHMACSHA256:
		return hmac.New(sha256.New, key), false, true
	case SignHMACSHA1:
		return hmac.New(sha1.New, key), true, true
	default:
		return nil, false, false
	}
}

// The names of the two parameters that only sealing writes.
const (
	paramSign       = "sign"
	paramSignMethod = "sign_method"
)

// pieceBytes is how much text is copied for one write to the hash: hashes take no strings, and a text may be a
// whole picture.
const pieceBytes = 512

// seal turns parameters into what is sent: those without a value left out, sign_method and sign added, in the order of
// their names. It changes params. The rule's name is written here and nowhere else, so that it cannot differ from the
// rule that signed.
func seal(params []upstream.Param, m SignMethod, appSecret secret.Text) ([]upstream.Param, error) {
	key := []byte(appSecret.Reveal())
	h, wrapped, ok := m.begin(key)
	if !ok {
		return nil, fault.New(fault.UpstreamCredentialsInvalid, "the configured sign method is none of %v", SignMethods())
	}
	params = append(params, upstream.Param{Name: paramSignMethod, Value: string(m)})
	params = slices.DeleteFunc(params, func(p upstream.Param) bool { return p.Value == "" })
	slices.SortFunc(params, func(a, b upstream.Param) int { return strings.Compare(a.Name, b.Name) })
	if wrapped {
		h.Write(key)
	}
	piece := make([]byte, pieceBytes)
	for i, p := range params {
		if p.Name == paramSign || i > 0 && params[i-1].Name == p.Name {
			return nil, fault.New(fault.Internal, "parameter %s is written twice", p.Name)
		}
		absorb(h, piece, p.Name)
		absorb(h, piece, p.Value)
	}
	if wrapped {
		h.Write(key)
	}
	sign := strings.ToUpper(hex.EncodeToString(h.Sum(nil)))
	return append(params, upstream.Param{Name: paramSign, Value: sign}), nil
}

func absorb(h hash.Hash, piece []byte, s string) {
	for len(s) > 0 {
		n := copy(piece, s)
		h.Write(piece[:n])
		s = s[n:]
	}
}
