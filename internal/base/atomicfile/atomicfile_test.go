package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// crashVariable is an environment variable. If it is set, this program is a child of a test: it begins to replace the
// file with that name and is killed before it renames the new file.
const crashVariable = "ATOMICFILE_TEST_CRASH"

func TestMain(m *testing.M) {
	name := os.Getenv(crashVariable)
	if name == "" {
		os.Exit(m.Run()) //nolint:forbidigo // The end of a test's main.
	}
	err := write(name, []byte("new"), func(string, string) error {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		return errors.Join(self.Kill(), errors.New("still alive"))
	})
	fmt.Fprintln(os.Stderr, "not killed:", err)
}

// files are the names in the directory.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestWrite: a new file is readable by its owner only, also in the place of one that others could read.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x [*].json")
	if err := os.WriteFile(name, []byte("old and longer"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(name, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, name); got != "new" || info.Mode().Perm() != 0o600 || len(files(t, dir)) != 1 {
		t.Errorf("%q with mode %v; files %v", got, info.Mode(), files(t, dir))
	}
	if err := Write(filepath.Join(dir, "missing", "x"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

// TestFailedFill: content that breaks off replaces nothing.
func TestFailedFill(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x")
	half := errors.New("broke off")
	fill := func(err error) func(io.Writer) error {
		return func(to io.Writer) error {
			_, wrong := io.WriteString(to, "new")
			return errors.Join(wrong, err)
		}
	}
	if err := WriteBy(name, fill(half)); !errors.Is(err, half) || len(files(t, dir)) != 0 {
		t.Errorf("%v; files %v", err, files(t, dir))
	}
	if err := WriteBy(name, fill(nil)); err != nil || read(t, name) != "new" || len(files(t, dir)) != 1 {
		t.Errorf("%v; files %v", err, files(t, dir))
	}
}

// TestFailedRename: the old file stays, and nothing else.
func TestFailedRename(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x")
	if err := Write(name, []byte("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := write(name, []byte("new"), func(string, string) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if got := read(t, name); got != "old" || len(files(t, dir)) != 1 {
		t.Errorf("%q; files %v", got, files(t, dir))
	}
}

// TestKilledBeforeRenaming: the old file stays. Clean removes the temporary file and no other.
func TestKilledBeforeRenaming(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x")
	for _, each := range []string{"x", "x.lock", "xy.tmp"} {
		if err := Write(filepath.Join(dir, each), []byte("old")); err != nil {
			t.Fatal(err)
		}
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashVariable+"="+name)
	if out, err := child.CombinedOutput(); err == nil || len(out) > 0 {
		t.Fatalf("the child was not killed: %v\n%s", err, out)
	}
	if got := read(t, name); got != "old" || len(files(t, dir)) != 4 {
		t.Errorf("%q; files %v", got, files(t, dir))
	}
	if err := Clean(name); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"x", "x.lock", "xy.tmp"}) {
		t.Errorf("files after cleaning: %v", got)
	}
}
