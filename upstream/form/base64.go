package form

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// The bytes of a photo that are encoded at a time: multiples of three, so that only the end is padded. A comparison of
// two photos is over after a few bytes as a rule.
const (
	pieceBytes   = 24 << 10
	compareBytes = 48
)

// escapedLength is what one of +, / and = takes in a form.
const escapedLength = len("%2B")

// encoder gives a photo's base64 piece by piece.
type encoder struct {
	from io.Reader
	left int64
	raw  []byte
	text []byte
}

// open begins a photo anew. The buffers are the encoder's for good.
func (e *encoder) open(p upstream.Photo, piece int) {
	if e.raw == nil {
		e.raw = make([]byte, min(int64(piece), max(roundUp(p.Size()), 3)))
		e.text = make([]byte, base64.StdEncoding.EncodedLen(len(e.raw)))
	}
	e.from, e.left = p.Open(), p.Size()
}

func roundUp(n int64) int64 { return (n + 2) / 3 * 3 }

// next gives the next piece, good until the call after it; io.EOF after the last one.
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

// atEnd gives io.EOF if the photo is really over.
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

// formBytes is what base64 takes in a form.
func formBytes(text []byte) int64 {
	special := bytes.Count(text, []byte{'+'}) + bytes.Count(text, []byte{'/'}) + bytes.Count(text, []byte{'='})
	return int64(len(text) + special*(escapedLength-1))
}

// escaped is how a form writes a letter of base64 that it does not leave alone; empty for the others.
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

// escape writes as much of base64 into to as fits, and tells how much of each it was. Letters that the form leaves alone
// are copied a run at a time: this passes over every byte of every photo.
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

// plain is how many bytes of base64 come before the first that is escaped.
func plain(text []byte) int {
	for i, letter := range text {
		if letter == '+' || letter == '/' || letter == '=' {
			return i
		}
	}
	return len(text)
}
