package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// catalogue is a sandbox folder with products whose photos are quick to decode.
func catalogue(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var list strings.Builder
	for i, name := range drawnPhotos(t, 6) {
		photo := fmt.Sprintf("%d.jpg", i)
		writePhoto(t, filepath.Join(dir, photo), contents(t, name))
		fmt.Fprintf(&list, `{"id":%d,"title":"雨伞%d","supplier":"厂","price":"12.50","image":%q}`+"\n", i+1, i+1, photo)
	}
	writePhoto(t, filepath.Join(dir, "offers.jsonl"), list.String())
	return dir
}

// drawnPhotos makes n different JPEG files.
func drawnPhotos(t *testing.T, n int) []string {
	t.Helper()
	all := photoFiles(t, 0, manyNames(n)...)
	for i, name := range all {
		picture := image.NewRGBA(image.Rect(0, 0, 200, 200))
		for p := range 200 * 200 {
			x, y := p%200, p/200
			picture.Set(x, y, color.RGBA{R: uint8(x + 37*i), G: uint8(y * (i + 1)), B: uint8(x * y / (i + 1)), A: 255})
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, picture, nil); err != nil {
			t.Fatal(err)
		}
		writePhoto(t, name, b.String())
	}
	return all
}

// namedPhotos counts the products of each photo in a file.
func namedPhotos(t *testing.T, name string) map[string]int {
	t.Helper()
	found := map[string]int{}
	text := contents(t, name)
	if strings.HasSuffix(name, ".csv") {
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			found[row[0]]++
		}
		return found
	}
	lines := slices.Collect(strings.Lines(text))
	if strings.HasSuffix(name, ".json") {
		var list []json.RawMessage
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		lines = nil
		for _, one := range list {
			lines = append(lines, string(one))
		}
	}
	for _, line := range lines {
		var one struct {
			Tag      string
			Response struct {
				Products []any
				ImageID  string `json:"imageId"`
			}
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil || one.Response.ImageID == "" {
			t.Fatalf("%v in %s", err, line)
		}
		found[one.Tag] = len(one.Response.Products)
	}
	return found
}

// TestServedPhotos searches many photos on a real server: every format has the products of each photo, and one bad
// photo affects no other.
func TestServedPhotos(t *testing.T) {
	addr := serving(t, "--sandbox-catalog="+catalogue(t))
	photos := drawnPhotos(t, 5)
	bad := photoFiles(t, 1000, "words.jpg")[0]
	empty := photoFiles(t, 0, "empty.jpg")[0]
	want := map[string]int{}
	for _, name := range photos {
		want[name] = 5
	}
	for _, ending := range []string{".csv", ".ndjson", ".json"} {
		out := filepath.Join(t.TempDir(), "out"+ending)
		got := intoFile(t, addr, out, slices.Concat(photos[:2], []string{bad, empty}, photos[2:]), "--page-size=5")
		if got.code != exitUsage || !strings.HasPrefix(got.stderr, sandboxNote) || !strings.Contains(got.stderr, out+": 5 of 7 photos answered, ") ||
			!strings.Contains(got.stderr, "zhaohuo: failed: "+bad+": ") || !strings.Contains(got.stderr, "zhaohuo: failed: "+empty+": ") {
			t.Errorf("%+v", got)
		}
		if diff := gocmp.Diff(want, namedPhotos(t, out)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", ending, diff)
		}
		got = intoFile(t, addr, out, photos, "--page-size=5")
		if want := (outcome{0, "", "zhaohuo: " + out + ": 5 of 5 photos answered, 0 upstream calls\n"}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if state := contents(t, out+resumeSuffix); !strings.Contains(state, `"finished":true`) {
			t.Errorf("not finished: %s", state)
		}
	}
}

// The same with a server started by the command.
func TestServedPhotosFromWithin(t *testing.T) {
	photos := drawnPhotos(t, 3)
	out := filepath.Join(t.TempDir(), "out.csv")
	env := []string{"ZHAOHUO_DATA_DIR=" + t.TempDir(), "ZHAOHUO_SANDBOX_CATALOG=" + catalogue(t)}
	got := run(t, env, slices.Concat([]string{"image", "--addr=none", "-o", out, "--page-size=5"}, photos)...)
	if got.code != 0 || len(namedPhotos(t, out)) != 3 || !strings.HasSuffix(got.stderr, out+": 3 of 3 photos answered, 6 upstream calls\n") {
		t.Errorf("%+v", got)
	}
}

// TestServedPhotosSurviveKill is TestBatchSurvivesKill with photos.
func TestServedPhotosSurviveKill(t *testing.T) {
	addr := serving(t, "--upstream-qps=60", "--sandbox-catalog="+catalogue(t))
	photos := drawnPhotos(t, 120)
	dir := t.TempDir()
	// Each format requests another page size, or the server would have cached the answers.
	for ending, size := range map[string]string{".csv": "10", ".ndjson": "11"} {
		t.Run(ending, func(t *testing.T) {
			out, undisturbed := filepath.Join(dir, "killed"+ending), filepath.Join(dir, "undisturbed"+ending)
			args := slices.Concat([]string{"image", "--page-size=" + size, "--addr", addr}, photos, []string{"-o"})
			killed(t, out, append(args, out), syscall.SIGKILL, os.Interrupt, syscall.SIGKILL)
			for _, name := range []string{out, undisturbed} {
				if got := run(t, nil, append(args, name)...); got.code != 0 {
					t.Fatalf("%+v", got)
				}
			}
			if diff := gocmp.Diff(questionsOf(t, undisturbed), questionsOf(t, out)); diff != "" {
				t.Errorf("(-undisturbed +killed):\n%s", diff)
			}
		})
	}
}

// TestServedRegions: a region that is listed can be pasted, and is then the searched region.
func TestServedRegions(t *testing.T) {
	addr := serving(t, "--sandbox-catalog="+catalogue(t))
	const photo = "../../test/scenario/photos/earphones.jpg"
	got := run(t, nil, "image", photo, "--addr", addr)
	seen := regexp.MustCompile(`zhaohuo: on the image: --region ([0-9.,]+?)(, --region|\n)`).FindStringSubmatch(got.stderr)
	if got.code != 0 || seen == nil {
		t.Fatalf("%+v", got)
	}
	for _, region := range []string{seen[1], "0.1,0.1,0.6,0.9"} {
		got = run(t, nil, "image", photo, "--addr", addr, "--region", region, "-ojson")
		var answer struct {
			Regions struct {
				Searched struct{ Left, Top, Right, Bottom float64 }
			}
		}
		if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.code != 0 {
			t.Fatalf("%v: %+v", err, got)
		}
		want, err := regionOf(region)
		if err != nil {
			t.Fatal(err)
		}
		searched := answer.Regions.Searched
		for _, edge := range [][2]float64{
			{want.Left, searched.Left}, {want.Top, searched.Top}, {want.Right, searched.Right}, {want.Bottom, searched.Bottom},
		} {
			if edge[0]-edge[1] > 0.01 || edge[1]-edge[0] > 0.01 { // The upstream rounds to pixels.
				t.Errorf("searched by %+v, not %s", searched, region)
				break
			}
		}
	}
}
