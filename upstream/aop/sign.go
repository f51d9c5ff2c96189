package aop

import (
	"crypto/hmac"
	"crypto/sha1" // The platform requires it.
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

// Sign computes _aop_signature (docs/PROTOCOL.md §2.3): the name and value of each parameter are joined, the joined
// strings are sorted bytewise, and HMAC-SHA1 runs over the path and all of them. Many clients sort by name before they
// join; the result differs when one name is a prefix of another. This is the documented rule.
//
// path is "param2/version/namespace/name/appKey". Values are raw: they are URL-encoded after signing. The joined
// strings are never built, so signing a photo does not copy it. Sign also returns how many bytes the photos take in a
// form. It fails only if a photo cannot be read.
func Sign(appSecret secret.Text, path string, params []upstream.Param) (signature string, photoBytes int64, err error) {
	var few [8]upstream.Param // Calls have fewer, so that no memory is allocated.
	sorted := append(few[:0], params...)
	slices.SortFunc(sorted, func(a, b upstream.Param) int {
		c, failed := form.CompareJoined(a, b)
		if failed != nil {
			err = failed
		}
		return c
	})
	size := len(path)
	for _, p := range sorted {
		size += len(p.Name) + len(p.Value) + len(p.Tail)
	}
	digest := form.NewDigest(hmac.New(sha1.New, []byte(appSecret.Reveal())), size)
	digest.Text(path)
	for _, p := range sorted {
		if err == nil {
			err = digest.Param(p)
		}
	}
	if err != nil {
		return "", 0, err
	}
	return digest.Hex(), digest.PhotoBytes(), nil
}
