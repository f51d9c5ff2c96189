package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/filelock"
	"github.com/zhaohuo-dev/zhaohuo/internal/secret"
)

// The names in the data directory. The lock has a file of its own, since renaming replaces the tokens' file.
const (
	fileName     = "token.json"
	tempName     = "token.json.tmp"
	lockName     = "token.lock"
	fileBytesMax = 64 << 10
)

// ErrNoToken is that nobody has logged in yet.
var ErrNoToken = errors.New("no tokens are stored: " + remedy)

// Store keeps the tokens of one App Key in a file that only its owner may read. Its errors name the file and are for
// the operator; they hold no secret.
type Store struct {
	dir, appKey string
	// rename is os.Rename unless a test breaks it.
	rename func(from, to string) error
}

// NewStore returns the store in a directory, which is made when something is first kept.
func NewStore(dir, appKey string) (*Store, error) {
	if dir == "" {
		return nil, errors.New("there is no directory to keep tokens in: set ZHAOHUO_DATA_DIR")
	}
	return &Store{dir: dir, appKey: appKey, rename: os.Rename}, nil
}

// Path is the file's path.
func (s *Store) Path() string { return filepath.Join(s.dir, fileName) }

// Exists tells whether something is stored, whatever it is.
func (s *Store) Exists() bool {
	_, err := os.Stat(s.Path())
	return err == nil
}

// stored is the file's content. The tokens are plain text here and nowhere else.
type stored struct {
	AppKey           string    `json:"app_key"`
	Owner            string    `json:"owner,omitempty"`
	MemberID         string    `json:"member_id,omitempty"`
	AccessToken      string    `json:"access_token"`
	ObtainedAt       time.Time `json:"obtained_at,omitzero"`
	ExpiresAt        time.Time `json:"expires_at,omitzero"`
	RefreshToken     string    `json:"refresh_token,omitempty"`
	RefreshExpiresAt time.Time `json:"refresh_expires_at,omitzero"`
	RevokedAt        time.Time `json:"revoked_at,omitzero"`
}

// Load reads the tokens: [ErrNoToken] if there are none, another error if others may read the file or it is not ours.
func (s *Store) Load() (Token, error) {
	file, err := os.Open(s.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return Token{}, ErrNoToken
	}
	if err != nil {
		return Token{}, err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	if err := s.checkGuard(file); err != nil {
		return Token{}, err
	}
	text, err := io.ReadAll(io.LimitReader(file, fileBytesMax+1))
	if err != nil {
		return Token{}, err
	}
	var kept stored
	// The decoder's error is dropped, because it may quote the text.
	if len(text) > fileBytesMax || json.Unmarshal(text, &kept) != nil ||
		kept.AccessToken == "" || !tokenForm(kept.AccessToken) || !tokenForm(kept.RefreshToken) {
		return Token{}, fmt.Errorf("%s is damaged: %s", s.Path(), remedy)
	}
	if kept.AppKey != s.appKey {
		return Token{}, fmt.Errorf("%s holds tokens of App Key %q, not of %q: %s, or name another ZHAOHUO_DATA_DIR", s.Path(), kept.AppKey, s.appKey, remedy)
	}
	return Token{
		AppKey: kept.AppKey, Owner: kept.Owner, MemberID: kept.MemberID,
		AccessToken: secret.Text(kept.AccessToken), ObtainedAt: kept.ObtainedAt, ExpiresAt: kept.ExpiresAt,
		RefreshToken: secret.Text(kept.RefreshToken), RefreshExpiresAt: kept.RefreshExpiresAt, RevokedAt: kept.RevokedAt,
	}, nil
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

// Save replaces what is stored, wholly or not at all. Whoever saves must hold the lock.
func (s *Store) Save(t Token) (err error) {
	text, err := json.MarshalIndent(stored{ // This file is where the tokens belong.
		AppKey: t.AppKey, Owner: t.Owner, MemberID: t.MemberID,
		AccessToken: t.AccessToken.Reveal(), ObtainedAt: t.ObtainedAt.UTC().Round(0), ExpiresAt: t.ExpiresAt.UTC().Round(0),
		RefreshToken: t.RefreshToken.Reveal(), RefreshExpiresAt: t.RefreshExpiresAt.UTC().Round(0), RevokedAt: t.RevokedAt.UTC().Round(0),
	}, "", "  ")
	if err != nil {
		return errors.New("the tokens cannot be written as JSON") // The cause might quote them.
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

// Lock keeps other processes from changing what is stored until unlock is called. It waits until ctx ends.
func (s *Store) Lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	if err := s.checkDir(); err != nil {
		return nil, err
	}
	return filelock.Wait(ctx, filepath.Join(s.dir, lockName))
}

// Update changes what is stored, under the lock.
func (s *Store) Update(ctx context.Context, change func(context.Context) (Token, error)) (Token, error) {
	unlock, err := s.Lock(ctx)
	if err != nil {
		return Token{}, err
	}
	defer unlock()
	changed, err := change(ctx)
	if err != nil {
		return Token{}, err
	}
	return changed, s.Save(changed)
}
