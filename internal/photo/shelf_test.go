package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// blob is a photo in memory.
type blob []byte

func (b blob) Size() int64       { return int64(len(b)) }
func (b blob) Open() io.Reader   { return bytes.NewReader(b) }
func (blob) Pixels() image.Point { return image.Pt(3, 2) }

func newTestShelf(t *testing.T, bytesMax int64, ttl time.Duration) (*Shelf, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := NewShelf(dir, bytesMax, ttl)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if names(t, dir) != 0 {
			t.Error("files are left")
		}
	})
	return s, dir
}

func put(t *testing.T, s *Shelf, key string, content []byte) *Kept {
	t.Helper()
	k, err := s.Put("", key, blob(content))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func content(t *testing.T, k *Kept) string {
	t.Helper()
	b, err := io.ReadAll(k.Open())
	if err != nil || int64(len(b)) != k.Size() {
		t.Fatalf("%d bytes of %d: %v", len(b), k.Size(), err)
	}
	return string(b)
}

func TestShelfKeepsForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := newTestShelf(t, 1<<20, time.Hour)
		began := time.Now()
		k := put(t, s, "a", []byte("alpha"))
		if !regexp.MustCompile(`^img_[a-z2-7]{32}$`).MatchString(k.ID()) || k.Key() != "a" || !k.Expires().Equal(began.Add(time.Hour)) {
			t.Errorf("%q %q %v", k.ID(), k.Key(), k.Expires())
		}
		k.Release()
		k.Release()
		if names(t, dir) != 0 {
			t.Error("a file has a name")
		}
		time.Sleep(30 * time.Minute)
		// With half of its time left it is not stored again, and its expiry does not change.
		second := put(t, s, "a", []byte("alpha"))
		if second.ID() != k.ID() || !second.Expires().Equal(k.Expires()) {
			t.Errorf("%v, want %v", second.Expires(), k.Expires())
		}
		second.Release()
		time.Sleep(time.Minute)
		longer := put(t, s, "a", []byte("alpha"))
		if longer.ID() != k.ID() || !longer.Expires().Equal(began.Add(91*time.Minute)) {
			t.Errorf("%v", longer.Expires())
		}
		longer.Release()

		time.Sleep(time.Hour - time.Nanosecond)
		found, err := s.Find("", k.ID())
		if err != nil || content(t, found) != "alpha" {
			t.Fatal(err)
		}
		time.Sleep(time.Nanosecond)
		_, err = s.Find("", k.ID())
		f, _ := fault.As(err)
		if f == nil || f.Kind != fault.ImageExpired || f.Subject != k.ID() {
			t.Errorf("%v", err)
		}
		// A holder can still read it, and its space is freed on Release.
		time.Sleep(time.Hour)
		if photos, used := s.Used(); photos != 0 || used != 0 || content(t, found) != "alpha" {
			t.Errorf("%d photos, %d bytes", photos, used)
		}
		found.Release()
		if _, err := io.ReadAll(found.Open()); !errors.Is(err, os.ErrClosed) {
			t.Errorf("read after the end: %v", err)
		}
	})
}

func TestShelfMakesRoom(t *testing.T) {
	// Sixteen files of four photos of a grain each.
	s, _ := newTestShelf(t, 64*grain, time.Hour)
	var ids []string
	first := put(t, s, "0", []byte("photo 0"))
	ids = append(ids, first.ID())
	for i := 1; i < 65; i++ {
		k := put(t, s, fmt.Sprint(i), fmt.Appendf(nil, "photo %d", i))
		ids = append(ids, k.ID())
		k.Release()
	}
	// The sixty-fifth evicted the four oldest.
	for i, id := range ids {
		k, err := s.Find("", id)
		if (err != nil) != (i < 4) {
			t.Errorf("%d: %v", i, err)
		}
		if err == nil {
			if got := content(t, k); got != fmt.Sprint("photo ", i) {
				t.Errorf("%d: %q", i, got)
			}
			k.Release()
		}
	}
	if content(t, first) != "photo 0" {
		t.Error("a held photo is gone")
	}
	first.Release()
	if photos, used := s.Used(); photos != 61 || used != 61*grain {
		t.Errorf("%d photos, %d bytes", photos, used)
	}
	// One as large as half of the shelf evicts the oldest eight files, and one that is too large evicts nothing.
	large := put(t, s, "large", make([]byte, 32*grain))
	large.Release()
	if photos, used := s.Used(); photos != 30 || used != 61*grain {
		t.Errorf("%d photos, %d bytes", photos, used)
	}
	if _, err := s.Put("", "huge", blob(make([]byte, 64*grain+1))); err == nil {
		t.Error("more than the shelf's size was stored")
	}
	if _, err := s.Find("", large.ID()); err != nil {
		t.Error(err)
	}
}

func TestIDsCannotBeGuessed(t *testing.T) {
	a, _ := newTestShelf(t, 1<<20, time.Hour)
	b, _ := newTestShelf(t, 1<<20, time.Hour)
	if a.idOf("", "x") == b.idOf("", "x") || a.idOf("", "x") == a.idOf("", "y") || a.idOf("a", "bx") == a.idOf("ab", "x") {
		t.Error("an id follows from its key")
	}
	for _, id := range []string{"", "img_", "../../etc/passwd", a.idOf("", "never put"), "img_\xff"} {
		if _, err := a.Find("", id); fault.KindOf(err) != fault.ImageExpired {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// broken is a photo that cannot be read to its end.
type broken struct{ size int64 }

func (b broken) Size() int64       { return b.size }
func (b broken) Open() io.Reader   { return io.LimitReader(zeros{}, b.size-1) }
func (broken) Pixels() image.Point { return image.Pt(3, 2) }

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestShelfStoresNoIncompletePhoto(t *testing.T) {
	s, _ := newTestShelf(t, 1<<20, time.Hour)
	if _, err := s.Put("", "a", broken{10}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	if _, err := s.Find("", s.idOf("", "a")); fault.KindOf(err) != fault.ImageExpired {
		t.Errorf("%v", err)
	}
	if _, err := NewShelf(t.TempDir()+"/nowhere", 1<<20, time.Hour); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	k := put(t, s, "b", []byte("beta"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put("", "c", blob("gamma")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
	k.Release()
}

func TestOwnersDoNotSharePhotos(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestShelf(t, 1<<20, time.Hour)
		ids := map[string]string{}
		for _, owner := range []string{"a", "b"} {
			if s.lookup(owner, "k") != nil {
				t.Errorf("%s has it before storing it", owner)
			}
			k, err := s.Put(owner, "k", blob("alpha"))
			if err != nil || !k.Expires().Equal(time.Now().Add(time.Hour)) {
				t.Fatalf("%s: %v", owner, err)
			}
			ids[owner] = k.ID()
			k.Release()
			time.Sleep(time.Minute)
		}
		for owner, id := range ids {
			for _, asks := range []string{"a", "b", ""} {
				k, err := s.Find(asks, id)
				if (asks == owner) != (err == nil) || err != nil && fault.KindOf(err) != fault.ImageExpired {
					t.Errorf("%q asks for that of %q: %v", asks, owner, err)
				}
				k.Release()
			}
		}
	})
}
