package aop

import (
	"crypto/hmac"
	"crypto/sha1" // The platform's rule, not our choice.
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

// Sign computes _aop_signature (docs/PROTOCOL.md §2.3): name and value of every parameter are joined, the joined strings are
// sorted bytewise, and HMAC-SHA1 runs over path and all of them. Many clients sort by name before they join, which
// differs where one name begins with another; the documented rule is the one here.
//
// Path is "param2/version/namespace/name/appKey". Values are raw: they are URL-encoded after signing. Neither the
// joined strings nor their concatenation are ever built, so signing a photo costs no copy of it. It also gives how many
// bytes the photos take in a form, and fails only if a photo cannot be read.
func Sign(appSecret secret.Text, path string, params []upstream.Param) (signature string, photoBytes int64, err error) {
	sorted := slices.Clone(params)
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
