package sqlitefile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string, o sqlitefile.Options) *sqlitefile.File {
	t.Helper()
	f, err := sqlitefile.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func exec(t *testing.T, f *sqlitefile.File, query string) {
	t.Helper()
	if _, err := f.Writer.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// TestPragmas: both pools have the pragmas of the package and those of the caller.
func TestPragmas(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "a b%?#.db"), sqlitefile.Options{
		BusyTimeout: 3 * time.Second, Pragmas: []string{"cache_size(-16000)"},
		Readers: 2, ReaderBusyTimeout: time.Second, ReaderPragmas: []string{"cache_size(-4000)"},
	})
	for pragma, want := range map[string][2]string{
		"journal_mode": {"wal", "wal"}, "busy_timeout": {"3000", "1000"}, "synchronous": {"1", "2"},
		"query_only": {"0", "1"}, "cache_size": {"-16000", "-4000"},
	} {
		var writer, reader string
		err := errors.Join(
			f.Writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&writer),
			f.Reader.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&reader),
		)
		if err != nil || writer != want[0] || reader != want[1] {
			t.Errorf("%s: the writer has %s, a reader %s, %v; want %v", pragma, writer, reader, err, want)
		}
	}
	if _, err := f.Reader.ExecContext(t.Context(), "CREATE TABLE t (x)"); err == nil {
		t.Error("a reader can write")
	}
	durable := open(t, filepath.Join(t.TempDir(), "x.db"), sqlitefile.Options{Durable: true})
	var synchronous string
	if err := durable.Writer.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous); err != nil || synchronous != "2" {
		t.Errorf("a durable file has synchronous %s, %v", synchronous, err)
	}
}

// TestWriterLocksAtTheBeginning: a transaction that reads first and writes later never fails for another one's writes.
func TestWriterLocksAtTheBeginning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	first, second := open(t, path, sqlitefile.Options{}), open(t, path, sqlitefile.Options{Readers: 1})
	exec(t, first, "CREATE TABLE t (x)")
	tx, err := first.Writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const busy = 5
	if _, err := second.Writer.BeginTx(t.Context(), nil); sqlitefile.Code(err)&0xff != busy {
		t.Errorf("a second transaction began: %v", err)
	}
	var n int
	if err := second.Reader.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil {
		t.Errorf("a reader cannot read beside a transaction: %v", err)
	}
}

// TestModes: the directory and the files are readable by their owner only. A file that gives others rights keeps them
// unless the caller wants none.
func TestModes(t *testing.T) {
	mode := func(path string) os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	all := func(path string) (modes []os.FileMode) {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			modes = append(modes, mode(path+suffix))
		}
		return modes
	}
	dir := filepath.Join(t.TempDir(), "new")
	fresh := filepath.Join(dir, "fresh.db")
	exec(t, open(t, fresh, sqlitefile.Options{}), "CREATE TABLE t (x)")
	for _, got := range all(fresh) {
		if got != 0o600 {
			t.Errorf("new files have the modes %v", all(fresh))
		}
	}
	if got := mode(dir); got != 0o700 {
		t.Errorf("the directory has mode %v", got)
	}
	for _, ownerOnly := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "old.db")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		exec(t, open(t, path, sqlitefile.Options{OwnerOnly: ownerOnly}), "CREATE TABLE t (x)")
		want := map[bool]os.FileMode{false: 0o640, true: 0o600}[ownerOnly]
		for _, got := range all(path) {
			if got != want {
				t.Errorf("owner only %v: modes %v", ownerOnly, all(path))
			}
		}
	}
}

// TestDamaged: what is no database is told apart from what cannot be opened, and can be moved aside.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.db")
	text := strings.Repeat("no database ", 1000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlitefile.Open(t.Context(), path, sqlitefile.Options{}); !sqlitefile.Damaged(err) {
		t.Errorf("no database: %v", err)
	}
	if err := sqlitefile.MoveAside(path, path+".broken"); err != nil {
		t.Fatal(err)
	}
	if aside, err := os.ReadFile(path + ".broken"); err != nil || string(aside) != text {
		t.Errorf("aside: %d bytes, %v", len(aside), err)
	}
	f := open(t, path, sqlitefile.Options{})
	exec(t, f, "CREATE TABLE t (x)")
	if _, err := f.Writer.ExecContext(t.Context(), "INSERT INTO other VALUES (1)"); !sqlitefile.Unprepared(err) || sqlitefile.Damaged(err) {
		t.Errorf("a missing table: %v", err)
	}
	for _, name := range []string{dir, filepath.Join(path, "below a file.db")} {
		if _, err := sqlitefile.Open(t.Context(), name, sqlitefile.Options{}); err == nil || sqlitefile.Damaged(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlitefile.Open(ended, path, sqlitefile.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

// TestInPlace: a file that was moved, removed or replaced is not in place.
func TestInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	f := open(t, path, sqlitefile.Options{KeepLog: true})
	exec(t, f, "CREATE TABLE t (x)")
	if !f.InPlace() {
		t.Error("a new file is not in place")
	}
	if err := sqlitefile.MoveAside(path, path+".aside"); err != nil {
		t.Fatal(err)
	}
	if f.InPlace() {
		t.Error("a moved file is in place")
	}
	other := open(t, path, sqlitefile.Options{KeepLog: true})
	if f.InPlace() || !other.InPlace() {
		t.Error("the files are taken for each other")
	}
}

// TestLogAfterClosing: the log goes with the last connection unless it is to be kept.
func TestLogAfterClosing(t *testing.T) {
	for _, keep := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "x.db")
		f, err := sqlitefile.Open(t.Context(), path, sqlitefile.Options{KeepLog: keep})
		if err != nil {
			t.Fatal(err)
		}
		exec(t, f, "CREATE TABLE t (x)")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path + "-wal"); (err == nil) != keep {
			t.Errorf("keep %v: %v", keep, err)
		}
	}
}
