package photo

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	// segments is how many files the shelf is divided into. The oldest file is evicted at once.
	segments = 16
	// ageShare: a file takes photos for one part in this many of their time to live. It bounds how long a photo's bytes
	// remain after it expires.
	ageShare = 8
	// grain is the least space of a photo, so that small photos cannot grow the index without bound.
	grain = 4 << 10
	// idPrefix begins every id.
	idPrefix = "img_"
)

// Photo is a prepared photo. Its bytes can be read several times.
type Photo interface {
	Size() int64
	// Pixels is the picture's width and height.
	Pixels() image.Point
	Open() io.Reader
}

// Shelf stores photos for a time, under opaque ids that cannot be guessed. Each owner has its own photos: equal keys of one
// owner have equal ids, and an id is valid for its owner only. The photo of two owners is stored twice, because a shared id,
// expiry or space would reveal one owner to the other.
//
// Its files have no names and hold many photos each. When it is full, it evicts the oldest file, whose photos would expire
// first. Photos that are being read stay readable, and then no longer count against the bound.
type Shelf struct {
	dir      string
	bytesMax int64
	ttl      time.Duration
	// secret is the HMAC key that makes ids of owners and keys.
	secret []byte

	mu sync.Mutex
	// files are in order of creation; the last one takes new photos.
	files  []*segment
	photos map[string]*entry
	used   int64
	sweeps *time.Timer
	closed bool
}

// entry is the place of a photo.
type entry struct {
	in      *segment
	at      int64
	size    int64
	pixels  image.Point
	owner   string
	key     string
	expires time.Time
}

// NewShelf stores at most bytesMax bytes of photos in files of dir, each for ttl. It fails if no file can be created.
func NewShelf(dir string, bytesMax int64, ttl time.Duration) (*Shelf, error) {
	probe, err := newTemporary(dir)
	if err != nil {
		return nil, err
	}
	if err := probe.Close(); err != nil {
		return nil, fmt.Errorf("photo: %w", err)
	}
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // It never fails.
	return &Shelf{dir: dir, bytesMax: bytesMax, ttl: ttl, secret: secret, photos: map[string]*entry{}}, nil
}

// Kept is a hold on a stored photo: the photo stays readable until Release.
type Kept struct {
	entry
	// id names the photo for its owner.
	id    string
	shelf *Shelf
	once  sync.Once
}

// Size is the photo's size in bytes.
func (k *Kept) Size() int64 { return k.size }

// Pixels is the photo's width and height in pixels.
func (k *Kept) Pixels() image.Point { return k.pixels }

// Open reads the photo from its start; several readers may be open at once. Reads fail after Release, once the photo is
// evicted.
func (k *Kept) Open() io.Reader { return k.section() }

func (k *Kept) section() *io.SectionReader { return io.NewSectionReader(k.in.file, k.at, k.size) }

// ID is the photo's opaque name: "img_" and 32 letters and digits.
func (k *Kept) ID() string { return k.id }

// Key is the key the photo was stored under.
func (k *Kept) Key() string { return k.key }

// Expires is when the id expires.
func (k *Kept) Expires() time.Time { return k.expires }

// Release ends the hold. It may be called twice, and on nil.
func (k *Kept) Release() {
	if k == nil {
		return
	}
	k.once.Do(func() {
		k.shelf.mu.Lock()
		defer k.shelf.mu.Unlock()
		k.shelf.unhold(k.in)
	})
}

// idOf is the id of an owner's photo with a key. Neither holds a zero byte.
func (s *Shelf) idOf(owner, key string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(owner + "\x00" + key))
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:20])
	return idPrefix + strings.ToLower(text)
}

// Put stores a photo for its owner under a key of its bytes. If the owner has it already, with at least half of its time
// left, it is not stored again and its expiry does not change.
func (s *Shelf) Put(owner, key string, src Photo) (*Kept, error) {
	id := s.idOf(owner, key)
	in, at, kept, err := s.place(id, src.Size())
	if kept != nil || err != nil {
		return kept, err
	}
	err = in.write(src, at)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.unhold(in)
		return nil, err
	}
	e := entry{in: in, at: at, size: src.Size(), pixels: src.Pixels(), owner: owner, key: key, expires: time.Now().Add(s.ttl)}
	if !in.retired {
		s.photos[id] = &e
		in.ids = append(in.ids, id)
		in.dies = e.expires
	}
	return &Kept{entry: e, id: id, shelf: s}, nil // It takes over the hold of place.
}

