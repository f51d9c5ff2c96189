// Package picture draws the photos of the sandbox's goods. Offers of one goods group look like the same thing in the photos
// of several suppliers: a little nearer or shifted, in other light, with another background. Other goods of the same kind
// and colour differ in form, proportions, parts, pattern and arrangement. No picture contains a word, a number or a mark.
// The package depends only on [catalog.Look]. It neither searches nor serves.
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
