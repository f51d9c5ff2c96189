package limiter_test

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
)

const childEnv = "ZHAOHUO_TEST_LEDGER_CHILD"

// TestTwoProcessesOneLedger starts this test binary twice on one file: no count is lost, and both together keep the
// limit.
func TestTwoProcessesOneLedger(t *testing.T) {
	if path := os.Getenv(childEnv); path != "" {
		days, coded := openLedger(t, path, true)
		g := limiter.NewLocal(limiter.Limits{App: limiter.Limit{PerDay: 300}}, days)
		n := 0
		for must(t)(g.Reserve(context.Background(), "search")).Granted {
			n++
			pause.For(t.Context(), time.Millisecond) // SQLite's lock is not fair to processes that never pause.
		}
		if err := g.Close(); err != nil || len(*coded) > 0 {
			t.Fatalf("close: %v, reported %q", err, *coded)
		}
		write(t, path+"."+strconv.Itoa(os.Getpid()), []byte(strconv.Itoa(n)))
		return
	}
	path := filepath.Join(t.TempDir(), "quota.db")
	var children []*exec.Cmd
	for range 2 {
		child := exec.Command(os.Args[0], "-test.run=^TestTwoProcessesOneLedger$")
		child.Env = append(os.Environ(), childEnv+"="+path)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, child)
	}
	total := 0
	for _, child := range children {
		if err := child.Wait(); err != nil {
			t.Fatal(err)
		}
		said, err := os.ReadFile(path + "." + strconv.Itoa(child.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(string(said))
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	days, _ := openLedger(t, path, true)
	g := limiter.NewLocal(limiter.Limits{}, days)
	if used := dayUsed(t, g, "search"); total != 300 || used != [2]int64{300, 300} {
		t.Errorf("%d were committed and %v were counted, want 300", total, used)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLedgerLocked: a file that another process keeps locked delays calls only briefly.
func TestLedgerLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "quota.db")
	days, _ := openLedger(t, path, true)
	g := limiter.NewLocal(limiter.Limits{App: limiter.Limit{PerSecond: 100}}, days)
	departed(t, g, "search")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lock, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec("UPDATE calls SET used = used"); err != nil {
		t.Fatal(err)
	}
	from := time.Now()
	for range 20 {
		departed(t, g, "search")
	}
	if took := time.Since(from); took > 2*time.Second { // SQLite alone would wait that long for each call.
		t.Errorf("20 calls at 100 a second took %v with a locked file", took)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	days, _ = openLedger(t, path, true)
	g = limiter.NewLocal(limiter.Limits{}, days)
	if used := dayUsed(t, g, "search"); used != [2]int64{21, 21} {
		t.Errorf("%v calls are stored, want all 21", used)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}
