// Package prints takes prints of pictures, for comparing goods by their looks: of those at addresses, which are fetched,
// and of those that are kept already. It remembers prints by the pictures' content in a bounded memory.
//
// It decides nothing by likeness, and which addresses may be fetched is the fetcher's matter.
package prints

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

// Fetcher gets pictures from addresses.
type Fetcher interface {
	// Fetch writes the picture at an address into a writer. It must return before ctx ends, or as soon as it does, and
	// hand on the writer's errors as they are.
	Fetch(ctx context.Context, address string, into io.Writer) error
}

// Room bounds the memory of decoding.
type Room interface {
	// Decode takes room for decoding a picture at the cost of n bytes, waiting for it. It must return before ctx ends, or
	// as soon as it does.
	Decode(ctx context.Context, n int64) (release func(), err error)
}

// Config is what a Taker is built from. A zero number means its default.
type Config struct {
	Fetcher Fetcher
	// Room is shared with whoever else decodes pictures.
	Room Room
	// Limits bound the pictures that are looked at.
	Limits imaging.Limits
	// Entries is how many prints are remembered, about 1 KB each; 20,000 by default. The oldest go first.
	Entries int
	// AtOnce is how many pictures are in memory, fetched or decoded, at once; 4 by default.
	AtOnce int
}

// Print is a picture's print.
type Print struct {
	likeness.Print
	// Hash is of the picture's bytes.
	Hash string
	// Fetched tells that the picture was fetched for it.
	Fetched bool
}

// The defaults of [Config].
const (
	DefaultEntries = 20_000
	DefaultAtOnce  = 4
)

// decodeSide is what a picture is shrunk to before it is looked at; finer than any print.
const decodeSide = 640

// Taker takes prints. It is safe for concurrent use.
type Taker struct {
	Config
	turns chan struct{}

	mu sync.Mutex
	// byHash holds prints by content; hashes the content last seen at an address. Both forget their oldest.
	byHash memory[likeness.Print]
	hashes memory[string]
}

// New builds a Taker.
func New(c Config) *Taker {
	if c.Entries <= 0 {
		c.Entries = DefaultEntries
	}
	if c.AtOnce <= 0 {
		c.AtOnce = DefaultAtOnce
	}
	return &Taker{
		Config: c, turns: make(chan struct{}, c.AtOnce),
		byHash: newMemory[likeness.Print](c.Entries), hashes: newMemory[string](c.Entries),
	}
}

// At takes the print of the picture at an address. The picture of an address is taken to stay what it was: 1688 gives a
// changed one another address.
//
// Faults: those of the fetcher, of [imaging.Inspect] and of decoding, CallerGone and DeadlineExceeded.
func (t *Taker) At(ctx context.Context, address string) (Print, error) {
	if p, ok := t.remembered(address); ok {
		return p, nil
	}
	if err := t.turn(ctx); err != nil {
		return Print{}, err
	}
	defer t.done()
	if p, ok := t.remembered(address); ok {
		return p, nil
	}
	var content bytes.Buffer
	if err := t.Fetcher.Fetch(ctx, address, &content); err != nil {
		return Print{}, err
	}
	sum := sha256.Sum256(content.Bytes())
	hash := hex.EncodeToString(sum[:])
	p, err := t.of(ctx, hash, content.Bytes())
	if err != nil {
		return Print{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hashes.put(address, hash)
	return Print{Print: p, Hash: hash, Fetched: true}, nil
}

// Of takes the print of a picture that is kept, whose original bytes have the hash.
func (t *Taker) Of(ctx context.Context, hash string, content io.Reader, size int64) (Print, error) {
	t.mu.Lock()
	p, ok := t.byHash.get(hash)
	t.mu.Unlock()
	if ok {
		return Print{Print: p, Hash: hash}, nil
	}
	if err := t.turn(ctx); err != nil {
		return Print{}, err
	}
	defer t.done()
	whole := make([]byte, size)
	if _, err := io.ReadFull(content, whole); err != nil {
		return Print{}, fault.New(fault.ImageExpired, "the picture is not kept any more").WithCause(err)
	}
	p, err := t.of(ctx, hash, whole)
	return Print{Print: p, Hash: hash}, err
}

func (t *Taker) remembered(address string) (Print, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	hash, ok := t.hashes.get(address)
	if !ok {
		return Print{}, false
	}
	p, ok := t.byHash.get(hash)
	return Print{Print: p, Hash: hash}, ok
}

// of is the print of bytes, remembered under their hash.
func (t *Taker) of(ctx context.Context, hash string, content []byte) (likeness.Print, error) {
	picture, err := imaging.Inspect(ctx, bytes.NewReader(content), int64(len(content)), t.Limits)
	if err != nil {
		return likeness.Print{}, err
	}
	release, err := t.Room.Decode(ctx, picture.DecodeCost())
	if err != nil {
		return likeness.Print{}, err
	}
	defer release()
	pixels, err := picture.Decode(ctx, decodeSide)
	if err != nil {
		return likeness.Print{}, err
	}
	p := likeness.Of(pixels)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byHash.put(hash, p)
	return p, nil
}

// turn waits for one of the places for pictures in memory; done gives it back.
func (t *Taker) turn(ctx context.Context) error {
	select {
	case t.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fault.New(fault.CallerGone, "the caller left")
	}
	return fault.New(fault.DeadlineExceeded, "the time ended before the picture's turn")
}

func (t *Taker) done() { <-t.turns }

// memory is a map that forgets its oldest entries.
type memory[V any] struct {
	entries map[string]V
	order   []string // a ring once it is full
	next    int
}

func newMemory[V any](size int) memory[V] {
	return memory[V]{entries: map[string]V{}, order: make([]string, 0, size)}
}

func (m *memory[V]) get(key string) (V, bool) {
	v, ok := m.entries[key]
	return v, ok
}

func (m *memory[V]) put(key string, v V) {
	if _, known := m.entries[key]; known {
		m.entries[key] = v
		return
	}
	if len(m.order) < cap(m.order) {
		m.order = append(m.order, key)
	} else {
		delete(m.entries, m.order[m.next])
		m.order[m.next] = key
		m.next = (m.next + 1) % len(m.order)
	}
	m.entries[key] = v
}
