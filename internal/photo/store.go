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

// Config is what a Keeper is built from. A zero field means its default.
type Config struct {
	// Dir is where files are made, all of them nameless; the system's directory for temporary files by default.
	Dir string
	// Memory is how many bytes of memory all photos may take together.
	Memory int64
	// Wait is how long a photo waits for room in it; negative for not at all.
	Wait time.Duration
	// ShelfBytes is how many bytes of photos are kept, and ShelfTTL how long each.
	ShelfBytes int64
	ShelfTTL   time.Duration
	// Limits are what photos have to keep to, and what the upstream takes. MaxDecodeBytes is what Memory allows, whatever
	// it says.
	Limits imaging.Limits
}

// Keeper takes photos in, makes them fit to be sent, and keeps them for a while. It is safe for concurrent use.
type Keeper struct {
	dir    string
	limits imaging.Limits
	budget *Budget
	shelf  *Shelf
}

// New builds a Keeper. It fails where no file can be made, or where the shelf is too small for a few photos.
func New(c Config) (*Keeper, error) {
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
	return &Keeper{dir: dir, limits: limits, budget: budget, shelf: shelf}, nil
}

// BytesMax is the largest photo that is taken.
func (k *Keeper) BytesMax() int64 { return k.limits.MaxBytes }

// Budget is the memory photos share.
func (k *Keeper) Budget() *Budget { return k.budget }

// Shelf is where photos are kept.
func (k *Keeper) Shelf() *Shelf { return k.shelf }

// Spool waits for room and opens a spool for one photo. It is the caller's to close.
func (k *Keeper) Spool(ctx context.Context) (*Spool, error) {
	memory, err := k.budget.open(ctx, spoolFirst)
	if err != nil {
		return nil, err
	}
	return newSpool(k.dir, k.limits.MaxBytes, memory), nil
}

// Keep makes the photo in a spool fit to be sent, and puts it on the shelf for its owner. The spool is not needed
// afterwards. What the owner has on the shelf already is neither inspected nor decoded again.
//
// Faults: those of [imaging.Inspect] and [imaging.Picture.Prepare], and MemoryBudgetFull.
func (k *Keeper) Keep(ctx context.Context, owner string, spool *Spool) (*Kept, error) {
	sum := spool.Sum()
	return k.keep(ctx, owner, hex.EncodeToString(sum[:]), spool, spool.Size(), imaging.Options{SHA256: &sum})
}

// KeepBytes is Keep for a photo that is in memory as a whole, which it counts against the budget meanwhile.
func (k *Keeper) KeepBytes(ctx context.Context, owner string, content []byte) (*Kept, error) {
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

// Crop keeps a part of a kept photo as a photo of its own; the kept one stays the caller's to let go. The part is cut out
// of what would have been sent, which has all the pixels the upstream takes; the original is gone. Faults: those of Keep.
func (k *Keeper) Crop(ctx context.Context, kept *Kept, part imaging.Box) (*Kept, error) {
	if part.Whole() {
		return k.shelf.again(kept), nil
	}
	key := fmt.Sprintf("%s@%v,%v,%v,%v", kept.Key(), part.X0, part.Y0, part.X1, part.Y1)
	return k.keep(ctx, kept.owner, key, kept.section(), kept.Size(), imaging.Options{Crop: &part})
}

// Find holds an owner's photo by its id; one that is unknown, another's, or whose time is up is an ImageExpired fault.
func (k *Keeper) Find(owner, id string) (*Kept, error) { return k.shelf.Find(owner, id) }

// keep puts a photo on the shelf under a key that stands for what is sent: the content, and which part of it. How it is
// prepared is the same as long as the process runs.
func (k *Keeper) keep(ctx context.Context, owner, key string, src io.ReaderAt, size int64, options imaging.Options) (*Kept, error) {
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
		// The encoded copy is in memory until it is on the shelf.
		defer release()
	}
	ready, err := picture.Prepare(ctx, options)
	if err != nil {
		return nil, err
	}
	return k.shelf.Put(owner, key, ready)
}

// Close frees everything. Nothing may be asked of the Keeper afterwards.
func (k *Keeper) Close() error { return k.shelf.Close() }
