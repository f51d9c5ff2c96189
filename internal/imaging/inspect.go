package imaging

import (
	"context"
	"errors"
	"io"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Info is the content of a photo's headers.
type Info struct {
	Format Format
	// Width and Height are in pixels as stored, before orientation.
	Width, Height int
	// Orientation is EXIF's, 1 to 8; 1 (upright as stored) if it is missing or invalid.
	Orientation int
	// Alpha reports an alpha channel or a transparent colour. Every pixel may still be opaque.
	Alpha bool
	// Animated reports that there are more frames than the first, which is the one used.
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

// Picture is a complete photo within the limits. It reads its source on demand and holds no pixels. It is safe for
// concurrent use if its source is.
type Picture struct {
	info   Info
	limits Limits
	src    io.ReaderAt
	size   int64
	body   parts  // the picture without metadata
	icc    []part // colour profile segments of a JPEG, copied to a re-encoded one
	cost   cost

	// mustDecode reports that the picture cannot be passed through, whatever the upstream accepts.
	mustDecode bool
	// colours is the colour format of an HEIC.
	colours heifColours
	// oddSampling reports that image/jpeg does not support this JPEG's chroma subsampling.
	oddSampling bool
}

// Inspect detects the format of a photo of size bytes, checks its bounds, and checks its structure to the end. It does
// not decode, holds one small buffer and reads the source once. The source must stay readable and unchanged while the
// Picture, or a [Photo] that was passed through, is in use.
//
// Faults: ImageUnreadable (format not accepted, damaged, truncated), ImageTooLarge (bytes, pixels, a side), CallerGone
// and DeadlineExceeded (ctx ended). Any other error comes from the source.
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
		return nil, p.info.Format.damaged("it has far too many parts")
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

// readFault turns the end of the file into a fault of the picture; other errors stay as they are.
func readFault(f Format, err error) error {
	if !errors.Is(err, errShort) {
		return err
	}
	if f == Unknown {
		return fault.New(fault.ImageUnreadable, "the image ends too early; %s", supportedFormats)
	}
	return f.damaged("the file ends too early")
}

// setSize stores the size that the header claims, after checking it.
func (p *Picture) setSize(width, height int) error {
	if err := p.limits.checkSize(p.info.Format, width, height); err != nil {
		return err
	}
	p.info.Width, p.info.Height = width, height
	return nil
}

// end stores where the picture ended.
func (p *Picture) end(at int64) { p.info.Trailing = p.size - at }

// Info returns the content of the photo's headers.
func (p *Picture) Info() Info { return p.info }

// Open reads the picture without metadata and trailing bytes, otherwise byte for byte as received.
func (p *Picture) Open() io.Reader { return p.body.open(p.src) }
