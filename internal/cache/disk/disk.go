// Package disk keeps the cache's answers in one SQLite file, which survives restarts and sudden ends of the process.
//
// It opens the file when it is first needed, holds it to a bound of bytes, moves a damaged one aside, and may share it
// with other processes. It knows keys, bytes and times, and nothing of what they mean; whether a failing disk is
// asked again is the cache's matter.
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

// FileName is the file's name in the directory. SQLite has files of its own beside it, with names that begin so.
const FileName = "cache.db"

// The least bound that makes sense, and how many damaged files are kept for those who want to look at them.
const (
	bytesMin    = 1 << 20
	damagedKept = 2
)

var (
	errClosed = errors.New("the disk cache is closed")
	// errShut: the file was closed between opening and using it, because it is to be opened anew.
	errShut = errors.New("the disk cache's file is being exchanged")
)

// Config is what a [Store] is built from.
type Config struct {
	// Dir is the directory of the file; it is made if it is not there.
	Dir string
	// MaxBytes bounds the file, but for SQLite's log beside it (some 20 MB); 1 GiB by default, at least 1 MiB. What was
	// written longest ago and not read since goes first.
	MaxBytes int64
	Log      *slog.Logger
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// Store is a [cache.Store] on disk. What Put has acknowledged survives the end of the process, but the last moments
// may be lost when the power fails: an answer can be asked for again, and is not worth waiting for the disk.
type Store struct {
	config Config
	path   string
	bytes  atomic.Int64

	mu     sync.RWMutex // held for reading while the file is in use
	file   *file        // nil: not open
	closed bool
}

var _ cache.Store = (*Store)(nil)

// New returns a store that has not touched the disk yet.
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
		// Another process has moved the file aside, or somebody has removed it: nobody will find there what was written.
		if err := s.reopen(); err != nil {
			return err
		}
	}
	return errors.New("the disk cache's file is moved again and again")
}

// Ping implements [cache.Store].
func (s *Store) Ping(ctx context.Context) error {
	return s.use(ctx, func(f *file) error { return f.ping(ctx) })
}

// Bytes is how much of the file was in use when it was last written to; 0 before that.
func (s *Store) Bytes() int64 { return s.bytes.Load() }

// Close implements [cache.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.shut()
}

// reopen closes the file, to be opened anew when it is next needed.
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

// use runs work on the open file. A file that turns out to be damaged is moved aside, and work has another one.
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
	// Opening and moving aside exclude each other in all processes.
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

// discard moves the damaged file aside, unless that was done while this one was on its way.
func (s *Store) discard(ctx context.Context, f *file) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != f {
		return nil
	}
	_ = s.shut() // Of a damaged file nothing else can be expected.
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

// forgetDamaged removes all but the newest of the files moved aside, so that a failing disk is not filled by them.
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

// quoteGlob has the characters that are special in patterns stand for themselves.
func quoteGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// damagedError is damage that SQLite itself does not see.
type damagedError struct{ what string }

// Error implements error.
func (e damagedError) Error() string { return "the disk cache's file is damaged: " + e.what }
