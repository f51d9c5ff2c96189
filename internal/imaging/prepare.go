package imaging

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Reason is a set of reasons why a photo must be decoded; none means it is passed through.
type Reason uint8

// The reasons.
const (
	Turned      Reason = 1 << iota // its EXIF orientation is not upright
	Transparent                    // it may have transparent pixels
	Foreign                        // the upstream does not accept its format, or this variant of it
	Oversize                       // it has more bytes than the upstream accepts
	Cropped                        // only a part of it is requested
)

// String lists the reasons for logs, "none" if there are none.
func (r Reason) String() string {
	var names []string
	for i, name := range []string{"turned", "transparent", "foreign", "oversize", "cropped"} {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ",")
}

// Box is a region of a picture, normalised to 0..1 after orientation. (X0, Y0) is the upper left corner.
type Box struct{ X0, Y0, X1, Y1 float64 }

// check refuses a box that is empty, inverted or outside the picture.
func (b Box) check() error {
	for _, v := range []float64{b.X0, b.Y0, b.X1, b.Y1} {
		if math.IsNaN(v) || v < 0 || v > 1 {
			return fault.Invalid("region", "box.range", "every edge must be between 0 and 1")
		}
	}
	if b.X0 >= b.X1 || b.Y0 >= b.Y1 {
		return fault.Invalid("region", "box.order", "the left edge must be below the right one, the upper below the lower")
	}
	return nil
}

// Full reports whether the box is the full picture.
func (b Box) Full() bool { return b == Box{X1: 1, Y1: 1} }

// stored is the box on the picture as stored, in pixels of w × h, rounded outwards.
func (b Box) stored(w, h int, t turn) image.Rectangle {
	x0, y0, x1, y1 := b.X0, b.Y0, b.X1, b.Y1
	if t.swap {
		x0, y0, x1, y1 = y0, x0, y1, x1
	}
	if t.flipX {
		x0, x1 = 1-x1, 1-x0
	}
	if t.flipY {
		y0, y1 = 1-y1, 1-y0
	}
	const slack = 1e-9 // an edge on a pixel's border does not include the next pixel
	floor := func(v float64, n int) int { return min(max(int(math.Floor(v*float64(n)+slack)), 0), n-1) }
	ceil := func(v float64, n int) int { return min(max(int(math.Ceil(v*float64(n)-slack)), 1), n) }
	r := image.Rectangle{Min: image.Pt(floor(x0, w), floor(y0, h)), Max: image.Pt(ceil(x1, w), ceil(y1, h))}
	r.Max.X, r.Max.Y = max(r.Max.X, r.Min.X+1), max(r.Max.Y, r.Min.Y+1)
	return r
}

// Options select what to prepare.
type Options struct {
	// Crop is the region to send; nil for the full picture.
	Crop *Box
	// SHA256 is the hash of the original, if known; nil computes it in another pass over the source.
	SHA256 *[sha256.Size]byte
}

// Photo is a prepared photo, ready to be sent.
type Photo struct {
	// Info is about the original, from its headers.
	Info Info
	// SHA256 is the hash of the original, including metadata and trailing bytes.
	SHA256 [sha256.Size]byte
	// Format, Width and Height are those of the sent picture. Those of a passed-through photo are as stored.
	Format        Format
	Width, Height int
	// Reasons say why the photo was re-encoded. None: it was passed through, and Open reads the source.
	Reasons Reason
	// Quality is the JPEG quality; 0 if it was passed through.
	Quality int

	src  io.ReaderAt
	body parts
}

// Size is the number of bytes to send.
func (p *Photo) Size() int64 { return p.body.size() }

// Pixels is the width and height of the sent picture.
func (p *Photo) Pixels() image.Point { return image.Pt(p.Width, p.Height) }

// Open returns a new reader of the bytes to send; several may be open at once. A passed-through photo is read from its
// source, which must still exist. Any other photo is in memory and does not need its source.
func (p *Photo) Open() io.Reader { return p.body.open(p.src) }

// Prepare inspects a photo and prepares it: see [Inspect] and [Picture.Prepare].
func Prepare(ctx context.Context, src io.ReaderAt, size int64, limits Limits, opts Options) (*Photo, error) {
	p, err := Inspect(ctx, src, size, limits)
	if err != nil {
		return nil, err
	}
	return p.Prepare(ctx, opts)
}

// Reasons returns why Prepare will decode this photo.
func (p *Picture) Reasons(opts Options) Reason {
	var r Reason
	if p.info.Orientation != 1 {
		r |= Turned
	}
	if p.info.Alpha {
		r |= Transparent
	}
	if p.mustDecode || !p.limits.sends(p.info.Format) {
		r |= Foreign
	}
	if p.body.size() > p.limits.SendBytes {
		r |= Oversize
	}
	if opts.Crop != nil && !opts.Crop.Full() {
		r |= Cropped
	}
	return r
}

