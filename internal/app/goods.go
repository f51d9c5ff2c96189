package app

import (
	"errors"
	"log/slog"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery"
)

// Goods is a sandbox's catalogue: indexed for words at once, and for photos at the first image search. Sandboxes of one
// process can share it, because it never changes.
type Goods struct {
	catalogue *catalog.Catalog
	pictures  *gallery.Gallery
}

// OpenGoods indexes the products in a folder, or the built-in ones if dir is empty.
func OpenGoods(dir string, log *slog.Logger) (*Goods, error) {
	offers, err := offersOf(dir)
	if err != nil {
		return nil, err
	}
	catalogue, err := catalog.New(offers)
	if err != nil {
		return nil, err
	}
	return &Goods{catalogue: catalogue, pictures: gallery.New(offers, log)}, nil
}

func offersOf(dir string) ([]*catalog.Offer, error) {
	if dir == "" {
		return catalog.Embedded(), nil
	}
	return catalog.Load(dir)
}

// Close stops reading pictures and closes the index.
func (g *Goods) Close() error { return errors.Join(g.pictures.Close(), g.catalogue.Close()) }
