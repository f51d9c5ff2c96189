package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery"
	trial "github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/measure"
)

const (
	likenessQuestions = 300
	firstPromise      = 95
	topTenPromise     = 99
	// stamps is where the Debian package tuxpaint-stamps-default keeps its pictures: photos of things, animals and plants
	// under free licences, cut out on a transparent ground. tools/require.sh installs it.
	stamps = "/usr/share/tuxpaint/stamps"
)

// alike asks for changed copies of the sandbox's drawn pictures, about which there is a promise, and of photos that nobody
// drew for this, about which there is none.
func alike(ctx context.Context, r *report) (err error) {
	seed, err := seedOf()
	if err != nil {
		return err
	}
	r.tell("seed of the questions (SEED=… asks the same)", "%d", seed)
	r.tell("each question: cut by 10 %, to 50 %, ±15 % light, JPEG quality 40, half mirrored", "%d questions", likenessQuestions)
	first, ten, err := found(ctx, r, catalog.Embedded(), "drawn pictures", seed)
	if err != nil {
		return err
	}
	r.hold("drawn pictures: the right goods come first", first >= firstPromise, fmt.Sprintf("%d %%", firstPromise), "%.1f %%", first)
	r.hold("drawn pictures: the right goods are in the top ten", ten >= topTenPromise, fmt.Sprintf("%d %%", topTenPromise), "%.1f %%", ten)

	dir, err := os.MkdirTemp("", "zhaohuo-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := stampCatalogue(dir); err != nil {
		return err
	}
	offers, err := catalog.Load(dir)
	if err != nil {
		return err
	}
	first, ten, err = found(ctx, r, offers, "photos of tuxpaint-stamps-default", seed)
	if err != nil {
		return err
	}
	r.tell("photos of tuxpaint-stamps-default: the right one comes first", "%.1f %%", first)
	r.tell("photos of tuxpaint-stamps-default: the right one is in the top ten", "%.1f %%", ten)
	return nil
}

// seedOf is another one at every run; one that fell short can be asked again.
func seedOf() (uint64, error) {
	text := os.Getenv("SEED")
	if text == "" {
		return rand.Uint64(), nil
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("SEED: %w", err)
	}
	return seed, nil
}

// found is in how many of 100 questions the right goods came first, and were in the top ten.
func found(ctx context.Context, r *report, offers []*catalog.Offer, what string, seed uint64) (first, ten float64, err error) {
	g := gallery.New(offers, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	defer func() { err = errors.Join(err, g.Close()) }()
	began := time.Now()
	if _, err := g.Nearest(ctx, likeness.Fingerprint{}, 1, nil); err != nil {
		return 0, 0, err
	}
	r.tell(what+": looking at all of them, once", "%d in %.1f s", g.Len(), time.Since(began).Seconds())
	result, err := trial.Run(ctx, g, offers, likenessQuestions, seed)
	return result.Percent(result.First), result.Percent(result.TopTen), err
}

// stampCatalogue makes a catalogue of the photos among the stamps: no cartoons, letters, signs or coins.
func stampCatalogue(dir string) error {
	photos, err := os.OpenRoot(stamps)
	if err != nil {
		return fmt.Errorf("%w (Debian package tuxpaint-stamps-default)", err)
	}
	defer photos.Close() //nolint:errcheck // only read from
	list, err := os.Create(filepath.Join(dir, "offers.csv"))
	if err != nil {
		return err
	}
	table := csv.NewWriter(list)
	_ = table.Write([]string{"title", "supplier", "image"}) // errors are told at the end
	n := 0
	err = fs.WalkDir(photos.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".png" || !photographic(path) {
			return err
		}
		n++
		name := strconv.Itoa(n) + ".png"
		data, err := photos.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		_ = table.Write([]string{strings.TrimSuffix(entry.Name(), ".png"), "tuxpaint", name})
		return err
	})
	table.Flush()
	return errors.Join(err, table.Error(), list.Close())
}

// photographic tells by its folder, below that of the stamps, whether a stamp is a photo.
func photographic(path string) bool {
	for _, drawn := range []string{"cartoon", "symbols", "roadsigns", "clipart", "flags"} {
		if strings.Contains("/"+path, "/"+drawn+"/") {
			return false
		}
	}
	return true
}
