package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filelock"
)

// The names in the data directory. The lock has a file of its own, since renaming replaces the tokens' file.
const (
	fileName     = "token.json"
	tempName     = "token.json.tmp"
	lockName     = "token.lock"
	fileBytesMax = 64 << 10
)

// loadFile reads the copy in the file; plain tells one from before copies were encrypted. It is [ErrNoToken] if there is
// none, another error if others may read the file or it is not ours.
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
	text, err := io.ReadAll(io.LimitReader(file, fileBytesMax+1))
	if err != nil {
		return Token{}, false, err
	}
	if t, plain, err = s.sealer.open(text); err != nil {
		return Token{}, false, fmt.Errorf("%s %w", s.Path(), err)
	}
	return t, plain, nil
}

// checkGuard refuses a file that others may read or write, and a directory in which they may replace it.
func (s *Store) checkGuard(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", s.Path())
	}
	if loose(info, 0o077) {
		return fmt.Errorf("%s may be read by others (mode %04o): run `chmod 600` on it, and think of its tokens as seen", s.Path(), info.Mode().Perm())
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

// loose tells whether a mode has any of the bits. Windows has no such modes: a user's files are their own there.
func loose(info fs.FileInfo, bits fs.FileMode) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&bits != 0
}

// saveFile replaces the copy in the file, wholly or not at all. The caller holds the file's lock.
func (s *Store) saveFile(t Token) (err error) {
	text, err := s.sealer.seal(t)
	if err != nil {
		return err
	}
	temp := filepath.Join(s.dir, tempName)
	// One that a crash left behind may have any mode; a new one has ours.
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeSynced(temp, append(text, '\n')); err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(temp)))
	}
	if err := s.rename(temp, s.Path()); err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(temp)))
	}
	return syncDir(s.dir)
}

func writeSynced(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDir makes the renaming itself survive a loss of power.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // It cannot sync directories.
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// lockFile keeps other processes on this data directory from changing the file. It waits until ctx ends.
func (s *Store) lockFile(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	if err := s.checkDir(); err != nil {
		return nil, err
	}
	return filelock.Wait(ctx, filepath.Join(s.dir, lockName))
}
