package likeness

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"math"
	"slices"
)

// Print describes a picture finely enough to decide whether two pictures are one photo: a thumbnail of its content and the
// places of its corners. It is immutable.
type Print struct {
	// encoded is the binary form.
	encoded []byte
	thumb   *raster
	corners []corner
	// frame is the frame of the picture in pixels of the thumbnail. Where it ends, the picture is cut.
	frame box
	// perThumb is the number of the fine raster's pixels, in which corners are placed, per pixel of the thumbnail.
	perThumb float64
	look     look
}

const (
	coarseSide = 160 // content is searched in the picture at this size
	fineSide   = 255 // corners are searched in the content at this size
	thumbSide  = 128 // the content is kept at this size

	// PrintBytesMax is the most that a print's binary form has.
	PrintBytesMax = 8 << 10

	printHead    = 1 + 4*2 + 2 + 2
	cornerBytes  = 3 + 4*8
	thumbBytes   = PrintBytesMax - printHead - cornersMax*cornerBytes
	leastContent = 24 // pixels of the picture, at the long side
	// finePrintVersion marks the binary form; a change of the algorithm needs a new version.
	finePrintVersion = 1
)

// TakePrint computes the fine print of a picture. It is nil if the picture has too little content to be recognised: an
// even area, or a few pixels.
func TakePrint(img image.Image) *Print {
	b := img.Bounds()
	if b.Dx() < 8 || b.Dy() < 8 {
		return nil
	}
	full, per := reduce(img, b, coarseSide, 2)
	content, ok := full.contentBox()
	if !ok || max(content.w(), content.h())*per < leastContent {
		return nil
	}
	// A margin keeps the outline.
	pad := 0.04*max(content.w(), content.h()) + 1
	region := image.Rect(
		b.Min.X+int(math.Floor((content.x0-pad)*per)), b.Min.Y+int(math.Floor((content.y0-pad)*per)),
		b.Min.X+int(math.Ceil((content.x1+pad)*per)), b.Min.Y+int(math.Ceil((content.y1+pad)*per)),
	).Intersect(b)
	fine, per := reduce(img, region, fineSide, 4)
	thumb, step := fine, 1.0
	if long := max(fine.w, fine.h); long > thumbSide {
		step = float64(long) / thumbSide
		w, h := max(int(math.Round(float64(fine.w)/step)), 1), max(int(math.Round(float64(fine.h)/step)), 1)
		thumb = fine.resample(window{step: step, w: w}, window{step: step, w: h})
	}
	per *= step
	frame := box{
		float64(b.Min.X-region.Min.X) / per, float64(b.Min.Y-region.Min.Y) / per,
		float64(b.Max.X-region.Min.X) / per, float64(b.Max.Y-region.Min.Y) / per,
	}
	encoded := encodePrint(thumb, frame, step, fine.corners())
	p, err := ParsePrint(encoded)
	if err != nil {
		return nil
	}
	return p
}

// contentBox is the part of a picture that is not backdrop: all of it if the edge has many colours.
func (r *raster) contentBox() (box, bool) {
	mask := r.content(r.frame(), r.backdropOf(r.frame()))
	if mask == nil {
		return r.frame(), true
	}
	return bounds(mask, r.w, r.frame())
}

// ErrPrint means that the bytes are not a fine print of this version.
var ErrPrint = errors.New("likeness: not a fine print of this version")

// AppendBinary appends the print's binary form, at most [PrintBytesMax] bytes.
func (p *Print) AppendBinary(b []byte) ([]byte, error) { return append(b, p.encoded...), nil }

// encodePrint writes the version, the frame in sixteenths of a pixel, the step, the corners, then the thumbnail.
func encodePrint(thumb *raster, frame box, step float64, corners []corner) []byte {
	b := make([]byte, 0, PrintBytesMax)
	b = append(b, finePrintVersion)
	for _, v := range [4]float64{frame.x0, frame.y0, frame.x1, frame.y1} {
		b = binary.BigEndian.AppendUint16(b, uint16(int16(min(max(math.Round(v*16), math.MinInt16), math.MaxInt16))))
	}
	b = binary.BigEndian.AppendUint16(b, uint16(math.Round(step*4096)))
	b = binary.BigEndian.AppendUint16(b, uint16(len(corners)))
	for i := range corners {
		c := &corners[i]
		b = append(b, c.x, c.y, c.level)
		for _, word := range c.bits {
			b = binary.BigEndian.AppendUint64(b, word)
		}
	}
	return append(b, thumb.compress(thumbBytes)...)
}

// compress makes a JPEG of at most n bytes.
func (r *raster) compress(n int) []byte {
	img := image.NewYCbCr(image.Rect(0, 0, r.w, r.h), image.YCbCrSubsampleRatio444)
	for i := range r.planes[luma] {
		img.Y[i] = toByte(float64(r.planes[luma][i]))
		img.Cb[i] = toByte(float64(r.planes[blue][i]) + 128)
		img.Cr[i] = toByte(float64(r.planes[red][i]) + 128)
	}
	var out bytes.Buffer
	for quality := 88; ; quality -= 8 {
		out.Reset()
		// Writing to a buffer cannot fail.
		_ = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
		if out.Len() <= n || quality <= 8 {
			return out.Bytes()
		}
	}
}

// ParsePrint reads the output of [Print.AppendBinary]; [ErrPrint] for anything else.
func ParsePrint(b []byte) (*Print, error) {
	if len(b) < printHead || len(b) > PrintBytesMax || b[0] != finePrintVersion {
		return nil, ErrPrint
	}
	p := &Print{encoded: slices.Clone(b)}
	var frame [4]float64
	for i := range frame {
		frame[i] = float64(int16(binary.BigEndian.Uint16(b[1+2*i:]))) / 16
	}
	p.frame = box{frame[0], frame[1], frame[2], frame[3]}
	p.perThumb = float64(binary.BigEndian.Uint16(b[9:])) / 4096
	n := int(binary.BigEndian.Uint16(b[11:]))
	b = b[printHead:]
	if n > cornersMax || len(b) < n*cornerBytes || p.perThumb < 1 || p.perThumb > 3 {
		return nil, ErrPrint
	}
	for range n {
		c := corner{x: b[0], y: b[1], level: b[2]}
		for i := range c.bits {
			c.bits[i] = binary.BigEndian.Uint64(b[3+8*i:])
		}
		if c.level >= levels {
			return nil, ErrPrint
		}
		p.corners = append(p.corners, c)
		b = b[cornerBytes:]
	}
	if p.thumb = decompress(b); p.thumb == nil {
		return nil, ErrPrint
	}
	p.look = p.thumb.look(p.frame)
	return p, nil
}

// decompress reads a thumbnail; nil if it is none.
func decompress(b []byte) *raster {
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil || max(c.Width, c.Height) > thumbSide || min(c.Width, c.Height) < 1 {
		return nil
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	if _, ok := img.(*image.YCbCr); !ok {
		return nil
	}
	return readBlocks(img, img.Bounds(), 1, 1)
}
