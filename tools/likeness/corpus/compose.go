package corpus

import (
	"image"
	"image/draw"

	xdraw "golang.org/x/image/draw"
)

// goodsShare is the long side of the goods in a picture, in pixels, as in most shops.
const goodsShare = Side * 84 / 100

// OnWhite lays goods on white, in the middle of a square.
func OnWhite(goods *image.NRGBA) *image.RGBA {
	canvas := image.NewRGBA(image.Rect(0, 0, Side, Side))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	return lay(canvas, goods)
}

// OnPhoto lays goods on a photo, which is cut to a square.
func OnPhoto(goods *image.NRGBA, backdrop image.Image) *image.RGBA {
	canvas := image.NewRGBA(image.Rect(0, 0, Side, Side))
	b := backdrop.Bounds()
	short := min(b.Dx(), b.Dy())
	middle := image.Rect(0, 0, short, short).Add(b.Min).Add(image.Pt((b.Dx()-short)/2, (b.Dy()-short)/2))
	xdraw.BiLinear.Scale(canvas, canvas.Rect, backdrop, middle, draw.Src, nil)
	return lay(canvas, goods)
}

func lay(canvas *image.RGBA, goods *image.NRGBA) *image.RGBA {
	size := fitIn(goods.Rect, goodsShare)
	at := image.Pt((Side-size.Dx())/2, (Side-size.Dy())/2)
	xdraw.CatmullRom.Scale(canvas, size.Add(at), goods, goods.Rect, draw.Over, nil)
	return canvas
}
