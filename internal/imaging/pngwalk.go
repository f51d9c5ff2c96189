package imaging

import (
	"encoding/binary"
	"hash/crc32"
)

// pngKept are the ancillary chunks that stay, because colours or transparency need them. Text, EXIF, time, physical
// size, histograms, animation and private chunks are cut.
var pngKept = map[string]bool{
	"tRNS": true, "cHRM": true, "gAMA": true, "iCCP": true, "sBIT": true, "sRGB": true, "cICP": true,
	"mDCV": true, "cLLI": true,
}

// pngDepths are the bit depths that each colour type may have.
var pngDepths = map[byte][]byte{
	pngGray: {1, 2, 4, 8, 16}, pngRGB: {8, 16}, pngPalette: {1, 2, 4, 8}, pngGrayAlpha: {8, 16}, pngRGBA: {8, 16},
}

const (
	pngGray      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBA      = 6
)

// pngWalk is the state of a walk through a PNG.
type pngWalk struct {
	*Picture
	*cursor
	colour, depth byte
	interlaced    bool
	palette       bool
	data          pngData
	seen          map[string]bool
}

// pngData is where the walk is relative to the compressed pixels, which must be in one run.
type pngData uint8

const (
	beforeData pngData = iota
	inData
	afterData
)

// walkPNG goes from chunk to chunk to IEND and checks every checksum.
func (p *Picture) walkPNG(c *cursor) error {
	w := &pngWalk{Picture: p, cursor: c, seen: map[string]bool{}}
	if err := c.skip(int64(len(pngSignature))); err != nil {
		return err
	}
	if err := w.header(); err != nil {
		return err
	}
	for {
		last, err := w.chunk()
		if err != nil {
			return err
		}
		if last {
			return w.finish()
		}
	}
}

// begin reads a chunk's length and name.
func (w *pngWalk) begin() (n int64, name string, err error) {
	b, err := w.take(8)
	if err != nil {
		return 0, "", err
	}
	n, name = int64(binary.BigEndian.Uint32(b)), string(b[4:8])
	if n > 1<<31-1 {
		return 0, "", PNG.damaged("a chunk is longer than a chunk may be")
	}
	if n+4 > w.left() {
		return 0, "", errShort
	}
	return n, name, nil
}

// check compares the checksum after a chunk.
func (w *pngWalk) check(sum uint32) error {
	b, err := w.take(4)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(b) != sum {
		return PNG.damaged("a checksum does not match")
	}
	return nil
}

func (w *pngWalk) header() error {
	const headerBytes = 13
	n, name, err := w.begin()
	if err != nil {
		return err
	}
	if name != "IHDR" || n != headerBytes {
		return PNG.damaged("it does not start with its header")
	}
	b, err := w.take(headerBytes)
	if err != nil {
		return err
	}
	width, height := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if err := w.setSize(int(width), int(height)); err != nil {
		return err
	}
	w.depth, w.colour = b[8], b[9]
	fits := false
	for _, d := range pngDepths[w.colour] {
		fits = fits || d == w.depth
	}
	if !fits || b[10] != 0 || b[11] != 0 || b[12] > 1 {
		return PNG.damaged("its header holds invalid values")
	}
	w.interlaced = b[12] == 1
	w.info.Alpha = w.colour == pngGrayAlpha || w.colour == pngRGBA
	sum := crc32.Update(crc32.ChecksumIEEE([]byte(name)), crc32.IEEETable, b)
	if err := w.check(sum); err != nil {
		return err
	}
	w.body.keep(0, w.pos())
	return nil
}

// chunk reads one chunk and decides whether to keep it; last is true for IEND.
func (w *pngWalk) chunk() (last bool, err error) {
	from := w.pos()
	n, name, err := w.begin()
	if err != nil {
		return false, err
	}
	keep, err := w.judge(name, n)
	if err != nil {
		return false, err
	}
	var exif []byte
	sum := crc32.ChecksumIEEE([]byte(name))
	err = w.each(n, func(piece []byte) {
		sum = crc32.Update(sum, crc32.IEEETable, piece)
		if name == "eXIf" && n <= exifMaxBytes {
			exif = append(exif, piece...)
		}
	})
	if err != nil {
		return false, err
	}
	if err := w.check(sum); err != nil {
		return false, err
	}
	if exif != nil && w.info.Orientation == 1 {
		w.info.Orientation = exifOrientation(exif)
	}
	if keep {
		w.body.keep(from, w.pos())
	}
	return name == "IEND", nil
}

// judge checks a chunk's position and reports whether it stays.
func (w *pngWalk) judge(name string, n int64) (keep bool, err error) {
	if w.data == inData && name != "IDAT" {
		w.data = afterData
	}
	switch name {
	case "IDAT":
		if w.data == afterData {
			return false, PNG.damaged("its pixels are interrupted")
		}
		if w.colour == pngPalette && !w.palette {
			return false, PNG.damaged("its palette is missing")
		}
		w.data = inData
		return true, nil
	case "PLTE":
		if w.palette || w.data != beforeData || n == 0 || n%3 != 0 || n > 3*256 {
			return false, PNG.damaged("its palette is not one")
		}
		w.palette = true
		return true, nil
	case "IEND":
		if w.data == beforeData || n != 0 {
			return false, PNG.damaged("it has no pixels")
		}
		return true, nil
	case "acTL":
		w.info.Animated = true
		return false, nil
	}
	if critical := name[0]&0x20 == 0; critical { // upper-case first letter: decoders must support it
		return false, PNG.damaged("it has an unknown critical chunk")
	}
	return w.ancillary(name), nil
}

// ancillary reports whether an optional chunk stays. Colour chunks are valid only once and before the pixels.
func (w *pngWalk) ancillary(name string) bool {
	if !pngKept[name] || w.seen[name] || w.data != beforeData {
		return false
	}
	w.seen[name] = true
	if name == "tRNS" {
		w.info.Alpha = true
	}
	return true
}

func (w *pngWalk) finish() error {
	w.end(w.pos())
	keyed := w.info.Alpha && (w.colour == pngGray || w.colour == pngRGB)
	var bits int64
	switch {
	case w.depth == 16 && w.colour == pngGray && !keyed:
		bits = 16
	case w.depth == 16:
		bits = 64
	case (w.colour == pngGray || w.colour == pngPalette) && !keyed:
		bits = 8
	default:
		bits = 32
	}
	w.cost = cost{decoder: bits, convert: ycc420, turn: ycc420}
	if w.interlaced {
		w.cost.decoder *= 2 // each pass is a separate picture before it is merged
	}
	return nil
}
