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
	// mu lets Close be the end of all reading: a transport may still read when its caller has left already, and the
	// photo may be another's by then.
	mu     sync.Mutex
	text   []byte
	done   int
	photos []slot
	// left is how many bytes are still promised.
	left int64

	encoder encoder
	// inside tells that the first of photos is being read; piece is what was encoded of it and not read yet.
	inside bool
	piece  []byte
	// rest is what did not fit of an escape.
	rest string
	err  error
}

func newBody(text []byte, photos []slot, length int64) *body {
	return &body{text: text, photos: photos, left: length}
}

// Read implements io.Reader. What would complete the body is given away only when nothing follows it: a server must not
// take a photo that changed for a whole one.
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
		return n, nil // An error comes by itself, the next time.
	}
	return n, b.err
}

// over tells whether nothing is to come any more, and sets the error if something is.
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

// some writes what comes next, and sets the error that ends the body.
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

// Close ends all reading: none of the photos is touched any more when it returns.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = http.ErrBodyReadAfterClose
	b.text, b.photos, b.encoder, b.piece, b.rest = nil, nil, encoder{}, nil, ""
	b.done, b.inside = 0, false
	return nil
}
