package picture

import (
	"bytes"
	"image/jpeg"
	"slices"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

func look(n uint64) catalog.Look {
	return catalog.Look{Kind: "caps", Colour: "green", Goods: 9<<16 | n, Shot: n}
}

func TestPhotoIsTheDrawing(t *testing.T) {
	data := JPEG(look(1))
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

// TestPhotoHasNoMetadata: a photo has only the segments that a JPEG needs. It has no comment and no application data
// that could identify an offer.
func TestPhotoHasNoMetadata(t *testing.T) {
	data := JPEG(look(1))
	for i := 2; data[i+1] != 0xda; i += 2 + int(data[i+2])<<8 + int(data[i+3]) {
		if m := data[i+1]; !slices.Contains([]byte{0xdb, 0xc0, 0xc4}, m) {
			t.Fatalf("segment %#x at %d", m, i)
		}
	}
}
