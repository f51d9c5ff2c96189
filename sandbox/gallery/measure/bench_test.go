package measure_test

import (
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
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/measure"
)

// stamps is where the Debian package tuxpaint-stamps-default keeps its pictures: photos of things, animals and plants
// under free licences, cut out on a transparent ground. tools/require.sh installs it.
const stamps = "/usr/share/tuxpaint/stamps"

// BenchmarkChangedPictures asks for changed copies of pictures and reports how often the right goods come first and are in the
// top ten. There is a promise about the sandbox's drawn pictures, and it fails when that is not kept. There is none about
// photos that nobody drew for this. SEED=… repeats the questions of an earlier run.
func BenchmarkChangedPictures(b *testing.B) {
	seed := rand.Uint64()
	if text := os.Getenv("SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			b.Fatalf("SEED: %v", err)
		}
	}
	b.Run("drawn", func(b *testing.B) {
		first, topTen := askChanged(b, catalog.Embedded(), seed)
		b.ReportMetric(first, "%first(≥95)")
		b.ReportMetric(topTen, "%top10(≥99)")
		if first < firstPromise || topTen < topTenPromise {
			b.Errorf("SEED=%d: the right goods came first in %.1f %% (promised %d), in the top ten in %.1f %% (promised %d)",
				seed, first, firstPromise, topTen, topTenPromise)
		}
	})
	b.Run("stamps", func(b *testing.B) {
		offers, err := catalog.Load(stampCatalogue(b))
		if err != nil {
			b.Fatal(err)
		}
		first, topTen := askChanged(b, offers, seed)
		b.ReportMetric(first, "%first")
		b.ReportMetric(topTen, "%top10")
	})
}

// askChanged asks 300 questions in each round and gives in how many percent of the last round the right goods came first and
// were in the top ten.
func askChanged(b *testing.B, offers []*catalog.Offer, seed uint64) (first, topTen float64) {
	b.Helper()
	const questions = 300
	g := gallery.New(offers, slog.New(slog.DiscardHandler))
	b.Cleanup(func() {
		if err := g.Close(); err != nil {
			b.Error(err)
		}
	})
	// The first question waits until the gallery has looked at all of its pictures. That is not measured.
	if _, err := g.Nearest(b.Context(), likeness.Fingerprint{}, 1, nil); err != nil {
		b.Fatal(err)
	}
	var result measure.Result
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if result, err = measure.Run(b.Context(), g, offers, questions, seed); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("SEED=%d: %d questions about %d images", seed, questions, g.Len())
	return result.Percent(result.First), result.Percent(result.TopTen)
}

// stampCatalogue makes a catalogue of the photos among the stamps, without cartoons, letters, signs and coins, and gives its
// folder.
func stampCatalogue(b *testing.B) (dir string) {
	b.Helper()
	dir = b.TempDir()
	photos, err := os.OpenRoot(stamps)
	if err != nil {
		b.Fatalf("%v: please run tools/require.sh bench", err)
	}
	defer photos.Close()
	list, err := os.Create(filepath.Join(dir, "offers.csv"))
	if err != nil {
		b.Fatal(err)
	}
	table := csv.NewWriter(list)
	rows := [][]string{{"title", "supplier", "image"}}
	err = fs.WalkDir(photos.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".png" || !isPhoto(path) {
			return err
		}
		name := fmt.Sprintf("%d.png", len(rows))
		rows = append(rows, []string{strings.TrimSuffix(entry.Name(), ".png"), "tuxpaint", name})
		content, err := photos.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), content, 0o600)
	})
	if err := errors.Join(err, table.WriteAll(rows), list.Close()); err != nil {
		b.Fatal(err)
	}
	return dir
}

// isPhoto reports whether a stamp is a photo. Its folder below stamps decides.
func isPhoto(path string) bool {
	for _, drawn := range []string{"cartoon", "symbols", "roadsigns", "clipart", "flags"} {
		if strings.Contains("/"+path, "/"+drawn+"/") {
			return false
		}
	}
	return true
}
