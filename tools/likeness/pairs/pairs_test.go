package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

const pages = "../../../docs/strategies"

// The pages show each pair as what it is judged.
func TestPairsAreJudgedAsThePagesSay(t *testing.T) {
	all, err := pairs()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			score := likeness.Compare(likeness.TakePrint(p.a), likeness.TakePrint(p.b)).Score
			if (score >= likeness.SamePhoto) != p.same {
				t.Errorf("the score is %.3f, the threshold %.3f; want the same photo: %v", score, likeness.SamePhoto, p.same)
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
