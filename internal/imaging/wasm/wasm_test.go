package wasm_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"testing"

	"github.com/gen2brain/avif"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/wasm"
)

func TestMemoryIsBounded(t *testing.T) {
	var b bytes.Buffer
	if err := avif.Encode(&b, image.NewRGBA(image.Rect(0, 0, 512, 512)), avif.Options{Quality: 50, Speed: 10}); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		memory int64
		most   image.Point
		want   error
	}{
		"enough":       {64 << 20, image.Pt(512, 512), nil},
		"too little":   {3 << 20, image.Pt(512, 512), wasm.ErrMemory},
		"none":         {1, image.Pt(512, 512), wasm.ErrMemory},
		"small header": {64 << 20, image.Pt(512, 511), wasm.ErrDamaged},
	} {
		img, err := wasm.AVIF(context.Background(), b.Bytes(), row.most, row.memory)
		if !errors.Is(err, row.want) || err == nil && img.Bounds().Size() != row.most {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
	for _, decode := range []func(context.Context, []byte, image.Point, int64) (image.Image, error){wasm.HEIC, wasm.AVIF} {
		if _, err := decode(context.Background(), []byte("no image at all"), image.Pt(9, 9), 64<<20); !errors.Is(err, wasm.ErrDamaged) {
			t.Errorf("%v, want ErrDamaged", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := decode(ctx, b.Bytes(), image.Pt(512, 512), 64<<20); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want CallerGone", err)
		}
	}
}
