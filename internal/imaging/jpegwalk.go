package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Markers of ITU-T T.81, table B.1.
const (
	markSOF0  = 0xc0
	markSOF1  = 0xc1
	markSOF2  = 0xc2
	markDHT   = 0xc4
	markSOF15 = 0xcf
	markRST0  = 0xd0
	markRST7  = 0xd7
	markEOI   = 0xd9
	markSOS   = 0xda
	markDQT   = 0xdb
	markDRI   = 0xdd
	markAPP0  = 0xe0
	markAPP1  = 0xe1
	markAPP2  = 0xe2
	markAPP14 = 0xee
	markAPP15 = 0xef
	markCOM   = 0xfe
)

const (
	jfifPrefix  = "JFIF\x00"
	adobePrefix = "Adobe"
	iccPrefix   = "ICC_PROFILE\x00"

	jfifBytes  = 14 // up to and including the thumbnail's size
	adobeBytes = 12 // up to and including the colour transform

	// maxScans bounds the scans of a progressive JPEG. Encoders make about ten. Each one costs the decoder a pass over
	// the full picture, but the sender perhaps ten bytes.
	maxScans = 50
	// maxCarriedICC bounds a colour profile that is copied to a re-encoded JPEG. Camera profiles have 0.5 to 4 KB.
	maxCarriedICC = 64 << 10
)

// jpegWalk is the state of a walk through a JPEG.
type jpegWalk struct {
	*Picture
	*cursor
	scans       int
	inScan      bool // compressed pixels follow
	exifSeen    bool
	jfif        bool
	adobe       int // the Adobe colour transform; -1 if missing
	progressive bool
	components  []jpegComponent
	iccBytes    int64
	progress    jpegProgress
	unended     *jpegEnd // the end of the last scan, once the scans are complete
}

type jpegComponent struct{ id, h, v byte }

// jpegEnd is where a picture without an end-of-image marker ends.
type jpegEnd struct {
	body []part
	at   int64
}

// walkJPEG goes from segment to segment to the end-of-image marker. Some cameras leave the marker out, or write a
// trailer in its place. The picture then ends with its last scan, if that completes it.
func (p *Picture) walkJPEG(c *cursor) error {
	w := &jpegWalk{Picture: p, cursor: c, adobe: -1}
	if err := c.skip(2); err != nil {
		return err
	}
	p.body.keep(0, 2)
	for !p.body.full() {
		last, err := w.step()
		if w.unended != nil && (errors.Is(err, errShort) || fault.KindOf(err) == fault.ImageUnreadable) {
			return w.finishUnended()
		}
		if last || err != nil {
			return err
		}
	}
	return nil
}

// step reads one segment and the compressed pixels before it; last is true at the end of the picture.
func (w *jpegWalk) step() (last bool, err error) {
	from := w.pos()
	marker, at, err := w.next()
	if errors.Is(err, errShort) {
		at = w.cursor.size
	}
	if w.inScan && at > from { // bytes between other segments are junk and are cut
		w.body.keep(from, at)
		w.inScan = false
		if w.progress.complete() {
			w.unended = &jpegEnd{body: slices.Clone(w.body.list), at: at}
		}
	}
	switch {
	case err != nil:
		return false, err
	case marker == markEOI:
		return true, w.finish(at)
	}
	return false, w.segment(marker, at)
}

// next finds the next marker outside of compressed pixels: its code and the offset of its 0xff.
func (w *jpegWalk) next() (marker byte, at int64, err error) {
	for {
		if err = w.skipTo(0xff); err != nil {
			return 0, 0, err
		}
		for marker = 0xff; marker == 0xff; { // any number of 0xff may precede a marker
			if marker, err = w.byte(); err != nil {
				return 0, 0, err
			}
		}
		at = w.pos() - 2
		stuffed := marker == 0
		restart := markRST0 <= marker && marker <= markRST7
		if !stuffed && !restart {
			return marker, at, nil
		}
	}
}

// segment reads one segment after its marker and decides what to keep of it.
func (w *jpegWalk) segment(marker byte, at int64) error {
	n, err := w.length(marker)
	if err != nil {
		return err
	}
	end := w.pos() + n
	switch {
	case marker == markSOF0 || marker == markSOF1 || marker == markSOF2:
		w.progressive = marker == markSOF2
		err = w.frame(n)
		w.body.keep(at, end)
	case marker == markSOS:
		err = w.scan(n)
		w.body.keep(at, end)
	case marker == markDHT || marker == markDQT || marker == markDRI:
		w.body.keep(at, end)
	case markAPP0 <= marker && marker <= markAPP15:
		err = w.application(marker, at, n)
	case marker == markCOM:
	case marker <= markSOF15:
		return JPEG.lacking("lossless, hierarchical or arithmetic coding")
	default:
		return JPEG.damaged("it has an unknown marker")
	}
	if err != nil {
		return err
	}
	return w.skip(end - w.pos())
}

// length reads the length of a segment's body, which must be complete.
func (w *jpegWalk) length(marker byte) (int64, error) {
	if marker < markSOF0 || markRST7 < marker && marker < markEOI {
		return 0, JPEG.damaged("it has a marker where none may be")
	}
	b, err := w.take(2)
	if err != nil {
		return 0, err
	}
	n := int64(binary.BigEndian.Uint16(b)) - 2
	if n < 0 {
		return 0, JPEG.damaged("a segment is shorter than its own length")
	}
	if n > w.left() {
		return 0, errShort
	}
	return n, nil
}