// place returns a hold on the photo if it is stored already. Otherwise it allocates space, and holds the segment.
func (s *Shelf) place(id string, size int64) (*segment, int64, *Kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, 0, nil, os.ErrClosed
	}
	now := time.Now()
	if e := s.photos[id]; e != nil && e.expires.Sub(now) >= s.ttl/2 {
		return nil, 0, s.hold(id, e), nil
	}
	taken := (size + grain - 1) / grain * grain
	if taken > s.bytesMax {
		return nil, 0, nil, fmt.Errorf("photo: %d bytes do not fit on a shelf of %d", size, s.bytesMax)
	}
	for s.used+taken > s.bytesMax {
		s.drop()
	}
	in, err := s.open(now, taken)
	if err != nil {
		return nil, 0, nil, err
	}
	at := in.used
	in.used += taken
	s.used += taken
	in.holds++
	in.dies = now.Add(s.ttl)
	return in, at, nil, nil
}

// open returns the file for the next photo.
func (s *Shelf) open(now time.Time, taken int64) (*segment, error) {
	if n := len(s.files); n > 0 {
		last := s.files[n-1]
		if last.used+taken <= s.bytesMax/segments && now.Sub(last.began) < s.ttl/ageShare {
			return last, nil
		}
	}
	file, err := newTemporary(s.dir)
	if err != nil {
		return nil, err
	}
	in := &segment{file: file, began: now}
	s.files = append(s.files, in)
	if s.sweeps == nil {
		s.sweeps = time.AfterFunc(s.ttl, s.sweep)
	}
	return in, nil
}

// Find holds an owner's photo by its id. An unknown id, another owner's, or an expired one is an ImageExpired fault.
func (s *Shelf) Find(owner, id string) (*Kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.photos[id]; e != nil && e.owner == owner && time.Now().Before(e.expires) {
		return s.hold(id, e), nil
	}
	return nil, fault.New(fault.ImageExpired, "the image's id is unknown, or the image is no longer kept").WithSubject(id)
}

// lookup holds an owner's photo by its key; nil if it is not stored, or has less than half of its time left.
func (s *Shelf) lookup(owner, key string) *Kept {
	id := s.idOf(owner, key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.photos[id]; e != nil && time.Until(e.expires) >= s.ttl/2 {
		return s.hold(id, e)
	}
	return nil
}

// holdTwice takes a second hold of a kept photo.
func (s *Shelf) holdTwice(k *Kept) *Kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hold(k.id, &k.entry)
}

func (s *Shelf) hold(id string, e *entry) *Kept {
	e.in.holds++
	return &Kept{entry: *e, id: id, shelf: s}
}

func (s *Shelf) unhold(in *segment) {
	if in.unhold() {
		_ = in.file.Close() // It only frees space: the file has no name.
	}
}

// drop evicts the oldest file with all its photos.
func (s *Shelf) drop() {
	oldest := s.files[0]
	s.files = s.files[1:]
	s.used -= oldest.used
	for _, id := range oldest.ids {
		if e := s.photos[id]; e != nil && e.in == oldest {
			delete(s.photos, id)
		}
	}
	oldest.retired = true
	oldest.holds++
	s.unhold(oldest)
}

// sweep drops files whose photos have all expired, and schedules itself for the next one.
func (s *Shelf) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.files) > 0 && !now.Before(s.files[0].dies) {
		s.drop()
	}
	s.sweeps = nil
	if len(s.files) > 0 && !s.closed {
		s.sweeps = time.AfterFunc(s.files[0].dies.Sub(now), s.sweep)
	}
}

// Used is the number of stored photos and their bytes.
func (s *Shelf) Used() (photos int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.photos), s.used
}

// Close frees everything. Running reads fail.
func (s *Shelf) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.sweeps != nil {
		s.sweeps.Stop()
	}
	var all []error
	for _, in := range s.files {
		all = append(all, in.file.Close())
	}
	s.files, s.photos, s.used = nil, map[string]*entry{}, 0
	return errors.Join(all...)
}
