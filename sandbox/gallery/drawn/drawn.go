// Package drawn makes the fingerprints of drawn pictures, and holds those of the built-in catalogue.
//
// To draw the catalogue's thousands of pictures takes seconds. So `make generate` makes their fingerprints ahead of time
// and writes them to a file, which is part of the program. `make check-generated` makes them again and compares.
package drawn

import (
	_ "embed"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

// side is the size in which pictures are drawn for their fingerprints. The likeness hardly depends on it; the time does.
const side = 96

//go:embed fingerprints.zst
var builtIn []byte

// Fingerprint draws the picture of a look and makes its fingerprint, which takes some milliseconds.
func Fingerprint(look catalog.Look) likeness.Fingerprint {
	return likeness.Of(picture.Draw(look, side))
}

// BuiltIn reads the fingerprints of the built-in catalogue's pictures of goods on sale. It fails only in a program that was
// built without running `make generate` after a change of the fingerprint's form.
//
// To save space, all pictures of the same goods share what describes parts of a picture: it is that of one of them, and
// rounded. What describes the whole picture is its own, and exact.
func BuiltIn() (*Table, error) { return decode(builtIn) }
