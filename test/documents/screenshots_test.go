package documents_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScreenshotsAreShownAndSmall: each screenshot is an image of its kind, small, and shown in the overview.
func TestScreenshotsAreShownAndSmall(t *testing.T) {
	const largest, together = 150 << 10, 1500 << 10
	overview, sum := read(t, "docs/screenshots/README.md"), 0
	names, err := filepath.Glob(filepath.Join(root, "docs/screenshots/*.webp"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum += len(content)
		if kind := http.DetectContentType(content); kind != "image/webp" || len(content) > largest {
			t.Errorf("%s is %s with %d bytes", name, kind, len(content))
		}
		if !strings.Contains(overview, "("+filepath.Base(name)+")") {
			t.Errorf("%s is not shown", name)
		}
	}
	if len(names) < 12 || sum > together {
		t.Errorf("%d screenshots with %d bytes", len(names), sum)
	}
}
