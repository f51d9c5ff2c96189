// Package purego stands in for github.com/ebitengine/purego, which loads system libraries into the process. The decoders of
// HEIC and AVIF would load libheif and libavif with it wherever they are built without the tag nodynamic; with this package
// in its place they never do, and fall back to the WebAssembly that they carry, however they are built.
package purego

import "errors"

// The modes of Dlopen; they mean nothing here.
const (
	RTLD_NOW    = 2
	RTLD_GLOBAL = 8
)

// Dlopen loads nothing.
func Dlopen(string, int) (uintptr, error) {
	return 0, errors.New("purego: this build loads no system libraries")
}

// RegisterLibFunc does nothing, since there is no library.
func RegisterLibFunc(any, uintptr, string) {}
