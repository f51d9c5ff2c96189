package upstream

import (
	"image"
	"io"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Photo is the bytes of a picture as they are sent to the upstream: within its limits, in a format that it accepts.
type Photo interface {
	// Size is the number of bytes.
	Size() int64
	// Open returns a new reader from the start. Several readers may be open at once.
	Open() io.Reader
}

// Picture is the picture of an image search.
type Picture struct {
	// URL is an address that the upstream can fetch itself. With a Photo, it is the fallback if the upstream refuses the
	// photo.
	URL string
	// Photo is the picture's bytes; nil if the upstream shall fetch the URL.
	Photo Photo
	// Key is the photo's identity: equal keys mean equal bytes. The upstream's id of the photo is stored under it. A photo
	// without a key is uploaded each time.
	Key string
	// Pixels is the photo's width and height. A search by a region needs it.
	Pixels image.Point
}

// ImageQuestion is an image search in a dialect's terms: one of ID, URL and Photo names the picture.
type ImageQuestion struct {
	*zhaohuov1.ImageSearchRequest
	// ID is the upstream's id of the uploaded photo.
	ID    string
	URL   string
	Photo Photo
	// Pixels is the width and height of the picture that the upstream has; zero if not known.
	Pixels image.Point
}
