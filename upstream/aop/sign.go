package aop

import (
	"bytes"
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
	size := len(path)
	for _, p := range sorted {
		size += len(p.Name) + len(p.Value)
	}
	s := stream{to: hmac.New(sha1.New, []byte(appSecret.Reveal())), buf: make([]byte, 0, min(size, streamBytes))}
	s.write(path)
	for _, p := range sorted {
		s.write(p.Name)
		s.write(p.Value)
	}
	return s.digest()
}

// streamBytes is how much text is gathered before it is hashed. A usual search fits at once.
const streamBytes = 1024

// stream feeds text to a hash by way of a small buffer: a conversion would copy all of it at once.
type stream struct {
	to  hash.Hash
	buf []byte
}

func (s *stream) write(text string) {
	for len(text) > 0 {
		if len(s.buf) == cap(s.buf) {
			s.flush()
		}
		n := min(len(text), cap(s.buf)-len(s.buf))
		s.buf = append(s.buf, text[:n]...)
		text = text[n:]
	}
}

func (s *stream) flush() {
	s.to.Write(s.buf)
	s.buf = s.buf[:0]
}

// digest is the hash in upper-case hex.
func (s *stream) digest() string {
	s.flush()
	var sum [sha1.Size]byte
	var text [2 * sha1.Size]byte
	hex.Encode(text[:], s.to.Sum(sum[:0]))
	return string(bytes.ToUpper(text[:]))
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
