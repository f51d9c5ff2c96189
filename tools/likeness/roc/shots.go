package roc

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	xdraw "golang.org/x/image/draw"

	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/change"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
)

// shot is a picture of the corpus, ready to be measured. What is seen of it is kept; the picture is drawn again when needed.
type shot struct {
	key, kind string
	draw      func() (*image.RGBA, error)
	look      func() (*seen, error)
}

// newShot sees a picture as it is after encoding, as every picture of a shop.
func newShot(key, kind string, draw func() (*image.RGBA, error)) *shot {
	return &shot{key, kind, draw, sync.OnceValues(func() (*seen, error) {
		img, err := draw()
		if err != nil {
			return nil, err
		}
		encoded, err := change.Encoded(img, 90)
		if err != nil {
			return nil, err
		}
		return see(encoded), nil
	})}
}

func onWhite(g *corpus.Goods, side int) *shot {
	return newShot(fmt.Sprintf("%s#%d", g.Key, side), g.Kind, func() (*image.RGBA, error) {
		goods, err := g.CutOut(side)
		if err != nil {
			return nil, err
		}
		return corpus.OnWhite(goods), nil
	})
}

func onPhoto(g *corpus.Goods, p *corpus.Photo) *shot {
	return newShot(g.Key+" on "+filepath.Base(p.Key), g.Kind, func() (*image.RGBA, error) {
		goods, err := g.CutOut(0)
		if err != nil {
			return nil, err
		}
		backdrop, err := p.Image()
		if err != nil {
			return nil, err
		}
		return corpus.OnPhoto(goods, backdrop), nil
	})
}

func photo(p *corpus.Photo) *shot { return newShot(p.Key, p.Kind, p.Image) }

// backdropOf chooses a photo to lay goods on.
func backdropOf(c *corpus.Corpus, key string) *corpus.Photo {
	return c.Backdrops[corpus.Dice("backdrop of "+key).IntN(len(c.Backdrops))]
}

// kept is a picture in little memory.
func kept(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95})
	return b.Bytes(), err
}

func restored(b []byte) (*image.RGBA, error) {
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, image.Point{}, draw.Src)
	return out, nil
}

// forEach calls f for 0..n-1 on all cores. It returns the first error.
func forEach(ctx context.Context, n int, f func(i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := range next {
				if err := f(i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	all.Wait()
	return context.Cause(ctx)
}

// shuffled is a fair sample of at most n.
func shuffled[T any](key string, all []T, n int) []T {
	dice := corpus.Dice(key)
	dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))]
}

// pickOther gives one of 0..n-1, but not one of them.
func pickOther(dice *rand.Rand, n, not int) int {
	i := dice.IntN(n - 1)
	if i >= not {
		i++
	}
	return i
}

// keep writes two pictures beside each other, for a person to look at. dir is empty when nobody wants to.
func keep(dir, sample, label string, score Score, a, b image.Image) error {
	if dir == "" {
		return nil
	}
	const side = 320
	out := image.NewRGBA(image.Rect(0, 0, 2*side, side))
	draw.Draw(out, out.Rect, image.NewUniform(image.Black), image.Point{}, draw.Src)
	for i, img := range []image.Image{a, b} {
		long := max(img.Bounds().Dx(), img.Bounds().Dy())
		cell := image.Rect(0, 0, img.Bounds().Dx()*side/long, img.Bounds().Dy()*side/long).Add(image.Pt(i*side, 0))
		xdraw.BiLinear.Scale(out, cell, img, img.Bounds(), draw.Src, nil)
	}
	plain := strings.NewReplacer("/", "_", " ", "_", "#", "", "%", "")
	name := fmt.Sprintf("%s_%.3f_%s.jpg", plain.Replace(sample), score.Fine, plain.Replace(label))
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, out, nil); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name[:min(len(name), 240)]), encoded.Bytes(), 0o600)
}
