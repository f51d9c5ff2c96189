package top

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

// SignMethod is a signing rule, by its name on the wire.
type SignMethod string

const (
	// SignMD5 is MD5(secret + text + secret).
	SignMD5 SignMethod = "md5"
	// SignHMAC is HMAC-MD5 of the text.
	SignHMAC SignMethod = "hmac"
	// SignHMACSHA256 is HMAC-SHA256 of the text.
	SignHMACSHA256 SignMethod = "hmac-sha256"
	// SignHMACSHA1 is the tutorial's HMAC-SHA1(secret + text + secret), under a name of our own. The tutorial sends it
	// as "md5", which a server that follows sign_method must refuse.
	SignHMACSHA1 SignMethod = "hmac-sha1"
)

// SignMethods returns all rules, the default first.
func SignMethods() []SignMethod {
	return []SignMethod{SignMD5, SignHMAC, SignHMACSHA256, SignHMACSHA1}
}

// begin returns the rule's hash, and whether the text stands between two copies of the secret.
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

// The two parameters that only seal writes.
const (
	paramSign       = "sign"
	paramSignMethod = "sign_method"
)

// seal prepares parameters for sending: it drops those without a value, adds sign_method and sign, and sorts by name.
// It changes params. Only seal writes the rule's name, so the name always matches the signature. It also returns how
// many bytes the photos take in a form.
func seal(params []upstream.Param, m SignMethod, appSecret secret.Text) (sealed []upstream.Param, photoBytes int64, err error) {
	key := appSecret.Reveal()
	h, wrapped, ok := m.begin([]byte(key))
	if !ok {
		return nil, 0, fault.New(fault.UpstreamCredentialsInvalid, "the configured sign method is none of %v", SignMethods())
	}
	params = append(params, upstream.Param{Name: paramSignMethod, Value: string(m)})
	params = slices.DeleteFunc(params, form.Empty)
	slices.SortFunc(params, func(a, b upstream.Param) int { return strings.Compare(a.Name, b.Name) })
	digest := form.NewDigest(h, sizeOf(params)+2*len(key))
	if wrapped {
		digest.Text(key)
	}
	for i, p := range params {
		if p.Name == paramSign || i > 0 && params[i-1].Name == p.Name {
			return nil, 0, fault.New(fault.Internal, "parameter %s is written twice", p.Name)
		}
		if err := digest.Param(p); err != nil {
			return nil, 0, err
		}
	}
	if wrapped {
		digest.Text(key)
	}
	return append(params, upstream.Param{Name: paramSign, Value: digest.Hex()}), digest.PhotoBytes(), nil
}

func sizeOf(params []upstream.Param) int {
	n := 0
	for _, p := range params {
		n += len(p.Name) + len(p.Value) + len(p.Tail)
	}
	return n
}
