package form

import (
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// body is a form that is produced while it is read.
type body struct {
	// mu makes Close end all reading: a transport may still read after its caller has left, and the photo may by then
	// have another owner.
	mu     sync.Mutex
	text   []byte
	done   int
	photos []slot
	// left is how many bytes are still to come.
	left int64

	encoder encoder
	// inside is true while the first of photos is being read; piece is the encoded part that was not read yet.
	inside bool
	piece  []byte
	// rest is the part of an escape that did not fit.
	rest string
	err  error
}

func newBody(text []byte, photos []slot, length int64) *body {
	return &body{text: text, photos: photos, left: length}
}

// Read implements io.Reader. The last bytes are delivered only when it is known that nothing follows: a server must not
// take a photo that changed for a complete one.
func (b *body) Read(to []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	to = to[:min(int64(len(to)), b.left)]
	n := 0
	for n < len(to) && b.err == nil {
		n += b.some(to[n:])
	}
	if int64(n) == b.left && !b.over() {
		n = 0
	}
	b.left -= int64(n)
	if errors.Is(b.err, io.EOF) && b.left > 0 {
		b.err = changed()
	}
	if n > 0 && !errors.Is(b.err, io.EOF) {
		return n, nil // The next call returns the error.
	}
	return n, b.err
}

// over reports whether the body has ended, and sets the error if there are bytes too many.
func (b *body) over() bool {
	var next [1]byte
	for b.err == nil {
		if b.some(next[:]) > 0 {
			b.err = changed()
		}
	}
	return errors.Is(b.err, io.EOF)
}

func changed() error {
	return fault.New(fault.Internal, "the photo changed while it was being sent")
}

// some writes the next bytes, and sets the error that ends the body.
func (b *body) some(to []byte) int {
	if b.inside {
		return b.somePhoto(to)
	}
	end := len(b.text)
	if len(b.photos) > 0 {
		end = b.photos[0].at
	}
	n := copy(to, b.text[b.done:end])
	b.done += n
	switch {
	case b.done < end:
	case len(b.photos) == 0:
		b.err = io.EOF
	default:
		b.inside = true
		b.encoder.open(b.photos[0].photo, pieceBytes)
	}
	return n
}

func (b *body) somePhoto(to []byte) int {
	if b.rest != "" {
		n := copy(to, b.rest)
		b.rest = b.rest[n:]
		return n
	}
	if len(b.piece) == 0 {
		piece, err := b.encoder.next()
		switch {
		case errors.Is(err, io.EOF):
			b.inside, b.photos = false, b.photos[1:]
			return 0
		case err != nil:
			b.err = err
			return 0
		}
		b.piece = piece
	}
	n, taken := escape(to, b.piece)
	if taken == 0 {
		b.rest, taken = escaped(b.piece[0]), 1
	}
	b.piece = b.piece[taken:]
	return n
}

// Close ends all reading: when it returns, no photo is used any more.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = http.ErrBodyReadAfterClose
	b.text, b.photos, b.encoder, b.piece, b.rest = nil, nil, encoder{}, nil, ""
	b.done, b.inside = 0, false
	return nil
}
