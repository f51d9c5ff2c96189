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
	// segments is how many files the shelf is divided into: what one more photo may push out at once.
	segments = 16
	// ageShare is the part of a photo's time, 1 in so many, after which a file takes no more photos. It bounds how long a
	// photo's bytes outlive it.
	ageShare = 8
	// grain is what a photo takes up at the least, so that small ones cannot grow the index without bound.
	grain = 4 << 10
	// idPrefix begins every id.
	idPrefix = "img_"
)

// Photo is what is put on the shelf: bytes that can be read from the start, again and again.
type Photo interface {
	Size() int64
	// Pixels is the picture's width and height.
	Pixels() image.Point
	Open() io.Reader
}

// Shelf keeps photos for a time, under ids that tell nothing and that nobody guesses. Each owner has photos of its own: equal
// keys of one owner get equal ids, and an id is good for its owner alone. What two owners put there is kept twice, because
// whatever they shared, an id, a time or room, would tell one of them about the other.
//
// Its files have no names and hold many photos each. When there is no room, the oldest photos go first: they are those
// whose time would be up first. Photos that are being read stay readable, and what they take up is not counted against
// the bound any more.
type Shelf struct {
	dir      string
	bytesMax int64
	ttl      time.Duration
	// secret makes ids of owners and keys.
	secret []byte

	mu sync.Mutex
	// files are in the order they were begun; the last one takes new photos.
	files  []*segment
	photos map[string]*entry
	used   int64
	sweeps *time.Timer
	closed bool
}

// entry is where a photo is.
type entry struct {
	in      *segment
	at      int64
	size    int64
	pixels  image.Point
	owner   string
	key     string
	expires time.Time
}

// NewShelf keeps at most bytesMax bytes of photos in files of dir, each photo for ttl. It fails where no file can be
// made.
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

// Kept is a photo on the shelf, held: it stays readable until it is let go.
type Kept struct {
	entry
	// id is the photo's name for its owner.
	id    string
	shelf *Shelf
	once  sync.Once
}

// Size is how many bytes the photo has.
func (k *Kept) Size() int64 { return k.size }

// Pixels is the photo's width and height.
func (k *Kept) Pixels() image.Point { return k.pixels }

// Open reads the photo from its start; several readers may be open at once. Reading fails when the photo was let go
// and is on the shelf no more.
func (k *Kept) Open() io.Reader { return k.section() }

func (k *Kept) section() *io.SectionReader { return io.NewSectionReader(k.in.file, k.at, k.size) }

// ID is the photo's opaque name: "img_" and 32 letters and digits.
func (k *Kept) ID() string { return k.id }

// Key is what the photo was put under.
func (k *Kept) Key() string { return k.key }

// Expires is until when the id is good.
func (k *Kept) Expires() time.Time { return k.expires }

// Release lets the photo go. It may be called twice, and on nil.
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

// Put keeps a photo for its owner under a key that stands for its bytes. Where the owner has it already, with at least half
// of its time left, it is not kept twice and its time stays as it is.
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
	return &Kept{entry: e, id: id, shelf: s}, nil // The hold of place is this one's.
}

// place finds the photo if it is kept already, and otherwise room for it, which is held.
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

// open is the file for the next photo.
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

// Find holds an owner's photo by its id. One that is unknown, another's, or whose time is up is an ImageExpired fault.
func (s *Shelf) Find(owner, id string) (*Kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.photos[id]; e != nil && e.owner == owner && time.Now().Before(e.expires) {
		return s.hold(id, e), nil
	}
	return nil, fault.New(fault.ImageExpired, "the picture's id is unknown, or the picture is no longer kept").WithSubject(id)
}

// lookup holds an owner's photo with a key; nil if it is not kept, or not for long.
func (s *Shelf) lookup(owner, key string) *Kept {
	id := s.idOf(owner, key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.photos[id]; e != nil && time.Until(e.expires) >= s.ttl/2 {
		return s.hold(id, e)
	}
	return nil
}

// again holds a kept photo once more.
func (s *Shelf) again(k *Kept) *Kept {
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
		_ = in.file.Close() // It frees space that is lost to nobody else.
	}
}

// drop forgets the oldest file with all its photos.
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

// sweep drops files whose photos' time is up, and comes again when the next one's is.
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

// Used is how many photos are kept, and how many bytes they take up.
func (s *Shelf) Used() (photos int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.photos), s.used
}

// Close frees everything; what is still being read breaks off.
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
