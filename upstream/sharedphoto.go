package upstream

import (
	"io"
	"slices"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// SharedPhoto is one photo that several callers have, each its own copy. It is read from whichever of them is still
// there: one who left may have given its copy away already. It is safe for concurrent use.
type SharedPhoto struct {
	size int64

	mu      sync.Mutex
	holders []*Holder
}

// NewSharedPhoto is a photo of so many bytes that nobody has yet.
func NewSharedPhoto(size int64) *SharedPhoto { return &SharedPhoto{size: size} }

// Holder is one caller's copy in a [SharedPhoto].
type Holder struct {
	photo Photo
	gone  bool
}

// Hold adds a caller's copy.
func (s *SharedPhoto) Hold(p Photo) *Holder {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &Holder{photo: p}
	s.holders = append(s.holders, h)
	return h
}

// Release gives a copy back: it is not read any more once Release returns. It tells whether none is left.
func (s *SharedPhoto) Release(h *Holder) (last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holders = slices.DeleteFunc(s.holders, func(other *Holder) bool { return other == h })
	h.photo, h.gone = nil, true
	return len(s.holders) == 0
}

// first is who has had a copy for longest; nil if nobody has one.
func (s *SharedPhoto) first() *Holder {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.holders) == 0 {
		return nil
	}
	return s.holders[0]
}

// Size implements [Photo].
func (s *SharedPhoto) Size() int64 { return s.size }

// Open implements [Photo].
func (s *SharedPhoto) Open() io.Reader { return &sharedReader{of: s} }

// sharedReader goes on in another copy where the one it read is given back.
type sharedReader struct {
	of   *SharedPhoto
	by   *Holder
	from io.Reader
	at   int64
}

// Read implements io.Reader.
func (r *sharedReader) Read(to []byte) (int, error) {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if r.by == nil || r.by.gone {
		if err := r.reopen(); err != nil {
			return 0, err
		}
	}
	n, err := r.from.Read(to)
	r.at += int64(n)
	return n, err
}

func (r *sharedReader) reopen() error {
	if len(r.of.holders) == 0 {
		return fault.New(fault.CallerGone, "all who had the photo left")
	}
	r.by = r.of.holders[0]
	r.from = r.by.photo.Open()
	_, err := io.CopyN(io.Discard, r.from, r.at)
	return err
}
