package imaging

import "encoding/binary"

// hevcColours reads the colour format from the settings of an HEVC decoder (ISO/IEC 14496-15, 8.3.3). Missing values
// have the standard's default: the limited range of video.
func hevcColours(settings []byte) heifColours {
	const header, sequence = 22, 33
	b := &heifBytes{rest: settings}
	b.skip(header)
	for range b.number(1) {
		kind := b.number(1) & 0x3f
		for range b.number(2) {
			unit := b.cut(int(b.number(2)))
			if b.failed {
				return heifColours{}
			}
			if kind == sequence {
				return sequenceColours(unit)
			}
		}
	}
	return heifColours{}
}

// sequenceColours reads a sequence parameter set (ITU-T H.265, 7.3.2.2) up to its video signal type.
func sequenceColours(unit []byte) heifColours {
	b := &bitReader{rest: unescape(unit)}
	b.skip(16 + 4)
	layers := int(b.bits(3))
	b.skip(1 + 88 + 8)
	b.layers(layers)
	b.exp() // the set's number
	if b.exp() == 3 {
		b.skip(1)
	}
	b.exps(2) // width, height
	if b.bits(1) == 1 {
		b.exps(4)
	}
	b.exps(3) // depths, length of the picture order count
	first := layers
	if b.bits(1) == 1 {
		first = 0
	}
	b.exps(3 * (layers - first + 1))
	b.exps(6)           // sizes and depths of blocks
	if b.bits(1) == 1 { // lists are used,
		if b.bits(1) == 1 { // and are here
			b.scalingLists()
		}
	}
	b.skip(2)
	if b.bits(1) == 1 {
		b.skip(8)
		b.exps(2)
		b.skip(1)
	}
	if b.exp() != 0 {
		return heifColours{} // reference picture sets: this is a video
	}
	if b.bits(1) == 1 {
		return heifColours{}
	}
	b.skip(2)
	if b.bits(1) == 0 {
		return heifColours{}
	}
	return b.signal()
}

// bitReader reads bits and Exp-Golomb numbers. Beyond the end all bits are 0.
type bitReader struct {
	rest []byte
	at   int
}

// unescape removes the emulation prevention bytes of a unit.
func unescape(unit []byte) []byte {
	out := make([]byte, 0, len(unit))
	for i, c := range unit {
		if c == 3 && i >= 2 && binary.BigEndian.Uint16(unit[i-2:]) == 0 {
			continue
		}
		out = append(out, c)
	}
	return out
}

func (b *bitReader) skip(n int) { b.at += n }

func (b *bitReader) bits(n int) uint64 {
	var v uint64
	for range n {
		v <<= 1
		if i := b.at >> 3; i < len(b.rest) {
			v |= uint64(b.rest[i] >> (7 - b.at&7) & 1)
		}
		b.at++
	}
	return v
}

// exp reads an Exp-Golomb number of at most 32 bits.
func (b *bitReader) exp() uint64 {
	zeros := 0
	for zeros < 32 && b.bits(1) == 0 {
		zeros++
	}
	return 1<<zeros - 1 + b.bits(zeros)
}

func (b *bitReader) exps(n int) {
	for range n {
		b.exp()
	}
}

// layers skips the profiles of further layers.
func (b *bitReader) layers(n int) {
	if n == 0 {
		return
	}
	var has [8]uint64
	for i := range has {
		has[i] = b.bits(2)
	}
	for _, present := range has[:n] {
		b.skip(int(88*(present>>1) + 8*(present&1)))
	}
}

// scalingLists skips the scaling lists (7.3.4).
func (b *bitReader) scalingLists() {
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for matrix := 0; matrix < 6; matrix += step {
			if b.bits(1) == 0 {
				b.exp()
				continue
			}
			if size > 1 {
				b.exp()
			}
			b.exps(min(64, 1<<(4+2*size)))
		}
	}
}

// signal reads the video signal type (E.2.1).
func (b *bitReader) signal() heifColours {
	if b.bits(1) == 1 && b.bits(8) == 255 {
		b.skip(32) // the pixel aspect ratio
	}
	if b.bits(1) == 1 {
		b.skip(1)
	}
	if b.bits(1) == 0 {
		return heifColours{}
	}
	b.skip(3)
	found := heifColours{known: true, full: b.bits(1) == 1}
	if b.bits(1) == 1 {
		b.skip(16)
		found.matrix = uint16(b.bits(8))
	}
	return found
}
