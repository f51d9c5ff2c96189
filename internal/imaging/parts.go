package imaging

import (
	"io"
	"slices"
)

// maxParts bounds the memory that a malicious file can take here.
const maxParts = 4096

// part is a piece of the output: a range of the source, or literal bytes that replace one.
type part struct {
	literal []byte // nil for a range of the source
	from, n int64
}

// parts is an output made of ranges of a source and literal bytes.
type parts struct {
	list []part
}

// keep appends the range [from, to) of the source.
func (p *parts) keep(from, to int64) {
	if to <= from {
		return
	}
	if last := len(p.list) - 1; last >= 0 && p.list[last].literal == nil && p.list[last].from+p.list[last].n == from {
		p.list[last].n += to - from
		return
	}
	p.list = append(p.list, part{from: from, n: to - from})
}

// put appends literal bytes; they are copied.
func (p *parts) put(b []byte) { p.own(slices.Clone(b)) }

// own appends literal bytes that will not change.
func (p *parts) own(b []byte) {
	if len(b) > 0 {
		p.list = append(p.list, part{literal: b, n: int64(len(b))})
	}
}

// full reports that the list is longer than a normal file needs.
func (p *parts) full() bool { return len(p.list) >= maxParts }

// size is the number of bytes of the output.
func (p *parts) size() int64 {
	var n int64
	for i := range p.list {
		n += p.list[i].n
	}
	return n
}

// open reads the output; each call starts from the beginning.
func (p *parts) open(src io.ReaderAt) io.Reader {
	return &partsReader{src: src, list: p.list}
}

type partsReader struct {
	src  io.ReaderAt
	list []part
	done int64 // bytes of list[0] already read
}

func (r *partsReader) Read(b []byte) (int, error) {
	for len(r.list) > 0 && r.done == r.list[0].n {
		r.list, r.done = r.list[1:], 0
	}
	if len(r.list) == 0 {
		return 0, io.EOF
	}
	if len(b) == 0 {
		return 0, nil
	}
	now := r.list[0]
	if now.literal != nil {
		n := copy(b, now.literal[r.done:])
		r.done += int64(n)
		return n, nil
	}
	b = b[:min(int64(len(b)), now.n-r.done)]
	n, err := r.src.ReadAt(b, now.from+r.done)
	r.done += int64(n)
	if n > 0 {
		return n, nil // the next read returns the error again
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF // the source became shorter since Inspect
	}
	return 0, err
}
