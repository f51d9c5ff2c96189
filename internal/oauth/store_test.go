package oauth

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// keep is a change that stores this token, whatever was there.
func keep(t Token) func(context.Context) (Token, error) {
	return func(context.Context) (Token, error) { return t, nil }
}

func storeIn(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := OpenStore(StoreOptions{Dir: dir, AppKey: "1000000", AppSecret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func some() Token {
	at := time.Date(2026, 10, 10, 4, 0, 0, 223e6, time.UTC)
	return Token{
		AppKey: "1000000", Owner: "沙箱买家", MemberID: "b2b-1", AccessToken: "access-1", ObtainedAt: at, ExpiresAt: at.Add(10 * time.Hour),
		RefreshToken: "refresh-1", RefreshExpiresAt: at.Add(183 * 24 * time.Hour),
	}
}

func save(t *testing.T, s *Store, token Token) {
	t.Helper()
	if _, err := s.Update(t.Context(), keep(token)); err != nil {
		t.Fatal(err)
	}
}

func TestStoredTokensReadBackAndAreTheirOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "anew")
	s := storeIn(t, dir)
	_, err := s.Load(t.Context())
	if exists, existsErr := s.Exists(t.Context()); !errors.Is(err, ErrNoToken) || exists || existsErr != nil {
		t.Fatalf("nothing stored: %v, %v", err, existsErr)
	}
	for _, token := range []Token{some(), {AppKey: "1000000", AccessToken: "bare"}} {
		want, err := s.Update(t.Context(), keep(token))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, s.Path(): 0o600, filepath.Join(dir, lockName): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", path, info.Mode().Perm(), err, want)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%v are left (%v), want the tokens and the lock", left, err)
	}
}

func TestWhatIsNotLoaded(t *testing.T) {
	for name, test := range map[string]struct {
		arrange func(t *testing.T, s *Store)
		want    string
	}{
		"readable by the group": {func(t *testing.T, s *Store) { chmod(t, s.Path(), 0o640) }, "FILE may be read by others (mode 0640): run `chmod 600` on it, and assume that its tokens were read"},
		"writable by anybody":   {func(t *testing.T, s *Store) { chmod(t, s.Path(), 0o602) }, "FILE may be read by others (mode 0602): run `chmod 600` on it, and assume that its tokens were read"},
		"directory of anybody":  {func(t *testing.T, s *Store) { chmod(t, s.dir, 0o777) }, "<DIR> may be written by others (mode 0777), and tokens are kept there: run `chmod 700` on it, or name another ZHAOHUO_DATA_DIR"},
		"no JSON":               {func(t *testing.T, s *Store) { write(t, s, "CANARY") }, "FILE is damaged: run `zhaohuo auth login`"},
		"half of it":            {func(t *testing.T, s *Store) { write(t, s, `{"app_key":"1000000","access_token":"CANARY`) }, "FILE is damaged: run `zhaohuo auth login`"},
		"a date that is none": {func(t *testing.T, s *Store) {
			write(t, s, `{"app_key":"1000000","access_token":"a","expires_at":"CANARY"}`)
		}, "FILE is damaged: run `zhaohuo auth login`"},
		"no token":                  {func(t *testing.T, s *Store) { write(t, s, `{"app_key":"1000000"}`) }, "FILE is damaged: run `zhaohuo auth login`"},
		"a token with a line end":   {func(t *testing.T, s *Store) { write(t, s, `{"app_key":"1000000","access_token":"CANARY\n"}`) }, "FILE is damaged: run `zhaohuo auth login`"},
		"too large":                 {func(t *testing.T, s *Store) { write(t, s, strings.Repeat(" ", fileBytesMax+1)) }, "FILE is damaged: run `zhaohuo auth login`"},
		"tokens of another App Key": {func(t *testing.T, s *Store) { s.sealer.appKey = "2" }, "FILE holds tokens of App Key \"1000000\", not of \"2\": run `zhaohuo auth login`, or name another ZHAOHUO_DATA_DIR"},
	} {
		t.Run(name, func(t *testing.T) {
			s := storeIn(t, t.TempDir())
			chmod(t, s.dir, 0o700)
			save(t, s, some())
			test.arrange(t, s)
			_, err := s.Load(t.Context())
			want := strings.NewReplacer("FILE", s.Path(), "<DIR>", s.dir).Replace(test.want)
			if err == nil || err.Error() != want {
				t.Errorf("got:  %v\nwant: %s", err, want)
			}
		})
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, s *Store, text string) {
	t.Helper()
	if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNothingIsKeptWhereOthersMayReplaceIt(t *testing.T) {
	s := storeIn(t, t.TempDir())
	chmod(t, s.dir, 0o777)
	if _, err := s.Update(t.Context(), keep(some())); err == nil || !strings.Contains(err.Error(), "may be written by others (mode 0777)") {
		t.Errorf("got %v", err)
	}
}

// After a crash between writing and renaming the old tokens are still there, and the next process works with them.
func TestCrashBetweenWritingAndRenaming(t *testing.T) {
	s := storeIn(t, t.TempDir())
	chmod(t, s.dir, 0o700)
	before := some()
	save(t, s, before)
	child := exec.CommandContext(t.Context(), self(t))
	child.Env = append(os.Environ(), childVariable+"=crash")
	child.Dir = s.dir
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child was not killed: %v\n%s", err, out)
	}
	if _, err := os.Stat(s.Path() + leftOver); err != nil {
		t.Fatalf("the child was killed too early: %v", err)
	}
	got, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, got); diff != "" {
		t.Errorf("after the crash (-want +got):\n%s", diff)
	}
	after := before
	after.AccessToken = "access-3"
	save(t, s, after) // The lock died with its holder.
	got, err = s.Load(t.Context())
	if err != nil || got.AccessToken != "access-3" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := os.Stat(s.Path() + leftOver); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the temporary file of the killed process is still there: %v", err)
	}
}

// leftOver ends the name of the temporary file that the killed child leaves.
const leftOver = ".1.tmp"

// crash runs in the child: it is killed after writing and before renaming.
func crash() error {
	s, err := OpenStore(StoreOptions{Dir: ".", AppKey: "1000000", AppSecret: "secret"})
	if err != nil {
		return err
	}
	s.replace = func(name string, content []byte) error {
		return errors.Join(os.WriteFile(name+leftOver, content, 0o600), syscall.Kill(os.Getpid(), syscall.SIGKILL))
	}
	token := some()
	token.AccessToken = "access-2"
	_, err = s.Update(context.Background(), keep(token))
	return err
}

func TestAFileThatCannotBeReplacedKeepsTheOldTokens(t *testing.T) {
	s := storeIn(t, t.TempDir())
	chmod(t, s.dir, 0o700)
	save(t, s, some())
	broken := errors.New("broken")
	s.replace = func(string, []byte) error { return broken }
	if _, err := s.Update(t.Context(), keep(Token{AppKey: "1000000", AccessToken: "new"})); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if got, err := s.Load(t.Context()); err != nil || got.AccessToken != "access-1" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLockWaitIsBounded(t *testing.T) {
	s := storeIn(t, t.TempDir())
	chmod(t, s.dir, 0o700)
	lock, err := s.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
	defer cancel()
	if _, err := s.Lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held lock: %v", err)
	}
	lock.Release(t.Context())
	lock, err = s.Lock(t.Context())
	if err != nil {
		t.Fatalf("a lock given back: %v", err)
	}
	lock.Release(t.Context())
}
