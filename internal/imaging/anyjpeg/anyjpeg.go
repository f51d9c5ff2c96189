// Package anyjpeg decodes JPEGs with chroma subsampling that image/jpeg does not support: any factors from 1 to 4, also
// ones that do not divide each other, baseline and progressive (ITU-T T.81 with Huffman coding, 8 bits).
//
// It is strict: truncated or damaged pixels are an error. It is simple rather than fast, because such files are rare;
// image/jpeg decodes all others.
package anyjpeg

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"
)

// UnsupportedError names a valid kind of JPEG that is not supported.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "anyjpeg: not supported: " + string(e) }

var errShort = errors.New("anyjpeg: the compressed pixels end too early")

func damaged(format string, args ...any) error { return fmt.Errorf("anyjpeg: "+format, args...) }

// component is one plane of the picture.
type component struct {
	id, h, v, quant byte
	blocksX         int // blocks that the picture covers
	blocksY         int
	stride          int // stored blocks per row, in complete MCUs
	coefficients    []int16
	dc, ac          byte // Huffman tables of the current scan
	predicted       int
	seen            bool // a scan has set the first coefficients
}

// block is the 64 coefficients of a block, in natural order.
func (c *component) block(x, y int) []int16 {
	at := 64 * (y*c.stride + x)
	return c.coefficients[at : at+64 : at+64]
}

type decoder struct {
	bits
	width, height int
	hMax, vMax    int
	mcusX, mcusY  int
	progressive   bool
	components    []component
	quant         [4]*[64]uint16
	dc, ac        [4]*huffman
	restart       int
	eobRun        int
	jfif          bool
	adobe         int // the Adobe colour transform, -1 if missing
}

// Decode reads a JPEG. The result is an *image.Gray, an *image.YCbCr without subsampling, an *image.RGBA or an
// *image.CMYK. Errors of the reader are returned unchanged.
func Decode(r io.Reader) (image.Image, error) {
	d := &decoder{bits: bits{r: bufio.NewReader(r)}, adobe: -1}
	if err := d.read(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errShort
		}
		return nil, err
	}
	return d.picture()
}

// read goes from marker to marker to the end of the image.
func (d *decoder) read() error {
	for {
		marker, err := d.nextMarker()
		if err != nil {
			return err
		}
		switch {
		case marker == 0xd9:
			return nil
		case marker == 0xd8 || 0xd0 <= marker && marker <= 0xd7:
			continue
		}
		body, err := d.segment()
		if err != nil {
			return err
		}
		if err := d.take(marker, body); err != nil {
			return err
		}
	}
}

// take reads one segment.
func (d *decoder) take(marker byte, body []byte) error {
	switch {
	case marker == 0xc0 || marker == 0xc1 || marker == 0xc2:
		d.progressive = marker == 0xc2
		return d.frame(body)
	case marker == 0xc4:
		return d.huffmanTables(body)
	case marker == 0xdb:
		return d.quantTables(body)
	case marker == 0xdd:
		if len(body) != 2 {
			return damaged("a restart interval of %d bytes", len(body))
		}
		d.restart = int(body[0])<<8 | int(body[1])
		return nil
	case marker == 0xda:
		return d.scan(body)
	case marker == 0xe0:
		d.jfif = d.jfif || len(body) >= 5 && string(body[:5]) == "JFIF\x00"
	case marker == 0xee:
		if len(body) >= 12 && string(body[:5]) == "Adobe" {
			d.adobe = int(body[11])
		}
	case marker >= 0xc0 && marker <= 0xcf:
		return UnsupportedError("lossless, hierarchical or arithmetic coding")
	}
	return nil
}

// frame reads the frame header and allocates all coefficients.
func (d *decoder) frame(body []byte) error {
	if d.components != nil {
		return damaged("two frame headers")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return damaged("a frame header of %d bytes", len(body))
	}
	if body[0] != 8 {
		return UnsupportedError("a depth other than 8 bits")
	}
	d.height, d.width = int(body[1])<<8|int(body[2]), int(body[3])<<8|int(body[4])
	n := int(body[5])
	if n != 1 && n != 3 && n != 4 {
		return UnsupportedError("this number of components")
	}
	if d.width == 0 || d.height == 0 {
		return damaged("no pixels")
	}
	d.components = make([]component, n)
	for i := range d.components {
		b := body[6+3*i:]
		c := component{id: b[0], h: b[1] >> 4, v: b[1] & 15, quant: b[2]}
		if n == 1 {
			c.h, c.v = 1, 1 // a single component is never interleaved: its factors are ignored
		}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quant > 3 {
			return damaged("component %d is out of range", i)
		}
		d.hMax, d.vMax = max(d.hMax, int(c.h)), max(d.vMax, int(c.v))
		d.components[i] = c
	}
	d.mcusX, d.mcusY = over(d.width, 8*d.hMax), over(d.height, 8*d.vMax)
	for i := range d.components {
		c := &d.components[i]
		c.blocksX = over(over(d.width*int(c.h), d.hMax), 8)
		c.blocksY = over(over(d.height*int(c.v), d.vMax), 8)
		c.stride = d.mcusX * int(c.h)
		c.coefficients = make([]int16, 64*c.stride*d.mcusY*int(c.v))
	}
	return nil
}

// over divides and rounds up.
func over(n, by int) int { return (n + by - 1) / by }

func (d *decoder) quantTables(body []byte) error {
	for len(body) > 0 {
		wide, id := body[0]>>4, body[0]&15
		size := 64 * (1 + int(wide))
		if wide > 1 || id > 3 || len(body) < 1+size {
			return damaged("a quantisation table is invalid")
		}
		table := new([64]uint16)
		for i := range table {
			if wide == 1 {
				table[i] = uint16(body[1+2*i])<<8 | uint16(body[2+2*i])
			} else {
				table[i] = uint16(body[1+i])
			}
		}
		d.quant[id], body = table, body[1+size:]
	}
	return nil
}

func (d *decoder) huffmanTables(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 {
			return damaged("a Huffman table is cut short")
		}
		class, id := body[0]>>4, body[0]&15
		table, used, err := newHuffman(body[1:])
		if err != nil {
			return err
		}
		switch {
		case class > 1 || id > 3:
			return damaged("a Huffman table is out of range")
		case class == 0:
			d.dc[id] = table
		default:
			d.ac[id] = table
		}
		body = body[1+used:]
	}
	return nil
}