// Prepare returns the bytes to send: the photo without its metadata, or, if [Picture.Reasons] is not empty, a JPEG that
// is upright, opaque, cropped, at most Limits.SendBytes long, of at most 4 million pixels, and never larger than the
// original. If the only reason is an alpha channel and all pixels are opaque, the photo is passed through.
//
// Faults: ImageUnreadable (the pixels cannot be decoded), ImageTooLarge (decoding takes more than
// Limits.MaxDecodeBytes), InvalidField (the box), CallerGone and DeadlineExceeded. Any other error comes from the
// source.
func (p *Picture) Prepare(ctx context.Context, opts Options) (*Photo, error) {
	if opts.Crop != nil {
		if err := opts.Crop.check(); err != nil {
			return nil, err
		}
	}
	photo := &Photo{Info: p.info, Reasons: p.Reasons(opts)}
	if opts.SHA256 != nil {
		photo.SHA256 = *opts.SHA256
	} else if err := p.hash(ctx, &photo.SHA256); err != nil {
		return nil, err
	}
	if photo.Reasons == 0 {
		return p.pass(photo), nil
	}
	img, err := p.decode(ctx)
	if err != nil {
		return nil, err
	}
	if photo.Reasons == Transparent && p.opaque(img) {
		return p.pass(photo), nil
	}
	pixels := enough(p.raster(img, opts.Crop))
	done, err := fit(ctx, upright(pixels, p.info.Orientation), p.limits.SendBytes-p.carried())
	if err != nil {
		return nil, err
	}
	photo.Format, photo.Quality = JPEG, done.quality
	photo.Width, photo.Height = done.size.X, done.size.Y
	return photo, p.carry(photo, done.data)
}

// Decode returns the pixels upright, on white, with no side longer than maxSide (0: unchanged), for use in this
// process. It takes [Picture.DecodeCost] of memory and fails like [Picture.Prepare].
func (p *Picture) Decode(ctx context.Context, maxSide int) (image.Image, error) {
	img, err := p.decode(ctx)
	if err != nil {
		return nil, err
	}
	pixels := p.raster(img, nil)
	size := pixels.Bounds().Size()
	if longest := max(size.X, size.Y); maxSide > 0 && longest > maxSide {
		w, h := scaled(size, float64(maxSide)/float64(longest))
		pixels = shrink(pixels, w, h)
	}
	return upright(pixels, p.info.Orientation), nil
}

// raster is the decoded picture or a region of it, flattened, not yet turned.
func (p *Picture) raster(img image.Image, crop *Box) raster {
	frame := p.frame(img)
	rect := frame
	if crop != nil {
		rect = crop.stored(frame.Dx(), frame.Dy(), turns[p.info.Orientation]).Add(frame.Min)
	}
	return rasterOf(img, rect, !p.info.Alpha)
}

// opaque reports that a decoded picture fills its frame and has no transparent pixels.
func (p *Picture) opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque() && p.frame(img).In(img.Bounds())
}

// pass returns a photo that is read from the source.
func (p *Picture) pass(photo *Photo) *Photo {
	photo.Reasons = 0
	photo.Format, photo.Width, photo.Height = p.info.Format, p.info.Width, p.info.Height
	photo.src, photo.body = p.src, p.body
	return photo
}

// carried is the size of the colour profile that is copied to a re-encoded photo.
func (p *Picture) carried() int64 {
	var n int64
	for _, segment := range p.icc {
		n += segment.n
	}
	if n > p.limits.SendBytes/4 {
		return 0
	}
	return n
}

// carry assembles a new JPEG: its start, the original's colour profile, the rest. Phones use wider colour spaces than
// sRGB and name them only in the profile.
func (p *Picture) carry(photo *Photo, data []byte) error {
	const start = 2
	photo.body.own(slices.Clip(data[:start]))
	if n := p.carried(); n > 0 {
		profile := parts{list: p.icc}
		b := make([]byte, n)
		if _, err := io.ReadFull(profile.open(p.src), b); err != nil {
			return fmt.Errorf("imaging: read the colour profile: %w", err)
		}
		photo.body.own(b)
	}
	photo.body.own(data[start:])
	return nil
}

// hash is the SHA-256 of the original.
func (p *Picture) hash(ctx context.Context, sum *[sha256.Size]byte) error {
	h := sha256.New()
	src := &watched{ctx: ctx, r: io.NewSectionReader(p.src, 0, p.size)}
	n, err := io.CopyBuffer(h, src, make([]byte, cursorBuffer))
	switch {
	case ctx.Err() != nil:
		return gone(ctx)
	case err != nil:
		return fmt.Errorf("imaging: read the image: %w", err)
	case n != p.size:
		return errors.New("imaging: the image became shorter while it was read")
	}
	h.Sum(sum[:0])
	return nil
}
