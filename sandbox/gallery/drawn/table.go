package drawn

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// Table holds fingerprints by look. A nil table is empty.
type Table struct {
	places       map[uint64]int // by the look's key
	fingerprints []likeness.Fingerprint
}

// Find returns the fingerprint of a look.
func (t *Table) Find(look catalog.Look) (likeness.Fingerprint, bool) {
	if t == nil {
		return likeness.Fingerprint{}, false
	}
	at, ok := t.places[keyOf(look)]
	if !ok {
		return likeness.Fingerprint{}, false
	}
	return t.fingerprints[at], true
}

// Len is the number of fingerprints.
func (t *Table) Len() int { return len(t.places) }

// keyOf is FNV-1a over all of a look.
func keyOf(look catalog.Look) uint64 {
	text := binary.BigEndian.AppendUint64(nil, look.Goods)
	text = binary.BigEndian.AppendUint64(text, look.Shot)
	text = append(append(append(text, look.Kind...), 0), look.Colour...)
	h := uint64(14695981039346656037)
	for _, c := range text {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

const (
	headBytes = likeness.ContentBytes
	tailBytes = likeness.FingerprintBytes - likeness.ContentBytes
	// plainBelow is the value from which on a byte of a tail is rounded, to a multiple of coarse.
	plainBelow, coarse = 32, 4
)

// entry is a fingerprint in its binary form. One that is of the same goods as the entry before has no tail of its own.
type entry struct {
	key        uint64
	head, tail []byte
}

// text writes entries column by column: first their number (4 bytes), then for each its key (8 bytes), then for each 1 if it
// has a tail. Then come the first byte of each head, the second byte of each head, and so on, and the same of all tails. A byte of a head
// is written as its difference from the head before if that is of the same goods.
func text(entries []entry) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(entries)))
	for _, e := range entries {
		out = binary.BigEndian.AppendUint64(out, e.key)
	}
	for _, e := range entries {
		out = append(out, byte(min(len(e.tail), 1)))
	}
	for column := range headBytes {
		before := byte(0)
		for _, e := range entries {
			if e.tail != nil {
				before = 0
			}
			out = append(out, e.head[column]-before)
			before = e.head[column]
		}
	}
	for column := range tailBytes {
		for _, e := range entries {
			if e.tail != nil {
				out = append(out, round(e.tail[column]))
			}
		}
	}
	return out
}

// round rounds a byte of a tail. A rounded value stays as it is.
func round(v byte) byte {
	if v < plainBelow {
		return v
	}
	return byte(min(int(v)+coarse/2, 256-coarse)) / coarse * coarse
}

// Encode writes the file that [BuiltIn] reads. Looks of the same goods must stand beside each other.
func Encode(looks []catalog.Look, fingerprints []likeness.Fingerprint) ([]byte, error) {
	entries := make([]entry, len(looks))
	seen := map[uint64]bool{}
	var previous *catalog.Look
	for i, look := range looks {
		form, err := fingerprints[i].MarshalBinary()
		if err != nil {
			return nil, err
		}
		e := entry{key: keyOf(look), head: form[:headBytes]}
		if seen[e.key] {
			return nil, fmt.Errorf("drawn: two looks have the key %x", e.key)
		}
		seen[e.key] = true
		if previous == nil || !sameGoods(look, *previous) {
			e.tail = form[headBytes:]
		}
		previous = &looks[i]
		entries[i] = e
	}
	// One goroutine, so that the result does not depend on the machine.
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return w.EncodeAll(text(entries), nil), nil
}

func sameGoods(a, b catalog.Look) bool {
	a.Shot = b.Shot
	return a == b
}

var errDamaged = errors.New("drawn: the file of fingerprints is damaged")

func decode(file []byte) (*Table, error) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := r.DecodeAll(file, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return parse(text)
}

// parse reads what text writes.
func parse(text []byte) (*Table, error) {
	if len(text) < 4 {
		return nil, errDamaged
	}
	n, text := int(binary.BigEndian.Uint32(text)), text[4:]
	if len(text) < n*(8+1+headBytes) {
		return nil, errDamaged
	}
	keys, text := text[:8*n], text[8*n:]
	first, text := text[:n], text[n:]
	heads, tails := text[:n*headBytes], text[n*headBytes:]
	goods := 0
	for _, f := range first {
		goods += int(f)
	}
	if len(tails) != goods*tailBytes {
		return nil, errDamaged
	}
	t := &Table{places: make(map[uint64]int, n), fingerprints: make([]likeness.Fingerprint, n)}
	form, at := make([]byte, likeness.FingerprintBytes), -1
	for i := range n {
		t.places[binary.BigEndian.Uint64(keys[8*i:])] = i
		if first[i] == 1 {
			clear(form[:headBytes])
			at++
			for column := range tailBytes {
				form[headBytes+column] = tails[column*goods+at]
			}
		}
		for column := range headBytes {
			form[column] += heads[column*n+i]
		}
		if err := t.fingerprints[i].UnmarshalBinary(form); err != nil {
			return nil, err
		}
	}
	return t, nil
}
