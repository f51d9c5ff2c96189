package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
)

const (
	gifExtension = 0x21
	gifImage     = 0x2c
	gifTrailer   = 0x3b

	gifLabelControl     = 0xf9
	gifLabelText        = 0x01
	gifLabelApplication = 0xff
)

// gifWalk is the state of a walk through a GIF.
type gifWalk struct {
	*Picture
	*cursor
	head        []byte // the screen descriptor
	frames      int
	inFirst     bool // the first frame is not complete yet
	colours     bool // there is a global colour table
	transparent bool
}

// walkGIF goes from block to block to the trailer, or to the end of a file that has none. A GIF is never sent: what is kept
// is what its decoder needs, the screen, the colours and the first frame with its control blocks. The decoder would refuse
// unknown extensions and a screen smaller than the frame.
func (p *Picture) walkGIF(c *cursor) error {
	w := &gifWalk{Picture: p, cursor: c}
	if err := w.screen(); err != nil {
		return err
	}
	for !p.body.full() {
		from := c.pos()
		last, err := w.block(from)
		switch {
		case errors.Is(err, errShort) && w.frames > 0 && !w.inFirst:
			// The first frame is complete, and nothing else is needed. Browsers show such files too.
			return w.finish(from)
		case err != nil:
			return err
		case last:
			return w.finish(c.pos())
		}
	}
	return nil
}

// block reads one block; last is true for the trailer.
func (w *gifWalk) block(from int64) (last bool, err error) {
	kind, err := w.byte()
	if err != nil {
		return false, err
	}
	switch kind {
	case gifExtension:
		return false, w.extension(from)
	case gifImage:
		return false, w.frame(from)
	case gifTrailer:
		return true, nil
	}
	return false, GIF.damaged("it has a block of an unknown kind")
}

func (w *gifWalk) screen() error {
	b, err := w.take(13)
	if err != nil {
		return err
	}
	flags := b[10]
	w.head = bytes.Clone(b)
	if err := w.setSize(int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))); err != nil {
		return err
	}
	if err := w.skip(gifTable(flags)); err != nil {
		return err
	}
	w.colours = gifTable(flags) > 0
	w.body.own(w.head) // place may enlarge the screen
	w.body.keep(int64(len(w.head)), w.pos())
	return nil
}

// gifTable is the length of the colour table in bytes, by the flags of a screen or a frame.
func gifTable(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (1 + flags&7)
}

func (w *gifWalk) extension(from int64) error {
	b, err := w.take(2)
	if err != nil {
		return err
	}
	label, n := b[0], b[1]
	switch label {
	case gifLabelControl:
		return w.control(from, n)
	case gifLabelText:
		if n != 12 {
			return GIF.damaged("a text block has a wrong size")
		}
	case gifLabelApplication:
		if n == 0 {
			return GIF.damaged("an application block has a wrong size")
		}
	}
	return w.blocks(n)
}

// control reads the block with the transparent colour. Those before the first frame are kept.
func (w *gifWalk) control(from int64, n byte) error {
	b, err := w.take(5)
	if err != nil {
		return err
	}
	if n != 4 || b[4] != 0 {
		return GIF.damaged("a control block has a wrong size")
	}
	if w.frames == 0 {
		w.transparent = w.transparent || b[0]&1 != 0
		w.body.keep(from, w.pos())
	}
	return nil
}

// blocks skips data blocks up to the empty one that ends them; n is the length of the first.
func (w *gifWalk) blocks(n byte) error {
	for n > 0 {
		if err := w.skip(int64(n)); err != nil {
			return err
		}
		var err error
		if n, err = w.byte(); err != nil {
			return err
		}
	}
	return nil
}

func (w *gifWalk) frame(from int64) error {
	b, err := w.take(9)
	if err != nil {
		return err
	}
	flags := b[8]
	first := w.frames == 0
	w.frames++
	if first {
		w.inFirst = true
		if err := w.place(b); err != nil {
			return err
		}
	}
	if err := w.skip(gifTable(flags)); err != nil {
		return err
	}
	if b, err = w.take(2); err != nil { // the bits of the first code, then the length of the first block
		return err
	}
	if first && (b[0] < 2 || b[0] > 8 || b[1] == 0) {
		return GIF.damaged("its first frame has no pixels")
	}
	if err := w.blocks(b[1]); err != nil {
		return err
	}
	if first {
		w.inFirst = false
		w.body.keep(from, w.pos())
	}
	return nil
}

// place checks the position of the first frame on the screen, by its descriptor. A screen that is too small is
// enlarged, as browsers do.
func (w *gifWalk) place(b []byte) error {
	x, y := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
	width, height := int(binary.LittleEndian.Uint16(b[4:])), int(binary.LittleEndian.Uint16(b[6:]))
	if width == 0 || height == 0 {
		return GIF.damaged("its first frame is empty")
	}
	if x+width > math.MaxUint16 || y+height > math.MaxUint16 {
		return GIF.damaged("its first frame is outside the largest possible screen")
	}
	if x+width > w.info.Width || y+height > w.info.Height {
		if err := w.setSize(max(x+width, w.info.Width), max(y+height, w.info.Height)); err != nil {
			return err
		}
		binary.LittleEndian.PutUint16(w.head[6:], uint16(w.info.Width))
		binary.LittleEndian.PutUint16(w.head[8:], uint16(w.info.Height))
	}
	if gifTable(b[8]) == 0 && !w.colours {
		return GIF.damaged("it has no colours")
	}
	w.info.Alpha = w.transparent || width < w.info.Width || height < w.info.Height
	return nil
}

func (w *gifWalk) finish(at int64) error {
	if w.frames == 0 {
		return GIF.damaged("it has no pixels")
	}
	w.info.Animated = w.frames > 1
	w.body.put([]byte{gifTrailer})
	w.end(at)
	w.cost = cost{decoder: 16, convert: ycc420, turn: ycc420} // interlaced rows are sorted into a second copy
	return nil
}
