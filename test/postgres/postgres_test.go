//go:build unix

package postgres_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
)

// asChild has this program start a cluster, print a database's address, and wait until it is killed.
const asChild = "ZHAOHUO_TEST_CLUSTER"

var cluster *postgres.Cluster

func TestMain(m *testing.M) {
	code, err := postgres.Run(func(c *postgres.Cluster) int {
		if os.Getenv(asChild) != "" {
			fmt.Fprintln(os.Stdout, "ready")
			_, _ = bufio.NewReader(os.Stdin).ReadByte() // It never comes.
			return 0
		}
		cluster = c
		return m.Run()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code) //nolint:forbidigo // This is a main.
}

func count(t *testing.T, url, statement string) (n int, err error) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(t.Context())
	return n, conn.QueryRow(t.Context(), statement).Scan(&n)
}

// TestStopAndStart: a stopped server refuses connections, and after its start has what was committed.
func TestStopAndStart(t *testing.T) {
	url := cluster.Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	cluster.Stop(t)
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the old connection still answers")
	}
	if _, err := count(t, url, "SELECT n FROM kept"); err == nil {
		t.Error("a stopped server answers")
	}
	cluster.Start(t)
	if n, err := count(t, url, "SELECT n FROM kept"); n != 7 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// TestNothingIsLeft: a test binary that is killed leaves neither a server nor files.
func TestNothingIsLeft(t *testing.T) {
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), asChild+"=1")
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	before := clusters(t)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("%q %v", line, err)
	}
	var dir string
	for each := range clusters(t) {
		if !before[each] && belongsTo(t, each, child.Process.Pid) {
			dir = each
		}
	}
	if dir == "" {
		t.Fatal("the child has no cluster")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // It was killed.
	look, late := time.NewTicker(10*time.Millisecond), time.After(time.Minute)
	defer look.Stop()
	for {
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			return // The files go last.
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("%s is still there", dir)
		}
	}
}

// clusters are the directories of all clusters there are.
func clusters(t *testing.T) map[string]bool {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(os.TempDir(), "zhaohuo-postgres-*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, each := range found {
		all[each] = true
	}
	return all
}

// belongsTo reports whether the guard of a cluster is a child of the process.
func belongsTo(t *testing.T, dir string, pid int) bool {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range found {
		line, err := os.ReadFile(each)
		if err != nil || !strings.Contains(string(line), "\x00sh\x00"+dir+"\x00") {
			continue
		}
		stat, err := os.ReadFile(filepath.Join(filepath.Dir(each), "status"))
		if err == nil && strings.Contains(string(stat), fmt.Sprintf("\nPPid:\t%d\n", pid)) {
			return true
		}
	}
	return false
}
