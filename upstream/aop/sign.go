package aop

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1" // The platform's rule, not our choice.
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Sign computes _aop_signature (section 2.3): name and value of every parameter are joined, the joined strings are
// sorted bytewise, and HMAC-SHA1 runs over path and all of them. Many clients sort by name before they join, which
// differs where one name begins with another; the documented rule is the one here.
//
// Path is "param2/version/namespace/name/appKey". Values are raw: they are URL-encoded after signing. Neither the
// joined strings nor their concatenation are ever built, so signing a photo costs no copy of it.
func Sign(appSecret secret.Text, path string, params []upstream.Param) string {
	sorted := slices.Clone(params)
	slices.SortFunc(sorted, compareJoined)
	mac := hmac.New(sha1.New, []byte(appSecret.Reveal()))
	var chunk [4096]byte
	write(mac, chunk[:], path)
	for _, p := range sorted {
		write(mac, chunk[:], p.Name)
		write(mac, chunk[:], p.Value)
	}
	var digest [sha1.Size]byte
	return strings.ToUpper(hex.EncodeToString(mac.Sum(digest[:0])))
}

// compareJoined compares a.Name+a.Value with b.Name+b.Value without joining them.
func compareJoined(a, b upstream.Param) int {
	if len(a.Name) > len(b.Name) {
		return -compareJoined(b, a)
	}
	// b's name covers a's name and then meets a's value.
	if c := strings.Compare(a.Name, b.Name[:len(a.Name)]); c != 0 {
		return c
	}
	rest := b.Name[len(a.Name):]
	if n := len(rest); len(a.Value) >= n {
		return cmp.Or(strings.Compare(a.Value[:n], rest), strings.Compare(a.Value[n:], b.Value))
	}
	// a ends within b's name: it is a proper prefix at best, and a prefix comes first.
	return cmp.Or(strings.Compare(a.Value, rest[:len(a.Value)]), -1)
}

// write feeds text to h by way of chunk, since a conversion would copy all of it at once.
func write(h hash.Hash, chunk []byte, text string) {
	for len(text) > 0 {
		n := copy(chunk, text)
		h.Write(chunk[:n])
		text = text[n:]
	}
}
