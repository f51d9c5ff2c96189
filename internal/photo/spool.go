package photo

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	// spoolMemory is how much of one photo is held in memory. What is larger goes to a file as a whole, whose newest
	// parts the system holds in memory anyway, and gives up when others need it.
	spoolMemory = 256 << 10
	// spoolFirst is how much memory a spool begins with, and counts for as long as it is open.
	spoolFirst = 16 << 10
)

// Spool takes a photo as it arrives, in memory as long as there is room, up to a bound, and in a nameless file beyond it. Its
// memory follows what has arrived. It hashes what it takes, and refuses what is over the limit at once. One goroutine
// writes; when it is done, any number may read.
type Spool struct {
	dir   string
	limit int64
	// room is where more memory comes from.
	room memory

	// mu keeps Close from pulling the file from under a reader.
	mu     sync.RWMutex
	head   []byte
	file   *temporary
	size   int64
	sum    hash.Hash
	closed bool
}

// newSpool takes photos of at most limit bytes, with memory out of room, where spoolFirst bytes are taken already.
func newSpool(dir string, limit int64, room memory) *Spool {
	return &Spool{dir: dir, limit: limit, room: room, sum: sha256.New()}
}

// Write appends p. It fails with ImageTooLarge if the photo would become larger than the limit, of which nothing is
// taken then.
func (s *Spool) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, os.ErrClosed
	}
	if int64(len(p)) > s.limit-s.size {
		return 0, tooLarge(s.limit)
	}
	if err := s.append(p); err != nil {
		return 0, err
	}
	s.sum.Write(p)
	s.size += int64(len(p))
	return len(p), nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.ImageTooLarge, "the image has more than %d bytes, which is the most that is accepted", limit)
}

func (s *Spool) append(p []byte) error {
	if s.file == nil && s.grow(len(p)) {
		s.head = append(s.head, p...)
		return nil
	}
	if s.file == nil {
		if err := s.spill(); err != nil {
			return err
		}
	}
	if _, err := s.file.WriteAt(p, s.size); err != nil {
		return diskFault(err)
	}
	return nil
}

// grow makes room in memory for n more bytes; false if there is none, or not for so much of one photo.
func (s *Spool) grow(n int) bool {
	need := len(s.head) + n
	if need <= cap(s.head) {
		return true
	}
	size := min(max(2*cap(s.head), need, spoolFirst), spoolMemory)
	if need > spoolMemory || size > spoolFirst && !s.room.grow(int64(size-max(cap(s.head), spoolFirst))) {
		return false
	}
	larger := make([]byte, len(s.head), size)
	copy(larger, s.head)
	s.head = larger
	return true
}

// free gives back all memory but what counts for as long as the spool is open.
func (s *Spool) free() {
	if more := cap(s.head) - spoolFirst; more > 0 {
		s.room.shrink(int64(more))
	}
	s.head = nil
}

// spill moves what is in memory to a file.
func (s *Spool) spill() error {
	file, err := newTemporary(s.dir)
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(s.head, 0); err != nil {
		return diskFault(errors.Join(err, file.Close()))
	}
	s.file = file
	s.free()
	return nil
}

// ReadAt implements [io.ReaderAt]. After Close it fails with os.ErrClosed.
func (s *Spool) ReadAt(p []byte, off int64) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case s.closed:
		return 0, os.ErrClosed
	case off < 0:
		return 0, fmt.Errorf("photo: read at %d", off)
	case off >= s.size:
		return 0, io.EOF
	case s.file != nil:
		return s.file.ReadAt(p, off)
	}
	n := copy(p, s.head[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Size is how many bytes were taken.
func (s *Spool) Size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.size
}

// Sum is the SHA-256 of what was taken.
func (s *Spool) Sum() (sum [sha256.Size]byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.sum.Sum(sum[:0])
	return sum
}

// Close frees memory, file and the room in the budget. It may be called twice.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.free()
	defer s.room.release()
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
