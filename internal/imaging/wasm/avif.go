package wasm

import (
	"bytes"
	"context"
	"image"
)

// AVIF decodes the first picture of a file, as stored, with at most that many pixels and memory bytes. The result is an
// *image.RGBA. Errors are those of [HEIC].
func AVIF(ctx context.Context, data []byte, most image.Point, memory int64) (image.Image, error) {
	// The outputs are width, height, depth, number of pictures and display duration. The duration starts with an
	// invalid value, which stays there if the pixels are damaged: the program has no other sign of it.
	in, file, facts, err := open(ctx, compiled.avif, memory, data, bytes.Repeat([]byte{0xff}, 4*4+8))
	if err != nil {
		return nil, err
	}
	defer in.close()
	args := []uint64{uint64(file), uint64(len(data)), 1, 0, uint64(facts), uint64(facts + 4), uint64(facts + 8), uint64(facts + 12), uint64(facts + 16), 0}
	if _, err := in.call("decode", args...); err != nil {
		return nil, err
	}
	found, err := in.numbers(facts, 3)
	if err != nil {
		return nil, err
	}
	if err := checkSize(found[0], found[1], most); err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, int(found[0]), int(found[1])))
	deep := found[2] > 8 // two bytes per value, little-endian
	size := len(img.Pix)
	if deep {
		size *= 2
	}
	out, err := in.call("malloc", uint64(size))
	if err != nil {
		return nil, err
	}
	args[2], args[9] = 0, uint64(out)
	if _, err := in.call("decode", args...); err != nil {
		return nil, err
	}
	if shown, err := in.numbers(facts+16, 2); err != nil || shown[0]&shown[1] == 0xffffffff {
		return nil, in.failed(errNothing)
	}
	pix, err := in.take(out, size)
	if err != nil {
		return nil, err
	}
	if !deep {
		copy(img.Pix, pix)
		return img, nil
	}
	for i := range img.Pix {
		img.Pix[i] = pix[2*i+1]
	}
	return img, nil
}
