package form

import (
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// gatherBytes is how much text is gathered before it is hashed: hashes take no strings, and a conversion would copy the
// text. A typical search fits. At the end, the same memory has room for the hash and its hex.
const gatherBytes = 1024

// Digest feeds texts and parameters to a hash.
type Digest struct {
	to         hash.Hash
	buf        []byte
	encoder    encoder
	photoBytes int64
}

// NewDigest starts a digest. expect is roughly how many bytes of text will come, without photos.
func NewDigest(h hash.Hash, expect int) *Digest {
	return &Digest{to: h, buf: make([]byte, 0, min(max(expect, 3*h.Size()), gatherBytes))}
}

// Text adds a text.
func (d *Digest) Text(text string) {
	for len(text) > 0 {
		if len(d.buf) == cap(d.buf) {
			d.flush()
		}
		n := min(len(text), cap(d.buf)-len(d.buf))
		d.buf = append(d.buf, text[:n]...)
		text = text[n:]
	}
}

func (d *Digest) flush() {
	d.to.Write(d.buf)
	d.buf = d.buf[:0]
}

// Param adds a parameter's name and text. It fails if the photo cannot be read or does not have its stated size.
func (d *Digest) Param(p upstream.Param) error {
	d.Text(p.Name)
	d.Text(p.Value)
	if p.Photo != nil {
		if err := d.photo(p.Photo); err != nil {
			return err
		}
	}
	d.Text(p.Tail)
	return nil
}

func (d *Digest) photo(p upstream.Photo) error {
	d.flush()
	d.encoder.open(p, pieceBytes)
	for {
		text, err := d.encoder.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		d.to.Write(text)
		d.photoBytes += formBytes(text)
	}
}

// PhotoBytes is how many bytes the photos added so far take in a form.
func (d *Digest) PhotoBytes() int64 { return d.photoBytes }

// Hex ends the digest and returns it in upper-case hex.
func (d *Digest) Hex() string {
	d.flush()
	sum := d.to.Sum(d.buf)
	text := hex.AppendEncode(sum, sum)[len(sum):]
	for i, digit := range text {
		if digit >= 'a' {
			text[i] = digit - 'a' + 'A'
		}
	}
	return string(text)
}
