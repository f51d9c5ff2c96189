package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

const (
	pages = "../../../docs/strategies"
	// thresholdsPage is the page that names the thresholds.
	thresholdsPage = "README.md"
)

// The pages show each pair as what it is judged.
func TestPairsAreJudgedAsThePagesSay(t *testing.T) {
	all, err := pairs()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(pages, thresholdsPage))
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{fmt.Sprintf("from **%.2f** on", likeness.SamePhoto), fmt.Sprintf("from **%.2f** on", likeness.LooksAlike)} {
		if !bytes.Contains(page, []byte(said)) {
			t.Errorf("%s does not say %q", thresholdsPage, said)
		}
	}
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			score := likeness.Compare(likeness.TakePrint(p.a), likeness.TakePrint(p.b)).Score
			if (score >= likeness.SamePhoto) != p.same {
				t.Errorf("the score is %.3f, the threshold %.3f; want the same photo: %v", score, likeness.SamePhoto, p.same)
			}
			alike := likeness.Of(p.a).Likeness(likeness.Of(p.b))
			if (alike >= likeness.LooksAlike) != p.alike {
				t.Errorf("the likeness is %.3f, the threshold %.3f; want alike: %v", alike, likeness.LooksAlike, p.alike)
			}
			// The pages say how alike the goods of other photos look.
			if said := fmt.Sprintf("(pictures/%s.jpg) | %.2f |", p.name, alike); !p.same && !bytes.Contains(page, []byte(said)) {
				t.Errorf("%s does not say %q", thresholdsPage, said)
			}
		})
	}
}

// The pictures of the pages are those that the command draws, and are small.
func TestPicturesOfThePages(t *testing.T) {
	all, err := pairs()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		want, err := p.picture()
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(filepath.Join(pages, "pictures", p.name+".jpg"))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(have, want) {
			t.Errorf("%s.jpg is not what is drawn now: go run ./tools/likeness/pairs docs/strategies/pictures", p.name)
		}
		if len(want) > 30<<10 {
			t.Errorf("%s.jpg has %d bytes", p.name, len(want))
		}
	}
}
