package photo

import (
	"io"
	"time"
)

// segment is one nameless file with many photos, one behind the other. Its space is freed as a whole.
type segment struct {
	file *temporary
	used int64
	// began is when it took its first photo, and dies is when its last one's time is up.
	began, dies time.Time
	// ids are the photos that were put here.
	ids []string
	// holds counts who reads or writes a photo here now.
	holds int
	// retired tells that the shelf has no more to do with it: whoever lets go last closes it.
	retired bool
}

// write copies a photo to its place.
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

// unhold lets go, and tells whether the file may be closed now.
func (g *segment) unhold() bool {
	g.holds--
	return g.retired && g.holds == 0
}
