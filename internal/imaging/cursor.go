package imaging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// errShort means that the file ends before a structure in it is complete.
var errShort = errors.New("the file ends too early")

const cursorBuffer = 32 << 10

// cursor walks forwards through a source with one small buffer, and knows its position.
type cursor struct {
	ctx  context.Context
	src  io.ReaderAt
	size int64

	base    int64 // offset of buf[0]
	at      int   // next byte is buf[at]
	buf     []byte
	storage [cursorBuffer]byte
	field   [64]byte // returned by take
}

func newCursor(ctx context.Context, src io.ReaderAt, size int64) *cursor {
	return &cursor{ctx: ctx, src: src, size: size}
}

// pos is the offset of the next byte.
func (c *cursor) pos() int64 { return c.base + int64(c.at) }

// rewind goes back to the start.
func (c *cursor) rewind() { c.base, c.at, c.buf = 0, 0, nil }

// left is how many bytes follow.
func (c *cursor) left() int64 { return c.size - c.pos() }

// fill loads the buffer from the current position; errShort at the end of the file.
func (c *cursor) fill() error {
	if err := c.ctx.Err(); err != nil {
		return gone(c.ctx)
	}
	from := c.pos()
	n := min(c.size-from, cursorBuffer)
	if n <= 0 {
		return errShort
	}
	c.base, c.at, c.buf = from, 0, nil
	got, err := c.src.ReadAt(c.storage[:n], from)
	if got == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			return errShort
		}
		return fmt.Errorf("imaging: read the image: %w", err)
	}
	c.buf = c.storage[:got]
	return nil
}

func (c *cursor) byte() (byte, error) {
	if c.at == len(c.buf) {
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	b := c.buf[c.at]
	c.at++
	return b, nil
}

// read fills p.
func (c *cursor) read(p []byte) error {
	for len(p) > 0 {
		if c.at == len(c.buf) {
			if err := c.fill(); err != nil {
				return err
			}
		}
		n := copy(p, c.buf[c.at:])
		c.at += n
		p = p[n:]
	}
	return nil
}

// take reads n bytes (at most 64). The result is valid until the next take.
func (c *cursor) take(n int) ([]byte, error) {
	p := c.field[:n]
	return p, c.read(p)
}

// skip moves past n bytes, which must all exist.
func (c *cursor) skip(n int64) error {
	if n > c.left() {
		return errShort
	}
	if n <= int64(len(c.buf)-c.at) {
		c.at += int(n)
		return nil
	}
	c.base, c.at, c.buf = c.pos()+n, 0, nil
	return c.ctxErr()
}

func (c *cursor) ctxErr() error {
	if c.ctx.Err() != nil {
		return gone(c.ctx)
	}
	return nil
}

// each passes the next n bytes to f in pieces.
func (c *cursor) each(n int64, f func([]byte)) error {
	for n > 0 {
		if c.at == len(c.buf) {
			if err := c.fill(); err != nil {
				return err
			}
		}
		piece := c.buf[c.at:]
		piece = piece[:min(int64(len(piece)), n)]
		f(piece)
		c.at += len(piece)
		n -= int64(len(piece))
	}
	return nil
}

// skipTo moves to the next byte with this value.
func (c *cursor) skipTo(b byte) error {
	for {
		if c.at == len(c.buf) {
			if err := c.fill(); err != nil {
				return err
			}
		}
		if i := bytes.IndexByte(c.buf[c.at:], b); i >= 0 {
			c.at += i
			return nil
		}
		c.at = len(c.buf)
	}
}

// gone is the fault for an ended context.
func gone(ctx context.Context) *fault.Fault { return fault.Ended(ctx, "while the image was read") }
