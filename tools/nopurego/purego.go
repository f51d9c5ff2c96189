// Package purego replaces github.com/ebitengine/purego, which loads system libraries into the process. Without the tag
// nodynamic, the decoders of HEIC and AVIF would load libheif and libavif with it. With this package they never do, and
// always use the WebAssembly that they contain.
package purego

import "errors"

// The modes of Dlopen. They have no meaning here.
const (
	RTLD_NOW    = 2
	RTLD_GLOBAL = 8
)

// Dlopen loads nothing and returns an error.
func Dlopen(string, int) (uintptr, error) {
	return 0, errors.New("purego: this build loads no system libraries")
}

// RegisterLibFunc does nothing, since there is no library.
func RegisterLibFunc(any, uintptr, string) {}
