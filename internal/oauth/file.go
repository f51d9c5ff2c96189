package oauth

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/atomicfile"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/filelock"
)

// The names in the data directory. The lock has a file of its own, since renaming replaces the tokens' file.
const (
	fileName     = "token.json"
	lockName     = "token.lock"
	fileBytesMax = 64 << 10
)

// loadFile reads the copy in the file. plain means that an old release wrote it without encryption. It fails with [ErrNoToken]
// if there is no file, and with another error if others may read it or it belongs to another App Key.
func (s *Store) loadFile() (t Token, plain bool, err error) {
	file, err := os.Open(s.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return Token{}, false, ErrNoToken
	}
	if err != nil {
		return Token{}, false, err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	if err := s.checkGuard(file); err != nil {
		return Token{}, false, err
	}
	text, err := boundedio.Read(file, fileBytesMax)
	if errors.Is(err, boundedio.ErrTooLarge) {
		return Token{}, false, fmt.Errorf("%s %w", s.Path(), errDamaged)
	}
	if err != nil {
		return Token{}, false, err
	}
	if t, plain, err = s.sealer.open(text); err != nil {
		return Token{}, false, fmt.Errorf("%s %w", s.Path(), err)
	}
	return t, plain, nil
}

// checkGuard refuses a file that others may read or write, and a directory in which others may replace it.
func (s *Store) checkGuard(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", s.Path())
	}
	if loose(info, 0o077) {
		return fmt.Errorf("%s may be read by others (mode %04o): run `chmod 600` on it, and assume that its tokens were read", s.Path(), info.Mode().Perm())
	}
	return s.checkDir()
}

func (s *Store) checkDir() error {
	info, err := os.Stat(s.dir)
	if err != nil {
		return err
	}
	if loose(info, 0o022) {
		return fmt.Errorf("%s may be written by others (mode %04o), and tokens are kept there: run `chmod 700` on it, or name another ZHAOHUO_DATA_DIR",
			s.dir, info.Mode().Perm())
	}
	return nil
}

// loose reports whether a mode has any of the bits. Windows has no such modes: a user's files are private there.
func loose(info fs.FileInfo, bits fs.FileMode) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&bits != 0
}

// saveFile replaces the copy in the file. The caller holds the file's lock.
func (s *Store) saveFile(t Token) error {
	text, err := s.sealer.seal(t)
	if err != nil {
		return err
	}
	if err := atomicfile.Clean(s.Path()); err != nil {
		return err
	}
	return s.replace(s.Path(), append(text, '\n'))
}

// lockFile keeps other processes that use this data directory from changing the file. It waits until ctx ends.
func (s *Store) lockFile(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	if err := s.checkDir(); err != nil {
		return nil, err
	}
	return filelock.Wait(ctx, filepath.Join(s.dir, lockName))
}
