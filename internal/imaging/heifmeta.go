package imaging

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

var errHeifMeta = errors.New("imaging: a box of the description is cut short")

// heifMeta is what the description of an HEIC or AVIF says about its main picture.
type heifMeta struct {
	width, height int // before turning
	orientation   int // as EXIF's
	colours       heifColours
	profile       []byte // the colour profile,
	profileAt     int    // and its position in the description
	pixelsEnd     uint64 // where the last item ends in the file

	primary    uint32
	properties []heifBox
	associated map[uint32][]int // an item's properties by index, from 1
}

// heifColours is how colours are stored.
type heifColours struct {
	known  bool
	full   bool // the full range of a byte, as in JPEG
	matrix uint16
}

// heifBox is a box inside the description.
type heifBox struct {
	name string
	body []byte
	at   int // offset of the body
}

// heifBoxes splits a body into boxes.
func heifBoxes(body []byte, at int) ([]heifBox, error) {
	var all []heifBox
	for len(body) > 0 {
		if len(body) < 8 {
			return nil, errHeifMeta
		}
		n := uint64(binary.BigEndian.Uint32(body))
		if n == 0 {
			n = uint64(len(body))
		}
		if n < 8 || n > uint64(len(body)) {
			return nil, errHeifMeta
		}
		all = append(all, heifBox{name: string(body[4:8]), body: body[8:n], at: at + 8})
		body, at = body[n:], at+int(n)
	}
	return all, nil
}

// readHeifMeta reads the description.
func readHeifMeta(body []byte) (*heifMeta, error) {
	if len(body) < 4 {
		return nil, errHeifMeta
	}
	all, err := heifBoxes(body[4:], 4)
	if err != nil {
		return nil, err
	}
	m := &heifMeta{orientation: 1, associated: map[uint32][]int{}}
	for _, box := range all {
		b := &heifBytes{rest: box.body}
		version := b.number(1)
		b.skip(3)
		switch box.name {
		case "pitm":
			m.primary = uint32(b.number(2 + 2*int(min(version, 1))))
		case "iloc":
			m.locations(b, version)
		case "iprp":
			err = m.readProperties(box)
		}
		if err != nil || b.failed && box.name != "iprp" && (box.name == "pitm" || box.name == "iloc") {
			return nil, errHeifMeta
		}
	}
	return m, m.main()
}

// readProperties reads the list of properties, and which item has which.
func (m *heifMeta) readProperties(box heifBox) error {
	inside, err := heifBoxes(box.body, box.at)
	if err != nil {
		return err
	}
	for _, box := range inside {
		switch box.name {
		case "ipco":
			if m.properties, err = heifBoxes(box.body, box.at); err != nil {
				return err
			}
		case "ipma":
			b := &heifBytes{rest: box.body}
			version := b.number(1)
			b.skip(2)
			wide := b.number(1)&1 != 0
			for range b.number(4) {
				if b.failed {
					return errHeifMeta
				}
				item := uint32(b.number(2 + 2*int(min(version, 1))))
				for range b.number(1) {
					index := int(b.number(1)) & 0x7f
					if wide {
						index = index<<8 | int(b.number(1))
					}
					m.associated[item] = append(m.associated[item], index)
				}
			}
		}
	}
	return nil
}

// locations finds where the last item ends.
func (m *heifMeta) locations(b *heifBytes, version uint64) {
	sizes := b.number(2)
	offset, length, base, index := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		index = 0
	}
	wide := 2
	if version >= 2 {
		wide = 4
	}
	for range b.number(wide) {
		if b.failed {
			return
		}
		b.skip(wide)
		method := uint64(0)
		if version >= 1 {
			method = b.number(2) & 15
		}
		b.skip(2)
		from := b.number(base)
		for range b.number(2) {
			if b.failed {
				return
			}
			b.skip(index)
			start, n := b.number(offset), b.number(length)
			if end := from + start + n; method == 0 {
				if end < n || end < start || end > math.MaxInt64 {
					b.failed = true
				}
				m.pixelsEnd = max(m.pixelsEnd, end)
			}
		}
	}
}

// main reads what belongs to the main picture.
func (m *heifMeta) main() error {
	mirrored, quarter := -1, 0
	var decoder *heifBox
	for _, index := range m.associated[m.primary] {
		if index < 1 || index > len(m.properties) {
			continue
		}
		box := m.properties[index-1]
		b := &heifBytes{rest: box.body}
		switch box.name {
		case "ispe":
			b.skip(4)
			m.width, m.height = int(b.number(4)), int(b.number(4))
		case "irot":
			quarter = int(b.number(1) & 3)
			if mirrored >= 0 { // mirror then turn = turn the other way then mirror
				quarter = (4 - quarter) & 3
			}
		case "imir":
			mirrored = int(b.number(1) & 1)
		case "colr":
			m.colour(box)
		case "hvcC":
			decoder = &box
		}
		if b.failed {
			return errHeifMeta
		}
	}
	m.orientation = heifOrientation(quarter, mirrored)
	if m.width == 0 || m.height == 0 {
		return errHeifMeta
	}
	if !m.colours.known {
		m.fromDecoder(decoder)
	}
	return nil
}

// decodedBy reports whether the main picture or its tiles have the settings of a decoder, by the name of their box.
// Files of the same brand may need another decoder.
func (m *heifMeta) decodedBy(settings string) bool {
	return slices.ContainsFunc(m.properties, func(b heifBox) bool { return b.name == settings })
}

// fromDecoder reads the colours from the decoder's settings: those of the main picture, or of its tiles.
func (m *heifMeta) fromDecoder(settings *heifBox) {
	for i := range m.properties {
		if settings == nil && m.properties[i].name == "hvcC" {
			settings = &m.properties[i]
		}
	}
	if settings != nil {
		m.colours = hevcColours(settings.body)
	}
}

// colour reads a colour box: numbers or a profile.
func (m *heifMeta) colour(box heifBox) {
	if len(box.body) < 4 {
		return
	}
	switch b := (&heifBytes{rest: box.body[4:]}); string(box.body[:4]) {
	case "nclx":
		b.skip(4)
		m.colours = heifColours{known: true, matrix: uint16(b.number(2)), full: b.number(1)&0x80 != 0}
	case "prof", "rICC":
		m.profile, m.profileAt = box.body[4:], box.at+4
	}
}

// heifOrientation is EXIF's number for a picture that was turned anticlockwise by that many quarters and then mirrored
// (0 upside down, 1 left to right, -1 not mirrored).
func heifOrientation(quarter, mirrored int) int {
	switch mirrored {
	case 0:
		return [4]int{4, 5, 2, 7}[quarter]
	case 1:
		return [4]int{2, 7, 4, 5}[quarter]
	}
	return [4]int{1, 8, 3, 6}[quarter]
}

// heifBytes reads numbers from a body. If it is too short, failed is set and all further numbers are 0.
type heifBytes struct {
	rest   []byte
	failed bool
}

func (b *heifBytes) skip(n int) { _ = b.cut(n) }

func (b *heifBytes) cut(n int) []byte {
	if n > len(b.rest) {
		b.failed, b.rest = true, nil
		return make([]byte, n)
	}
	head := b.rest[:n]
	b.rest = b.rest[n:]
	return head
}

// number reads a number of n bytes, at most 8.
func (b *heifBytes) number(n int) uint64 {
	if n > 8 {
		b.failed = true
		return 0
	}
	var v uint64
	for _, one := range b.cut(n) {
		v = v<<8 | uint64(one)
	}
	return v
}
