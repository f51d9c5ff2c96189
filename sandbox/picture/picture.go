// Package picture draws the photos of the sandbox's goods. Offers of the same goods look as the same goods do in several
// suppliers' photos: a little nearer or aside, in other light, before another tone of background. Other goods of the same
// kind and colour differ as goods do: in form, proportions, parts, pattern and arrangement. No picture carries a word, a
// number or a mark of its own. The package knows only [catalog.Look]; it neither searches nor serves.
package picture

import (
	"image"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// Draw draws a square picture of size × size pixels. The same look and size always give the same picture. It panics if
// size is not positive.
func Draw(look catalog.Look, size int) image.Image {
	if size <= 0 {
		panic("picture: size must be positive")
	}
	d := newDesign(look)
	s := newShot(look.Shot)
	c := newCanvas(size, s)
	c.backdrop(d.backdrop)
	for _, item := range arrange(d) {
		c.draw(item)
	}
	return c.img
}
