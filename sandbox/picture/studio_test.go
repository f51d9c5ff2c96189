package picture

import (
	"bytes"
	"image/jpeg"
	"slices"
	"sync"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

func look(n uint64) catalog.Look {
	return catalog.Look{Kind: "caps", Colour: "green", Goods: 9<<16 | n, Shot: n}
}

func TestStudioPhotoIsTheDrawing(t *testing.T) {
	data := NewStudio(0).JPEG(look(1))
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != Side || b.Dy() != Side {
		t.Errorf("photo of %v, want %d × %d", b, Side, Side)
	}
	var want bytes.Buffer
	if err := jpeg.Encode(&want, Draw(look(1), Side), &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, want.Bytes()) {
		t.Error("the photo is not the drawing")
	}
}

// TestStudioPhotoHasNoMetadata: a photo has only the segments that a JPEG needs. It has no comment and no application data
// that could identify an offer.
func TestStudioPhotoHasNoMetadata(t *testing.T) {
	data := NewStudio(0).JPEG(look(1))
	for i := 2; data[i+1] != 0xda; i += 2 + int(data[i+2])<<8 + int(data[i+3]) {
		if m := data[i+1]; !slices.Contains([]byte{0xdb, 0xc0, 0xc4}, m) {
			t.Fatalf("segment %#x at %d", m, i)
		}
	}
}

func TestStudioKeepsTheLatestWithinItsLimit(t *testing.T) {
	one := len(NewStudio(0).JPEG(look(1)))
	s := NewStudio(one * 5 / 2)
	same := func(a, b []byte) bool { return &a[0] == &b[0] }
	first, second := s.JPEG(look(1)), s.JPEG(look(2))
	if !same(first, s.JPEG(look(1))) {
		t.Error("a kept photo was drawn again")
	}
	s.JPEG(look(3)) // the second is now the least recently used
	if same(second, s.JPEG(look(2))) {
		t.Error("the oldest photo is still kept")
	}
	for n := range uint64(20) {
		s.JPEG(look(n))
		if s.size > s.limit || len(s.photos) != s.recent.Len() {
			t.Fatalf("%d bytes kept in %d places and %d entries, limit %d", s.size, len(s.photos), s.recent.Len(), s.limit)
		}
	}
	if none := NewStudio(0); same(none.JPEG(look(1)), none.JPEG(look(1))) {
		t.Error("a studio without memory kept a photo")
	}
}

func TestStudioIsConcurrent(t *testing.T) {
	s := NewStudio(60_000)
	want := [][]byte{s.JPEG(look(0)), s.JPEG(look(1)), s.JPEG(look(2))}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n, w := range want {
				if !bytes.Equal(s.JPEG(look(uint64(n))), w) {
					t.Errorf("photo %d differs", n)
				}
			}
		})
	}
	wg.Wait()
}
