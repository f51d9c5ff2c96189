package upstream

import (
	"image"
	"io"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Photo is a picture's bytes as the upstream is to get them: within its limits, of a kind it takes.
type Photo interface {
	// Size is how many bytes there are.
	Size() int64
	// Open reads them from the start, each time anew. Several readers may be open at once.
	Open() io.Reader
}

// Picture is what an image search is about.
type Picture struct {
	// URL is an address the upstream may fetch itself. Beside a Photo it is what to fall back to when the upstream
	// does not take the photo.
	URL string
	// Photo is the picture's bytes; nil where the upstream is to fetch the URL.
	Photo Photo
	// Key is the photo's identity: equal keys are equal bytes. What the upstream calls it is remembered under the key.
	Key string
	// Pixels is the photo's width and height, which a question about a part of it needs.
	Pixels image.Point
}

// ImageQuestion is an image search in a dialect's terms: one of ID, URL and Photo names the picture.
type ImageQuestion struct {
	*zhaohuov1.ImageSearchRequest
	// ID is what the upstream called the photo when it was sent.
	ID    string
	URL   string
	Photo Photo
	// Pixels is the picture's width and height as the upstream has it; zero where that is not known.
	Pixels image.Point
}
