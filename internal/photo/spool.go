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
	// spoolMemory is how much of one photo is held in memory. A larger photo goes to a file completely. The system
	// caches its newest parts anyway, and can drop them.
	spoolMemory = 256 << 10
	// spoolFirst is the initial memory of a spool, which counts as long as it is open.
	spoolFirst = 16 << 10
)

// Spool receives a photo: in memory while there is room, up to a bound, and then in a nameless file. Its memory grows
// with the received bytes. It hashes them, and refuses a photo as soon as it exceeds the limit. One goroutine writes;
// afterwards any number may read.
type Spool struct {
	dir   string
	limit int64
	// room is the source of more memory.
	room memory

	// mu keeps Close from closing the file during a read.
	mu     sync.RWMutex
	head   []byte
	file   *temporary
	size   int64
	sum    hash.Hash
	closed bool
}

// newSpool receives photos of at most limit bytes, with memory from room, where spoolFirst bytes are reserved already.
func newSpool(dir string, limit int64, room memory) *Spool {
	return &Spool{dir: dir, limit: limit, room: room, sum: sha256.New()}
}

// Write appends p. It fails with ImageTooLarge if the photo would exceed the limit, and then appends nothing.
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

// grow allocates memory for n more bytes; false if there is none, or if it is too much for one photo.
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

// free releases all memory, except what counts as long as the spool is open.
func (s *Spool) free() {
	if more := cap(s.head) - spoolFirst; more > 0 {
		s.room.shrink(int64(more))
	}
	s.head = nil
}

// spill moves the content from memory to a file.
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

// Size is how many bytes were received.
func (s *Spool) Size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.size
}

// Sum is the SHA-256 of the received bytes.
func (s *Spool) Sum() (sum [sha256.Size]byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.sum.Sum(sum[:0])
	return sum
}

// Close frees memory and file. It may be called twice.
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
