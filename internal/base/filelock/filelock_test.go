package filelock_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filelock"
)

// held names the file that a child process of the test locks until it is killed.
const held = "FILELOCK_TEST_HELD"

func TestMain(m *testing.M) {
	name := os.Getenv(held)
	if name == "" {
		goleak.VerifyTestMain(m)
		return
	}
	unlock, err := filelock.Wait(context.Background(), name)
	if err != nil {
		panic(err)
	}
	defer unlock()
	fmt.Fprintln(os.Stdout, "locked")
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // It never comes.
}

// hold starts another process that locks the file.
func hold(t *testing.T, name string) *exec.Cmd {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), held+"="+name)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("%q %v", line, err)
	}
	return child
}

// TestWait waits for the lock of a running process until the timeout. The lock of a dead process is free.
func TestWait(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	child := hold(t, name)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := filelock.Wait(ctx, name); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("another's lock: %v", err)
	}
	got := make(chan error)
	go func() {
		unlock, err := filelock.Wait(t.Context(), name)
		if err == nil {
			unlock()
		}
		got <- err
	}()
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // It was killed.
	if err := <-got; err != nil {
		t.Errorf("a dead process's lock: %v", err)
	}
	// A free or released lock is granted at once.
	unlock, err := filelock.Wait(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Wait(ctx, name); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("our own lock: %v", err)
	}
	unlock()
	if unlock, err = filelock.Wait(ctx, name); err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestWaitWhereNoFileCanBe(t *testing.T) {
	if _, err := filelock.Wait(t.Context(), filepath.Join(t.TempDir(), "nowhere", "lock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
