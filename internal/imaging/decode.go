package imaging

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/anyjpeg"
)

var decoders = map[Format]func(io.Reader) (image.Image, error){
	JPEG: jpeg.Decode, PNG: png.Decode, GIF: gif.Decode, WebP: decodeWebP,
}

// decodeWebP returns lossy pixels in the full range, which the rest of Go expects.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	switch img := img.(type) {
	case *image.YCbCr:
		widen(img)
	case *image.NYCbCrA:
		widen(&img.YCbCr)
	}
	return img, err
}

// decode returns the pixels as stored. It reads the picture without metadata, so nothing that was cut reaches a
// decoder.
func (p *Picture) decode(ctx context.Context) (img image.Image, err error) {
	if err := p.limits.checkCost(p.DecodeCost()); err != nil {
		return nil, err
	}
	if p.info.Format == HEIC || p.info.Format == AVIF {
		return p.decodeHEIF(ctx)
	}
	src := &watched{ctx: ctx, r: p.Open()}
	// A decoder panics on files that its authors did not expect. That must not end the process.
	defer func() {
		if met := recover(); met != nil {
			img, err = nil, p.undecodable(fmt.Errorf("imaging: the decoder panicked: %v", met))
		}
	}()
	img, err = p.decoder()(bufio.NewReaderSize(src, cursorBuffer))
	switch {
	case ctx.Err() != nil:
		return nil, gone(ctx)
	case src.err != nil:
		return nil, fmt.Errorf("imaging: read the image: %w", src.err)
	case err != nil:
		return nil, p.undecodable(err)
	}
	size := img.Bounds().Size()
	if p.info.Format != GIF && (size.X != p.info.Width || size.Y != p.info.Height) {
		return nil, p.info.Format.damaged("the number of its pixels differs from its header")
	}
	return img, nil
}

func (p *Picture) decoder() func(io.Reader) (image.Image, error) {
	if p.oddSampling {
		return anyjpeg.Decode
	}
	return decoders[p.info.Format]
}

// undecodable separates a damaged picture from a valid one of a kind that the decoder does not support.
func (p *Picture) undecodable(err error) *fault.Fault {
	var unknownJPEG jpeg.UnsupportedError
	var unknownPNG png.UnsupportedError
	var unknownSampled anyjpeg.UnsupportedError
	if errors.As(err, &unknownJPEG) || errors.As(err, &unknownPNG) || errors.As(err, &unknownSampled) {
		return p.info.Format.lacking("this pixel format").WithCause(err)
	}
	return p.info.Format.damaged("its pixels cannot be decoded").WithCause(err)
}

// frame is the rectangle of the full picture. The first frame of a GIF may be smaller.
func (p *Picture) frame(img image.Image) image.Rectangle {
	if p.info.Format == GIF {
		return image.Rect(0, 0, p.info.Width, p.info.Height)
	}
	return img.Bounds()
}

// watched stops reading when its context ends, and keeps the source's own errors.
type watched struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (w *watched) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.Read(b)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
