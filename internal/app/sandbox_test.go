package app

import (
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sell writes a folder with two products: one with a photo, one without.
func sell(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	list := `{"id":7,"title":"红色雨伞","supplier":"厂","price":"12.50","image":"photos/umbrella.png"}` + "\n" + `{"id":8,"title":"蓝色雨伞","supplier":"厂"}` + "\n"
	err := os.WriteFile(filepath.Join(dir, "offers.jsonl"), []byte(list), 0o600)
	if err == nil {
		err = os.Mkdir(filepath.Join(dir, "photos"), 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 30, 20))
	for i := range 600 {
		img.Set(i%30, i/30, color.RGBA{200, 20, 30, 255})
	}
	f, err := os.Create(filepath.Join(dir, "photos", "umbrella.png"))
	if err == nil {
		err = png.Encode(f, img)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestSandboxOfOwnGoods(t *testing.T) {
	s, err := NewSandbox(t.Context(), SandboxOptions{Addr: "127.0.0.1:0", AppKey: "1", CatalogueDir: sell(t)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve() }()
	for path, width := range map[string]int{"/img/7.jpg": 30, "/img/8.jpg": 400} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(answer.Body)
		answer.Body.Close()
		if err != nil || img.Bounds().Dx() != width {
			t.Errorf("%s: HTTP %d, %v; want %d pixels wide", path, answer.StatusCode, err, width)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// The service's own sandbox has the configured products, and a folder without products stops the start.
func TestSandboxCatalogIsASetting(t *testing.T) {
	r := start(t, settings(t, nil, "--sandbox-catalog="+sell(t)), false)
	code, body, err := get(r.App, "/v1/products:keywordSearch?keyword=%E9%9B%A8%E4%BC%9E&pageSize=5")
	if err != nil || code != http.StatusOK {
		t.Fatalf("HTTP %d, %v: %s", code, err, body)
	}
	var answer struct{ Products []struct{ Title string } }
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Products) != 2 || !strings.Contains(string(body), "红色雨伞") {
		t.Errorf("%v: %s", err, body)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	empty := t.TempDir()
	a, err := New(t.Context(), Options{Settings: settings(t, nil, "--sandbox-catalog="+empty), LogTo: &syncBuffer{}})
	if err == nil {
		_ = a.Close()
		t.Fatal("an empty folder was accepted")
	}
	if !strings.Contains(err.Error(), empty) {
		t.Errorf("the message does not name the folder: %v", err)
	}
}
