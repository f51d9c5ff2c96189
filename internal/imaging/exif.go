package imaging

import (
	"bytes"
	"encoding/binary"
)

const (
	exifPrefix      = "Exif\x00\x00"
	tagOrientation  = 0x0112
	exifMaxBytes    = 64 << 10 // more than a JPEG segment holds; the orientation is near the start
	tiffHeaderBytes = 8
	ifdEntryBytes   = 12
)

// exifOrientation reads the orientation from an EXIF block: 1 to 8, and 1 if it cannot be read, because damaged
// metadata does not damage a picture. JPEG requires the prefix "Exif\0\0" once before the TIFF block, the other formats
// have none. Writers get both wrong, so any number of prefixes is skipped.
func exifOrientation(tiff []byte) int {
	for bytes.HasPrefix(tiff, []byte(exifPrefix)) {
		tiff = tiff[len(exifPrefix):]
	}
	if len(tiff) < tiffHeaderBytes {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := int(order.Uint16(tiff[at:]))
	rest := tiff[at+2:]
	for range entries {
		if len(rest) < ifdEntryBytes {
			return 1
		}
		if order.Uint16(rest) == tagOrientation {
			return orientationValue(order, rest)
		}
		rest = rest[ifdEntryBytes:]
	}
	return 1
}

// orientationValue reads the value of an entry: a SHORT by the standard, a LONG from some writers.
func orientationValue(order binary.ByteOrder, entry []byte) int {
	const short, long = 3, 4
	var value uint32
	switch order.Uint16(entry[2:]) {
	case short:
		value = uint32(order.Uint16(entry[8:]))
	case long:
		value = order.Uint32(entry[8:])
	}
	if order.Uint32(entry[4:]) != 1 || value < 1 || value > 8 {
		return 1
	}
	return int(value)
}
