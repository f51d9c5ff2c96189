package door

import "encoding/binary"

// HTTP/2 as used here is in RFC 9113, sections 3.4, 4.1 and 6.
const (
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

	frameData    = 0x0
	frameHeaders = 0x1
	frameReset   = 0x3

	flagEndStream = 0x1
	flagPadded    = 0x8
)

// frames follows one direction of an HTTP/2 connection from frame to frame. It buffers only the nine bytes of a frame
// header.
type frames struct {
	// skip is the number of bytes before the first frame.
	skip int

	header [9]byte
	have   int
	// left is how much of the frame is to come, and padding how much of that is padding.
	left, padding int
	padded        bool
}

// frame is a frame's header.
type frame struct {
	kind, flags byte
	stream      uint32
}

// pass processes p. It calls begun at the start of each frame, and data with the content of DATA frames.
func (f *frames) pass(p []byte, begun func(frame), data func(stream uint32, p []byte)) {
	for len(p) > 0 {
		switch {
		case f.skip > 0:
			n := min(f.skip, len(p))
			f.skip -= n
			p = p[n:]
		case f.have < len(f.header):
			n := copy(f.header[f.have:], p)
			f.have += n
			p = p[n:]
			if f.have == len(f.header) {
				f.begin(begun)
			}
		default:
			p = f.content(p, data)
		}
	}
}

func (f *frames) begin(begun func(frame)) {
	f.left = int(f.header[0])<<16 | int(f.header[1])<<8 | int(f.header[2])
	f.padding = 0
	f.padded = f.header[3] == frameData && f.header[4]&flagPadded != 0 && f.left > 0
	begun(f.frame())
	if f.left == 0 {
		f.have = 0
	}
}

func (f *frames) frame() frame {
	return frame{f.header[3], f.header[4], binary.BigEndian.Uint32(f.header[5:]) &^ (1 << 31)}
}

// content returns the part of p that belongs to the frame.
func (f *frames) content(p []byte, data func(stream uint32, p []byte)) []byte {
	if f.padded {
		f.padded, f.padding = false, int(p[0])
		f.left--
		p = p[1:]
	}
	n := min(f.left, len(p))
	if now := f.frame(); now.kind == frameData {
		if meant := min(n, max(f.left-f.padding, 0)); meant > 0 {
			data(now.stream, p[:meant])
		}
	}
	if f.left -= n; f.left == 0 {
		f.have = 0
	}
	return p[n:]
}
