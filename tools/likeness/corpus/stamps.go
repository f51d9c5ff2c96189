package corpus

import (
	"image"
	"image/draw"
	"image/png"
	"io/fs"
	"os"
	"path"
	"strings"

	xdraw "golang.org/x/image/draw"
)

// stampsDir is where the Debian package tuxpaint-stamps-default keeps its pictures.
const stampsDir = "/usr/share/tuxpaint/stamps"

// findStamps finds the photos among the stamps; the others are drawings.
func findStamps() ([]*Goods, error) {
	dir := os.DirFS(stampsDir)
	var all []*Goods
	err := fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".png" || !isPhoto(name) {
			return err
		}
		all = append(all, &Goods{
			Key:  "stamps/" + name,
			Kind: "stamps/" + path.Dir(name),
			sides: []func() (*image.NRGBA, error){func() (*image.NRGBA, error) {
				img, err := openPNG(dir, name)
				if err != nil {
					return nil, err
				}
				return cutOut(img), nil
			}},
		})
		return nil
	})
	return all, err
}

// isPhoto reports whether a stamp is a photo. Its folder decides.
func isPhoto(name string) bool {
	for _, drawn := range []string{"cartoon", "symbols", "roadsigns", "clipart", "flags"} {
		if strings.Contains("/"+name, "/"+drawn+"/") {
			return false
		}
	}
	return true
}

func openPNG(dir fs.FS, name string) (image.Image, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return png.Decode(f)
}

// cutOut removes the transparent margin and scales the rest so that its long side is [Side].
func cutOut(img image.Image) *image.NRGBA {
	b := img.Bounds()
	flat := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Rect, img, b.Min, draw.Src)
	content := opaque(flat)
	if content.Empty() {
		return flat
	}
	out := image.NewNRGBA(fitIn(content, Side))
	xdraw.CatmullRom.Scale(out, out.Rect, flat, content, draw.Src, nil)
	return out
}

// opaque is the smallest rectangle with everything that can be seen.
func opaque(img *image.NRGBA) image.Rectangle {
	var r image.Rectangle
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.Pix[img.PixOffset(x, y)+3] > 16 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// fitIn is the size of a rectangle scaled so that its long side is side.
func fitIn(r image.Rectangle, side int) image.Rectangle {
	long := max(r.Dx(), r.Dy())
	return image.Rect(0, 0, max(r.Dx()*side/long, 1), max(r.Dy()*side/long, 1))
}

// fitted is a picture scaled so that its long side is side, without transparency.
func fitted(img image.Image, side int) *image.RGBA {
	out := image.NewRGBA(fitIn(img.Bounds(), side))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	xdraw.BiLinear.Scale(out, out.Rect, img, img.Bounds(), draw.Over, nil)
	return out
}