// frame reads the header with size and components.
func (w *jpegWalk) frame(n int64) error {
	if w.components != nil {
		return JPEG.damaged("it has two frame headers")
	}
	if n != 6+3*1 && n != 6+3*3 && n != 6+3*4 {
		return JPEG.lacking("this number of colour components")
	}
	b, err := w.take(int(n))
	if err != nil {
		return err
	}
	if b[0] != 8 {
		return JPEG.lacking("a depth other than 8 bits")
	}
	if err := w.setSize(int(binary.BigEndian.Uint16(b[3:])), int(binary.BigEndian.Uint16(b[1:]))); err != nil {
		return err
	}
	if int64(b[5])*3+6 != n {
		return JPEG.damaged("its frame header does not fit its number of components")
	}
	for b = b[6:]; len(b) > 0; b = b[3:] {
		one := jpegComponent{id: b[0], h: b[1] >> 4, v: b[1] & 15}
		if one.h < 1 || one.h > 4 || one.v < 1 || one.v > 4 {
			return JPEG.damaged("its colour sampling is out of range")
		}
		w.components = append(w.components, one)
	}
	return nil
}

// scan records a scan header; the end of its pixels is found by the next marker.
func (w *jpegWalk) scan(n int64) error {
	if w.components == nil {
		return JPEG.damaged("its pixels come before its frame header")
	}
	if w.scans++; w.scans > maxScans {
		return JPEG.lacking("so many passes")
	}
	w.inScan = true
	header := make([]byte, min(n, maxScanHeader))
	if err := w.read(header); err != nil {
		return err
	}
	w.progress.scan(w.components, header)
	return nil
}

// application keeps the application segments that colours need (JFIF, Adobe, ICC) and cuts all others: EXIF, XMP,
// thumbnails, depth maps, further pictures, maker notes.
func (w *jpegWalk) application(marker byte, at, n int64) error {
	body := make([]byte, min(n, int64(len(iccPrefix))))
	switch marker {
	case markAPP1:
		body = make([]byte, n)
	case markAPP0, markAPP14:
		body = make([]byte, min(n, jfifBytes))
	}
	if err := w.read(body); err != nil {
		return err
	}
	has := func(prefix string) bool { return bytes.HasPrefix(body, []byte(prefix)) }
	switch {
	case marker == markAPP1 && has(exifPrefix) && !w.exifSeen:
		w.exifSeen = true
		w.info.Orientation = exifOrientation(body)
	case marker == markAPP0 && has(jfifPrefix):
		w.jfif = true
		if n > jfifBytes {
			body[12], body[13] = 0, 0 // its thumbnail is cut: no columns, no rows
		}
		w.body.put(jpegSegment(marker, body))
	case marker == markAPP14 && has(adobePrefix) && n >= adobeBytes:
		w.adobe = int(body[11])
		w.body.put(jpegSegment(marker, body[:adobeBytes]))
	case marker == markAPP2 && has(iccPrefix):
		end := w.pos() - int64(len(body)) + n
		w.body.keep(at, end)
		w.icc = append(w.icc, part{from: at, n: end - at})
		w.iccBytes += end - at
	}
	return nil
}

// jpegSegment is a complete segment: marker, length, body.
func jpegSegment(marker byte, body []byte) []byte {
	n := len(body) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, body...)
}

// finish ends the walk at the end-of-image marker.
func (w *jpegWalk) finish(at int64) error {
	if w.scans == 0 {
		return JPEG.damaged("it has no pixels")
	}
	w.body.keep(at, at+2)
	w.end(at + 2)
	w.conclude()
	return nil
}

// finishUnended ends the walk of a picture without an end-of-image marker. Only the decoder knows where the pixels end
// and a trailer starts, so the picture is always decoded: a trailer must not be sent, and missing pixels must be
// noticed.
func (w *jpegWalk) finishUnended() error {
	w.body.list = w.unended.body
	w.body.put([]byte{0xff, markEOI})
	w.end(w.unended.at)
	w.mustDecode = true
	w.conclude()
	return nil
}

// conclude decides what depends on the complete picture.
func (w *jpegWalk) conclude() {
	if len(w.components) == 4 {
		w.mustDecode = true // CMYK is for print: send screen colours.
		if w.adobe < 0 {
			// Without the Adobe segment, inks are assumed to be inverted, as files with the segment store them.
			w.body.list = slices.Insert(w.body.list, 1, part{literal: adobeInks(), n: int64(len(adobeInks()))})
		}
	}
	if w.iccBytes > maxCarriedICC || len(w.components) == 4 {
		w.icc = nil // a CMYK profile does not fit the RGB copy
	}
	w.oddSampling = !usualSampling(w.components)
	w.cost = w.decodeCost()
}

// adobeInks is the segment for inverted inks.
func adobeInks() []byte {
	return jpegSegment(markAPP14, append([]byte(adobePrefix), 0, 100, 0, 0, 0, 0, 0))
}
