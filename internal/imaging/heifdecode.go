package imaging

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/wasm"
)

const (
	// heifTime and heifTimeEach bound the decoding time of an HEIC or AVIF: a fixed part, and a part per million
	// pixels. Both are several times what a slow machine needs; only malicious files take longer.
	heifTime     = 30 * time.Second
	heifTimeEach = 10 * time.Second
)

// decodeHEIF decodes an HEIC or AVIF in bounded time, with as much memory as its cost says.
func (p *Picture) decodeHEIF(ctx context.Context) (image.Image, error) {
	data, err := io.ReadAll(&watched{ctx: ctx, r: p.Open()})
	switch {
	case ctx.Err() != nil:
		return nil, gone(ctx)
	case err != nil:
		return nil, fmt.Errorf("imaging: read the image: %w", err)
	}
	size := image.Pt(p.info.Width, p.info.Height)
	within, cancel := context.WithTimeout(ctx, heifTime+heifTimeEach*time.Duration(size.X*size.Y/1e6))
	defer cancel()
	decode := wasm.HEIC
	if p.info.Format == AVIF {
		decode = wasm.AVIF
	}
	memory := p.blocks()/8*(p.cost.decoder-p.cost.copied) + p.cost.fixed + int64(len(data))
	img, err := decode(within, data, size, memory)
	switch {
	case ctx.Err() != nil:
		return nil, gone(ctx)
	case errors.Is(err, wasm.ErrMemory):
		return nil, fault.New(fault.ImageTooLarge, "the %s image takes more memory to decode than its size allows", p.info.Format).WithCause(err)
	case errors.Is(err, wasm.ErrDamaged), within.Err() != nil:
		return nil, p.undecodable(err)
	case err != nil:
		return nil, fmt.Errorf("imaging: the decoder of %s: %w", p.info.Format, err)
	}
	if p.info.Format == HEIC {
		natural(img, p.colours)
	}
	return img, nil
}
