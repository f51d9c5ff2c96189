package imaging

import (
	"bytes"
	"encoding/binary"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Format is an image format, detected by content.
type Format uint8

// The known formats, all of them accepted. HEIC and AVIF are always sent as another format.
const (
	Unknown Format = iota
	JPEG
	PNG
	WebP
	GIF
	HEIC
	AVIF
)

var formatNames = [...]struct{ name, media string }{
	Unknown: {"unknown", "application/octet-stream"},
	JPEG:    {"JPEG", "image/jpeg"},
	PNG:     {"PNG", "image/png"},
	WebP:    {"WebP", "image/webp"},
	GIF:     {"GIF", "image/gif"},
	HEIC:    {"HEIC", "image/heic"},
	AVIF:    {"AVIF", "image/avif"},
}

// String is the format's usual name.
func (f Format) String() string {
	if int(f) >= len(formatNames) {
		return formatNames[Unknown].name
	}
	return formatNames[f].name
}

// MediaType is the format's media type, application/octet-stream for an unknown one.
func (f Format) MediaType() string {
	if int(f) >= len(formatNames) {
		return formatNames[Unknown].media
	}
	return formatNames[f].media
}

// Taken reports whether pictures of this format are accepted.
func (f Format) Taken() bool { return f >= JPEG && f <= AVIF }

// SniffLen is how many leading bytes [Sniff] needs; a shorter file may have fewer.
const SniffLen = 64

const pngSignature = "\x89PNG\r\n\x1a\n"

// Sniff detects the format by the first bytes of a file, never by its name.
func Sniff(head []byte) Format {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(head, []byte(pngSignature)):
		return PNG
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return GIF
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return WebP
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return sniffBrands(head)
	}
	return Unknown
}

// sniffBrands reads the brands of an ISO base media file: the major one, a version, then the compatible ones. A generic
// major brand (mif1) says nothing, so all brands are searched for AVIF first.
func sniffBrands(head []byte) Format {
	end := min(int(min(binary.BigEndian.Uint32(head), SniffLen)), len(head))
	brands := []string{string(head[8:12])}
	for at := 16; at+4 <= end; at += 4 {
		brands = append(brands, string(head[at:at+4]))
	}
	found := Unknown
	for _, brand := range brands {
		switch brand {
		case "avif", "avis":
			return AVIF
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1":
			found = HEIC
		}
	}
	return found
}

const supportedFormats = "supported are JPEG, PNG, WebP, GIF, HEIC and AVIF"

// refuse is the fault for a format that is not accepted.
func (f Format) refuse() *fault.Fault {
	if f == Unknown {
		return fault.New(fault.ImageUnreadable, "this is not an image in a supported format; %s", supportedFormats)
	}
	return fault.New(fault.ImageUnreadable, "%s images are not supported; %s", f, supportedFormats)
}

// damaged is the fault for a picture of a known format that is damaged or truncated.
func (f Format) damaged(why string) *fault.Fault {
	return fault.New(fault.ImageUnreadable, "the %s image is damaged: %s", f, why)
}

// lacking is the fault for a valid picture that uses an unsupported feature of its format.
func (f Format) lacking(what string) *fault.Fault {
	return fault.New(fault.ImageUnreadable, "%s in %s images is not supported", what, f)
}
