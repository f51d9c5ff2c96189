package photo

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

const (
	// spoolMemory is how much of one photo is held in memory. What is larger goes to a file as a whole, whose newest
	// parts the system holds in memory anyway, and gives up when others need it.
	spoolMemory = 256 << 10
	// spoolFirst is how much memory a spool begins with.
	spoolFirst = 16 << 10
)

// Spool takes a photo as it arrives, in memory up to a bound and in a nameless file beyond it. It hashes what it takes,
// and refuses what is over the limit at once. One goroutine writes; when it is done, any number may read.
type Spool struct {
	dir     string
	limit   int64
	release func()

	// mu keeps Close from pulling the file from under a reader.
	mu     sync.RWMutex
	head   []byte
	file   *temporary
	size   int64
	sum    hash.Hash
	closed bool
}

// newSpool takes photos of at most limit bytes; release is called when it is closed.
func newSpool(dir string, limit int64, release func()) *Spool {
	return &Spool{dir: dir, limit: limit, release: release, sum: sha256.New()}
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
	return fault.New(fault.ImageTooLarge, "the picture has more than %d bytes, which is the most that is taken", limit)
}

func (s *Spool) append(p []byte) error {
	if s.file == nil && len(s.head)+len(p) <= spoolMemory {
		s.head = grown(s.head, len(p))
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

// grown is b with room for n more bytes, and never for more than spoolMemory in all.
func grown(b []byte, n int) []byte {
	need := len(b) + n
	if need <= cap(b) {
		return b
	}
	larger := make([]byte, len(b), min(max(2*cap(b), need, spoolFirst), spoolMemory))
	copy(larger, b)
	return larger
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
	s.file, s.head = file, nil
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
	s.closed, s.head = true, nil
	defer s.release()
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
