package corpus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"unicode/utf16"
)

// A resource file (.rcc) is how programs made with Qt ship their pictures: a tree of folders and files, and their names and
// contents in tables of their own. All numbers are big-endian.
const (
	resourceHead  = 20
	resourceNode  = 22 // bytes of an entry of the tree, from version 2 on
	flagPacked    = 1 | 4
	flagDirectory = 2
)

var errResource = errors.New("not a resource file of a version that is known here")

// readResource gives the content of every file that is not compressed, by its path. Pictures never are.
func readResource(path string) (_ map[string][]byte, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		// The file comes from a package, so that a bound that does not hold is a broken installation.
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %w: %v", path, errResource, r)
		}
	}()
	if len(b) < resourceHead || string(b[:4]) != "qres" || binary.BigEndian.Uint32(b[4:]) < 2 {
		return nil, fmt.Errorf("%s: %w", path, errResource)
	}
	r := &resource{
		b:    b,
		tree: int(binary.BigEndian.Uint32(b[8:])), data: int(binary.BigEndian.Uint32(b[12:])), names: int(binary.BigEndian.Uint32(b[16:])),
		files: map[string][]byte{},
	}
	r.walk(0, "")
	return r.files, nil
}

type resource struct {
	b                 []byte
	tree, data, names int
	files             map[string][]byte
}

func (r *resource) walk(node int, parent string) {
	entry := r.b[r.tree+node*resourceNode:]
	path := ""
	if node > 0 {
		path = parent + "/" + r.name(int(binary.BigEndian.Uint32(entry)))
	}
	switch flags := binary.BigEndian.Uint16(entry[4:]); {
	case flags&flagDirectory != 0:
		count, first := int(binary.BigEndian.Uint32(entry[6:])), int(binary.BigEndian.Uint32(entry[10:]))
		for i := range count {
			r.walk(first+i, path)
		}
	case flags&flagPacked == 0:
		content := r.b[r.data+int(binary.BigEndian.Uint32(entry[10:])):]
		r.files[path] = content[4 : 4+binary.BigEndian.Uint32(content)]
	}
}

func (r *resource) name(at int) string {
	entry := r.b[r.names+at:]
	units := make([]uint16, binary.BigEndian.Uint16(entry))
	for i := range units {
		units[i] = binary.BigEndian.Uint16(entry[6+2*i:])
	}
	return string(utf16.Decode(units))
}
