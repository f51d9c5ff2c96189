package imaging

import (
	"encoding/binary"
	"errors"
)

// maxHeifMeta bounds the description of an HEIC or AVIF. A phone's photo has a few KB.
const maxHeifMeta = 1 << 20

// heifWalk is the state of a walk through an HEIC or AVIF. Both are ISO base media files: nested boxes with a length, a
// name and a body (ISO/IEC 14496-12, 23008-12).
type heifWalk struct {
	*Picture
	*cursor
	described bool  // the description was read
	pixelsEnd int64 // where the last bytes end that the description refers to
}

// walkHEIF goes from box to box. It cuts nothing: such a file is never sent, only its pixels as JPEG.
func (p *Picture) walkHEIF(c *cursor) error {
	w := &heifWalk{Picture: p, cursor: c}
	for w.left() > 0 {
		from := w.pos()
		err := w.box()
		if complete := w.described && w.pixelsEnd <= from; complete && (errors.Is(err, errShort) || errors.Is(err, errNoBox)) {
			break // a trailer that is no box, or a truncated box without pixels
		}
		if err != nil {
			return err
		}
		p.body.list = nil
		p.body.keep(0, w.pos())
	}
	if !w.described {
		return p.info.Format.damaged("it describes no image")
	}
	if w.pixelsEnd > p.body.size() {
		return errShort
	}
	w.end(p.body.size())
	p.mustDecode = true
	return nil
}

var errNoBox = errors.New("imaging: a box is shorter than its own header")

// box reads one box at the top level.
func (w *heifWalk) box() error {
	b, err := w.take(8)
	if err != nil {
		return err
	}
	n, name, head := uint64(binary.BigEndian.Uint32(b)), string(b[4:8]), uint64(8)
	switch n {
	case 0: // to the end of the file
		n = head + uint64(w.left())
	case 1:
		if b, err = w.take(8); err != nil {
			return err
		}
		n, head = binary.BigEndian.Uint64(b), 16
	}
	if n < head {
		return errNoBox
	}
	if n -= head; n > uint64(w.left()) {
		return errShort
	}
	if name != "meta" || w.described {
		return w.skip(int64(n))
	}
	if n > maxHeifMeta {
		return w.info.Format.lacking("so long a description")
	}
	at := w.pos()
	body := make([]byte, n)
	if err := w.read(body); err != nil {
		return err
	}
	if err := w.describe(body, at); err != nil {
		return err
	}
	w.described = true
	return nil
}

// describe reads from the description what must be known before decoding.
func (w *heifWalk) describe(body []byte, at int64) error {
	m, err := readHeifMeta(body)
	if err != nil {
		return w.info.Format.damaged("its description cannot be read").WithCause(err)
	}
	if err := w.setSize(m.width, m.height); err != nil {
		return err
	}
	if !m.decodedBy(map[Format]string{HEIC: "hvcC", AVIF: "av1C"}[w.info.Format]) {
		return w.info.Format.lacking("this pixel format")
	}
	if m.pixelsEnd > uint64(w.cursor.size) {
		return errShort
	}
	w.pixelsEnd = int64(m.pixelsEnd)
	w.colours = m.colours
	if w.info.Format == AVIF {
		w.info.Orientation = m.orientation
	} else if m.orientation >= 5 { // the decoder turns it upright
		w.info.Width, w.info.Height = w.info.Height, w.info.Width
	}
	if m.profile != nil && len(m.profile) <= maxCarriedICC-64 {
		head := append([]byte(iccPrefix), 1, 1)
		segment := jpegSegment(markAPP2, head)
		binary.BigEndian.PutUint16(segment[2:], uint16(2+len(head)+len(m.profile)))
		w.icc = []part{{literal: segment, n: int64(len(segment))}, {from: at + int64(m.profileAt), n: int64(len(m.profile))}}
	}
	w.cost = heifCost(w.info.Format)
	return nil
}

// heifCost is the measured memory of the decoders: the memory they run in, and the copy of the pixels. The decoder's
// memory is released before pixels are converted.
func heifCost(f Format) cost {
	if f == AVIF {
		return cost{decoder: avifBits + 32, copied: 32, fixed: wasmBytes, turn: ycc420}
	}
	return cost{decoder: heicBits + 24, copied: 24, fixed: wasmBytes}
}

const (
	// wasmBytes is the memory of a decoder itself, for any picture.
	wasmBytes = 8 << 20
	// heicBits and avifBits are the memory for each pixel.
	heicBits = 64
	avifBits = 200
)
