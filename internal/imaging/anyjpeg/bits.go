package anyjpeg

import (
	"bufio"
	"io"
)

// bits reads markers, segments and, between them, compressed bits.
type bits struct {
	r      *bufio.Reader
	marker byte // a marker found among the bits
	store  uint32
	n      int // bits in store
}

// nextMarker skips to the next marker.
func (b *bits) nextMarker() (byte, error) {
	if m := b.marker; m != 0 {
		b.marker = 0
		return m, nil
	}
	for {
		c, err := b.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != 0xff {
			continue
		}
		for c == 0xff {
			if c, err = b.r.ReadByte(); err != nil {
				return 0, err
			}
		}
		if c != 0 {
			return c, nil
		}
	}
}

// segment reads the body of a segment.
func (b *bits) segment() ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(b.r, head[:]); err != nil {
		return nil, err
	}
	n := int(head[0])<<8 | int(head[1])
	if n < 2 {
		return nil, damaged("a segment is shorter than its own length")
	}
	body := make([]byte, n-2)
	_, err := io.ReadFull(b.r, body)
	return body, err
}

// align drops the rest of a byte.
func (b *bits) align() { b.store, b.n = 0, 0 }

// ensure loads until there are n bits, at most 16.
func (b *bits) ensure(n int) error {
	for b.n < n {
		if b.marker != 0 {
			return errShort
		}
		c, err := b.r.ReadByte()
		if err != nil {
			return err
		}
		if c == 0xff {
			next := byte(0xff)
			for next == 0xff {
				if next, err = b.r.ReadByte(); err != nil {
					return err
				}
			}
			if next != 0 {
				b.marker = next
				return errShort
			}
		}
		b.store = b.store<<8 | uint32(c)
		b.n += 8
	}
	return nil
}

// get reads n bits as a number, at most 16.
func (b *bits) get(n int) (int, error) {
	if err := b.ensure(n); err != nil {
		return 0, err
	}
	b.n -= n
	return int(b.store >> b.n & (1<<n - 1)), nil
}

// signed reads a number of n bits in JPEG's sign form: a leading 0 means negative.
func (b *bits) signed(n int) (int, error) {
	v, err := b.get(n)
	if n > 0 && v < 1<<(n-1) {
		v += 1 - 1<<n
	}
	return v, err
}

// huffman is a code table. Codes of up to quick bits need one lookup.
type huffman struct {
	lookup [1 << quick]uint16 // length << 8 | symbol; 0 if the code is longer
	first  [17]int            // by length: the first code,
	count  [17]int            // how many codes,
	offset [17]int            // and the index of its first symbol
	symbol []byte
}

const quick = 8

// newHuffman reads a table and returns its length in bytes.
func newHuffman(body []byte) (*huffman, int, error) {
	h := &huffman{}
	total := 0
	for i := 1; i <= 16; i++ {
		h.count[i] = int(body[i-1])
		total += h.count[i]
	}
	if total > 256 || len(body) < 16+total {
		return nil, 0, damaged("a Huffman table is cut short")
	}
	h.symbol = append([]byte(nil), body[16:16+total]...)
	code, index := 0, 0
	for size := 1; size <= 16; size++ {
		h.first[size], h.offset[size] = code, index
		if code+h.count[size] > 1<<size {
			return nil, 0, damaged("a Huffman table has too many codes")
		}
		for range h.count[size] {
			if size <= quick {
				from := code << (quick - size)
				for i := range 1 << (quick - size) {
					h.lookup[from+i] = uint16(size)<<8 | uint16(h.symbol[index])
				}
			}
			code, index = code+1, index+1
		}
		code <<= 1
	}
	return h, 16 + total, nil
}

// decode reads one symbol.
func (b *bits) decode(h *huffman) (byte, error) {
	if h == nil {
		return 0, damaged("a Huffman table is missing")
	}
	if err := b.ensure(quick); err == nil {
		if found := h.lookup[b.store>>(b.n-quick)&(1<<quick-1)]; found != 0 {
			b.n -= int(found >> 8)
			return byte(found), nil
		}
	} else if b.marker == 0 {
		return 0, err
	}
	code := 0
	for size := 1; size <= 16; size++ {
		bit, err := b.get(1)
		if err != nil {
			return 0, err
		}
		code = code<<1 | bit
		if i := code - h.first[size]; i >= 0 && i < h.count[size] {
			return h.symbol[h.offset[size]+i], nil
		}
	}
	return 0, damaged("a code is in no Huffman table")
}
