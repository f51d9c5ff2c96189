// Package fingerprints describes pictures, which goods are compared by: pictures at URLs, which it fetches, and uploaded
// pictures. Each picture has a coarse fingerprint, and on request a fine print. Both are cached by the hash of the
// picture's bytes, in bounded memory. The bytes of pictures are in the memory of [photo.Budget].
//
// It makes no decision by likeness. The fetcher decides which URLs may be fetched.
package fingerprints

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"image"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
)

// Fetcher gets pictures from addresses.
type Fetcher interface {
	// Fetch writes the picture at a URL into a writer. It must return soon after ctx ends, and return the writer's errors
	// unchanged.
	Fetch(ctx context.Context, address string, into io.Writer) error
}

// Budget bounds the memory of pictures: of those that come in, of those that are decoded and of those that are kept.
type Budget interface {
	// Spool opens a spool that receives a picture of at most bytesMax bytes, and blocks until there is memory for it. What gets
	// no memory goes to a file in dir. It must return when ctx ends.
	Spool(ctx context.Context, dir string, bytesMax int64) (*photo.Spool, error)
	// Decode reserves n bytes for decoding a picture, and blocks until they are free. It must return when ctx ends.
	Decode(ctx context.Context, n int64) (release func(), err error)
	// KeptMax is how many bytes of pictures may be kept, and Keep counts n more of them.
	KeptMax() int64
	Keep(n int64)
}

// Metrics counts the work of a Service. It must be safe for concurrent use.
type Metrics interface {
	// Fetched counts a downloaded picture; waited is how long it waited for its turn.
	Fetched(waited time.Duration)
	// Decoded counts a decoded picture; waited is how long it waited for a processor and for memory.
	Decoded(waited time.Duration)
}

// Config configures a Service. A zero number means its default.
type Config struct {
	Fetcher Fetcher
	// Budget is shared with everything else that receives and decodes pictures.
	Budget Budget
	// Dir is the directory of nameless temporary files; the system's directory for temporary files by default.
	Dir string
	// Limits bound the accepted pictures.
	Limits imaging.Limits
	// Entries is how many fingerprints are cached, about 1 KB each; 20,000 by default. The oldest are evicted first.
	Entries int
	// Prints is how many fine prints are cached, at most 8 KB each; 2,000 by default.
	Prints int
	// FetchesAtOnce is how many pictures are fetched at once; 128 by default. A fetch mostly waits for the network. One host
	// gets half of them at most, the next one half of the rest, so that a host that hangs does not stop the others.
	FetchesAtOnce int
	// DecodesAtOnce is how many pictures are decoded at once; by default as many as there are processors.
	DecodesAtOnce int
	// Metrics counts the work; nil counts nothing.
	Metrics Metrics
}

// uncounted counts nothing.
type uncounted struct{}

func (uncounted) Fetched(time.Duration) {}
func (uncounted) Decoded(time.Duration) {}

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
	DefaultEntries       = 20_000
	DefaultPrints        = 2_000
	DefaultFetchesAtOnce = 128
)

// decodeSide is the side in pixels that a picture is shrunk to; finer than a print resolves.
const decodeSide = 640

// Service describes pictures. It is safe for concurrent use.
type Service struct {
	Config
	fetches hostTurns
	decodes turns

	mu sync.Mutex
	// byHash has fingerprints by content hash; hashes has the last content hash of a URL; prints has encoded prints by
	// content hash, empty for a picture that has none. All evict their oldest.
	byHash   memory[likeness.Fingerprint]
	hashes   memory[string]
	prints   memory[[]byte]
	contents contents
}

