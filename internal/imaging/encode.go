package imaging

import (
	"context"
	"image"
	"image/jpeg"
	"math"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	// bestQuality is the quality above which more bytes make no visible difference.
	bestQuality = 92
	// floorQuality is the lowest quality in use. Below it, fewer pixels at better quality look better.
	floorQuality = 70
	// scaledQuality is the target for a picture that must lose pixels anyway.
	scaledQuality = 82

	// enoughPixels is the most pixels an encoded copy has. Image searches look at far fewer. Encoding more would take
	// longer than decoding, and often twice, because more do not fit at good quality.
	enoughPixels = 4_000_000

	// aim leaves a margin for estimates that are a little low.
	aim = 0.985
	// smallestSide is the side at which scaling down stops.
	smallestSide = 8
)

// encoded is a finished JPEG.
type encoded struct {
	data    []byte
	quality int
	size    image.Point
}

// fit encodes a raster as the best JPEG of at most limit bytes: it first lowers the quality, then the size.
func fit(ctx context.Context, img raster, limit int64) (*encoded, error) {
	full := img.Bounds().Size()
	scale := 1.0
	for {
		now := img
		if scale < 1 {
			w, h := scaled(full, scale)
			now = shrink(img, w, h)
		}
		if ctx.Err() != nil {
			return nil, gone(ctx)
		}
		s := newSearch(now, limit)
		done, err := s.run(ctx)
		if done != nil || err != nil {
			return done, err
		}
		size := now.Bounds().Size()
		if max(size.X, size.Y) <= smallestSide {
			return nil, fault.New(fault.ImageTooLarge, "the image cannot be made small enough to be sent: the limit is %d bytes", limit)
		}
		scale *= min(0.98*math.Sqrt(float64(limit)/s.estimate(scaledQuality)), 0.95)
	}
}

// enough shrinks a raster to at most enoughPixels.
func enough(img raster) raster {
	size := img.Bounds().Size()
	pixels := float64(size.X) * float64(size.Y)
	if pixels <= enoughPixels {
		return img
	}
	w, h := scaled(size, math.Sqrt(enoughPixels/pixels))
	return shrink(img, w, h)
}

// scaled multiplies a size by a factor: at least one pixel each way.
func scaled(full image.Point, factor float64) (w, h int) {
	return max(int(float64(full.X)*factor+0.5), 1), max(int(float64(full.Y)*factor+0.5), 1)
}

// search finds the quality at which one raster just fits. Encoding a photo takes a fifth of a second, so most sizes are
// estimated from strips across the picture. A few real encodings correct the estimate.
type search struct {
	img    raster
	limit  int64
	strips []image.Image
	factor float64 // full picture / strips
	known  map[int]float64
}

const (
	stripRows = 16 // one row of blocks with colour at half size
	maxStrips = 12
	// jpegOverhead is roughly the size of headers and tables in each encoding.
	jpegOverhead = 600
)

func newSearch(img raster, limit int64) *search {
	s := &search{img: img, limit: limit, factor: 1, known: map[int]float64{}}
	b := img.Bounds()
	rows := (b.Dy() + stripRows - 1) / stripRows
	if rows <= 2*maxStrips {
		s.strips = []image.Image{img}
		return s
	}
	for i := range maxStrips {
		y := b.Min.Y + (2*i+1)*rows/(2*maxStrips)*stripRows
		strip := image.Rect(b.Min.X, y, b.Max.X, min(y+stripRows, b.Max.Y))
		s.strips = append(s.strips, img.SubImage(strip))
	}
	s.factor = float64(rows) / maxStrips
	return s
}

// estimate is roughly how many bytes the picture takes at a quality.
func (s *search) estimate(quality int) float64 {
	if size, ok := s.known[quality]; ok {
		return size
	}
	var sum int64
	for _, strip := range s.strips {
		sink := limited{}
		_ = jpeg.Encode(&sink, strip, &jpeg.Options{Quality: quality}) // sink never fails, sizes were bounded
		sum += sink.size
	}
	size := float64(sum)
	if n := int64(len(s.strips)); n > 1 {
		size = float64(max(sum-n*jpegOverhead, n))*s.factor + jpegOverhead
	}
	s.known[quality] = size
	return size
}

// run encodes at the highest quality that is expected to fit, and corrects the estimate by the result. It returns nil
// if even the lowest quality is too large.
func (s *search) run(ctx context.Context) (*encoded, error) {
	const rounds = 5
	var best *encoded
	low, high, correct := floorQuality, bestQuality, 1.0
	for range rounds {
		quality := s.highest(low, high, correct)
		if quality < low || best != nil && quality == best.quality {
			break
		}
		if ctx.Err() != nil {
			return nil, gone(ctx)
		}
		sink := limited{limit: s.limit}
		sink.data = make([]byte, 0, int64(min(float64(s.limit), s.estimate(quality)*correct*1.05)))
		if err := jpeg.Encode(&sink, s.img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fault.New(fault.ImageTooLarge, "the image cannot be encoded for sending").WithCause(err)
		}
		correct = float64(sink.size) / s.estimate(quality)
		if sink.size > s.limit {
			high = quality - 1
			continue
		}
		best = &encoded{data: sink.data, quality: quality, size: s.img.Bounds().Size()}
		low = quality + 1
	}
	return best, nil
}

// highest is the highest quality in [low, high] that should fit; below low if none does.
func (s *search) highest(low, high int, correct float64) int {
	fits := func(quality int) bool { return s.estimate(quality)*correct <= aim*float64(s.limit) }
	if low <= high && fits(high) {
		return high
	}
	lo, hi := low-1, high-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if fits(mid) {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

// limited keeps up to limit bytes and counts all of them.
type limited struct {
	data  []byte
	size  int64
	limit int64
}

func (l *limited) Write(p []byte) (int, error) {
	l.size += int64(len(p))
	if l.size <= l.limit {
		l.data = append(l.data, p...)
	}
	return len(p), nil
}

func (l *limited) WriteByte(b byte) error {
	if l.size++; l.size <= l.limit {
		l.data = append(l.data, b)
	}
	return nil
}

// Flush makes the encoder write here directly, without a buffer of its own.
func (l *limited) Flush() error { return nil }
