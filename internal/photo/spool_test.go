package photo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// names are the files in a directory.
func names(t interface{ Fatal(...any) }, dir string) int {
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func spoolOf(t interface{ Fatal(...any) }, budget *Budget, dir string, limit int64) *Spool {
	memory, err := budget.open(context.Background(), spoolFirst)
	if err != nil {
		t.Fatal(err)
	}
	return newSpool(dir, limit, memory)
}

// TestSpoolIsABuffer: written pieces of any size are read back, hashed, and refused at the limit.
func TestSpoolIsABuffer(t *testing.T) {
	dir := t.TempDir()
	pattern := make([]byte, 3*spoolMemory)
	for i := range pattern {
		pattern[i] = byte(i*7 + i>>9)
	}
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int64{1, 1000, spoolMemory - 1, spoolMemory, spoolMemory + 1, 2 * spoolMemory}).Draw(t, "limit")
		budget := NewBudget(rapid.SampledFrom([]int64{1 << 20, 4 << 20}).Draw(t, "budget"), 0)
		s := spoolOf(t, budget, dir, limit)
		var model []byte
		for range rapid.IntRange(1, 20).Draw(t, "writes") {
			piece := pattern[:rapid.OneOf(rapid.IntRange(0, 2000), rapid.IntRange(0, spoolMemory+10)).Draw(t, "n")]
			n, err := s.Write(piece)
			if int64(len(model)+len(piece)) > limit {
				if n != 0 || fault.KindOf(err) != fault.ImageTooLarge {
					t.Fatalf("over the limit: %d, %v", n, err)
				}
				continue
			}
			if n != len(piece) || err != nil {
				t.Fatalf("%d of %d: %v", n, len(piece), err)
			}
			model = append(model, piece...)
			// 4 MiB always have room, 1 MiB sometimes.
			if s.file == nil && len(model) > spoolMemory || s.file != nil && len(model) <= spoolMemory && budget.hands.Size() >= 1<<20 {
				t.Fatalf("%d bytes: %d in memory, a file: %t", len(model), cap(s.head), s.file != nil)
			}
			if used := budget.Used(); used != int64(max(cap(s.head), spoolFirst)) || used > int64(max(2*len(model), spoolFirst)) {
				t.Fatalf("%d bytes: %d in memory, and %d counted", len(model), cap(s.head), used)
			}
		}
		if s.Size() != int64(len(model)) || s.Sum() != sha256.Sum256(model) {
			t.Fatalf("size %d, want %d", s.Size(), len(model))
		}
		if err := iotest.TestReader(io.NewSectionReader(s, 0, s.Size()), model); err != nil {
			t.Fatal(err)
		}
		off := rapid.Int64Range(0, limit+10).Draw(t, "off")
		b := make([]byte, 100)
		n, err := s.ReadAt(b, off)
		want := model[min(off, int64(len(model))):]
		want = want[:min(len(want), 100)]
		if !bytes.Equal(b[:n], want) || (n < 100) != (err != nil) || (err != nil && !errors.Is(err, io.EOF)) {
			t.Fatalf("at %d: %d bytes, %v", off, n, err)
		}
		if names(t, dir) != 0 {
			t.Fatal("a file has a name")
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if budget.Used() != 0 {
			t.Fatalf("%d bytes were not released", budget.Used())
		}
		if _, err := s.ReadAt(b, 0); !errors.Is(err, os.ErrClosed) {
			t.Fatalf("read after the end: %v", err)
		}
		if _, err := s.Write(b); !errors.Is(err, os.ErrClosed) {
			t.Fatalf("written after the end: %v", err)
		}
	})
}

func TestSpoolWithoutADisk(t *testing.T) {
	budget := NewBudget(4<<20, 0)
	s := spoolOf(t, budget, t.TempDir()+"/nowhere", 1<<20)
	if _, err := s.Write(make([]byte, spoolMemory)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte{1}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if err := s.Close(); err != nil || budget.Used() != 0 {
		t.Errorf("%v, %d bytes were not released", err, budget.Used())
	}
}

func FuzzSpool(f *testing.F) {
	f.Add([]byte("an image"), uint16(3), int64(2))
	f.Add(bytes.Repeat([]byte("x"), 1000), uint16(999), int64(-1))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte, piece uint16, off int64) {
		s := spoolOf(t, NewBudget(4<<20, 0), dir, 1<<20)
		defer s.Close()
		// Written often enough to exceed the memory.
		var all []byte
		for len(all) < spoolMemory+spoolMemory/8 && len(content) > 0 {
			for rest := content; len(rest) > 0; {
				n := min(int(piece)+1, len(rest))
				if len(all) > 4096 {
					n = len(rest) // The pieces were small for long enough.
				}
				if _, err := s.Write(rest[:n]); err != nil {
					if int64(len(all)+n) <= 1<<20 {
						t.Fatal(err)
					}
					return
				}
				all = append(all, rest[:n]...)
				rest = rest[n:]
			}
		}
		got := make([]byte, 64)
		n, err := s.ReadAt(got, off)
		switch {
		case off < 0 && err == nil:
			t.Fatal("read before the start")
		case off >= 0 && off < int64(len(all)) && !bytes.Equal(got[:n], all[off:min(off+64, int64(len(all)))]):
			t.Fatalf("at %d: %q", off, got[:n])
		}
		if s.Sum() != sha256.Sum256(all) {
			t.Fatal("a wrong hash")
		}
	})
}
