// Package wasm runs the decoders of HEIC (libheif with libde265) and AVIF (libavif with libaom) as WebAssembly. Each
// decoding has its own bounded memory and ends with its context. The programs have no access to files, network or the
// memory of this process.
//
// The programs come from the modules github.com/gen2brain/heic and /avif. Their own Decode bounds neither memory nor
// time and cannot be cancelled, so only the programs are used. They are compiled at first use, which takes about half a
// second and 50 MB, and stay compiled.
package wasm

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"sync"
	_ "unsafe" // for go:linkname

	_ "github.com/gen2brain/avif" // carries the program that decodes AVIF
	_ "github.com/gen2brain/heic" // carries the program that decodes HEIC
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// The compressed programs. The modules embed them without exporting them.
//
//go:linkname heicProgram github.com/gen2brain/heic.heifWasm
//go:linkname avifProgram github.com/gen2brain/avif.decodeWasm
var heicProgram, avifProgram []byte //nolint:gochecknoglobals // names of what the linker put there; never written

// compiled holds each program after its first use: compiling costs more than decoding a picture.
var compiled = struct { //nolint:gochecknoglobals // a cache of code, the same for everybody
	heic, avif func() (*program, error)
}{
	heic: sync.OnceValues(func() (*program, error) { return compile(heicProgram) }),
	avif: sync.OnceValues(func() (*program, error) { return compile(avifProgram) }),
}

var (
	// ErrDamaged means that the decoder refuses the picture or fails.
	ErrDamaged = errors.New("wasm: the image cannot be decoded")
	// ErrMemory means that the picture takes more memory than allowed.
	ErrMemory = errors.New("wasm: the image takes more memory than allowed")
)

// program is a compiled decoder.
type program struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// compile compiles a program. It does not end with a caller's context, because later callers need the program too.
func compile(compressed []byte) (*program, error) {
	ctx := context.Background()
	unpacked, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	code, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithDebugInfoEnabled(false))
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	module, err := runtime.CompileModule(ctx, code)
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	return &program{runtime: runtime, module: module}, nil
}

// instance is a program that decodes one picture.
type instance struct {
	ctx    context.Context
	module api.Module
	memory *memory
}

// start instantiates a program with a memory of at most this many bytes.
func (p *program) start(ctx context.Context, most int64) (*instance, error) {
	const page = 64 << 10
	for _, one := range p.module.ExportedMemories() {
		if most < int64(one.Min())*page {
			return nil, ErrMemory // less than its static data needs
		}
	}
	own := &memory{most: uint64(most)}
	ctx = experimental.WithMemoryAllocator(ctx, own)
	module, err := p.runtime.InstantiateModule(ctx, p.module, wazero.NewModuleConfig().WithName(""))
	in := &instance{ctx: ctx, module: module, memory: own}
	if err != nil {
		return nil, in.failed(err)
	}
	return in, nil
}

// open starts a decoder on a picture, in a memory of at most that many bytes. It copies the picture and the initial
// values of the decoder's output parameters into that memory, and returns their addresses. The caller closes the
// instance.
func open(ctx context.Context, decoder func() (*program, error), most int64, picture, outputs []byte) (in *instance, file, facts uint32, err error) {
	p, err := decoder()
	if err != nil {
		return nil, 0, 0, err
	}
	if in, err = p.start(ctx, most); err != nil {
		return nil, 0, 0, err
	}
	if file, err = in.give(picture); err == nil {
		facts, err = in.give(outputs)
	}
	if err != nil {
		in.close()
		return nil, 0, 0, err
	}
	return in, file, facts, nil
}

// failed returns why a program stopped: its context, its memory bound, or the picture.
func (in *instance) failed(err error) error {
	switch {
	case in.ctx.Err() != nil:
		return in.ctx.Err()
	case in.memory.refused:
		return ErrMemory
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

var errNothing = errors.New("the decoder returned nothing")

// call calls a function of the program that returns one number; 0 is a failure in all functions used here.
func (in *instance) call(name string, args ...uint64) (uint32, error) {
	results, err := in.module.ExportedFunction(name).Call(in.ctx, args...)
	if err == nil && (len(results) == 0 || uint32(results[0]) == 0) {
		err = errNothing
	}
	if err != nil {
		return 0, in.failed(err)
	}
	return uint32(results[0]), nil
}

// give copies bytes into the program's memory.
func (in *instance) give(b []byte) (at uint32, err error) {
	if at, err = in.call("malloc", uint64(len(b))); err != nil {
		return 0, err
	}
	if !in.module.Memory().Write(at, b) {
		return 0, in.failed(errNothing)
	}
	return at, nil
}

// numbers reads n numbers of 32 bits.
func (in *instance) numbers(at uint32, n int) ([]uint32, error) {
	all := make([]uint32, n)
	for i := range all {
		v, ok := in.module.Memory().ReadUint32Le(at + uint32(4*i))
		if !ok {
			return nil, in.failed(errNothing)
		}
		all[i] = v
	}
	return all, nil
}

// take copies bytes out of the program's memory.
func (in *instance) take(at uint32, n int) ([]byte, error) {
	b, ok := in.module.Memory().Read(at, uint32(n))
	if !ok {
		return nil, in.failed(errNothing)
	}
	return b, nil
}

// close ends the program and releases its memory.
func (in *instance) close() { _ = in.module.Close(context.WithoutCancel(in.ctx)) }

// memory is the memory of one program. It is reserved at once; the system fills it as it is used.
type memory struct {
	most    uint64
	refused bool
	all     []byte
}

// Allocate returns itself: a program has one memory.
func (m *memory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate returns the memory at a new size; nil if that is too much.
func (m *memory) Reallocate(size uint64) []byte {
	if size > m.most {
		m.refused = true
		return nil
	}
	if m.all == nil {
		m.all = make([]byte, m.most)
	}
	return m.all[:size]
}

// Free releases the memory.
func (m *memory) Free() { m.all = nil }

// checkSize refuses a picture that has more pixels than its header says.
func checkSize(width, height uint32, most image.Point) error {
	if width == 0 || height == 0 || int64(width)*int64(height) > int64(most.X)*int64(most.Y) {
		return fmt.Errorf("%w: %d × %d pixels are more than its header says", ErrDamaged, width, height)
	}
	return nil
}
