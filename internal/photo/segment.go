package photo

import (
	"io"
	"time"
)

// segment is one nameless file with many photos, one after the other. Its space is freed at once.
type segment struct {
	file *temporary
	used int64
	// began is when it received its first photo, dies when its last one expires.
	began, dies time.Time
	// ids are the photos that were put here.
	ids []string
	// holds counts the readers and writers of its photos.
	holds int
	// retired means that it is removed from the shelf. The last holder closes the file.
	retired bool
}

// write copies a photo to its offset.
func (g *segment) write(src Photo, at int64) error {
	n, err := io.CopyBuffer(io.NewOffsetWriter(g.file, at), plainReader{src.Open()}, make([]byte, 64<<10))
	switch {
	case err != nil:
		return diskFault(err)
	case n != src.Size():
		return io.ErrUnexpectedEOF
	}
	return nil
}

// plainReader hides all but Read, so that the copy goes through one buffer of a known size.
type plainReader struct{ io.Reader }

// unhold releases one hold, and reports whether the file may be closed now.
func (g *segment) unhold() bool {
	g.holds--
	return g.retired && g.holds == 0
}
