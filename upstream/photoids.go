package upstream

import (
	"context"
	"time"
)

// PhotoIDs remembers what the upstream called the photos it was sent, for longer than this process lives and for others
// beside it. The ids are those of one App Key. It is safe for concurrent use.
type PhotoIDs interface {
	// Find gives the id of the photo with the key, and until when it is good; "" where none is known. It must return
	// soon, also where whatever remembers fails.
	Find(ctx context.Context, key string) (id string, until time.Time)
	// Keep remembers an id. It must not wait until that is done.
	Keep(key, id string, until time.Time)
	// Forget drops an id that the upstream does not know any more, unless another one took its place. It must not wait
	// until that is done.
	Forget(key, id string)
}

// noPhotoIDs remembers nothing.
type noPhotoIDs struct{}

func (noPhotoIDs) Find(context.Context, string) (string, time.Time) { return "", time.Time{} }
func (noPhotoIDs) Keep(string, string, time.Time)                   {}
func (noPhotoIDs) Forget(string, string)                            {}
