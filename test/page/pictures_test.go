package page_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"image"
	_ "image/jpeg" // The sandbox's pictures.
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// TestPicturesOfAProduct has all pictures of a product in one file, and says so where there is none.
func TestPicturesOfAProduct(t *testing.T) {
	s := service.Start(t, service.Options{})
	get := func(path string) (*http.Response, []byte) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.REST+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, body
	}
	answer, body := get("/v1/products/656558823729/pictures.zip")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/zip" ||
		!strings.Contains(answer.Header.Get("Content-Disposition"), "656558823729.zip") {
		t.Fatalf("status %d, header %v, %.200s", answer.StatusCode, answer.Header, body)
	}
	file, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var named struct{ Product struct{ ImageURLs []string } }
	if _, product := get("/v1/products/656558823729"); json.Unmarshal(product, &named) != nil || len(named.Product.ImageURLs) == 0 ||
		len(file.File) < len(named.Product.ImageURLs) {
		t.Errorf("the file has %d entries, the product %d images", len(file.File), len(named.Product.ImageURLs))
	}
	for _, entry := range file.File {
		if entry.Name == "missing.txt" {
			t.Error("pictures are missing")
			continue
		}
		opened, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, kind, err := image.Decode(opened); err != nil || kind != "jpeg" || !strings.HasPrefix(entry.Name, "656558823729-") || !strings.HasSuffix(entry.Name, ".jpg") {
			t.Errorf("%s: %q %v", entry.Name, kind, err)
		}
	}
	for path, reason := range map[string]string{
		"/v1/products/1/pictures.zip":                    "PRODUCT_NOT_FOUND",
		"/v1/products/x/pictures.zip":                    "INVALID_FIELD",
		"/v1/products/656558823729/pictures.zip?width=9": "UNKNOWN_FIELD",
	} {
		if answer, body := get(path); answer.StatusCode < 400 || !strings.Contains(string(body), reason) {
			t.Errorf("%s: status %d, %s", path, answer.StatusCode, body)
		}
	}
}
