package form

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// The photo bytes that are encoded at a time: multiples of three, so that only the end is padded. A comparison of two
// photos usually needs only a few bytes.
const (
	pieceBytes   = 24 << 10
	compareBytes = 48
)

// escapedLength is the length of +, / and = in a form.
const escapedLength = len("%2B")

// encoder produces a photo's base64 in pieces.
type encoder struct {
	from io.Reader
	left int64
	raw  []byte
	text []byte
}

// open starts a photo. The encoder reuses its buffers.
func (e *encoder) open(p upstream.Photo, piece int) {
	if e.raw == nil {
		e.raw = make([]byte, min(int64(piece), max(roundUp(p.Size()), 3)))
		e.text = make([]byte, base64.StdEncoding.EncodedLen(len(e.raw)))
	}
	e.from, e.left = p.Open(), p.Size()
}

func roundUp(n int64) int64 { return (n + 2) / 3 * 3 }

// next returns the next piece, valid until the next call; io.EOF after the last one.
func (e *encoder) next() ([]byte, error) {
	if e.left <= 0 {
		return nil, e.atEnd()
	}
	n := min(e.left, int64(len(e.raw)))
	if _, err := io.ReadFull(e.from, e.raw[:n]); err != nil {
		return nil, e.broken(err)
	}
	e.left -= n
	text := e.text[:base64.StdEncoding.EncodedLen(int(n))]
	base64.StdEncoding.Encode(text, e.raw[:n])
	return text, nil
}

// atEnd returns io.EOF if the photo has really ended.
func (e *encoder) atEnd() error {
	switch _, err := io.ReadFull(e.from, e.raw[:1]); {
	case errors.Is(err, io.EOF):
		return io.EOF
	case err == nil:
		return fault.New(fault.Internal, "the photo is longer than its size")
	default:
		return e.broken(err)
	}
}

func (*encoder) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.Internal, "the photo is shorter than its size")
	}
	return fault.New(fault.Internal, "the photo cannot be read").WithCause(err)
}

// formBytes is the length of base64 in a form.
func formBytes(text []byte) int64 {
	special := bytes.Count(text, []byte{'+'}) + bytes.Count(text, []byte{'/'}) + bytes.Count(text, []byte{'='})
	return int64(len(text) + special*(escapedLength-1))
}

// escaped is the escape of a base64 letter in a form; empty for letters that need none.
func escaped(letter byte) string {
	switch letter {
	case '+':
		return "%2B"
	case '/':
		return "%2F"
	case '=':
		return "%3D"
	default:
		return ""
	}
}

// escape writes as much base64 into to as fits, and returns how many bytes it read and wrote. Letters without an escape
// are copied in runs: every byte of every photo passes here.
func escape(to, text []byte) (written, taken int) {
	for taken < len(text) && written < len(to) {
		rest := text[taken:]
		n := copy(to[written:], rest[:plain(rest)])
		written += n
		taken += n
		if n == len(rest) || len(to)-written < escapedLength {
			break
		}
		written += copy(to[written:], escaped(text[taken]))
		taken++
	}
	return written, taken
}

// plain counts the base64 bytes before the first one that needs an escape. It looks at eight at once: every byte of every photo
// passes here, and a letter that needs an escape comes after some thirty that do not.
func plain(text []byte) int {
	n := 0
	for ; len(text)-n >= 8; n += 8 {
		if at := special(binary.LittleEndian.Uint64(text[n:])); at < 8 {
			return n + at
		}
	}
	for ; n < len(text); n++ {
		if escaped(text[n]) != "" {
			break
		}
	}
	return n
}

// special is the place of the first +, / or = among eight letters of base64, the first of which is the lowest byte; 8 for none. Of
// all letters only + and / are below the digits. A byte x is below n if x-n borrows from its highest bit. What is found after the
// first place may be wrong, because the borrow goes on to the next byte.
func special(letters uint64) int {
	const each, highest = 0x0101010101010101, 0x8080808080808080
	padding := letters ^ '='*each
	found := ((letters-'0'*each)&^letters | (padding-each)&^padding) & highest
	return bits.TrailingZeros64(found) / 8
}
