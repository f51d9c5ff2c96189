package imaging

import "encoding/binary"

// Flags of the VP8X chunk.
const (
	webpAnimation = 1 << 1
	webpAlpha     = 1 << 4
)

const (
	riffHeader  = 12
	chunkHeader = 8
	vp8xBytes   = 10
)

// webpWalk is the state of a walk through a WebP.
type webpWalk struct {
	*Picture
	*cursor
	riffEnd  int64
	extended bool // there is a VP8X chunk
	alpha    part // the ALPH chunk
	image    part
	lossless bool
	exifSeen bool
}

// walkWebP goes from chunk to chunk to the end that the RIFF header states. A WebP is never sent: what is kept is what its
// decoder needs, the pixels and their alpha plane, in a file without faults that the decoder would stumble over.
func (p *Picture) walkWebP(c *cursor) error {
	w := &webpWalk{Picture: p, cursor: c}
	b, err := c.take(riffHeader)
	if err != nil {
		return err
	}
	w.riffEnd = int64(binary.LittleEndian.Uint32(b[4:])) + 8
	if w.riffEnd > p.size {
		return errShort
	}
	for c.pos()+chunkHeader <= w.riffEnd {
		if err := w.chunk(); err != nil {
			return err
		}
	}
	return w.finish()
}

func (w *webpWalk) chunk() error {
	from := w.pos()
	b, err := w.take(chunkHeader)
	if err != nil {
		return err
	}
	name, n := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
	end := from + chunkHeader + n
	if end > w.riffEnd {
		return errShort
	}
	riff := part{from: from, n: end - from}
	switch name {
	case "VP8X":
		err = w.canvas(from, n)
	case "VP8 ", "VP8L":
		if w.image.n == 0 { // the first of several is used
			w.image = riff
			err = w.frame(name, n)
		}
	case "ALPH":
		if w.image.n == 0 {
			w.alpha = riff
		}
	case "EXIF":
		err = w.exif(n)
	case "ANIM", "ANMF":
		err = WebP.lacking("animation")
	}
	if err != nil {
		return err
	}
	padded := min(end+n&1, w.riffEnd) // the last chunk's padding is often forgotten
	return w.skip(padded - w.pos())
}

// canvas reads the extended header.
func (w *webpWalk) canvas(from, n int64) error {
	if from != riffHeader || n != vp8xBytes {
		return WebP.damaged("its extended header is invalid")
	}
	b, err := w.take(vp8xBytes)
	if err != nil {
		return err
	}
	if b[0]&webpAnimation != 0 {
		return WebP.lacking("animation")
	}
	w.extended = true
	width := int(b[4]) | int(b[5])<<8 | int(b[6])<<16
	height := int(b[7]) | int(b[8])<<8 | int(b[9])<<16
	return w.setSize(width+1, height+1)
}

// frame reads the header of the pixels, lossy or lossless.
func (w *webpWalk) frame(name string, n int64) error {
	w.lossless = name == "VP8L"
	var width, height int
	var err error
	if w.lossless {
		width, height, err = w.losslessHeader(n)
	} else {
		width, height, err = w.lossyHeader(n)
	}
	if err != nil {
		return err
	}
	if w.extended && (width != w.info.Width || height != w.info.Height) {
		return WebP.damaged("its pixels do not fit its canvas")
	}
	return w.setSize(width, height)
}

// lossyHeader reads a VP8 key frame's header (RFC 6386, 9.1).
func (w *webpWalk) lossyHeader(n int64) (width, height int, err error) {
	const headerBytes = 10
	if n < headerBytes {
		return 0, 0, errShort
	}
	b, err := w.take(headerBytes)
	if err != nil {
		return 0, 0, err
	}
	tag := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
	if tag&1 != 0 || b[3] != 0x9d || b[4] != 0x01 || b[5] != 0x2a {
		return 0, 0, WebP.damaged("its pixels do not start with a key frame")
	}
	if partition := tag >> 5; headerBytes+partition > n {
		return 0, 0, errShort
	}
	const size = 1<<14 - 1
	return int(binary.LittleEndian.Uint16(b[6:])) & size, int(binary.LittleEndian.Uint16(b[8:])) & size, nil
}

// losslessHeader reads a VP8L header.
func (w *webpWalk) losslessHeader(n int64) (width, height int, err error) {
	const headerBytes = 5
	if n <= headerBytes {
		return 0, 0, errShort
	}
	b, err := w.take(headerBytes)
	if err != nil {
		return 0, 0, err
	}
	bits := binary.LittleEndian.Uint32(b[1:])
	if b[0] != 0x2f || bits>>29 != 0 {
		return 0, 0, WebP.damaged("its lossless pixels do not start with their header")
	}
	w.info.Alpha = bits>>28&1 == 1
	const size = 1<<14 - 1
	return 1 + int(bits&size), 1 + int(bits>>14&size), nil
}

// exif reads the orientation.
func (w *webpWalk) exif(n int64) error {
	if w.exifSeen {
		return nil
	}
	w.exifSeen = true
	b := make([]byte, min(n, exifMaxBytes))
	if err := w.read(b); err != nil {
		return err
	}
	w.info.Orientation = exifOrientation(b)
	return nil
}

// finish writes the file that is decoded.
func (w *webpWalk) finish() error {
	if w.image.n == 0 {
		return WebP.damaged("it has no pixels")
	}
	w.end(w.riffEnd)
	chunks := []part{w.image}
	if w.extended && !w.lossless && w.alpha.n > 0 {
		w.info.Alpha = true
		chunks = []part{w.alpha, w.image}
	}
	w.assemble(chunks)
	w.cost = w.decodeCost()
	return nil
}

// assemble writes the RIFF header, the canvas if there is an alpha plane, and the chunks, each padded to an even length.
func (w *webpWalk) assemble(chunks []part) {
	alpha := len(chunks) > 1
	size := int64(4)
	for _, chunk := range chunks {
		size += chunk.n + chunk.n&1
	}
	if alpha {
		size += chunkHeader + vp8xBytes
	}
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size))
	head = append(head, "WEBP"...)
	if alpha {
		width, height := w.info.Width-1, w.info.Height-1
		head = append(head, "VP8X\x0a\x00\x00\x00"...)
		head = append(head, webpAlpha, 0, 0, 0)
		head = append(head, byte(width), byte(width>>8), byte(width>>16))
		head = append(head, byte(height), byte(height>>8), byte(height>>16))
	}
	w.body.own(head)
	for _, chunk := range chunks {
		w.body.keep(chunk.from, chunk.from+chunk.n)
		if chunk.n&1 == 1 {
			w.body.put([]byte{0})
		}
	}
}

func (w *webpWalk) decodeCost() cost {
	switch {
	case w.lossless: // the packed picture, and an unpacked copy if there is a palette
		return cost{decoder: 64, convert: ycc420, turn: ycc420}
	case w.info.Alpha: // the alpha plane is a separate lossless picture
		return cost{decoder: 64 + 8 + ycc420, convert: ycc420, turn: ycc420}
	}
	return cost{decoder: ycc420, turn: ycc420}
}
