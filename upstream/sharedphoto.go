package upstream

import (
	"io"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/coalesce"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// photoCopy is one caller's copy of a photo. The caller releases it before its memory is reused.
type photoCopy struct {
	mu    sync.Mutex
	photo Photo // nil after release
}

// release ends the use of the copy. When it returns, nothing reads the photo any more.
func (c *photoCopy) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.photo = nil
}

// sharedPhoto is a photo of which every waiting caller has an equal copy. It is read from a copy that is not released.
type sharedPhoto struct {
	size int64
	// copies returns the copies of the waiting callers, in order of arrival.
	copies func() []*photoCopy
}

// photoOf is the photo of a work's waiting callers; nil for work without a photo.
func photoOf[K comparable, V any](call *coalesce.Call[K, *waitingCaller, V], first Photo) Photo {
	if first == nil {
		return nil
	}
	return &sharedPhoto{size: first.Size(), copies: func() []*photoCopy {
		var all []*photoCopy
		for _, w := range call.Waiting() {
			all = append(all, w.photo)
		}
		return all
	}}
}

// Size implements [Photo].
func (s *sharedPhoto) Size() int64 { return s.size }

// Open implements [Photo].
func (s *sharedPhoto) Open() io.Reader { return &sharedReader{photo: s} }

// sharedReader reads one copy and, when that is released, continues at the same offset in another.
type sharedReader struct {
	photo   *sharedPhoto
	current *photoCopy
	reader  io.Reader // of current; nil before its first read
	offset  int64
}

// Read implements io.Reader.
func (r *sharedReader) Read(to []byte) (int, error) {
	if r.current != nil {
		if n, ok, err := r.readCopy(r.current, to); ok {
			return n, err
		}
	}
	for _, c := range r.photo.copies() {
		r.current, r.reader = c, nil
		if n, ok, err := r.readCopy(c, to); ok {
			return n, err
		}
	}
	return 0, fault.New(fault.CallerGone, "all callers with this photo have left")
}

// readCopy reads from a copy, at the reader's offset. ok is false where the copy is released.
func (r *sharedReader) readCopy(c *photoCopy, to []byte) (n int, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.photo == nil {
		return 0, false, nil
	}
	if r.reader == nil {
		r.reader = c.photo.Open()
		if _, err := io.CopyN(io.Discard, r.reader, r.offset); err != nil {
			return 0, true, err
		}
	}
	n, err = r.reader.Read(to)
	r.offset += int64(n)
	return n, true, err
}
