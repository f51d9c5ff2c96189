package wasm

import (
	"context"
	"fmt"
	"image"
)

// The colour spaces and samplings of libheif.
const (
	heifYCbCr = 0
	heifRGB   = 1
	heifMono  = 2

	heif420 = 1
	heif422 = 2
	heif444 = 3
)

// HEIC decodes a picture with at most that many pixels and memory bytes, turned upright as the file says. The result is
// an *image.YCbCr in the range and with the matrix of the file, an *image.Gray, or an *image.NRGBA.
//
// Errors: ErrDamaged, ErrMemory, the context's error; any other means that the decoder could not be compiled.
func HEIC(ctx context.Context, data []byte, most image.Point, memory int64) (image.Image, error) {
	// The outputs are width, height, colour space, sampling, and whether alpha is premultiplied.
	in, file, facts, err := open(ctx, compiled.heic, memory, data, make([]byte, 5*4))
	if err != nil {
		return nil, err
	}
	defer in.close()
	args := []uint64{uint64(file), uint64(len(data)), 1, uint64(facts), uint64(facts + 4), uint64(facts + 8), uint64(facts + 12), uint64(facts + 16), 0}
	if _, err := in.call("decode", args...); err != nil {
		return nil, err
	}
	found, err := in.numbers(facts, 5)
	if err != nil {
		return nil, err
	}
	if err := checkSize(found[0], found[1], most); err != nil {
		return nil, err
	}
	img, size, err := heicImage(found)
	if err != nil {
		return nil, err
	}
	out, err := in.call("malloc", uint64(size))
	if err != nil {
		return nil, err
	}
	args[2], args[8] = 0, uint64(out)
	if _, err := in.call("decode", args...); err != nil {
		return nil, err
	}
	pix, err := in.take(out, size)
	if err != nil {
		return nil, err
	}
	return img(append([]byte(nil), pix...)), nil
}

// heicImage returns the memory layout of a picture's pixels, and how many bytes they take. In libheif a row has room for
// at least 64 pixels, an even number, and is padded to 16 bytes.
func heicImage(found []uint32) (img func([]byte) image.Image, size int, err error) {
	width, height := int(found[0]), int(found[1])
	rect := image.Rect(0, 0, width, height)
	padded := func(pixels, bytes int) int { return (max((pixels+1)&^1, 64)*bytes + 15) &^ 15 }
	switch colours, sampling := found[2], found[3]; {
	case colours == heifMono:
		stride := padded(width, 1)
		return func(b []byte) image.Image { return &image.Gray{Pix: b, Stride: stride, Rect: rect} }, stride * height, nil
	case colours == heifRGB:
		stride := padded(width, 4)
		return func(b []byte) image.Image { return &image.NRGBA{Pix: b, Stride: stride, Rect: rect} }, stride * height, nil
	case colours == heifYCbCr && sampling >= heif420 && sampling <= heif444:
		cw, ch, ratio := (width+1)/2, (height+1)/2, image.YCbCrSubsampleRatio420
		switch sampling {
		case heif422:
			ch, ratio = height, image.YCbCrSubsampleRatio422
		case heif444:
			cw, ch, ratio = width, height, image.YCbCrSubsampleRatio444
		}
		ys, cs := padded(width, 1), padded(cw, 1)
		luma, colour := ys*height, cs*ch
		return func(b []byte) image.Image {
			return &image.YCbCr{
				Y: b[:luma:luma], Cb: b[luma : luma+colour : luma+colour], Cr: b[luma+colour:],
				YStride: ys, CStride: cs, SubsampleRatio: ratio, Rect: rect,
			}
		}, luma + 2*colour, nil
	}
	return nil, 0, fmt.Errorf("%w: colours of kind %d, %d", ErrDamaged, found[2], found[3])
}
