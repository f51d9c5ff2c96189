// Package disk stores the cache's answers in one SQLite file, which survives restarts and crashes of the process.
//
// It opens the file on first use, bounds its size, moves a damaged file aside, and can share the file with other processes. It
// does not know what keys and values mean. It does not retry when the disk fails; the cache decides that.
package disk

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filelock"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// FileName is the file's name in the directory. SQLite's own files beside it have names that begin with it.
const FileName = "cache.db"

// The smallest useful MaxBytes, and how many damaged files are kept for inspection.
const (
	bytesMin    = 1 << 20
	damagedKept = 2
)

var (
	errClosed = errors.New("the disk cache is closed")
	// errShut means that the file was closed after it was opened and before it was used. It must be opened again.
	errShut = errors.New("the disk cache's file is being exchanged")
)

// Config is what a [Store] is built from.
type Config struct {
	// Dir is the directory of the file. It is created if it does not exist.
	Dir string
	// MaxBytes bounds the file without SQLite's log beside it (about 20 MB). The default is 1 GiB, the least 1 MiB. Answers
	// that were written longest ago and not read since are removed first.
	MaxBytes int64
	Log      *slog.Logger
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// Store is a [cache.Store] on disk. What Put has acknowledged survives the end of the process. After a power failure the last
// writes may be lost: an answer can be fetched again, so no write waits for the disk.
type Store struct {
	config Config
	path   string
	bytes  atomic.Int64

	mu     sync.RWMutex // held for reading while the file is in use
	file   *file        // nil means not open
	closed bool
}

var _ cache.Store = (*Store)(nil)

// New returns a store. It does not use the disk yet.
func New(c Config) *Store {
	c.MaxBytes = max(cmp.Or(c.MaxBytes, 1<<30), bytesMin)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{config: c, path: filepath.Join(c.Dir, FileName)}
}

// Get implements [cache.Store].
func (s *Store) Get(ctx context.Context, key cache.Key) (value []byte, err error) {
	err = s.use(ctx, func(f *file) error {
		value, err = f.get(ctx, key, s.config.Now())
		return err
	})
	return value, err
}

// Put implements [cache.Store]: all items or none, in one transaction.
func (s *Store) Put(ctx context.Context, items []cache.Item) error {
	for range 2 {
		moved := false
		err := s.use(ctx, func(f *file) error {
			size, err := f.put(ctx, items, s.config.Now(), s.config.MaxBytes)
			if err == nil {
				s.bytes.Store(size)
				moved = !f.InPlace()
			}
			return err
		})
		if err != nil || !moved {
			return err
		}
		// Another process has moved the file aside, or somebody has removed it. What was written there is lost.
		if err := s.reopen(); err != nil {
			return err
		}
	}
	return errors.New("the disk cache's file is moved or removed again and again")
}

// Ping implements [cache.Store].
func (s *Store) Ping(ctx context.Context) error {
	return s.use(ctx, func(f *file) error { return f.ping(ctx) })
}

// Bytes is how much of the file was in use after the last write. It is 0 before the first.
func (s *Store) Bytes() int64 { return s.bytes.Load() }

// Close implements [cache.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.shut()
}

// reopen closes the file. The next use opens it again.
func (s *Store) reopen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shut()
}

func (s *Store) shut() error {
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return f.Close()
}

// use runs work on the open file. If the file is damaged, it is moved aside and work runs again on a new one.
func (s *Store) use(ctx context.Context, work func(*file) error) error {
	var err error
	for range 3 {
		if err = s.open(ctx); err == nil {
			var f *file
			if f, err = s.run(ctx, work); damaged(err) {
				err = errors.Join(err, s.discard(ctx, f))
			}
		}
		if !damaged(err) && !errors.Is(err, errShut) {
			break
		}
	}
	return err
}

// run runs work while the file stays open.
func (s *Store) run(ctx context.Context, work func(*file) error) (*file, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.file == nil {
		return nil, errShut
	}
	err := work(s.file)
	if sqlitefile.Unprepared(err) && !s.file.ours(ctx) {
		err = errors.Join(err, damagedError{"its tables are not those that were made"})
	}
	return s.file, err
}

// open opens the file unless it is open. A damaged one is moved aside and reported as such.
func (s *Store) open(ctx context.Context) error {
	s.mu.RLock()
	ready, closed := s.file != nil, s.closed
	s.mu.RUnlock()
	if closed {
		return errClosed
	}
	if ready {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil || s.closed {
		return nil
	}
	if err := os.MkdirAll(s.config.Dir, 0o700); err != nil {
		return err
	}
	// Of all processes, only one at a time opens the file or moves it aside.
	unlock, err := filelock.Wait(ctx, s.path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	f, err := openFile(ctx, s.path)
	if err != nil {
		if damaged(err) {
			err = errors.Join(err, s.moveAside())
		}
		return err
	}
	s.file = f
	return nil
}

// discard moves the damaged file aside, unless that was done meanwhile.
func (s *Store) discard(ctx context.Context, f *file) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != f {
		return nil
	}
	_ = s.shut() // A damaged file may fail to close.
	unlock, err := filelock.Wait(ctx, s.path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if !f.InPlace() {
		return nil // Another process has moved it.
	}
	return s.moveAside()
}

// moveAside renames the closed file and its log. The caller holds the lock file.
func (s *Store) moveAside() error {
	aside := s.path + ".corrupt-" + s.config.Now().UTC().Format("20060102T150405.000Z")
	if err := sqlitefile.MoveAside(s.path, aside); err != nil {
		return err
	}
	s.config.Log.Warn("the disk cache's file is damaged; it was moved aside, and a new one is begun", "file", s.path, "moved_to", aside)
	return s.forgetDamaged()
}

// forgetDamaged removes all but the newest files that were moved aside, so that they do not fill a failing disk.
func (s *Store) forgetDamaged() error {
	aside, err := filepath.Glob(quoteGlob(s.path) + ".corrupt-*Z")
	if err != nil || len(aside) <= damagedKept {
		return err
	}
	slices.Sort(aside)
	for _, path := range aside[:len(aside)-damagedKept] {
		for _, each := range []string{path, path + "-wal"} {
			if removed := os.Remove(each); removed != nil && !errors.Is(removed, os.ErrNotExist) {
				err = errors.Join(err, removed)
			}
		}
	}
	return err
}

// quoteGlob escapes the characters that are special in patterns.
func quoteGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// damagedError is damage that SQLite itself does not detect.
type damagedError struct{ what string }

// Error implements error.
func (e damagedError) Error() string { return "the disk cache's file is damaged: " + e.what }
