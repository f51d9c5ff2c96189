package disk_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
)

func TestMain(m *testing.M) {
	if part := os.Getenv(childPart); part != "" {
		if err := child(part); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// clock is a clock that is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 3, 13, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t testing.TB, config disk.Config) *disk.Store {
	t.Helper()
	s := disk.New(config)
	t.Cleanup(func() { _ = s.Close() }) // A damaged file need not close well.
	return s
}

func keyOf(i int) cache.Key {
	sum := sha256.Sum256([]byte(fmt.Sprint(i)))
	return cache.Key(sum[:16])
}

// valueOf is a value of the size of a page of goods, different for each i.
func valueOf(i int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "%08d", i), 1000)
}

func put(t testing.TB, s *disk.Store, until time.Time, numbers ...int) {
	t.Helper()
	items := make([]cache.Item, len(numbers))
	for i, n := range numbers {
		items[i] = cache.Item{Key: keyOf(n), Value: valueOf(n), Until: until}
	}
	if err := s.Put(t.Context(), items); err != nil {
		t.Fatal(err)
	}
}

// has reports whether the store returns what was put.
func has(t testing.TB, s *disk.Store, n int) bool {
	t.Helper()
	value, err := s.Get(t.Context(), keyOf(n))
	if err != nil {
		t.Fatal(err)
	}
	if value != nil && !bytes.Equal(value, valueOf(n)) {
		t.Fatalf("%d is not what was put", n)
	}
	return value != nil
}

func numbers(from, to int) []int {
	var all []int
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

func TestTheStoreDoesWhatAMapDoes(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		config := disk.Config{Dir: dir, Now: c.Now}
		s := disk.New(config)
		defer func() { _ = s.Close() }()
		kept := map[cache.Key]cache.Item{}
		for i := range 8 { // What an earlier try has left.
			item := cache.Item{Key: keyOf(i), Value: []byte{0}, Until: c.Now().Add(-time.Hour)}
			if err := s.Put(context.Background(), []cache.Item{item}); err != nil {
				t.Fatal(err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				var items []cache.Item
				for range rapid.IntRange(0, 4).Draw(t, "items") {
					item := cache.Item{
						Key:   keyOf(rapid.IntRange(0, 7).Draw(t, "key")),
						Value: rapid.SliceOfN(rapid.Byte(), 1, 9000).Draw(t, "value"),
						Until: c.Now().Add(rapid.SampledFrom([]time.Duration{-time.Second, time.Second, time.Minute, time.Hour}).Draw(t, "life")),
					}
					items = append(items, item)
					kept[item.Key] = item
				}
				if err := s.Put(context.Background(), items); err != nil {
					t.Fatal(err)
				}
			},
			"get": func(t *rapid.T) {
				key := keyOf(rapid.IntRange(0, 7).Draw(t, "key"))
				value, err := s.Get(context.Background(), key)
				wanted := kept[key].Value
				if c.Now().After(kept[key].Until) {
					wanted = nil
				}
				if err != nil || !bytes.Equal(value, wanted) || (value == nil) != (wanted == nil) {
					t.Fatalf("got %d bytes, %v; want %d", len(value), err, len(wanted))
				}
			},
			"pass": func(t *rapid.T) {
				c.pass(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "time"))
			},
			"restart": func(t *rapid.T) {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = disk.New(config)
			},
		})
	})
}

func TestTheFileKeepsToItsBound(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	const bound = 2 << 20
	s := open(t, disk.Config{Dir: dir, MaxBytes: bound, Now: c.Now})
	later := c.Now().Add(time.Hour)
	for i := 0; i < 2000; i += 10 {
		put(t, s, later, numbers(i, i+10)...)
		c.pass(time.Second)
		if !has(t, s, 0) { // Read again and again.
			t.Fatalf("the one that is read went at %d", i)
		}
		if size := s.Bytes(); size > bound {
			t.Fatalf("%d bytes in use at %d", size, i)
		}
	}
	info, err := os.Stat(filepath.Join(dir, disk.FileName))
	if err != nil || info.Size() > bound+200<<10 { // A batch comes in before others go.
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
	// Each of the newest 150 takes 8,000 bytes and some overhead. Together they do not reach the bound.
	for i := 1850; i < 2000; i++ {
		if !has(t, s, i) {
			t.Errorf("%d is gone", i)
		}
	}
	for i := 1; i < 1500; i++ {
		if has(t, s, i) {
			t.Errorf("%d is there still", i)
		}
	}
}

func TestWhatIsDeadGoesFirst(t *testing.T) {
	c := newClock()
	s := open(t, disk.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, Now: c.Now})
	put(t, s, c.Now().Add(time.Hour), numbers(0, 50)...)
	put(t, s, c.Now().Add(time.Second), numbers(100, 140)...)
	c.pass(time.Minute)
	put(t, s, c.Now().Add(time.Hour), numbers(200, 230)...)
	for _, i := range append(numbers(0, 50), numbers(200, 230)...) {
		if !has(t, s, i) {
			t.Errorf("%d is gone", i)
		}
	}
}

func TestAnAnswerOfUndueSizeIsNotKept(t *testing.T) {
	c := newClock()
	s := open(t, disk.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, Now: c.Now})
	put(t, s, c.Now().Add(time.Hour), 1)
	items := []cache.Item{{Key: keyOf(2), Value: make([]byte, 200<<10), Until: c.Now().Add(time.Hour)}}
	if err := s.Put(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	if value, err := s.Get(t.Context(), keyOf(2)); value != nil || err != nil || !has(t, s, 1) {
		t.Errorf("%d bytes, %v", len(value), err)
	}
}

func TestADirectoryThatCannotBeUsedIsAFailureUntilItCan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(dir, []byte("a file where a directory should be"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, disk.Config{Dir: dir})
	if _, err := s.Get(t.Context(), keyOf(1)); err == nil {
		t.Error("read from nowhere")
	}
	if err := s.Put(t.Context(), nil); err == nil {
		t.Error("wrote to nowhere")
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("nowhere is well")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	put(t, s, time.Now().Add(time.Hour), 1)
	if err := s.Ping(t.Context()); err != nil || !has(t, s, 1) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	dir := t.TempDir()
	s := disk.New(disk.Config{Dir: dir})
	put(t, s, time.Now().Add(time.Hour), 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), keyOf(1)); err == nil || err.Error() != "the disk cache is closed" {
		t.Errorf("got %v", err)
	}
}

func TestACallerWhoLeavesIsNoDamage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, disk.Config{Dir: dir})
	put(t, s, time.Now().Add(time.Hour), 1)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := s.Get(gone, keyOf(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if !has(t, s, 1) || len(aside(t, dir)) != 0 {
		t.Error("it counts as damage")
	}
}

// journal is a log that remembers its messages.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(p))
	return len(p), nil
}

func (j *journal) log() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// warnings counts lines about damage.
func (j *journal) warnings() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, line := range j.lines {
		if strings.Contains(line, "level=WARN") && strings.Contains(line, "moved_to=") {
			n++
		}
	}
	return n
}

// aside lists the files that were moved aside.
func aside(t testing.TB, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, disk.FileName+".corrupt-*Z"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
