package upstream

import (
	"io"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/coalesce"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// loan is one caller's copy of a photo, which the caller takes back: its memory may be given away then.
type loan struct {
	mu    sync.Mutex
	photo Photo // nil when it was taken back
}

// takeBack ends the loan. The photo is not read any more once takeBack returns.
func (l *loan) takeBack() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.photo = nil
}

// sharedPhoto is one photo that several callers have, each a copy. It is read from whichever of them still waits.
type sharedPhoto struct {
	size int64
	// copies are those of who waits now, the first one first.
	copies func() []*loan
}

// photoOf is the photo of those who wait for a call, or nil where the work is not about one.
func photoOf[K comparable, V any](call *coalesce.Call[K, *guest, V], first Photo) Photo {
	if first == nil {
		return nil
	}
	return &sharedPhoto{size: first.Size(), copies: func() []*loan {
		var all []*loan
		for _, g := range call.Waiting() {
			all = append(all, g.photo)
		}
		return all
	}}
}

// Size implements [Photo].
func (s *sharedPhoto) Size() int64 { return s.size }

// Open implements [Photo].
func (s *sharedPhoto) Open() io.Reader { return &sharedReader{of: s} }

// sharedReader goes on in another copy where the one it read is taken back.
type sharedReader struct {
	of   *sharedPhoto
	by   *loan
	from io.Reader
	at   int64
}

// Read implements io.Reader.
func (r *sharedReader) Read(to []byte) (int, error) {
	if r.by != nil {
		if n, done, err := r.readFrom(r.by, to); done {
			return n, err
		}
	}
	for _, l := range r.of.copies() {
		r.by, r.from = l, nil
		if n, done, err := r.readFrom(l, to); done {
			return n, err
		}
	}
	return 0, fault.New(fault.CallerGone, "all who had the photo left")
}

// readFrom reads on in a copy. It is not done where the copy was taken back.
func (r *sharedReader) readFrom(l *loan, to []byte) (n int, done bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.photo == nil {
		return 0, false, nil
	}
	if r.from == nil {
		r.from = l.photo.Open()
		if _, err := io.CopyN(io.Discard, r.from, r.at); err != nil {
			return 0, true, err
		}
	}
	n, err = r.from.Read(to)
	r.at += int64(n)
	return n, true, err
}
