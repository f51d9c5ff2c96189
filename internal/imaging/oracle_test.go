package imaging_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

const (
	// stamps are freely licensed photos that were not made for this project (Debian's tuxpaint-stamps-default).
	stamps = "/usr/share/tuxpaint/stamps"
	// oracle is the Python interpreter that has Debian's Pillow.
	oracle = "/usr/bin/python3"

	mostPhotos = 220
)

// pair is a picture and the same picture decoded by Pillow.
type pair struct {
	Kind     string `json:"kind"`
	Input    string `json:"input"`
	Expected string `json:"expected"`
	Sent     string `json:"sent"`
}

// apart is the difference of two pictures, in levels of 255: the mean over all pixels of the worst channel, and the
// largest difference between averages of 8 × 8 pixels.
type apart struct {
	Mean  float64 `json:"mean"`
	Worst float64 `json:"worst"`
}

// answer compares the sent picture with the photo, and with another encoder's version of it.
type answer struct {
	Error string `json:"error"`
	Want  []int  `json:"want"`
	Got   []int  `json:"got"`
	Sent  apart  `json:"sent"`
	Other apart  `json:"other"`
}

// alike reports that the sent picture is hardly further from the photo than any encoding.
func (a *answer) alike() bool {
	return a.Error == "" && slices.Equal(a.Want, a.Got) && a.Sent.Mean <= a.Other.Mean+1.5 && a.Sent.Worst <= a.Other.Worst+5
}

// The picture that the upstream receives is compared with an independent decoder's result: several hundred photos
// unchanged, and many of them re-encoded in all common ways.
func TestAgainstAnIndependentDecoder(t *testing.T) {
	photos := photosOf(t, stamps)
	if len(photos) < mostPhotos {
		t.Fatalf("%d photos, want %d", len(photos), mostPhotos)
	}
	pairs := makePairs(t, photos[:mostPhotos])
	var asked bytes.Buffer
	out := t.TempDir()
	for i := range pairs {
		p := &pairs[i]
		p.Sent = filepath.Join(out, fmt.Sprint(i))
		b, err := os.ReadFile(p.Input)
		if err != nil {
			t.Fatal(err)
		}
		photo, err := prepare(b, imaging.Limits{}, imaging.Options{})
		if err != nil {
			t.Fatalf("%s (%s): %v", p.Kind, p.Input, err)
		}
		if err := os.WriteFile(p.Sent, readAll(t, photo.Open()), 0o600); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		asked.Write(append(line, '\n'))
	}
	answers := bufio.NewScanner(bytes.NewReader(ask(t, &asked, "compare")))
	kinds := map[string]int{}
	for _, p := range pairs {
		var a answer
		if !answers.Scan() || json.Unmarshal(answers.Bytes(), &a) != nil {
			t.Fatalf("no answer for %s", p.Input)
		}
		kinds[p.Kind]++
		if !a.alike() {
			t.Errorf("%s (%s): %+v", p.Kind, filepath.Base(p.Input), a)
		}
	}
	t.Logf("%d photos as they are, %d images, %d kinds", kinds["as it is"], len(pairs), len(kinds))
}

// photosOf returns the pictures below a directory.
func photosOf(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && strings.HasSuffix(path, ".png") {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatalf("%v: please run tools/require.sh test", err)
	}
	return all
}

func makePairs(t *testing.T, photos []string) []pair {
	t.Helper()
	var pairs []pair
	lines := json.NewDecoder(bytes.NewReader(ask(t, nil, append([]string{"make", t.TempDir()}, photos...)...)))
	for lines.More() {
		var p pair
		if err := lines.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// ask runs the oracle.
func ask(t *testing.T, input *bytes.Buffer, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), oracle, append([]string{filepath.Join("testdata", "oracle.py")}, args...)...)
	var said bytes.Buffer
	command.Stderr = &said
	if input != nil {
		command.Stdin = input
	}
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v (please run tools/require.sh test): %s", err, said.String())
	}
	return out
}
