package disk_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
)

// The test's own binary also runs as a child process with a cache. These variables say which child, and where.
const (
	childPart = "ZHAOHUO_TEST_DISK_PART"
	childDir  = "ZHAOHUO_TEST_DISK_DIR"
	childFrom = "ZHAOHUO_TEST_DISK_FROM"
)

// child is what such a process does.
func child(part string) error {
	from, _ := strconv.Atoi(os.Getenv(childFrom))
	switch part {
	case "search":
		return searchAndReport(from)
	case "full":
		return fillTheDisk()
	}
	return fmt.Errorf("no part %q", part)
}

// pages is an upstream that counts.
type pages struct {
	cache.Upstream

	calls int
}

func (p *pages) KeywordSearch(_ context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	p.calls++
	a := &zhaohuov1.KeywordSearchResponse{Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now()}}
	for i := range 20 {
		a.Products = append(a.Products, &zhaohuov1.Product{Id: strconv.Itoa(i), Title: q.GetKeyword() + strings.Repeat("货", 100)})
	}
	return a, nil
}

// losses counts answers that were not stored.
type losses struct{ atomic.Int64 }

func (*losses) Answered(cache.Kind, cache.By) {}
func (*losses) Refreshed(cache.Kind, error)   {}
func (*losses) Waited(cache.Kind, bool)       {}
func (*losses) StoreFailed(string, error)     {}
func (*losses) Forgotten(cache.Kind)          {}
func (l *losses) Dropped(answers int)         { l.Add(int64(answers)) }

// searchAndReport searches for one thing after the other and reports each stored answer, until it is killed or has reported
// 500.
func searchAndReport(from int) error {
	var lost losses
	c, err := cache.Wrap(&pages{}, cache.Config{Store: disk.New(disk.Config{Dir: os.Getenv(childDir)}), Observer: &lost})
	if err != nil {
		return err
	}
	for i := from; i < from+500; i++ {
		if _, err := c.KeywordSearch(context.Background(), &zhaohuov1.KeywordSearchRequest{Keyword: strconv.Itoa(i)}); err != nil {
			return err
		}
		if err := c.Flush(context.Background()); err != nil {
			return err
		}
		if lost.Load() > 0 {
			return fmt.Errorf("%d was not stored", i)
		}
		fmt.Fprintln(os.Stdout, i)
	}
	return c.Close(context.Background())
}

func start(t *testing.T, part, dir string, from int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childPart+"="+part, childDir+"="+dir, childFrom+"="+strconv.Itoa(from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// asked counts how many of the keywords a new process with a cache on the directory asks the upstream.
func asked(t *testing.T, dir string, keywords []string) int {
	t.Helper()
	p := &pages{}
	c, err := cache.Wrap(p, cache.Config{Store: disk.New(disk.Config{Dir: dir}), StoreTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for _, keyword := range keywords {
		a, err := c.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: keyword})
		if err != nil || !strings.HasPrefix(a.GetProducts()[19].GetTitle(), keyword+"货") {
			t.Fatalf("%s: %v, %v", keyword, a, err)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p.calls
}

func TestNoStoredAnswerIsLostWhenTheProcessIsKilled(t *testing.T) {
	dir := t.TempDir()
	var stored []string
	for round := range 3 {
		cmd, lines := start(t, "search", dir, round*1000)
		for range 100 + 37*round {
			if !lines.Scan() {
				t.Fatal("the child ended by itself")
			}
			stored = append(stored, lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // Told before the end came.
			stored = append(stored, lines.Text())
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the child was not killed: %v", err)
		}
	}
	if n := asked(t, dir, stored); n != 0 {
		t.Errorf("%d of %d stored answers were asked again", n, len(stored))
	}
	if moved := aside(t, dir); len(moved) != 0 {
		t.Errorf("taken for damage: %v", moved)
	}
}

func TestTwoProcessesOnOneDirectory(t *testing.T) {
	dir := t.TempDir()
	var stored []string
	one, lines := start(t, "search", dir, 0)
	other, otherLines := start(t, "search", dir, 250) // Half of the questions are the same.
	for _, each := range []*bufio.Scanner{lines, otherLines} {
		for each.Scan() {
			stored = append(stored, each.Text())
		}
	}
	for _, cmd := range []*exec.Cmd{one, other} {
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if n := asked(t, dir, stored); n != 0 || len(stored) != 1000 {
		t.Errorf("%d of %d stored answers were asked again", n, len(stored))
	}
}

// fillTheDisk writes until no file can grow any more, reads what is there, and writes again when there is room.
func fillTheDisk() error {
	signal.Ignore(syscall.SIGXFSZ) // Writing beyond the limit then fails as on a full disk.
	s := disk.New(disk.Config{Dir: os.Getenv(childDir)})
	put := func(i int) error {
		item := cache.Item{Key: keyOf(i), Value: valueOf(i), Until: time.Now().Add(time.Hour)}
		return s.Put(context.Background(), []cache.Item{item})
	}
	limit := func(bytes uint64) error {
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: 1 << 62})
	}
	if err := limit(1 << 20); err != nil {
		return err
	}
	stored := 0
	for put(stored) == nil {
		if stored++; stored > 10_000 {
			return fmt.Errorf("the disk does not fill")
		}
	}
	full := put(stored)
	for i := range stored {
		if value, err := s.Get(context.Background(), keyOf(i)); err != nil || string(value) != string(valueOf(i)) {
			return fmt.Errorf("%d cannot be read from the full disk: %w", i, err)
		}
	}
	if err := limit(1 << 40); err != nil {
		return err
	}
	for i := stored; i < stored+100; i++ {
		if err := put(i); err != nil {
			return fmt.Errorf("with room again: %w", err)
		}
	}
	fmt.Fprintln(os.Stdout, stored, full != nil)
	return s.Close()
}

func TestAFullDiskCanStillBeRead(t *testing.T) {
	dir := t.TempDir()
	cmd, lines := start(t, "full", dir, 0)
	reported := ""
	for lines.Scan() {
		reported = lines.Text()
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	var stored int
	var full bool
	if _, err := fmt.Sscan(reported, &stored, &full); err != nil || stored < 20 || !full {
		t.Fatalf("the child told %q", reported)
	}
	s := open(t, disk.Config{Dir: dir})
	for i := range stored + 100 {
		if !has(t, s, i) {
			t.Errorf("%d is gone", i)
		}
	}
	if moved := aside(t, dir); len(moved) != 0 {
		t.Errorf("taken for damage: %v", moved)
	}
}
