package sqlitefile_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
)

// TestReopeningKeepsLocks: a second opening of a file in one process does not drop the first one's locks.
func TestReopeningKeepsLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	first := open(t, path, sqlitefile.Options{})
	exec(t, first, "CREATE TABLE t (x)")
	locks := func() int {
		text, err := os.ReadFile("/proc/locks")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), inode(t, path+"-shm")+" ") + strings.Count(string(text), inode(t, path)+" ")
	}
	before := locks()
	second, err := sqlitefile.Open(t.Context(), path, sqlitefile.Options{OwnerOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if after := locks(); before == 0 || after != before {
		t.Errorf("%d locks before another opening, %d after it", before, after)
	}
}

// inode is how /proc/locks names a file.
func inode(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return ":" + strconv.FormatUint(info.Sys().(*syscall.Stat_t).Ino, 10)
}
