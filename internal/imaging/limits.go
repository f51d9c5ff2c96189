package imaging

import (
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// The defaults of [Limits].
const (
	DefaultMaxBytes  = 20 << 20
	DefaultMaxPixels = 50_000_000
	DefaultMaxSide   = 20_000
	// DefaultSendBytes is 3 MB, the documented maximum of 1688. It is decimal, because the kind of MB is not
	// documented.
	DefaultSendBytes = 3_000_000

	// minSendBytes is enough for the fixed parts of a JPEG file and a few pixels.
	minSendBytes = 4 << 10
)

// Limits bound accepted photos, and the photos to send. A zero field means its default.
type Limits struct {
	// MaxBytes is the largest accepted photo, in bytes.
	MaxBytes int64
	// MaxPixels is the most pixels a photo may have, read from its header before anything is decoded.
	MaxPixels int64
	// MaxSide is the longest side in pixels.
	MaxSide int
	// MaxDecodeBytes refuses a photo whose decoding would take more memory; zero means no bound.
	MaxDecodeBytes int64

	// SendBytes is the largest photo the upstream accepts, in bytes. At least 4 KiB.
	SendBytes int64
	// OnlyJPEG means that the upstream accepts JPEG alone. Otherwise it accepts JPEG and PNG. Other formats are never sent.
	OnlyJPEG bool
}

func (l Limits) withDefaults() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultMaxBytes
	}
	if l.MaxPixels <= 0 {
		l.MaxPixels = DefaultMaxPixels
	}
	if l.MaxSide <= 0 {
		l.MaxSide = DefaultMaxSide
	}
	if l.SendBytes <= 0 {
		l.SendBytes = DefaultSendBytes
	}
	l.SendBytes = max(l.SendBytes, minSendBytes)
	return l
}

// sends reports whether a photo of this format may be sent as it is.
func (l Limits) sends(f Format) bool { return f == JPEG || f == PNG && !l.OnlyJPEG }

// checkBytes refuses an empty or too large file.
func (l Limits) checkBytes(size int64) error {
	switch {
	case size <= 0:
		return fault.New(fault.ImageUnreadable, "the image is empty; %s", supportedFormats)
	case size > l.MaxBytes:
		return fault.New(fault.ImageTooLarge, "the image has %d bytes; at most %d are accepted", size, l.MaxBytes)
	}
	return nil
}

// checkSize refuses a picture by the size in its header.
func (l Limits) checkSize(f Format, width, height int) error {
	switch {
	case width <= 0 || height <= 0:
		return f.damaged("it has no pixels")
	case width > l.MaxSide || height > l.MaxSide:
		return fault.New(fault.ImageTooLarge, "the image is %d × %d pixels; at most %d are accepted on a side",
			width, height, l.MaxSide)
	case int64(width)*int64(height) > l.MaxPixels:
		return fault.New(fault.ImageTooLarge, "the image is %d × %d pixels; at most %d are accepted in total",
			width, height, l.MaxPixels)
	}
	return nil
}

// checkCost refuses a picture whose decoding takes too much memory.
func (l Limits) checkCost(cost int64) error {
	if l.MaxDecodeBytes > 0 && cost > l.MaxDecodeBytes {
		return fault.New(fault.ImageTooLarge, "the image would take %d bytes of memory to decode; at most %d are allowed",
			cost, l.MaxDecodeBytes)
	}
	return nil
}
