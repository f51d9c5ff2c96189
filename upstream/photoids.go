package upstream

import (
	"context"
	"time"
)

// PhotoIDs stores the ids of uploaded photos beyond this process: for a restart, and for other replicas. The ids are those
// of one App Key. It is safe for concurrent use.
type PhotoIDs interface {
	// Find returns the id of the photo with the key, and its expiry; "" if none is stored. It must return soon, also when
	// its store fails.
	Find(ctx context.Context, key string) (id string, until time.Time)
	// Keep stores an id. It must not wait until that is done.
	Keep(key, id string, until time.Time)
	// Forget drops an id that the upstream no longer knows, unless another one has replaced it. It must not wait until
	// that is done.
	Forget(key, id string)
}

// noPhotoIDs stores nothing.
type noPhotoIDs struct{}

func (noPhotoIDs) Find(context.Context, string) (string, time.Time) { return "", time.Time{} }
func (noPhotoIDs) Keep(string, string, time.Time)                   {}
func (noPhotoIDs) Forget(string, string)                            {}
