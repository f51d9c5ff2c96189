// Package uploads handles the photos that buyers search by. It decodes them, finds the regions that stand out, and keeps
// uploaded ones for a while under ids.
//
// It does not compare photos with the goods (the gallery does) and never fetches anything.
package uploads

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

// Side is the longest side of the reduced copy that is kept of a photo, in pixels. A fingerprint needs less, even of a
// part.
const Side = 192

// Photo is a decoded photo, upright and on white. It is immutable.
type Photo struct {
	// Width and Height are the photo's own size in pixels, upright. Regions are in these pixels.
	Width, Height int
	// thumb is a reduced copy of the photo or of a part of it.
	thumb image.Image
}

// New makes a photo from pixels, which must not be changed afterwards.
func New(img image.Image) *Photo {
	size := img.Bounds().Size()
	return &Photo{Width: size.X, Height: size.Y, thumb: img}
}

// Fingerprint returns what the photo is compared by.
func (p *Photo) Fingerprint() likeness.Fingerprint { return likeness.Of(p.thumb) }

// Crop returns the part of the photo in a region; false when the two have no pixel in common.
func (p *Photo) Crop(r Region) (*Photo, bool) {
	b := p.thumb.Bounds()
	scaled := func(v, n, own int) int { return v * n / max(own, 1) }
	rect := image.Rect(
		b.Min.X+scaled(r.X0, b.Dx(), p.Width), b.Min.Y+scaled(r.Y0, b.Dy(), p.Height),
		b.Min.X+scaled(r.X1, b.Dx(), p.Width), b.Min.Y+scaled(r.Y1, b.Dy(), p.Height),
	).Intersect(b)
	part, ok := p.thumb.(interface {
		SubImage(r image.Rectangle) image.Image
	})
	if rect.Empty() || !ok {
		return nil, false
	}
	return &Photo{Width: p.Width, Height: p.Height, thumb: part.SubImage(rect)}, true
}

// ErrRefused means that the bytes are not a photo that the platform accepts.
var ErrRefused = errors.New("uploads: not an image in an accepted format")

// Reader decodes photos, a few at a time. It is safe for concurrent use.
type Reader struct {
	maxBytes int64
	turns    chan struct{}
}

// NewReader makes a reader that accepts JPEG and PNG of at most maxBytes, as the platform does. Sources disagree whether
// the platform accepts WebP.
func NewReader(maxBytes int64) *Reader {
	const together = 2
	return &Reader{maxBytes: maxBytes, turns: make(chan struct{}, together)}
}

// decodeBytes bounds the memory for decoding one photo: a 50-megapixel JPEG fits.
const decodeBytes = 256 << 20

// Read decodes a photo. It fails with [ErrRefused], or because ctx ended.
func (r *Reader) Read(ctx context.Context, data []byte) (*Photo, error) {
	select {
	case r.turns <- struct{}{}:
		defer func() { <-r.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p, err := read(ctx, data, r.maxBytes)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return p, nil
}

// ReadBase64 decodes standard base64 and calls Read. Other text is refused too.
func (r *Reader) ReadBase64(ctx context.Context, text string) (*Photo, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return r.Read(ctx, data)
}

func read(ctx context.Context, data []byte, maxBytes int64) (*Photo, error) {
	pic, err := imaging.Inspect(ctx, bytes.NewReader(data), int64(len(data)), imaging.Limits{MaxBytes: maxBytes, MaxDecodeBytes: decodeBytes})
	if err != nil {
		return nil, err
	}
	if f := pic.Info().Format; f != imaging.JPEG && f != imaging.PNG {
		return nil, fmt.Errorf("%s is not taken", f)
	}
	return Decode(ctx, pic)
}

// Decode makes a photo of an inspected picture. It fails as [imaging.Picture.Decode] does.
func Decode(ctx context.Context, pic *imaging.Picture) (*Photo, error) {
	small, err := pic.Decode(ctx, Side)
	if err != nil {
		return nil, err
	}
	p := &Photo{thumb: small}
	p.Width, p.Height = pic.Info().Upright()
	return p, nil
}
