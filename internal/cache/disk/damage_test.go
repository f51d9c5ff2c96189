package disk_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // To look into files.

	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
)

func TestADamagedFileIsMovedAsideAndSaidOnce(t *testing.T) {
	noise := bytes.Repeat([]byte("no database "), 10_000)
	for name, spoil := range map[string]func([]byte) []byte{
		"something else":    func([]byte) []byte { return noise },
		"a few words":       func([]byte) []byte { return []byte("no database") },
		"noise after start": func(b []byte) []byte { return append(b[:200:200], noise...) },
		"cut in the middle": func(b []byte) []byte { return b[:len(b)/2] },
		"zeros inside":      func(b []byte) []byte { return append(b[:4096:4096], make([]byte, len(b)-4096)...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, disk.FileName)
			spoilt := spoil(fileOf(t, 200))
			if err := os.WriteFile(path, spoilt, 0o600); err != nil {
				t.Fatal(err)
			}
			var j journal
			s := open(t, disk.Config{Dir: dir, Log: j.log()})
			for i := range 200 {
				has(t, s, i) // True or false, but never an error or another value.
			}
			put(t, s, time.Now().Add(time.Hour), numbers(300, 320)...)
			for i := 300; i < 320; i++ {
				if !has(t, s, i) {
					t.Errorf("%d, put afterwards, is gone", i)
				}
			}
			moved := aside(t, dir)
			if len(moved) != 1 || j.warnings() != 1 {
				t.Fatalf("moved aside: %v; said: %q", moved, j.lines)
			}
			if kept, err := os.ReadFile(moved[0]); err != nil || len(kept) == 0 || !bytes.Equal(kept[:1], spoilt[:1]) {
				t.Errorf("what was moved aside has %d bytes, %v", len(kept), err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			second := open(t, disk.Config{Dir: dir, Log: j.log()})
			if !has(t, second, 300) || j.warnings() != 1 {
				t.Error("after a restart it is not well")
			}
		})
	}
}

// fileOf is a closed file with n answers, without its log.
func fileOf(t *testing.T, n int) []byte {
	t.Helper()
	dir := t.TempDir()
	s := disk.New(disk.Config{Dir: dir})
	put(t, s, time.Now().Add(time.Hour), numbers(0, n)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, disk.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAFlippedBitIsNoAnswer(t *testing.T) {
	dir := t.TempDir()
	b := fileOf(t, 50)
	at := bytes.Index(b, valueOf(25)[:64])
	if at < 0 {
		t.Fatal("the answer is not in the file")
	}
	b[at+10] ^= 1
	if err := os.WriteFile(filepath.Join(dir, disk.FileName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	var j journal
	s := open(t, disk.Config{Dir: dir, Log: j.log()})
	if !has(t, s, 24) || has(t, s, 25) || j.warnings() != 1 || len(aside(t, dir)) != 1 {
		t.Errorf("said: %q", j.lines)
	}
}

func TestAFileDamagedWhileInUse(t *testing.T) {
	dir := t.TempDir()
	var j journal
	s := open(t, disk.Config{Dir: dir, Log: j.log()})
	put(t, s, time.Now().Add(time.Hour), numbers(0, 2000)...)
	path := filepath.Join(dir, disk.FileName)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	// Both the file and its log are overwritten, as by another program.
	for _, each := range []string{path, path + "-wal"} {
		if err := os.WriteFile(each, bytes.Repeat([]byte{0xa5}, int(info.Size())), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2000 {
		has(t, s, i)
	}
	put(t, s, time.Now().Add(time.Hour), numbers(3000, 3100)...)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	second := open(t, disk.Config{Dir: dir, Log: j.log()})
	for i := 3000; i < 3100; i++ {
		if !has(t, second, i) {
			t.Errorf("%d, put afterwards, is gone", i)
		}
	}
	if j.warnings() != 1 {
		t.Errorf("said: %q", j.lines)
	}
}

func TestAFileRemovedWhileInUse(t *testing.T) {
	dir := t.TempDir()
	s := open(t, disk.Config{Dir: dir})
	put(t, s, time.Now().Add(time.Hour), 1)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, disk.FileName+suffix)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, time.Now().Add(time.Hour), 2)
	second := open(t, disk.Config{Dir: dir})
	if !has(t, second, 2) {
		t.Error("what was put afterwards is nowhere")
	}
}

// One process finds the damage and begins a new file. What the other process puts must be found there too.
func TestAFileMovedAsideByAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	var j journal
	one, other := open(t, disk.Config{Dir: dir, Log: j.log()}), open(t, disk.Config{Dir: dir, Log: j.log()})
	put(t, one, time.Now().Add(time.Hour), numbers(0, 100)...)
	if !has(t, other, 50) {
		t.Fatal("they do not share a file")
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, disk.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE body SET value = zeroblob(8000) WHERE id = 50"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		has(t, one, i)
	}
	if len(aside(t, dir)) != 1 {
		t.Fatal("the damage was not found")
	}
	put(t, other, time.Now().Add(time.Hour), 200)
	put(t, one, time.Now().Add(time.Hour), 201)
	for _, s := range []*disk.Store{one, other} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	third := open(t, disk.Config{Dir: dir, Log: j.log()})
	if !has(t, third, 200) || !has(t, third, 201) || j.warnings() != 1 {
		t.Errorf("200: %v, 201: %v, said: %q", has(t, third, 200), has(t, third, 201), j.lines)
	}
}

func TestFilesMovedAsideDoNotPileUp(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	for range 5 {
		if err := os.WriteFile(filepath.Join(dir, disk.FileName), []byte("damaged for sure, and long enough"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, disk.Config{Dir: dir, Now: c.Now})
		put(t, s, c.Now().Add(time.Hour), 1)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		c.pass(time.Minute)
	}
	if moved := aside(t, dir); len(moved) != 2 || filepath.Base(moved[1]) != "cache.db.corrupt-20261103T130400.000Z" {
		t.Errorf("moved aside: %v", moved)
	}
}

func TestAFileOfAnotherVersionIsBegunAnew(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, disk.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE answer (something TEXT); PRAGMA user_version = 7"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var j journal
	s := open(t, disk.Config{Dir: dir, Log: j.log()})
	put(t, s, time.Now().Add(time.Hour), 1)
	if !has(t, s, 1) || j.warnings() != 0 {
		t.Errorf("said: %q", j.lines)
	}
}

func TestTablesThatAreNotOursAreDamage(t *testing.T) {
	dir := t.TempDir()
	var j journal
	s := open(t, disk.Config{Dir: dir, Log: j.log()})
	put(t, s, time.Now().Add(time.Hour), 1)
	db, err := sql.Open("sqlite", filepath.Join(dir, disk.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "DROP TABLE body"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, s, time.Now().Add(time.Hour), 2)
	if !has(t, s, 2) || j.warnings() != 1 {
		t.Errorf("said: %q", j.lines)
	}
}
