package batch

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"math"
	"slices"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// A token is base64url without padding of: the version, the request's hash, the time the batch began (milliseconds since
// 1970, uvarint), runs of equal states, and a CRC-32 of all that. A run is a number of keywords (uvarint) and their state
// (one byte): twice the number of answered pages, plus one if the keyword has ended. Keywords after the last run have no
// answer yet.
//
// Workers take keywords in order, so nearly all are either done or not begun: two or three runs. In the worst case, no two
// neighbours equal, a keyword takes 2 bytes.
const tokenVersion = 2

// tokenBytesMax is what a token of the largest batch takes at most; nothing longer is read.
const tokenBytesMax = 1 + hashBytes + binary.MaxVarintLen64 + KeywordsMax*2 + 4

const hashBytes = 16

// requestHash identifies the request of a token. A forged match gains nothing: it only asks for products the caller may ask
// for anyway. 128 bits prevent accidental matches.
type requestHash [hashBytes]byte

// hashOf hashes the request. Unset fields are skipped, so that new fields of the contract do not change the hash. It does
// not use a library's encoding, which may change between versions.
func hashOf(p *plan) requestHash {
	h := sha256.New()
	writeNumber(h, uint64(len(p.keywords)))
	for _, keyword := range p.keywords {
		writeText(h, Canonical(keyword))
	}
	writeNumber(h, uint64(p.pages))
	writeNumber(h, uint64(p.size))
	writeMessage(h, p.request.ProtoReflect(), "keywords", "pages", "page_size", "resume_token")
	return requestHash(h.Sum(nil)[:hashBytes])
}

// writeMessage writes the set fields in order of their numbers, except some.
func writeMessage(h hash.Hash, m protoreflect.Message, but ...protoreflect.Name) {
	var set []protoreflect.FieldDescriptor
	m.Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if !slices.Contains(but, field.Name()) {
			set = append(set, field)
		}
		return true
	})
	slices.SortFunc(set, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number()) - int(b.Number()) })
	writeNumber(h, uint64(len(set)))
	for _, field := range set {
		writeNumber(h, uint64(field.Number()))
		value := m.Get(field)
		if !field.IsList() {
			writeValue(h, field, value)
			continue
		}
		writeNumber(h, uint64(value.List().Len()))
		for i := range value.List().Len() {
			writeValue(h, field, value.List().Get(i))
		}
	}
}

func writeValue(h hash.Hash, field protoreflect.FieldDescriptor, value protoreflect.Value) {
	if field.Message() != nil {
		writeMessage(h, value.Message())
		return
	}
	writeText(h, value.String()) // Text, a number's digits, or true: each is one value of its field's type.
}

func writeNumber(h hash.Hash, n uint64) { _, _ = h.Write(binary.AppendUvarint(nil, n)) }

func writeText(h hash.Hash, text string) {
	writeNumber(h, uint64(len(text)))
	_, _ = h.Write([]byte(text))
}

// token encodes the progress. Every message has a token, so it looks only at keywords between the finished ones at the beginning,
// which are one run, and those without an answer at the end.
func (p *plan) token() string {
	b := append([]byte{tokenVersion}, p.hash[:]...)
	b = binary.AppendUvarint(b, uint64(max(p.began.UnixMilli(), 0)))
	for p.lead < p.end && p.finished(p.lead) && p.state(p.lead) == p.state(0) {
		p.lead++
	}
	for i := 0; i < p.end; {
		state, first := p.state(i), i
		i = max(i, p.lead)
		for i < p.end && p.state(i) == state {
			i++
		}
		b = binary.AppendUvarint(b, uint64(i-first))
		b = append(b, state)
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.RawURLEncoding.EncodeToString(b)
}

func (p progress) state(keyword int) byte {
	state := byte(p.answered[keyword]) << 1
	if p.ended[keyword] {
		state |= 1
	}
	return state
}

// readToken decodes the time a batch began and its progress, for a request with this hash and these counts.
func readToken(token string, of requestHash, keywords int, pages int32) (time.Time, progress, error) {
	foreign := func(why string) (time.Time, progress, error) {
		return time.Time{}, progress{}, fault.New(fault.ResumeTokenInvalid, "the resume token %s", why).
			WithField("resume_token", fault.ResumeTokenInvalid.String(), "must be one that this request was given")
	}
	if len(token) > base64.RawURLEncoding.EncodedLen(tokenBytesMax) {
		return foreign("is not one of ours")
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 1+hashBytes+1+4 || b[0] != tokenVersion {
		return foreign("is not one of ours")
	}
	b, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(b) != sum {
		return foreign("is not one of ours")
	}
	if requestHash(b[1:1+hashBytes]) != of {
		return foreign("belongs to another request")
	}
	began, n := binary.Uvarint(b[1+hashBytes:])
	p := newProgress(keywords)
	if n <= 0 || began > math.MaxInt64 || !p.read(b[1+hashBytes+n:], pages) {
		return foreign("is not one of ours")
	}
	return time.UnixMilli(int64(began)), p, nil
}

// read reads runs.
func (p progress) read(b []byte, pages int32) bool {
	at := 0
	for len(b) > 0 {
		run, n := binary.Uvarint(b)
		if n <= 0 || n == len(b) || run == 0 || run > uint64(len(p.answered)-at) {
			return false
		}
		answered, ended := int32(b[n]>>1), b[n]&1 == 1
		if answered > pages || ended && (answered == 0 || answered == pages) {
			return false
		}
		for range run {
			p.answered[at], p.ended[at] = answered, ended
			at++
		}
		b = b[n+1:]
	}
	return true
}
