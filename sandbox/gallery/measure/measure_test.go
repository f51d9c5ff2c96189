package measure_test

import (
	"log/slog"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/measure"
)

// The promise, in percent of the questions: under all changes at once the right goods come first, and are in the top ten.
const (
	firstPromise  = 95
	topTenPromise = 99
)

// The test asks 60 questions about the embedded catalogue. BenchmarkChangedPictures asks 300.
func TestChangedPicturesFindTheirGoods(t *testing.T) {
	offers := catalog.Embedded()
	g := gallery.New(offers, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	const seed, questions = 20261123, 60
	r, err := measure.Run(t.Context(), g, offers, questions, seed)
	if err != nil {
		t.Fatal(err)
	}
	if r.Asked != questions || r.Percent(r.First) < firstPromise || r.Percent(r.TopTen) < topTenPromise {
		t.Errorf("seed %d: %+v", seed, r)
	}
}
