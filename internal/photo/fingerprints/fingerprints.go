// Package fingerprints computes fingerprints of pictures, which goods are compared by: of pictures at URLs, which it
// fetches, and of uploaded pictures. It caches fingerprints by the hash of the picture's bytes, in bounded memory.
//
// It makes no decision by likeness. The fetcher decides which URLs may be fetched.
package fingerprints

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
	// Fetch writes the picture at a URL into a writer. It must return soon after ctx ends, and return the writer's errors
	// unchanged.
	Fetch(ctx context.Context, address string, into io.Writer) error
}

// DecodeBudget bounds the memory of decoding.
type DecodeBudget interface {
	// Decode reserves n bytes for decoding a picture, and blocks until they are free. It must return when ctx ends.
	Decode(ctx context.Context, n int64) (release func(), err error)
}

// Config configures a Service. A zero number means its default.
type Config struct {
	Fetcher Fetcher
	// Budget is shared with everything else that decodes pictures.
	Budget DecodeBudget
	// Limits bound the accepted pictures.
	Limits imaging.Limits
	// Entries is how many fingerprints are cached, about 1 KB each; 20,000 by default. The oldest are evicted first.
	Entries int
	// AtOnce is how many pictures are fetched or decoded at once; 4 by default.
	AtOnce int
}

// Fingerprint is the fingerprint of a picture.
type Fingerprint struct {
	likeness.Fingerprint
	// Hash is the hash of the picture's bytes.
	Hash string
	// Fetched means that the picture was downloaded for this call.
	Fetched bool
}

// The defaults of [Config].
const (
	DefaultEntries = 20_000
	DefaultAtOnce  = 4
)

// decodeSide is the side in pixels that a picture is shrunk to; finer than a fingerprint resolves.
const decodeSide = 640

// Service computes fingerprints. It is safe for concurrent use.
type Service struct {
	Config
	turns chan struct{}

	mu sync.Mutex
	// byHash has fingerprints by content hash; hashes has the last content hash of a URL. Both evict their oldest.
	byHash memory[likeness.Fingerprint]
	hashes memory[string]
}

// New makes a Service.
func New(c Config) *Service {
	if c.Entries <= 0 {
		c.Entries = DefaultEntries
	}
	if c.AtOnce <= 0 {
		c.AtOnce = DefaultAtOnce
	}
	return &Service{
		Config: c, turns: make(chan struct{}, c.AtOnce),
		byHash: newMemory[likeness.Fingerprint](c.Entries), hashes: newMemory[string](c.Entries),
	}
}

// At is the fingerprint of the picture at a URL. It assumes that the picture of a URL never changes: 1688 gives a changed
// picture another URL.
//
// Faults: those of the fetcher, of [imaging.Inspect] and of decoding, CallerGone and DeadlineExceeded.
func (t *Service) At(ctx context.Context, address string) (Fingerprint, error) {
	if p, ok := t.remembered(address); ok {
		return p, nil
	}
	if err := t.turn(ctx); err != nil {
		return Fingerprint{}, err
	}
	defer t.done()
	if p, ok := t.remembered(address); ok {
		return p, nil
	}
	var content bytes.Buffer
	if err := t.Fetcher.Fetch(ctx, address, &content); err != nil {
		return Fingerprint{}, err
	}
	sum := sha256.Sum256(content.Bytes())
	hash := hex.EncodeToString(sum[:])
	p, err := t.of(ctx, hash, content.Bytes())
	if err != nil {
		return Fingerprint{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hashes.put(address, hash)
	return Fingerprint{Fingerprint: p, Hash: hash, Fetched: true}, nil
}

// Of is the fingerprint of a stored picture, whose original bytes have the hash.
func (t *Service) Of(ctx context.Context, hash string, content io.Reader, size int64) (Fingerprint, error) {
	t.mu.Lock()
	p, ok := t.byHash.get(hash)
	t.mu.Unlock()
	if ok {
		return Fingerprint{Fingerprint: p, Hash: hash}, nil
	}
	if err := t.turn(ctx); err != nil {
		return Fingerprint{}, err
	}
	defer t.done()
	original := make([]byte, size)
	if _, err := io.ReadFull(content, original); err != nil {
		return Fingerprint{}, fault.New(fault.ImageExpired, "the image is not kept any more").WithCause(err)
	}
	p, err := t.of(ctx, hash, original)
	return Fingerprint{Fingerprint: p, Hash: hash}, err
}

func (t *Service) remembered(address string) (Fingerprint, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	hash, ok := t.hashes.get(address)
	if !ok {
		return Fingerprint{}, false
	}
	p, ok := t.byHash.get(hash)
	return Fingerprint{Fingerprint: p, Hash: hash}, ok
}

// of is the fingerprint of bytes, cached under their hash.
func (t *Service) of(ctx context.Context, hash string, content []byte) (likeness.Fingerprint, error) {
	picture, err := imaging.Inspect(ctx, bytes.NewReader(content), int64(len(content)), t.Limits)
	if err != nil {
		return likeness.Fingerprint{}, err
	}
	release, err := t.Budget.Decode(ctx, picture.DecodeCost())
	if err != nil {
		return likeness.Fingerprint{}, err
	}
	defer release()
	pixels, err := picture.Decode(ctx, decodeSide)
	if err != nil {
		return likeness.Fingerprint{}, err
	}
	p := likeness.Of(pixels)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byHash.put(hash, p)
	return p, nil
}

// turn waits for a permit to hold a picture in memory; done returns it.
func (t *Service) turn(ctx context.Context) error {
	select {
	case t.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fault.New(fault.CallerGone, "the caller left")
	}
	return fault.New(fault.DeadlineExceeded, "the time ended before the image's turn")
}

func (t *Service) done() { <-t.turns }

// memory is a map that evicts its oldest entries.
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
