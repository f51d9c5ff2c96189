package photo

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// The defaults of [Config].
const (
	DefaultMemory     = 256 << 20
	DefaultWait       = 25 * time.Second
	DefaultShelfBytes = 1 << 30
	DefaultShelfTTL   = time.Hour
)

// Config configures a Store. A zero field means its default.
type Config struct {
	// Dir is the directory of the nameless temporary files; the system's directory for temporary files by default.
	Dir string
	// Memory bounds the memory of all photos together, in bytes.
	Memory int64
	// Wait is how long a photo waits for memory; negative for not at all.
	Wait time.Duration
	// ShelfBytes bounds the bytes of stored photos, and ShelfTTL their time to live.
	ShelfBytes int64
	ShelfTTL   time.Duration
	// Limits bound the photos that are accepted and sent. New overwrites MaxDecodeBytes with what Memory allows.
	Limits imaging.Limits
}

// Store receives photos, prepares them for sending, and stores them for a time. It is safe for concurrent use.
type Store struct {
	dir    string
	limits imaging.Limits
	budget *Budget
	shelf  *Shelf
}

// New makes a Store. It fails if no file can be created in Dir, or if the shelf is too small for four photos.
func New(c Config) (*Store, error) {
	dir := cmp.Or(c.Dir, os.TempDir())
	budget := NewBudget(cmp.Or(c.Memory, DefaultMemory), cmp.Or(c.Wait, DefaultWait))
	limits := c.Limits
	limits.MaxBytes = cmp.Or(limits.MaxBytes, imaging.DefaultMaxBytes)
	limits.SendBytes = cmp.Or(limits.SendBytes, imaging.DefaultSendBytes)
	limits.MaxDecodeBytes = budget.DecodeMax()
	room := cmp.Or(c.ShelfBytes, DefaultShelfBytes)
	if few := 4 * limits.SendBytes; room < few {
		return nil, fmt.Errorf("photo: a shelf of %d bytes is too small for photos of %d; at least %d are needed", room, limits.SendBytes, few)
	}
	shelf, err := NewShelf(dir, room, cmp.Or(c.ShelfTTL, DefaultShelfTTL))
	if err != nil {
		return nil, err
	}
	return &Store{dir: dir, limits: limits, budget: budget, shelf: shelf}, nil
}

// BytesMax is the largest accepted photo, in bytes.
func (k *Store) BytesMax() int64 { return k.limits.MaxBytes }

// Budget is the memory that all photos share.
func (k *Store) Budget() *Budget { return k.budget }

// Shelf stores the prepared photos.
func (k *Store) Shelf() *Shelf { return k.shelf }

// Spool blocks for memory and opens a spool for one photo. The caller closes it.
func (k *Store) Spool(ctx context.Context) (*Spool, error) {
	return k.budget.Spool(ctx, k.dir, k.limits.MaxBytes)
}

// Keep prepares the photo in a spool and stores it for its owner. The spool is not needed afterwards. A photo that the owner
// has on the shelf already is neither inspected nor decoded again.
//
// Faults: those of [imaging.Inspect] and [imaging.Picture.Prepare], and MemoryBudgetFull.
func (k *Store) Keep(ctx context.Context, owner string, spool *Spool) (*Kept, error) {
	sum := spool.Sum()
	return k.keep(ctx, owner, hex.EncodeToString(sum[:]), spool, spool.Size(), imaging.Options{SHA256: &sum})
}

// KeepBytes is Keep for a photo in memory. It reserves the photo's bytes while it runs.
func (k *Store) KeepBytes(ctx context.Context, owner string, content []byte) (*Kept, error) {
	if int64(len(content)) > k.limits.MaxBytes {
		return nil, tooLarge(k.limits.MaxBytes)
	}
	release, err := k.budget.Hold(ctx, int64(len(content)))
	if err != nil {
		return nil, err
	}
	defer release()
	sum := sha256.Sum256(content)
	return k.keep(ctx, owner, hex.EncodeToString(sum[:]), bytes.NewReader(content), int64(len(content)), imaging.Options{SHA256: &sum})
}

// Crop stores a part of a stored photo as another photo; the caller still releases the first. The part is cut out of the
// prepared photo, since the original is no longer there; that has all the pixels the upstream accepts. Faults: those of Keep.
func (k *Store) Crop(ctx context.Context, kept *Kept, part imaging.Box) (*Kept, error) {
	if part.Full() {
		return k.shelf.holdTwice(kept), nil
	}
	key := fmt.Sprintf("%s@%v,%v,%v,%v", kept.Key(), part.X0, part.Y0, part.X1, part.Y1)
	return k.keep(ctx, kept.owner, key, kept.section(), kept.Size(), imaging.Options{Crop: &part})
}

// Find holds an owner's photo by its id. An unknown id, another owner's, or an expired one is an ImageExpired fault.
func (k *Store) Find(owner, id string) (*Kept, error) { return k.shelf.Find(owner, id) }

// keep stores a photo under a key of its content and the selected part. The preparation is the same for the whole life of
// the process, and is not part of the key.
func (k *Store) keep(ctx context.Context, owner, key string, src io.ReaderAt, size int64, options imaging.Options) (*Kept, error) {
	if kept := k.shelf.lookup(owner, key); kept != nil {
		return kept, nil
	}
	picture, err := imaging.Inspect(ctx, src, size, k.limits)
	if err != nil {
		return nil, err
	}
	if picture.Reasons(options) != 0 {
		release, err := k.budget.Decode(ctx, picture.DecodeCost())
		if err != nil {
			return nil, err
		}
		// The encoded copy stays in memory until it is stored.
		defer release()
	}
	ready, err := picture.Prepare(ctx, options)
	if err != nil {
		return nil, err
	}
	return k.shelf.Put(owner, key, ready)
}

// Close frees everything. The Store must not be used afterwards.
func (k *Store) Close() error { return k.shelf.Close() }
