package imaging

import (
	"context"
	"errors"
	"io"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Info is what a photo's headers say.
type Info struct {
	Format Format
	// Width and Height are in pixels as stored, before orientation.
	Width, Height int
	// Orientation is EXIF's, 1 to 8; 1 (upright as stored) when the file does not say or says nonsense.
	Orientation int
	// Alpha means that the picture has an alpha channel or a transparent colour. Every pixel may still be opaque.
	Alpha bool
	// Animated means that there are more frames than the first, which is the one used.
	Animated bool
	// Trailing is how many bytes follow the end of the picture. They are cut.
	Trailing int64
}

// Upright is the size in pixels after orientation.
func (i Info) Upright() (width, height int) {
	if i.Orientation >= 5 {
		return i.Height, i.Width
	}
	return i.Width, i.Height
}

// Picture is a photo that is complete and within the limits. It reads its source on demand and holds no pixels.
// It may be used by several goroutines at once if its source may.
type Picture struct {
	info   Info
	limits Limits
	src    io.ReaderAt
	size   int64
	body   parts  // the picture without metadata
	icc    []part // colour profile segments of a JPEG that a re-encoded copy carries on
	cost   cost

	// mustDecode means that the picture cannot be passed through, whatever the upstream accepts.
	mustDecode bool
	// colours is how an HEIC stores colours.
	colours heifColours
	// oddSampling means that image/jpeg does not support the colour sampling of this JPEG.
	oddSampling bool
}

// Inspect sniffs a photo of size bytes, bounds it and checks its structure to the end. It decodes nothing, holds one
// small buffer and reads the source once. The source must stay readable and unchanged as long as the Picture, or a
// [Photo] that was passed through, is in use.
//
// Faults: ImageUnreadable (no picture of a kind that is taken, damaged, cut short), ImageTooLarge (bytes, pixels, a
// side), CallerGone and DeadlineExceeded (ctx ended). Any other error is the source's own.
func Inspect(ctx context.Context, src io.ReaderAt, size int64, limits Limits) (*Picture, error) {
	limits = limits.withDefaults()
	if err := limits.checkBytes(size); err != nil {
		return nil, err
	}
	c := newCursor(ctx, src, size)
	var head [SniffLen]byte
	n := min(size, SniffLen)
	if err := c.read(head[:n]); err != nil {
		return nil, readFault(Unknown, err)
	}
	p := &Picture{limits: limits, src: src, size: size}
	p.info.Format = Sniff(head[:n])
	p.info.Orientation = 1
	c.rewind()
	walk := walkers[p.info.Format]
	if walk == nil {
		return nil, p.info.Format.refuse()
	}
	if err := walk(p, c); err != nil {
		return nil, readFault(p.info.Format, err)
	}
	if p.body.full() {
		return nil, p.info.Format.damaged("it is cut into more pieces than any camera or program makes")
	}
	return p, nil
}

// walkers check the structure of each format and select the parts to keep.
var walkers = map[Format]func(*Picture, *cursor) error{
	JPEG: (*Picture).walkJPEG,
	PNG:  (*Picture).walkPNG,
	WebP: (*Picture).walkWebP,
	GIF:  (*Picture).walkGIF,
	HEIC: (*Picture).walkHEIF,
	AVIF: (*Picture).walkHEIF,
}

// readFault turns the end of the file into a fault about the picture; other errors stay what they are.
func readFault(f Format, err error) error {
	if !errors.Is(err, errShort) {
		return err
	}
	if f == Unknown {
		return fault.New(fault.ImageUnreadable, "the picture ends too early; %s", takenFormats)
	}
	return f.damaged("the file ends too early")
}

// setSize notes the size that the header claims, after bounding it.
func (p *Picture) setSize(width, height int) error {
	if err := p.limits.checkSize(p.info.Format, width, height); err != nil {
		return err
	}
	p.info.Width, p.info.Height = width, height
	return nil
}

// end notes where the picture ended.
func (p *Picture) end(at int64) { p.info.Trailing = p.size - at }

// Info is what the photo's headers say.
func (p *Picture) Info() Info { return p.info }

// Size is the number of bytes of the picture without metadata and trailing bytes.
func (p *Picture) Size() int64 { return p.body.size() }

// Open reads the picture without metadata and trailing bytes, byte for byte as received otherwise.
func (p *Picture) Open() io.Reader { return p.body.open(p.src) }