// New makes a Service.
func New(c Config) *Service {
	for _, number := range []struct {
		is        *int
		otherwise int
	}{
		{&c.Entries, DefaultEntries},
		{&c.Prints, DefaultPrints},
		{&c.FetchesAtOnce, DefaultFetchesAtOnce},
		{&c.DecodesAtOnce, runtime.GOMAXPROCS(0)},
	} {
		if *number.is <= 0 {
			*number.is = number.otherwise
		}
	}
	if c.Metrics == nil {
		c.Metrics = uncounted{}
	}
	c.Dir = cmp.Or(c.Dir, os.TempDir())
	c.Limits.MaxBytes = cmp.Or(c.Limits.MaxBytes, imaging.DefaultMaxBytes)
	return &Service{
		Config: c, fetches: newHostTurns(c.FetchesAtOnce), decodes: make(turns, c.DecodesAtOnce),
		byHash: newMemory[likeness.Fingerprint](c.Entries), hashes: newMemory[string](c.Entries), prints: newMemory[[]byte](c.Prints),
		contents: contents{budget: c.Budget, byHash: map[string][]byte{}},
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
	// The turn is held until the picture is decoded, so that the bytes in memory are bounded.
	began := time.Now()
	done, err := t.fetches.take(ctx, address)
	if err != nil {
		return Fingerprint{}, err
	}
	defer done()
	waited := time.Since(began)
	if p, ok := t.remembered(address); ok {
		return p, nil
	}
	spool, err := t.fetch(ctx, address, waited)
	if err != nil {
		return Fingerprint{}, err
	}
	defer func() { _ = spool.Close() }()
	hash := hashOf(spool)
	p, err := t.fingerprint(ctx, hash, spool, spool.Size())
	if err != nil {
		return Fingerprint{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hashes.put(address, hash)
	return Fingerprint{Fingerprint: p, Hash: hash, Fetched: true}, t.contents.put(hash, spool, spool.Size())
}

// hashOf is the hash of the bytes in a spool.
func hashOf(spool *photo.Spool) string {
	sum := spool.Sum()
	return hex.EncodeToString(sum[:])
}

// Of is the fingerprint of a stored picture, whose original bytes have the hash.
func (t *Service) Of(ctx context.Context, hash string, content io.Reader, size int64) (Fingerprint, error) {
	t.mu.Lock()
	p, ok := t.byHash.get(hash)
	t.mu.Unlock()
	if ok {
		return Fingerprint{Fingerprint: p, Hash: hash}, nil
	}
	spool, err := t.stored(ctx, content, size)
	if err != nil {
		return Fingerprint{}, err
	}
	defer func() { _ = spool.Close() }()
	p, err = t.fingerprint(ctx, hash, spool, size)
	return Fingerprint{Fingerprint: p, Hash: hash}, err
}

// PrintAt is the fine print of the picture at a URL; nil for a picture with too little to recognise. Faults as for [Service.At].
func (t *Service) PrintAt(ctx context.Context, address string) (*likeness.Print, error) {
	t.mu.Lock()
	hash, known := t.hashes.get(address)
	content, kept := t.contents.byHash[hash]
	t.mu.Unlock()
	if known {
		if p, ok := t.printed(hash); ok {
			return p, nil
		}
	}
	if kept {
		return t.print(ctx, hash, bytes.NewReader(content), int64(len(content)))
	}
	began := time.Now()
	done, err := t.fetches.take(ctx, address)
	if err != nil {
		return nil, err
	}
	defer done()
	spool, err := t.fetch(ctx, address, time.Since(began))
	if err != nil {
		return nil, err
	}
	defer func() { _ = spool.Close() }()
	return t.print(ctx, hashOf(spool), spool, spool.Size())
}

// PrintOf is the fine print of a stored picture, whose original bytes have the hash; nil for a picture with too little to
// recognise.
func (t *Service) PrintOf(ctx context.Context, hash string, content io.Reader, size int64) (*likeness.Print, error) {
	if p, ok := t.printed(hash); ok {
		return p, nil
	}
	spool, err := t.stored(ctx, content, size)
	if err != nil {
		return nil, err
	}
	defer func() { _ = spool.Close() }()
	return t.print(ctx, hash, spool, size)
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

// printed is the cached print of a hash.
func (t *Service) printed(hash string) (p *likeness.Print, ok bool) {
	t.mu.Lock()
	encoded, ok := t.prints.get(hash)
	t.mu.Unlock()
	if !ok || len(encoded) == 0 {
		return nil, ok
	}
	p, err := likeness.ParsePrint(encoded)
	return p, err == nil
}

// fetch receives the picture at a URL, whose turn was waited for. The caller closes the spool.
func (t *Service) fetch(ctx context.Context, address string, waited time.Duration) (*photo.Spool, error) {
	spool, err := t.Budget.Spool(ctx, t.Dir, t.Limits.MaxBytes)
	if err != nil {
		return nil, err
	}
	if err := t.Fetcher.Fetch(ctx, address, spool); err != nil {
		return nil, errors.Join(err, spool.Close())
	}
	t.Metrics.Fetched(waited)
	return spool, nil
}

// stored receives a stored picture. The caller closes the spool.
func (t *Service) stored(ctx context.Context, content io.Reader, size int64) (*photo.Spool, error) {
	spool, err := t.Budget.Spool(ctx, t.Dir, t.Limits.MaxBytes)
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(spool, content)
	if _, ours := fault.As(err); !ours && (err != nil || n != size) {
		err = fault.New(fault.ImageExpired, "the image is not kept any more").WithCause(err)
	}
	if err != nil {
		return nil, errors.Join(err, spool.Close())
	}
	return spool, nil
}

// fingerprint is the fingerprint of bytes, cached under their hash.
func (t *Service) fingerprint(ctx context.Context, hash string, content io.ReaderAt, size int64) (p likeness.Fingerprint, err error) {
	err = t.decoded(ctx, content, size, func(pixels image.Image) { p = likeness.Of(pixels) })
	if err != nil {
		return p, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byHash.put(hash, p)
	return p, nil
}

// print is the print of bytes, cached under their hash.
func (t *Service) print(ctx context.Context, hash string, content io.ReaderAt, size int64) (p *likeness.Print, err error) {
	err = t.decoded(ctx, content, size, func(pixels image.Image) { p = likeness.TakePrint(pixels) })
	if err != nil {
		return nil, err
	}
	var encoded []byte
	if p != nil {
		if encoded, err = p.AppendBinary(nil); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prints.put(hash, encoded)
	return p, nil
}

// decoded calls use with the pixels of a picture.
func (t *Service) decoded(ctx context.Context, content io.ReaderAt, size int64, use func(image.Image)) error {
	began := time.Now()
	if err := t.decodes.take(ctx); err != nil {
		return err
	}
	defer t.decodes.done()
	picture, err := imaging.Inspect(ctx, content, size, t.Limits)
	if err != nil {
		return err
	}
	release, err := t.Budget.Decode(ctx, picture.DecodeCost())
	if err != nil {
		return err
	}
	defer release()
	waited := time.Since(began)
	pixels, err := picture.Decode(ctx, decodeSide)
	if err != nil {
		return err
	}
	t.Metrics.Decoded(waited)
	use(pixels)
	return nil
}
